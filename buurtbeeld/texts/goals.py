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
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
) -> str:
    """The newest figure of `area` beside a goal: whose goal it is, both values, and how far they are apart.

    city: the name of the city when the goal is that of the whole city, and not of the area; None when it is its own.
    figure: None when there is none at all.
    """
    ahead = figure is None or target.year >= figure.period.year
    value = written(target, indicator, words, catalogue)
    if city is None:
        said = words.t("goals.own" if ahead else "goals.own.past", area=area, year=target.year, value=value)
    else:
        key = "goals.city" if ahead else "goals.city.past"
        said = words.t(key, city=city, area=area, year=target.year, value=value)
    if figure is None:
        return f"{said} {words.t('goals.nofigure')}"
    if figure.value is None:
        return f"{said} {words.t('goals.missing', reason=words.t(f'status.{figure.status}.why'))}"
    return f"{said} {_beside(target, city is None and ahead, figure, figure.value, indicator, words, catalogue)}"


def _beside(
    target: Target,
    its_own: bool,
    figure: Figure,
    value: float,
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
) -> str:
    """A figure and how far it is from a goal."""
    written = words.quantity(value, indicator, catalogue)
    period = words.period(figure.period, figure.grain)
    key = "goals.newest" if target.code == figure.code else "goals.newest.area"
    said = [words.t(key, area=figure.name, value=written, period=period)]
    # Between what is shown, so that who subtracts finds the same.
    decimals = max(indicator.decimals, _decimals(target.value))
    gap = round(round(value, indicator.decimals) - target.value, decimals)
    if gap:
        size = words.change(words.number(abs(gap), decimals), indicator, catalogue)
        said.append(words.t("goals.above" if gap > 0 else "goals.below", difference=size))
    else:
        said.append(words.t("goals.same"))
    if figure.status == Status.UNRELIABLE:
        said.append(words.t("status.unreliable.means"))
    elif indicator.method != "register" and (figure.low is None or figure.high is None):
        said.append(words.t("goals.margin"))
    elif gap and _may_be(figure, target.value):
        said.append(words.t("goals.unsure"))
    elif its_own and indicator.direction != "neither" and not _may_be(figure, target.value):
        reached = gap <= 0 if indicator.direction == "less_is_better" else gap >= 0
        said.append(words.t("goals.reached" if reached else "goals.notyet"))
    return " ".join(said)


def _may_be(figure: Figure, value: float) -> bool:
    """Whether the interval of a figure holds `value`, so that the figure could be that as well."""
    return figure.low is not None and figure.high is not None and figure.low <= value <= figure.high


def _decimals(value: float) -> int:
    return next((places for places in range(3) if round(value, places) == value), 3)


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
