"""What is compared: the chosen areas, what they have in common, and where to begin."""

from dataclasses import replace
from datetime import date

from buurtbeeld import queries
from buurtbeeld.catalogue import Figure
from buurtbeeld.queries import Area
from buurtbeeld.view import CITY, View

RESIDENTS = "residents"  # the indicator that tells how many people an area stands for


def chosen(view: View) -> tuple[Area, ...]:
    """The chosen areas; the first is the one that the others are compared with."""
    return tuple(view.offer.areas[code] for code in view.choice.areas)


def overlaps(view: View) -> tuple[str, ...]:
    """Which chosen area is a part of another one, in sentences."""
    areas = chosen(view)
    return tuple(
        view.words.t("differ.overlap", part=part.name, whole=whole.name)
        for part in areas
        for whole in areas
        if part is not whole and (whole.code == part.parent_code or whole.level == CITY)
    )


def examples(view: View) -> tuple[tuple[Area, Area], ...]:
    """Pairs to begin with: the one chosen area and what it lies in, else the two of a level with most residents.

    Beside the city itself stands the one of each level with most residents.
    """
    areas, every = chosen(view), view.offer.areas
    if areas and areas[0].level != CITY:
        around = dict.fromkeys([every.get(areas[0].parent_code or ""), view.city])
        return tuple((areas[0], whole) for whole in around if whole)
    pairs = []
    for level in ("wijk", "buurt"):
        people = residents(view, level)
        most = [every[code] for code in sorted(people, key=lambda code: -people[code]) if code in every]
        one, other = [*areas, *most, None, None][:2]
        pairs += [(one, other)] if one and other else []
    return tuple(pairs)


def at_level(view: View) -> View:
    """The same at the level of the first chosen wijk or buurt, so that it is among what is shown; newest period.

    Unchanged where there is none, or where the chosen figure is not published for its level.
    """
    level = next((area.level for area in chosen(view) if area.level != CITY), view.choice.level)
    periods = view.offer.held[view.choice.indicator].get(level)
    if level == view.choice.level or not periods:
        return view
    period = view.choice.period if view.choice.period in periods else periods[-1]
    return replace(view, choice=replace(view.choice, level=level, period=period))


def residents(view: View, level: str, near: date | None = None) -> dict[str, float]:
    """Residents by code, of the period nearest to `near` or else the newest; only where there are any."""
    return {code: figure.value or 0 for code, figure in counted(view, level, near).items()}


def counted(view: View, level: str, near: date | None = None) -> dict[str, Figure]:
    """The figures that `residents` takes its numbers from, by code."""
    period = nearest(view, RESIDENTS, level, near or date.max)
    found = view.mart.ask(queries.figures, RESIDENTS, level, period) if period else ()
    return {figure.code: figure for figure in found if figure.value}


def nearest(view: View, indicator: str, level: str, near: date) -> date | None:
    """The period of `indicator` at `level` that is nearest to `near`, the later of two; None when it has none."""
    periods = view.offer.held.get(indicator, {}).get(level, ())
    return min(reversed(periods), key=lambda period: abs(period - near), default=None)
