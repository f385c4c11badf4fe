"""How one area stands beside the city: clearly above or below it, different but not unusually so, or about the same."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from enum import StrEnum
from math import inf

import numpy as np


class Stand(StrEnum):
    """What may be said of an area beside the city. The words for each stand in `texts/`."""

    ABOVE = "above"
    BELOW = "below"
    SLIGHT = "slight"  # certainly different, but no more than areas usually are
    ALIKE = "alike"  # not certainly different, and certainly no farther than usual
    UNSURE = "unsure"  # the margins are too wide to say either


Sized = tuple[float, float, float]
"""Value, low and high, all in one unit; low and high are the value itself where it was counted exactly."""


def stands(own: Sized, city: Sized, others: Sequence[float]) -> Stand:
    """How `own` stands beside `city`. others: the values of all areas of its level, of which it is one.

    A declared rule of two questions. Certain: the intervals of area and city have no value in common; those that only
    touch say nothing. Large: |own - city| > `usual` on that side, so that a difference which nearly every area has is
    not called clear. Certain and large is ABOVE or BELOW, certain and not large SLIGHT. What is not certain is ALIKE
    only if the whole interval lies within city - usual below and city + usual above, so that a wide margin never makes
    areas the same; else UNSURE. Intervals that don't overlap are a stricter test than one at 5% (N. Schenker and J.F.
    Gentleman, "On judging the significance of differences by examining the overlap between confidence intervals", The
    American Statistician 55 (2001) 182-186). To call alike what certainly differs by less than a margin that was set
    beforehand is a test of equivalence (D.J. Schuirmann, "A comparison of the two one-sided tests procedure and the
    power approach for assessing the equivalence of average bioavailability", Journal of Pharmacokinetics and
    Biopharmaceutics 15 (1987) 657-680). Assumes that the city's own margin is small beside that of an area.
    """
    value, low, high = own
    above, below = usual(city[0], others, 1), usual(city[0], others, -1)
    if low > city[2]:
        return Stand.ABOVE if value - city[0] > above else Stand.SLIGHT
    if high < city[1]:
        return Stand.BELOW if city[0] - value > below else Stand.SLIGHT
    return Stand.ALIKE if city[0] - below <= low and high <= city[0] + above else Stand.UNSURE


def usual(city: float, others: Sequence[float], side: float) -> float:
    """How far from the city half of the areas on one side of it are at most, in their unit; 0 where there are none.

    Formula: the median of |value - city| over the areas above the city (side > 0) or below it (side < 0). One side by
    itself, because figures that can't be negative lie close together below the city and far apart above it: measured
    together, nothing would ever be far below.
    """
    ordered = sorted(others)
    beyond = ordered[bisect_right(ordered, city) :] if side > 0 else ordered[: bisect_left(ordered, city)]
    if not beyond or side == 0:
        return 0.0
    middle = len(beyond) // 2
    return abs((beyond[middle] + beyond[~middle]) / 2 - city)


def reach(own: float, city: float, others: Sequence[float]) -> float:
    """How many times as far from the city an area is as areas on its side usually are: |own - city| / usual.

    Without a unit: it makes figures of different units comparable, to choose which to name first; it is no verdict. 0
    at the city's own value, infinite where no area lies on that side. The median distance stands where others divide by
    the standard deviation, because a few areas far away don't move it (F.R. Hampel, "The influence curve and its role
    in robust estimation", JASA 69 (1974) 383-393, on the median absolute deviation).
    """
    away, far = abs(own - city), usual(city, others, own - city)
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
