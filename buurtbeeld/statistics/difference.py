"""How far two areas lie apart, how sure that is, and which of many differences may be called clear."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.spatial.distance import pdist

from buurtbeeld.statistics.change import FALSE_PART
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
    """The same of two numbers that lie in a band for certain: the bounds add up, and hold for certain too."""
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
    """Which of differences that are looked at together stay clear, by Benjamini and Hochberg (as in `change`)."""
    return [bool(found) for found in stats.false_discovery_control(p) <= FALSE_PART] if len(p) else []


def slight(values: ArrayLike) -> float:
    """How much two areas differ at most in the tenth of all pairs that differ least; 0 for fewer than two values.

    values: those of all areas of a level, or of a few hundred that stand for them. In the unit of the values.
    """
    numbers = np.asarray(values, dtype=float)
    return float(np.quantile(pdist(numbers[:, None]), SLIGHT_PART)) if len(numbers) > 1 else 0.0
