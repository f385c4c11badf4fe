"""Several areas taken together as one: counts add up, and means and shares are weighted by what they are a mean of.

Every result says how sure it is, twice: between `low` and `high` in 19 of 20 cases, and between `least` and `most` for
certain, as far as rounding goes. Errors of rounding partly cancel out, so the first is the narrower one.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from buurtbeeld.statistics import intervals
from buurtbeeld.statistics.dispersion import Dispersion
from buurtbeeld.statistics.intervals import LEVEL

_Z = float(stats.norm.ppf((1 + LEVEL) / 2))


@dataclass(frozen=True)
class Rounding:
    """How far a published number can be from the true one: `most` for certain, and the variance of that error.

    grain: what the range of a sum needs beside the normal curve, since whole numbers move in steps.
    """

    most: float
    variance: float
    grain: float = 0


def at_random(base: float) -> Rounding:
    """Whole numbers rounded at random to a multiple of `base`, up or down.

    The error is at most base - 1. Unbiased random rounding of a number that is r above a multiple goes up with
    probability r/base, so the error has variance r(base - r): 0, 4, 6, 6, 4 for base 5. What r was nobody knows, so the
    variance is taken as base²/4 = 6.25, the most that any error within a width of `base` can have (T. Popoviciu, "Sur
    les équations algébriques ayant toutes leurs racines réelles", Mathematica 9 (1935) 129-145). It also covers
    rounding up or down with even odds, of which the variance is 6 on average: CBS does not say with what odds it
    rounds. M.S. Nargundkar and W. Saveland, "Random rounding to prevent statistical disclosures", Proceedings of the
    Social Statistics Section, American Statistical Association (1972) 382-385; I.P. Fellegi, "Controlled random
    rounding", Survey Methodology 1 (1975) 123-133.
    """
    return Rounding(base - 1, base**2 / 4, grain=1)


def nearest(step: float) -> Rounding:
    """Numbers rounded to the nearest multiple of `step`: at most half a step off, evenly spread (variance step²/12)."""
    return Rounding(step / 2, step**2 / 12)


EXACT = Rounding(0, 0)


@dataclass(frozen=True)
class Estimate:
    """A value and the two ranges it lies in; NaN where nobody knows."""

    value: float
    low: float = math.nan
    high: float = math.nan
    least: float = math.nan
    most: float = math.nan

    def outward(self, decimals: int) -> "Estimate":
        """The same in `decimals` decimals: the value to the nearest, ranges outwards, so that no digit narrows them."""
        size = 10.0**decimals

        def down(end: float) -> float:
            return round(math.floor(end * size + 1e-9) / size, decimals) if math.isfinite(end) else end

        return Estimate(
            round(self.value, decimals), down(self.low), -down(-self.high), down(self.least), -down(-self.most)
        )


def total(values: ArrayLike, rounding: Rounding) -> Estimate:
    """The sum of counts that were each rounded on their own.

    For certain it is off by at most k times the most that one of k counts is, and no count is below 0. In 19 of 20
    cases by at most z √(k · variance) + grain (independent errors, a normal sum). Rounded outwards, that covers 95% for
    every set of remainders up to 40 counts; the tests compute it exactly. Without the grain it would be 93.6% at worst.
    """
    x = np.asarray(values, dtype=float)
    value = float(x.sum())
    least, most = float(np.maximum(x - rounding.most, 0).sum()), float((x + rounding.most).sum())
    half = _Z * math.sqrt(x.size * rounding.variance) + rounding.grain
    return Estimate(value, max(value - half, least), min(value + half, most), least, most)


def events(values: ArrayLike, dispersion: Dispersion | None) -> Estimate:
    """The sum of numbers of events, which vary by chance and more.

    The interval is that of `intervals.poisson` for the sum, widened by the dispersion of areas of this kind at the
    height of the sum. Where the dispersion grows with the number of events that is wider than independent areas would
    ask for: the same summer comes to all of them. Without a dispersion nothing is known of it.
    """
    value = float(np.asarray(values, dtype=float).sum())
    if dispersion is None:
        return Estimate(value)
    low, high = (float(end) for end in intervals.poisson(value, dispersion))
    return Estimate(value, low, high)


def ratio(above: Estimate, below: Estimate, factor: float) -> Estimate:
    """`above` / `below` x `factor`, of two sums; below.value must be above 0.

    Each range goes from the lowest above over the highest below to the highest over the lowest. For two independent
    ranges of 95% that is one of 95% at least, since a + b ≥ √(a² + b²). An end is infinite where below can be 0.
    """

    def over(end: float, other: float) -> float:
        return end / other * factor if other > 0 else math.inf

    return Estimate(
        above.value / below.value * factor,
        over(above.low, below.high),
        over(above.high, below.low),
        over(above.least, below.most),
        over(above.most, below.least),
    )


def mean(values: ArrayLike, rounding: Rounding, weights: ArrayLike, weight_rounding: Rounding) -> Estimate:
    """The mean of all, from the mean of each area and the number that each is a mean of; their sum must be above 0.

    Σ w·m / Σ w: exact when `weights` are what the means were taken over. In 19 of 20 cases it is off by at most z √(V),
    V = (Σ w² · variance of m + Σ (m - M)² · variance of w) / (Σ w)², its linearisation for independent errors (W.G.
    Cochran, "Sampling Techniques" (1977), section 6.3). For certain: every mean as low as it can have been, and the
    weights, each between its own ends, as unfavourable as can be, which is all high on one side of a value and all low
    on the other.
    """
    m, w = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    whole = float(w.sum())
    value = float((w * m).sum() / whole)
    variance = ((w**2).sum() * rounding.variance + ((m - value) ** 2).sum() * weight_rounding.variance) / whole**2
    half = _Z * math.sqrt(variance)
    ends = np.maximum(w - weight_rounding.most, 0), w + weight_rounding.most
    least, most = _extreme(m, *ends) - rounding.most, -_extreme(-m, *ends) + rounding.most
    return Estimate(value, max(value - half, least), min(value + half, most), least, most)


def _extreme(m: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """The least mean of `m` for weights between `low` and `high`: low values count in full, high values little."""
    order = np.argsort(m)
    m, low, high = m[order], low[order], high[order]
    found = []
    for cut in range(1, len(m) + 1):
        weights = np.concatenate([high[:cut], low[cut:]])
        found.append(float((weights * m).sum() / weights.sum()))
    return min(found)
