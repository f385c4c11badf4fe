"""Sentences about goals that the council set and measures that were taken.

They compare, and say whether a goal was reached only where the indicator's `direction` and the figure itself allow it.
"""

from buurtbeeld.catalogue import Catalogue, Figure, Indicator, Measure, Status, Target
from buurtbeeld.texts import Words


def written(target: Target, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """The value of a goal with its unit, in as many decimals as the council gave it: 20%, 2,5 km."""
    return words.unit(words.number(target.value, _decimals(target.value)), indicator, catalogue)


def against(
    target: Target,
    area: str,
    city: str | None,
    figure: Figure | None,
    band: tuple[float, float] | None,
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
    today: int,
) -> str:
    """The newest figure of `area` beside a goal: whose goal it is, both values, and how far they are apart.

    city: the name of the city when the goal is that of the whole city, and not of the area; None when it is its own.
    figure: None when there is none at all. band: between which two values it surely lies; None when nobody knows.
    today: the year that it is said in. The goal of a year before it was one, and only a figure of that year tells
    whether it was reached.
    """
    ahead = target.year >= today
    value = written(target, indicator, words, catalogue)
    if city is None:
        said = words.t("goals.own" if ahead else "goals.own.past", area=area, year=target.year, value=value)
    else:
        key = "goals.city" if ahead else "goals.city.past"
        said = words.t(key, city=city, area=area, year=target.year, value=value)
    if figure is None:
        return f"{said} {words.t('goals.nofigure')}"
    if figure.value is None:
        return f"{said} {words.t('goals.missing', reason=words.t(f'status.{words.reason(figure)}.why'))}"
    gap = _gap(target, figure.value, indicator)
    parts = [
        said,
        _newest(target, figure, indicator, words, catalogue),
        _distance(target, gap, indicator, words, catalogue),
    ]
    if figure.status == Status.UNRELIABLE:
        parts.append(words.t("status.unreliable.means"))
    elif band is None:
        parts.append(words.t("goals.margin"))
    elif band[0] <= target.value <= band[1]:
        parts += [words.t("goals.unsure")] if gap else []
    elif city is None and (ahead or figure.period.year == target.year) and indicator.direction != "neither":
        reached = gap < 0 if indicator.direction == "less_is_better" else gap > 0
        if reached:
            parts.append(words.t("goals.reached"))
        else:
            parts.append(words.t("goals.notyet") if ahead else words.t("goals.missed"))
    return " ".join(parts)


def _newest(target: Target, figure: Figure, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    when = [words.period(figure.period, figure.grain), words.interval(figure, indicator, catalogue)]
    return words.t(
        "goals.newest" if target.code == figure.code else "goals.newest.area",
        area=figure.name,
        value=words.figure(figure, indicator, catalogue),
        period=", ".join(filter(None, when)),
    )


def _gap(target: Target, value: float, indicator: Indicator) -> float:
    """How far a figure is above a goal, between what is shown of both: so that who subtracts finds the same."""
    return round(round(value, indicator.decimals) - target.value, max(indicator.decimals, _decimals(target.value)))


def _distance(target: Target, gap: float, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    if not gap:
        return words.t("goals.same")
    decimals = max(indicator.decimals, _decimals(target.value))
    size = words.change(words.number(abs(gap), decimals), indicator, catalogue)
    return words.t("goals.above" if gap > 0 else "goals.below", difference=size)


def _decimals(value: float) -> int:
    return next((places for places in range(3) if round(value, places) == value), 3)


def other(target: Target, area: str, indicator: Indicator, words: Words, catalogue: Catalogue, today: int) -> str:
    """A goal next to the one that `area` is put beside: its year and its value."""
    key = "goals.other" if target.year >= today else "goals.other.past"
    return words.t(key, area=area, year=target.year, value=written(target, indicator, words, catalogue))


def mark(target: Target, area: str | None, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A goal in a few words, for its mark in a chart. area: None where it can be only one."""
    value = written(target, indicator, words, catalogue)
    if area is None:
        return words.t("goals.mark", year=target.year, value=value)
    return words.t("goals.mark.area", area=area, year=target.year, value=value)


def when(measure: Measure, words: Words) -> str:
    """From when to when something was done, by month: nobody keeps the day."""
    begin = words.period(measure.begin, "month")
    if measure.end is None:
        return words.t("measures.since", begin=begin)
    end = words.period(measure.end, "month")
    return words.t("measures.month" if begin == end else "measures.span", begin=begin, end=end)
