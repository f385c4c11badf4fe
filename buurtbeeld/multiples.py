"""Small charts: all wijken side by side, or all buurten of one wijk, and the same as a table; or one area's figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from buurtbeeld import queries, trend
from buurtbeeld.catalogue import Figure, Indicator
from buurtbeeld.charts import multiples, series
from buurtbeeld.charts import trend as chart
from buurtbeeld.charts.multiples import Panel, Scale
from buurtbeeld.charts.series import Series
from buurtbeeld.queries import Area
from buurtbeeld.statistics.classes import digits_of
from buurtbeeld.view import View

WIJK = "wijk"


@dataclass(frozen=True)
class Multiples:
    """Small charts as HTML with what to know of them, and the same as a Markdown table; both empty without charts."""

    title: str
    told: tuple[str, ...]
    marks: tuple[str, ...] = ()
    html: str = ""
    table: str = ""


def made(view: View) -> Multiples | None:
    """The buurten of the chosen wijk, else all wijken; or what to choose to see them. None where there is no series."""
    level = view.choice.level
    areas, wijk = _areas(view)
    if areas:
        codes = tuple(area.code for area in areas)
        return view.once("multiples", lambda: _made(view, areas, wijk), view.choice.indicator, codes, view.choice.way)
    if level == view.city.level or not _has_series(view, level):
        return None
    told = view.words.t("multiples.choose", wijk=view.level(WIJK), levels=_plural(view, level))
    return Multiples(view.words.t("multiples.all", levels=_plural(view, level)), (told,))


def of_area(view: View, area: Area, indicator: Indicator, figures: Sequence[Figure]) -> tuple[str, list[str]]:
    """One figure of an area through time, on a scale of its own, as a small chart; and what its lines are made of.

    figures: those of the area and of the city.
    """
    say, catalogue = view.words, view.catalogue
    shown = trend.as_is(view, figures, indicator)
    own = [figure for figure in shown.figures if figure.code == area.code]
    others = [figure for figure in shown.figures if figure.code != area.code and figure.value is not None]
    # Beside the city's own count every part of it would be a line on the floor.
    beside = others if indicator.kind != "count" and indicator.ranked else []
    lines = [[figure for figure in line if figure.value is not None] for line in (own, beside)]
    made = _panel(view, indicator.title.get(say.lang), own, shown, indicator)
    text = made.text
    if beside:
        text = f"{text}. {_panel(view, view.city.name, beside, shown, indicator).text}"
    ends = [(known[0].name, series.short(known[-1], shown.way, indicator, say, catalogue)) for known in lines if known]
    unit = series.unit(shown, view.city.name, indicator, say, catalogue)
    panel = Panel(made.name, made.figures, unit, text, tuple(ends), say.badge(*own, *beside))
    scale = _full(view, _scale(view, indicator, shown, [*own, *beside]), [*own, *beside])
    return multiples.one(panel, beside, shown.cuts, scale), trend.marks(view, shown, indicator)


def _areas(view: View) -> tuple[list[Area], Area | None]:
    """The areas to draw, by name, and the wijk they are in where they are buurten of one."""
    every, level = view.offer.areas.values(), view.choice.level
    chosen = view.offer.areas.get(view.choice.area or "")
    wijk = next((area for area in _around(view, chosen) if area.level == WIJK), None)
    if level != WIJK and wijk and _has_series(view, level):
        found = [area for area in every if area.level == level and wijk in _around(view, area)]
    elif _has_series(view, WIJK):
        found, wijk = [area for area in every if area.level == WIJK], None
    else:
        found = []
    return sorted(found, key=lambda area: area.name.casefold()), wijk


def _around(view: View, area: Area | None) -> list[Area]:
    """An area, what it lies in, and so on."""
    found: list[Area] = []
    while area is not None:
        found.append(area)
        area = view.offer.areas.get(area.parent_code or "")
    return found


def _has_series(view: View, level: str) -> bool:
    return len(view.offer.held[view.choice.indicator].get(level, ())) > 1


def _plural(view: View, level: str) -> str:
    return view.catalogue.levels[level].plural.get(view.words.lang)


def _made(view: View, areas: Sequence[Area], wijk: Area | None) -> Multiples:
    say, indicator, city = view.words, view.indicator, view.city
    figures = view.mart.ask(queries.figures_of, (indicator.id,), (*(area.code for area in areas), city.code))
    way = view.choice.way if view.choice.way in indicator.ways else indicator.ways[0]
    shown = trend.in_way(view, figures, indicator, way) or trend.as_is(view, figures, indicator)
    own = [figure for figure in shown.figures if figure.code != city.code]
    periods = sorted({figure.period for figure in own})
    # Beside the city's own count every part of it would be a line on the floor; without order nothing is beside it.
    fits = indicator.ranked and (shown.way != "waarde" or indicator.kind != "count")
    beside = [f for f in shown.figures if f.code == city.code and fits and periods[0] <= f.period <= periods[-1]]
    scale = _scale(view, indicator, shown, [*own, *beside])
    level = _plural(view, areas[0].level)
    return Multiples(
        say.t("multiples.in", levels=level, wijk=wijk.name) if wijk else say.t("multiples.all", levels=level),
        _told(view, shown, own, scale, bool(beside)),
        tuple(trend.marks(view, shown, indicator)),
        multiples.html([_panel_of(view, area, shown) for area in areas], beside, shown.cuts, scale),
        trend.written(view, figures, shown, tuple(area.code for area in areas), by_area=True),
    )


def _scale(view: View, indicator: Indicator, shown: Series, figures: Sequence[Figure]) -> Scale:
    """From which value to which and over which time `figures` run, with the ends of both in words."""
    low, high = chart.span(shown, figures, indicator)
    if shown.way == "waarde":
        low, high = (-chart.round_up(-low) if low else 0.0, chart.round_up(high) if high else 0.0)
    periods = [figure.period for figure in figures if figure.value is not None] or [f.period for f in figures]
    first, last = min(periods), max(periods)
    amounts = {end: _end(view, end, shown, indicator) for end in (low, high)}
    days = {day: view.words.period(day, indicator.grain) for day in (first, last)}
    base = 100.0 if shown.way == "index" else 0.0
    return Scale(low, high, base, first, last, tuple(amounts.items()), tuple(days.items()))


def _full(view: View, scale: Scale, figures: Sequence[Figure]) -> Scale:
    """The scale of a chart with room for more words: round values between its ends, and periods as far as they fit."""
    indicator = view.catalogue.indicators[figures[0].indicator]
    parts = next((n for n in (3, 2, 5) if _round(scale.high / n, indicator)), 1) if scale.low == 0 else 1
    values = [scale.low, *(round(scale.high * part / parts, 9) for part in range(1, parts + 1))]
    amounts = tuple((value, view.words.number(value, digits_of(value, indicator.decimals))) for value in values)
    if scale.low < 0 < scale.high:
        amounts = (*amounts, (0.0, "0"))
    known = sorted({figure.period for figure in figures if figure.value is not None})
    each = (scale.last - scale.first) / 6  # as much time as the words for a period take
    days = list(scale.days[:1])
    for day in known:
        if days and day - days[-1][0] >= each and scale.last - day >= each:
            days.append((day, view.words.period(day, indicator.grain)))
    days += scale.days[1:]
    return replace(scale, amounts=amounts, days=tuple(days), width=multiples.WIDE, height=multiples.HIGH)


def _round(step: float, indicator: Indicator) -> bool:
    """Whether a step of an axis has one digit that isn't 0, and is no finer than the figures."""
    return step >= 10.0**-indicator.decimals and float(f"{step:.0e}") == round(step, 9)


def _told(view: View, shown: Series, own: Sequence[Figure], scale: Scale, with_city: bool) -> tuple[str, ...]:
    """What the charts count, their scale, what the grey line is, and that margins are cut off where they are."""
    say, indicator, catalogue, city = view.words, view.indicator, view.catalogue, view.city
    low, high = (_end(view, end, shown, indicator) for end in (scale.low, scale.high))
    first, last = (say.period(day, indicator.grain) for day in (scale.first, scale.last))
    unit = series.unit(shown, city.name, indicator, say, catalogue)
    told = [say.worn(say.t("multiples.scale", unit=unit, low=low, high=high, first=first, last=last), *own)]
    if with_city or shown.way == "verschil":
        told.append(say.t("multiples.city", city=city.name))
    elif indicator.kind == "count":
        told.append(say.t("multiples.count"))
    if chart.beyond(shown, own, indicator):
        told.append(say.t("multiples.beyond"))
    return tuple(told)


def _end(view: View, end: float, shown: Series, indicator: Indicator) -> str:
    """An end of the scale: a round number, below its unit."""
    sign = "+" if shown.way == "verschil" and end > 0 else ""
    return sign + view.words.number(end, digits_of(end, indicator.decimals))


def _panel_of(view: View, area: Area, shown: Series) -> Panel:
    own = [figure for figure in shown.figures if figure.code == area.code]
    return _panel(view, area.name, own, shown, view.indicator)


def _panel(view: View, name: str, own: Sequence[Figure], shown: Series, indicator: Indicator) -> Panel:
    say, catalogue = view.words, view.catalogue
    known = [figure for figure in own if figure.value is not None]
    ends = known[:1] + known[1:][-1:]
    caption = " · ".join(_at(view, f, series.short(f, shown.way, indicator, say, catalogue)) for f in ends)
    text = [_at(view, f, series.told(f, shown.way, indicator, say, catalogue)) for f in own]
    told = say.worn(caption, *own) or say.t("table.none")
    return Panel(name, tuple(own), told, f"{name}. {'; '.join(text)}", badge=say.badge(*own))


def _at(view: View, figure: Figure, written: str) -> str:
    return view.words.t("multiples.at", period=view.words.period(figure.period, figure.grain), value=written)
