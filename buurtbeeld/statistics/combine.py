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
    """Numbers rounded to the nearest multiple of `step`: at most half a step off, with variance step²/12.

    In the unit of the numbers. Assumes that what was rounded off is spread evenly over the step (JCGM 100:2008, "Guide
    to the expression of uncertainty in measurement", F.2.2.1), which holds where numbers vary over many steps.
    """
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
    """The sum Σx of counts that were each rounded on their own.

    values: counts, 0 or more; all ends are in the same unit. For certain it is off by at most k times the most that one
    of k counts is, and no count is below 0. In 19 of 20 cases by at most z √(k · variance) + grain. Assumes errors that
    are independent and right on average, so that their variances add up and their sum is nearly normal (JCGM 100:2008,
    "Guide to the expression of uncertainty in measurement", 5.1.2 and G.2). Rounded outwards, that covers 95% for every
    set of remainders up to 40 counts; the tests compute it exactly. Without the grain it would be 93.6% at worst.
    """
    x = np.asarray(values, dtype=float)
    value = float(x.sum())
    least, most = float(np.maximum(x - rounding.most, 0).sum()), float((x + rounding.most).sum())
    half = _Z * math.sqrt(x.size * rounding.variance) + rounding.grain
    return Estimate(value, max(value - half, least), min(value + half, most), least, most)


def events(values: ArrayLike, dispersion: Dispersion | None) -> Estimate:
    """The sum Σx of numbers of events, which vary by chance and more.

    values: events, 0 or more; all ends are in the same unit. low and high are those of `intervals.poisson` for the sum,
    φ/2 · χ²(α/2; 2Σx/φ) and φ/2 · χ²(1-α/2; 2Σx/φ + 2), with φ the dispersion of areas of this kind at the height of
    the sum. A sum of independent Poisson numbers is one itself (F. Garwood, "Fiducial limits for the Poisson
    distribution", Biometrika 28 (1936) 437-442). Where the dispersion grows with the number of events that is wider
    than independent areas would ask for: the same summer comes to all of them. Assumes that a sum varies as one area of
    that many events would. Nothing holds for certain, so least and most stay NaN; without a dispersion so do low and
    high.
    """
    value = float(np.asarray(values, dtype=float).sum())
    if dispersion is None:
        return Estimate(value)
    low, high = (float(end) for end in intervals.poisson(value, dispersion))
    return Estimate(value, low, high)


def ratio(above: Estimate, below: Estimate, factor: float) -> Estimate:
    """`above` / `below` x `factor`, of two sums; below.value must be above 0, and no end below 0.

    factor: 100 for a percentage, 1,000 for a rate per 1,000, else the ratio of the two units. Each range goes from the
    lowest above over the highest below to the highest over the lowest. For two independent ranges of 95% that is one of
    95% at least, since a + b ≥ √(a² + b²). An end is infinite where below can be 0. The division of intervals of R.E.
    Moore, "Interval Analysis" (1966). Assumes no more than that above and below lie where their ranges say: errors that
    go together, as those of a part and its whole do, make it wider than it need be.
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

    values: in any unit, which all ends have too; weights: 0 or more. Σ w·m / Σ w: exact when `weights` are what the
    means were taken over. In 19 of 20 cases it is off by at most z √(V), V = (Σ w² · variance of m + Σ (m - M)² ·
    variance of w) / (Σ w)², its linearisation for independent errors (W.G. Cochran, "Sampling Techniques" (1977),
    section 6.3). For certain: every mean as low as it can have been, and the weights, each between its own ends, as
    unfavourable as can be, which is all high on one side of a value and all low on the other.
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
