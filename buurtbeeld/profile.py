"""What a profile of one area consists of: its newest figures beside those of its wijk and the city, and its trends."""

from collections.abc import Sequence
from dataclasses import dataclass

from buurtbeeld import queries
from buurtbeeld.catalogue import Figure, Indicator
from buurtbeeld.queries import Area
from buurtbeeld.texts import sentences
from buurtbeeld.view import CITY, View, plain


@dataclass(frozen=True)
class Row:
    """One indicator, newest period: this area, its wijk (None for a wijk or the city), the city, all of its level."""

    indicator: Indicator
    own: Figure
    wijk: Figure | None
    city: Figure | None
    all: tuple[Figure, ...]
    sentence: str


@dataclass(frozen=True)
class Trend:
    """One indicator through time, this area and the city: all periods that have a row."""

    indicator: Indicator
    figures: tuple[Figure, ...]


def rows(view: View, area: Area) -> tuple[Row, ...]:
    """Every indicator that is published for this level, in the catalogue's order."""
    return view.once("profile", lambda: _rows(view, area), area.code)


def _rows(view: View, area: Area) -> tuple[Row, ...]:
    series: dict[str, list[Figure]] = {}
    for figure in view.mart.ask(queries.newest_of_all, area.level):
        series.setdefault(figure.indicator, []).append(figure)
    made = []
    for id in (i for i in view.catalogue.indicators if i in series):
        own = next((figure for figure in series[id] if figure.code == area.code), None)
        if own is None:
            continue
        indicator = view.catalogue.indicators[id]
        city = _one(view, id, CITY, own, view.city.code)
        wijk = _one(view, id, "wijk", own, area.parent_code) if area.level not in ("wijk", CITY) else None
        sentence = sentences.about_area(own, indicator, view.words, view.catalogue)
        made.append(Row(indicator, own, wijk, city, tuple(series[id]), sentence))
    return tuple(made)


def _one(view: View, indicator: str, level: str, like: Figure, code: str | None) -> Figure | None:
    """The figure of another area in the same period: years are never mixed in one row."""
    found = view.mart.ask(queries.figures, indicator, level, like.period)
    return next((figure for figure in found if figure.code == code), None)


def trends(view: View, area: Area) -> tuple[Trend, ...]:
    """Of each theme the first indicator with a value in two periods or more."""
    return view.once("profile trends", lambda: _trends(view, area), area.code)


def _trends(view: View, area: Area) -> tuple[Trend, ...]:
    ids = [i for i in view.catalogue.indicators if len(view.offer.held.get(i, {}).get(area.level, ())) > 1]
    codes = tuple(dict.fromkeys((area.code, view.city.code)))
    series: dict[str, list[Figure]] = {}
    for figure in view.mart.ask(queries.figures_of, tuple(ids), codes):
        series.setdefault(figure.indicator, []).append(figure)
    able = [i for i in ids if sum(f.value is not None for f in series.get(i, ()) if f.code == area.code) > 1]
    first = {view.catalogue.indicators[i].theme: i for i in reversed(able)}
    chosen = sorted(first.values(), key=able.index)
    return tuple(Trend(view.catalogue.indicators[i], tuple(series[i])) for i in chosen)


def table(view: View, area: Area, rows: Sequence[Row]) -> str:
    """Every figure as a Markdown table: this area, its wijk, the city, and the period."""
    return view.once("profile table", lambda: _table(view, area, rows), area.code)


def _table(view: View, area: Area, rows: Sequence[Row]) -> str:
    say, catalogue = view.words, view.catalogue
    wijk = view.offer.areas.get(area.parent_code or "") if area.level not in ("wijk", CITY) else None
    others = [place for place in (wijk, view.city if area.level != CITY else None) if place]
    head = [say.t("table.figure"), say.t("table.period"), area.name, *(place.name for place in others)]
    lines = [" | ".join(map(plain, head)), " | ".join([":--", ":--", *["--:"] * (len(head) - 2)])]
    theme = ""
    for row in rows:
        if row.indicator.theme != theme:
            theme = row.indicator.theme
            name = plain(catalogue.themes[theme].title.get(say.lang))
            lines.append(" | ".join([f"**{name}**", *[""] * (len(head) - 1)]))
        beside = ([row.wijk] if wijk else []) + ([row.city] if area.level != CITY else [])
        cells = [row.indicator.title.get(say.lang), say.period(row.own.period, row.own.grain)]
        cells += [
            say.figure(figure, row.indicator, catalogue) if figure else say.t("table.none")
            for figure in [row.own, *beside]
        ]
        lines.append(" | ".join(map(plain, cells)))
    return "\n".join(f"| {line} |" for line in lines)
