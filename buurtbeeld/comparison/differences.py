"""Two to four areas beside each other: every figure of one period, and how far the others are from the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from buurtbeeld import queries, verdicts
from buurtbeeld.catalogue import Figure, Indicator
from buurtbeeld.charts import differences as chart
from buurtbeeld.charts.differences import Cell, Line
from buurtbeeld.comparison.choosing import chosen
from buurtbeeld.queries import Area
from buurtbeeld.statistics.difference import slight
from buurtbeeld.texts import comparisons
from buurtbeeld.verdicts import Gap
from buurtbeeld.view import CITY, View, plain

MOST_AREAS = 400  # to measure on what is a slight difference; of more of them so many stand for all


@dataclass(frozen=True)
class Row:
    """One figure in one period: of every chosen area, in their order, and how those after the first stand beside it.

    A figure is None where the level has none; `city` is that of the gemeente.
    """

    indicator: Indicator
    period: date
    figures: tuple[Figure | None, ...]
    gaps: tuple[Gap | None, ...]
    city: Figure | None


def rows(view: View) -> tuple[Row, ...]:
    """Every indicator that is published for one of the chosen areas, in the catalogue's order."""
    return view.mart.keep(("differences", view.choice.areas), lambda: _rows(view))


def _rows(view: View) -> tuple[Row, ...]:
    areas = chosen(view)
    levels = tuple(dict.fromkeys(area.level for area in areas))
    every = [id for id in view.catalogue.indicators if id in view.offer.held]
    periods = {id: period for id in every if (period := _period(view, id, levels))}
    codes = dict.fromkeys([*view.choice.areas, view.city.code])
    found = {
        (figure.indicator, figure.code): figure
        for figure in view.mart.ask(queries.figures_of, tuple(periods), tuple(codes))
        if figure.period == periods[figure.indicator]
    }
    figures = {id: tuple(found.get((id, area.code)) for area in areas) for id in periods}
    # Small areas differ more than large ones: what is slight is measured on the smallest kind there is here.
    smallest = max((level for level in levels if level != CITY), key=lambda id: view.catalogue.levels[id].rank)
    spread = view.mart.ask(queries.spread, smallest, MOST_AREAS)
    least = {
        id: view.mart.keep(("slight", smallest, id, period), partial(slight, spread.get((id, period), ())))
        for id, period in periods.items()
    }
    judged = iter(
        verdicts.gaps(
            [(other, figures[id][0], least[id]) for id in periods for other in figures[id][1:]], view.catalogue
        )
    )
    return tuple(
        Row(
            view.catalogue.indicators[id],
            period,
            figures[id],
            tuple(next(judged) for _ in areas[1:]),
            found.get((id, view.city.code)),
        )
        for id, period in periods.items()
    )


def _period(view: View, indicator: str, levels: Sequence[str]) -> date | None:
    """The newest period that all of `levels` have, of those that it is published for; None without any."""
    held = view.offer.held[indicator]
    published = [set(held[level]) for level in levels if level in held]
    return max(set.intersection(*published) or published[0]) if published else None


def summary(view: View) -> tuple[tuple[str, str], ...]:
    """What is clearly different, for every area after the first: a heading, and sentences as a Markdown list."""
    return view.once("differences in words", lambda: _summary(view), view.choice.areas)


def _summary(view: View) -> tuple[tuple[str, str], ...]:
    first, *others = chosen(view)
    say, told = view.words, []
    for place, area in enumerate(others):
        pairs = [(row.figures[0], row.figures[place + 1]) for row in rows(view)]
        # A title wears the badge itself, or what is real would wear it where both are in one sentence.
        gaps = [
            (
                view.catalogue.themes[row.indicator.theme].title.get(say.lang),
                say.badged(view.title(row.indicator.id), *pair),
                gap.verdict if (gap := row.gaps[place]) else None,
            )
            for row, pair in zip(rows(view), pairs, strict=True)
        ]
        heading = say.t("differ.beside", area=area.name, first=first.name)
        lines = []
        for said in comparisons.summary(gaps, say):
            about = [figure for at in said.about for figure in pairs[at]] if not said.parts else []
            lines += [f"- {plain(say.worn(said.sentence, *about))}", *(f"  - {plain(part)}" for part in said.parts)]
        told.append((heading, "\n".join(lines)))
    return tuple(told)


def table(view: View, headlines: bool) -> str:
    """The headline figures, or all others by theme, as HTML."""
    return view.once("difference table", lambda: _table(view, headlines), view.choice.areas, headlines)


def _table(view: View, headlines: bool) -> str:
    say, areas = view.words, _shown(view)
    mixed = len({area.level for area in chosen(view)}) > 1
    heads = [(area.name, view.level(area.level) if mixed else "") for area in areas]
    groups: dict[str, list[Line]] = {}
    for row in rows(view):
        if row.indicator.headline == headlines:
            theme = "" if headlines else view.catalogue.themes[row.indicator.theme].title.get(say.lang)
            groups.setdefault(theme, []).append(_line(view, row))
    caption = say.t("differ.table" if headlines else "differ.table.rest", area=areas[0].name)
    return chart.html(caption, [(say.t("table.figure"), ""), *heads], list(groups.items()))


def _shown(view: View) -> tuple[Area, ...]:
    """The chosen areas, and the city."""
    return tuple(dict.fromkeys([*chosen(view), view.city]))


def _line(view: View, row: Row) -> Line:
    say = view.words
    reach = max((max(abs(gap.size[1]), abs(gap.size[2])) for gap in row.gaps if gap and gap.size), default=0.0)
    areas = _shown(view)
    figures = row.figures if len(row.figures) == len(areas) else (*row.figures, row.city)
    gaps = (None, *row.gaps, None)
    cells = []
    for area, figure, gap in zip(areas, figures, gaps, strict=False):
        verdict, size = _said(view, row, figure, gap)
        bar = (gap.size[0] / reach, gap.size[1] / reach, gap.size[2] / reach) if gap and gap.size and reach else None
        known = figure is not None and figure.value is not None
        cells.append(Cell(_value(view, row, area, figure), known, _sure(view, row, figure), verdict, size, bar))
    return Line(say.head(row.indicator, view.catalogue), say.period(row.period, row.indicator.grain), tuple(cells))


def _said(view: View, row: Row, figure: Figure | None, gap: Gap | None) -> tuple[str, str]:
    """How a figure stands beside that of the first area, in words and in numbers; empty for the first itself."""
    first = row.figures[0]
    if gap is None or figure is None or figure.value is None or first is None or first.value is None:
        return "", ""
    return comparisons.gap(gap, figure.value - first.value, row.indicator, view.words, view.catalogue)


def _value(view: View, row: Row, area: Area, figure: Figure | None) -> str:
    if figure:
        return view.words.cell(figure, row.indicator, view.catalogue)
    return view.nothing(row.indicator.id, area.level)


def _sure(view: View, row: Row, figure: Figure | None) -> str:
    """Between which two values a figure lies, and what is to be minded of it here."""
    if figure is None or figure.value is None:
        return ""
    say, id = view.words, row.indicator.id
    local = view.mart.ask(queries.local_caveats, id) if row.indicator.local_caveats else {}
    caveats = [view.catalogue.caveats[key].title.get(say.lang) for key in local.get((figure.code, figure.period), ())]
    return " · ".join(filter(None, [say.interval(figure, row.indicator, view.catalogue), *caveats]))
