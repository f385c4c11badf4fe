"""Which areas clearly changed between two periods, out of all that one looks at together.

Each function gives per area a sign: +1 clearly risen, -1 clearly fallen, 0 no clear change; NaN in gives 0 out.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from buurtbeeld.statistics.dispersion import NONE, Dispersion
from buurtbeeld.statistics.intervals import LEVEL

FALSE_PART = 0.05  # at most this part of what is called a clear change is none
Signs = NDArray[np.int8]


def of_counts(before: ArrayLike, after: ArrayLike, dispersion: Dispersion = NONE, part: ArrayLike = 0.5) -> Signs:
    """Of numbers of events, 0 or more, by the p of `p_of_counts`.

    part: the second period's share of both together when nothing changed: 0.5 for periods that are as long, and for
    rates per resident the second period's share of the residents of both. The sign is that of y(1 - part) - x·part, how
    far the second number is above what it would be then.
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    return _signs(p_of_counts(x, y, dispersion, part), y * (1 - np.asarray(part)) - x * np.asarray(part))


def of_rates(
    before: ArrayLike, after: ArrayLike, first: ArrayLike, second: ArrayLike, factor: float,
    dispersion: Dispersion = NONE,
) -> Signs:  # fmt: skip
    """Of rates: events for every `factor` of a base, such as crimes per 1,000 residents.

    first, second: the base in both periods, above 0. Formula: rate · base / factor events, by `of_counts` with part =
    second / (first + second): with as many events per resident, those of the second period are its share of the
    residents of both. A rate has no interval of its own that is even on both sides, so it is judged on its events.
    Assumes that rate and base are rounded far less than such numbers vary; the exact comparison of two Poisson rates
    given their sum, as in R's poisson.test, is that of `p_of_counts`.
    """
    bases = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    x, y = (np.asarray(rate, dtype=float) * base / factor for rate, base in zip((before, after), bases, strict=True))
    return of_counts(x, y, dispersion, bases[1] / (bases[0] + bases[1]))


def of_margins(before: ArrayLike, before_width: ArrayLike, after: ArrayLike, after_width: ArrayLike) -> Signs:
    """Of estimates with a 95% interval each, given by its width (high - low).

    z = difference / √(se² + se²) with se = width / (2 · 1.96), two-sided against the normal distribution. Assumes that
    both estimates err independently and about symmetrically.
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    z = stats.norm.ppf((1 + LEVEL) / 2)
    error = np.hypot(np.asarray(before_width, dtype=float), np.asarray(after_width, dtype=float)) / (2 * z)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.norm.sf(np.abs(y - x) / error)
    return _signs(np.where(y == x, 1.0, p), y - x)


def of_bands(before: tuple[ArrayLike, ArrayLike], after: tuple[ArrayLike, ArrayLike]) -> Signs:
    """Of numbers that lie within a band (low, high) for certain: clear when both bands have nothing in common.

    Formula: +1 where low after > high before, -1 where high after < low before, else 0; all in one unit. Bands that
    only touch say nothing: the number may have been that bound both times. Assumes that the bands hold for certain
    (interval arithmetic: R.E. Moore, "Interval Analysis", 1966), so no chance is involved and looking at many areas
    needs no correction.
    """
    up, down = np.greater(after[0], before[1]), np.less(after[1], before[0])
    return np.array(up, dtype=np.int8) - np.array(down, dtype=np.int8)


def p_of_counts(
    before: ArrayLike, after: ArrayLike, dispersion: Dispersion = NONE, part: ArrayLike = 0.5
) -> NDArray[np.float64]:
    """The two-sided p (0 to 1) of two numbers of events, given their sum, when nothing but chance is at work.

    before, after: events, 0 or more; part: 0 to 1, see `of_counts`. Assumes that both numbers vary independently, with
    a variance of φ times their mean. Given s = before + after, after is binomial(s, part); both numbers are divided by
    the cautious dispersion φ at their mean, so the tails come from the beta distribution, which continues the binomial
    between whole numbers: P(Y ≥ y) = I(part; y, x+1). Mid-p: the mean of P(Y ≥ y) and P(Y > y), twice the smaller tail,
    at most 1. The exact test of J. Przyborowski and H. Wilenski, "Homogeneity of results in testing samples from
    Poisson series", Biometrika 31 (1940) 313-323; mid-p after H.O. Lancaster, "Significance tests in discrete
    distributions", JASA 56 (1961) 223-234.
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    phi = dispersion.cautious((x + y) / 2)
    x, y = x / phi, y / phi
    upper = (_at_least(y, x, part) + 1 - _at_least(x, y, 1 - np.asarray(part))) / 2
    smaller: NDArray[np.float64] = np.minimum(upper, 1 - upper)
    return np.minimum(1.0, 2 * smaller)


def _at_least(y: NDArray[np.float64], x: NDArray[np.float64], part: ArrayLike) -> NDArray[np.float64]:
    """P(Y ≥ y) of binomial(x + y, part); 1 where y is 0."""
    return np.where(y > 0, stats.beta.cdf(part, np.where(y > 0, y, 1.0), x + 1), np.where(np.isnan(x + y), np.nan, 1.0))


def stays(p: ArrayLike) -> NDArray[np.bool_]:
    """Which of p-values (0 to 1) that are looked at together stay clear; NaN, which was not tested, never does.

    Formula, for k tests in order of p: all up to the last with p(i) ≤ i/k · 5%. Assumes that the tests are independent,
    or err the same way. Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995) 289-300:
    where nothing at all changed, a page holds a false claim with a probability of at most 5%.
    """
    found = np.asarray(p, dtype=float)
    known = np.isfinite(found)
    clear = np.zeros(found.shape, dtype=bool)
    if known.any():
        clear[known] = stats.false_discovery_control(found[known]) <= FALSE_PART
    return clear


def _signs(p: NDArray[np.float64], difference: NDArray[np.float64]) -> Signs:
    """The signs of the differences that stay clear."""
    return np.where(stays(p), np.sign(np.nan_to_num(difference)), 0).astype(np.int8)
