"""How one area stands beside the city: clearly above, clearly below, or neither."""

from collections.abc import Sequence
from enum import StrEnum
from math import inf
from statistics import median

import numpy as np


class Stand(StrEnum):
    """What may be said of an area beside the city. The words for each stand in `texts/`."""

    ABOVE = "above"
    BELOW = "below"
    ALIKE = "alike"  # the figures differ too little to speak of
    UNSURE = "unsure"  # they may differ, but the margins are too wide to say so


Sized = tuple[float, float, float]
"""Value, low and high, all in one unit; low and high are the value itself where it was counted exactly."""


def stands(own: Sized, city: Sized, others: Sequence[float]) -> Stand:
    """How `own` stands beside `city`. others: the values of all areas of its level, of which it is one.

    A declared rule of two parts, both of which must hold for "clearly" above or below. Certain: the intervals of area
    and city have no value in common. Large: the area is farther from the city than half of all areas are, so that a
    difference which nearly every area has is not called one. Intervals that don't overlap are a stricter test than one
    at 5% (N. Schenker and J.F. Gentleman, "On judging the significance of differences by examining the overlap between
    confidence intervals", The American Statistician 55 (2001) 182-186).
    """
    away = abs(own[0] - city[0])
    if away == 0 or away <= usual(city[0], others):
        return Stand.ALIKE
    if own[1] > city[2]:
        return Stand.ABOVE
    if own[2] < city[1]:
        return Stand.BELOW
    return Stand.UNSURE


def usual(city: float, others: Sequence[float]) -> float:
    """How far from the city half of all areas are at most: the median of |value - city|, in their unit; 0 for none."""
    return median(abs(value - city) for value in others) if others else 0.0


def reach(own: float, city: float, others: Sequence[float]) -> float:
    """How many times as far from the city an area is as areas usually are: |own - city| / usual, without a unit.

    It makes figures of different units comparable, to choose which to name first; it is no verdict. 0 at the city's
    own value, infinite where half of all areas have the city's value and this one doesn't. The median distance stands
    where others divide by the standard deviation, because a few areas far away don't move it (F.R. Hampel, "The
    influence curve and its role in robust estimation", JASA 69 (1974) 383-393, on the median absolute deviation).
    """
    away, far = abs(own - city), usual(city, others)
    if away == 0:
        return 0.0
    return away / far if far else inf


def little(widths: Sequence[float]) -> float | None:
    """How large a difference between two areas may be and still say little; None where no one size holds for most.

    widths: high - low of each area, in the unit of the figure. Formula: the median of `widths`. Two areas whose margins
    are that wide, and lie evenly around the value, have a number in common as long as they differ by no more: the test
    of `stands`. Assumes that margins are of about one size; where the upper quartile is more than twice the lower one,
    a single size would be wrong for many areas. Quartiles by linear interpolation: type 7 of R.J. Hyndman and Y. Fan,
    "Sample quantiles in statistical packages", The American Statistician 50 (1996) 361-365.
    """
    if not widths:
        return None
    lower, middle, upper = (float(each) for each in np.quantile(widths, (0.25, 0.5, 0.75)))
    return middle if middle > 0 and upper <= 2 * lower else None
