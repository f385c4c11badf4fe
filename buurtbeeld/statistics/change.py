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
    """Of numbers of events. part: the second period's share of both together when nothing changed (0.5: as long)."""
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    return _clear(p_of_counts(x, y, dispersion, part), y * (1 - np.asarray(part)) - x * np.asarray(part))


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
    return _clear(np.where(y == x, 1.0, p), y - x)


def of_bands(before: tuple[ArrayLike, ArrayLike], after: tuple[ArrayLike, ArrayLike]) -> Signs:
    """Of numbers that lie within a band (low, high) for certain: clear when both bands have nothing in common.

    No chance is involved, so looking at many areas needs no correction.
    """
    up, down = np.greater(after[0], before[1]), np.less(after[1], before[0])
    return np.array(up, dtype=np.int8) - np.array(down, dtype=np.int8)


def p_of_counts(
    before: ArrayLike, after: ArrayLike, dispersion: Dispersion = NONE, part: ArrayLike = 0.5
) -> NDArray[np.float64]:
    """The two-sided p of two numbers of events, given their sum, when nothing but chance is at work.

    Given s = before + after, after is binomial(s, part); both numbers are divided by the cautious dispersion φ at their
    mean, so the tails come from the beta distribution, which continues the binomial between whole numbers: P(Y ≥ y) =
    I(part; y, x+1). Mid-p: the mean of P(Y ≥ y) and P(Y > y), twice the smaller tail, at most 1. The exact test of
    J. Przyborowski and H. Wilenski, "Homogeneity of results in testing samples from Poisson series", Biometrika 31
    (1940) 313-323; mid-p after H.O. Lancaster, "Significance tests in discrete distributions", JASA 56 (1961) 223-234.
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


def _clear(p: NDArray[np.float64], difference: NDArray[np.float64]) -> Signs:
    """The signs of what stays when looking at many areas at once is corrected for.

    Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995) 289-300: where nothing at all
    changed, a page holds a false claim with a probability of at most 5%.
    """
    known = np.isfinite(p)
    signs = np.zeros(p.shape, dtype=np.int8)
    if known.any():
        found = stats.false_discovery_control(p[known]) <= FALSE_PART
        signs[known] = np.where(found, np.sign(difference[known]), 0).astype(np.int8)
    return signs
