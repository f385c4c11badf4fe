"""How one area stands beside the city: clearly above, clearly below, or neither."""

from collections.abc import Sequence
from enum import StrEnum
from statistics import median


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
    usual = median(abs(value - city[0]) for value in others) if others else 0.0
    if away == 0 or away <= usual:
        return Stand.ALIKE
    if own[1] > city[2]:
        return Stand.ABOVE
    if own[2] < city[1]:
        return Stand.BELOW
    return Stand.UNSURE
