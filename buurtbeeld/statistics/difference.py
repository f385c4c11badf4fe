"""How far two areas lie apart, how sure that is, and which of many differences may be called clear."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.spatial.distance import pdist

from buurtbeeld.statistics.change import stays
from buurtbeeld.statistics.compare import Sized
from buurtbeeld.statistics.intervals import LEVEL

SLIGHT_PART = 0.1  # of all pairs of areas: those that differ least differ slightly


def of_margins(one: Sized, other: Sized) -> Sized:
    """The difference one - other of two figures with a 95% interval each, with its own 95% interval.

    The distances from value to limit are squared and added (MOVER): low = d - √((v₁-l₁)² + (u₂-v₂)²) and high = d +
    √((u₁-v₁)² + (v₂-l₂)²). Assumes that both figures err independently; where one area is a part of the other, the
    interval is rather too wide. Intervals need not be symmetric. G.Y. Zou and A. Donner, "Construction of confidence
    limits about effect measures: a general approach", Statistics in Medicine 27 (2008) 1693-1702; for two shares it is
    method 10 of R.G. Newcombe, Statistics in Medicine 17 (1998) 873-890.
    """
    away = one[0] - other[0]
    return (
        away,
        away - np.hypot(one[0] - one[1], other[2] - other[0]),
        away + np.hypot(one[2] - one[0], other[0] - other[1]),
    )


def of_bands(one: Sized, other: Sized) -> Sized:
    """The same of two numbers that lie in a band for certain: the bounds add up, and hold for certain too.

    Formula: (v₁ - v₂, l₁ - u₂, u₁ - l₂), in the unit of both. Assumes nothing of how the numbers lie in their bands.
    Subtraction in interval arithmetic: R.E. Moore, "Interval Analysis" (1966).
    """
    return one[0] - other[0], one[1] - other[2], one[2] - other[1]


def p_of_margins(one: Sized, other: Sized) -> float:
    """The two-sided p of "no difference" that belongs to the interval of `of_margins`.

    It is the part that a wider or narrower interval of the same shape would have to leave out for zero to lie on its
    edge: z = 1.96 · |d| / (distance from d to its limit on the side of zero), against the normal distribution.
    """
    away, low, high = of_margins(one, other)
    if away == 0:
        return 1.0
    reach = away - low if away > 0 else high - away
    return float(2 * stats.norm.sf(stats.norm.ppf((1 + LEVEL) / 2) * abs(away) / reach)) if reach else 0.0


def clear(p: Sequence[float]) -> list[bool]:
    """Which of differences that are looked at together stay clear, as in `change.stays`; NaN never does."""
    return [bool(found) for found in stays(p)]


def slight(values: ArrayLike) -> float:
    """How much two areas differ at most in the tenth of all pairs that differ least; 0 for fewer than two values.

    values: those of all areas of a level, or of a few hundred that stand for them. In the unit of the values. Formula:
    the 10% quantile of |vᵢ - vⱼ| over all pairs i < j, by linear interpolation (type 7 of R.J. Hyndman and Y. Fan,
    "Sample quantiles in statistical packages", The American Statistician 50 (1996) 361-365). A low quantile of
    distances between pairs measures spread without a middle, after P.J. Rousseeuw and C. Croux, "Alternatives to the
    median absolute deviation", JASA 88 (1993) 1273-1283, who take the 25% one. Assumes that every area counts as much.
    """
    numbers = np.asarray(values, dtype=float)
    return float(np.quantile(pdist(numbers[:, None]), SLIGHT_PART)) if len(numbers) > 1 else 0.0
