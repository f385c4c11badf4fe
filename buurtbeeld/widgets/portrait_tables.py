"""A profile in full: every figure of a theme, its trends, and the areas within this one beside each other."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from buurtbeeld import multiples, profile, selection
from buurtbeeld.catalogue import Figure, Indicator, Status
from buurtbeeld.charts import cards, tables
from buurtbeeld.charts.multiples import side_by_side
from buurtbeeld.charts.tables import Cell, Line
from buurtbeeld.profile import Company, Row, Trend
from buurtbeeld.queries import Area
from buurtbeeld.texts import portrait
from buurtbeeld.view import CITY, View, plain
from buurtbeeld.widgets.frame import note
from buurtbeeld.widgets.portrait import how_sure, made_how, strip_of, uncertain


def small_trends(view: View, area: Area, rows: Sequence[Row]) -> None:
    """Those of `rows` that have a trend, small and beside each other."""
    if found := profile.trends(view, area, rows):
        ids = tuple(row.indicator.id for row in rows)
        st.html(view.once("small trends", lambda: _small_trends(view, area, found), area.code, ids))


def _small_trends(view: View, area: Area, found: Sequence[Trend]) -> str:
    made = [multiples.of_area(view, area, each.indicator, each.figures) for each in found]
    marks = dict.fromkeys(mark for _, told in made for mark in told)
    told = [view.words.t("portrait.trends.scale")]
    if any(_has_city(view, each) for each in found if area.level != CITY):
        told.append(view.words.t("multiples.city", city=view.city.name))
    return cards.explained(" ".join(told), " · ".join(marks)) + side_by_side((chart for chart, _ in made), 20)


def _has_city(view: View, trend: Trend) -> bool:
    """Whether a small chart draws the city too: not beside a count, which is a part of the city's own."""
    known = any(figure.code == view.city.code and figure.value is not None for figure in trend.figures)
    return known and trend.indicator.kind != "count"


def theme_figures(view: View, area: Area, rows: Sequence[Row]) -> None:
    """Every figure of the chosen theme as a table, and its trends."""
    mine = [row for row in rows if row.indicator.theme == view.choice.theme]
    theme = view.catalogue.themes[view.choice.theme].title.get(view.words.lang)
    st.html(f'<p class="on-paper">{escape(view.words.t("portrait.paper", theme=theme))}</p>')
    if not mine:
        st.markdown(_nothing(view, area))
        return
    st.html(view.once("theme", lambda: _theme(view, area, mine), area.code, view.choice.theme))
    caveats = {caveat.id: caveat for row in mine for caveat in view.caveats(row.indicator)}
    titles = " · ".join(caveat.title.get(view.words.lang) for caveat in caveats.values())
    mind = plain(view.words.t("map.mind", caveats=titles)) if titles else ""
    note(" · ".join(filter(None, [mind, view.method("sure"), view.method("few")])))
    small_trends(view, area, mine)


def _nothing(view: View, area: Area) -> str:
    """That the chosen theme has no figure at this level, and whether it has for the parts of the area."""
    below, mine = profile.parts(view, area), view.offer.themes[view.choice.theme]
    said = [view.words.t("portrait.theme.none", level=view.level(area.level))]
    if below and any(below[0].level in view.offer.held[id] for id in mine):
        said.append(view.words.t("portrait.absent.parts", level=view.level(below[0].level)))
    return plain(" ".join(said))


def _theme(view: View, area: Area, rows: Sequence[Row]) -> str:
    say, inside = view.words, area.level != CITY
    name = view.catalogue.themes[rows[0].indicator.theme].title.get(say.lang)
    wijk = view.offer.areas.get(area.parent_code or "") if any(row.wijk for row in rows) else None
    head = [Cell(say.t("table.figure")), Cell(area.name, number=True), Cell(say.t("portrait.column.sure"))]
    if inside:
        head += [Cell(say.t("portrait.column.beside", city=view.city.name)), Cell(view.city.name, number=True)]
    if wijk:
        head.append(Cell(wijk.name, number=True))
    if inside:
        levels = view.catalogue.levels[area.level].plural.get(say.lang)
        head.append(Cell(say.t("portrait.column.strip", levels=levels)))
    return tables.html(
        say.t("portrait.theme.table", theme=name, area=area.name), head, [_line(view, row, wijk) for row in rows]
    )


def _line(view: View, row: Row, wijk: Area | None) -> Line:
    say, own, indicator = view.words, row.own, row.indicator
    weak = own.value is None or own.status == Status.UNRELIABLE
    provisional = say.t("sure.label.provisional") if own.provisional else ""
    converted = say.t("sure.label.converted") if own.converted else ""
    made = [say.period(own.period, own.grain), provisional, converted, made_how(view, row)]
    why = "" if own.value is not None else say.t(f"status.{say.reason(own)}.why")
    cells = [
        Cell(view.title(indicator.id), small=" · ".join(filter(None, made))),
        Cell(say.figure(own, indicator, view.catalogue), number=True, weak=weak),
        Cell(
            " · ".join(filter(None, [uncertain(view, own), how_sure(view, row) or why, *_minded(view, row)])), weak=weak
        ),
    ]
    if own.level != CITY:
        cells.append(_beside(view, row))
        cells.append(Cell(_value(view, row.city, row, CITY), number=True))
    if wijk:
        cells.append(Cell(_value(view, row.wijk, row, wijk.level), number=True))
    if own.level != CITY:
        cells.append(Cell("", drawing=strip_of(view, row, most=200)))
    return Line(tuple(cells))


def _beside(view: View, row: Row) -> Cell:
    """How a figure stands beside the city's, in a word or two."""
    say = view.words
    if row.stand:
        return Cell(say.t(f"portrait.{row.stand}.short"), sign=portrait.SIGNS[row.stand])
    if profile.untested(row):
        return Cell(say.t("portrait.untested.short"))
    if row.indicator.kind == "count":
        return Cell(portrait.beside(row.own, row.city, None, row.indicator, say, view.catalogue))
    return Cell("")


def _value(view: View, figure: Figure | None, row: Row, level: str) -> str:
    indicator = row.indicator
    return view.words.figure(figure, indicator, view.catalogue) if figure else view.nothing(indicator.id, level)


def beside_each_other(view: View, area: Area) -> None:
    """The headline figures of the areas within this one, or of a buurt and the others in its wijk; by name."""
    company = profile.company(view, area)
    if company is None:
        return
    st.header(plain(_parts_title(view, company)), anchor=False)
    kept = {key: value for key, value in selection.address().items() if key in ("taal", "thema")}
    query = urlencode({**kept, "gebied": ""})
    st.html(view.once("company table", lambda: _company(view, area, company, f"/profiel?{query}"), area.code, query))


def _company(view: View, area: Area, company: Company, address: str) -> str:
    say, level = view.words, view.catalogue.levels[company.parts[0].level]
    some = [company.first(place) for place in range(len(company.headlines))]
    head = [Cell(level.singular.get(say.lang).capitalize())]
    head += [
        Cell(
            say.head(indicator, view.catalogue),
            number=True,
            small=say.period(row.own.period, row.own.grain) if row else "",
        )
        for indicator, row in zip(company.headlines, some, strict=True)
    ]
    lines = [
        Line((Cell(part.name, href=f"{address}{part.code}"), *(_place(view, row) for row in made)), part == area)
        for part, made in zip(company.parts, company.rows, strict=True)
    ]
    if company.whole.level != CITY:
        lines.append(_whole(view, company.whole, [row.wijk if row else None for row in some], company.headlines))
    lines.append(_whole(view, view.city, [row.city if row else None for row in some], company.headlines))
    odd = dict.fromkeys(row.own.status for made in company.rows for row in made if row and row.own.status != Status.OK)
    whole = [figure for row in some if row for figure in (row.wijk, row.city)]
    shown = [*(row.own for made in company.rows for row in made if row), *whole]
    notes = [say.t("portrait.parts.margins")] if any(_ends(view, figure) for figure in shown) else []
    notes += [f"{say.status(status)}: {say.t(f'status.{status}.means')}" for status in odd]
    signs = say.t("portrait.parts.signs", city=view.city.name)
    return tables.html(_parts_title(view, company), head, lines, notes, signs)


def _parts_title(view: View, company: Company) -> str:
    levels = view.catalogue.levels[company.parts[0].level].plural.get(view.words.lang)
    return view.words.t("portrait.parts.title", levels=levels, area=company.whole.name)


def _whole(view: View, area: Area, figures: Sequence[Figure | None], indicators: Sequence[Indicator]) -> Line:
    """The wijk or the city below its parts."""
    cells = (
        Cell(
            _cell(view, figure, indicator, area.level),
            number=True,
            weak=not figure or figure.value is None,
            small=_ends(view, figure),
        )
        for figure, indicator in zip(figures, indicators, strict=True)
    )
    return Line((Cell(area.name), *cells), strong=True)


def _place(view: View, row: Row | None) -> Cell:
    """A figure among others: marked where it is clearly different from the city's, greyed where it is uncertain."""
    if row is None:
        return Cell(view.words.t("table.none"), number=True, weak=True)
    text, doubt = view.words.cell(row.own, row.indicator, view.catalogue), uncertain(view, row.own)
    small = " · ".join(filter(None, [_ends(view, row.own), doubt, *_minded(view, row)]))
    if row.stand in profile.CLEAR:
        meant = view.words.t(f"portrait.{row.stand}.short")
        return Cell(text, number=True, sign=portrait.SIGNS[row.stand], meant=meant, small=small)
    return Cell(text, number=True, weak=bool(doubt) or row.own.value is None, small=small)


def _minded(view: View, row: Row) -> list[str]:
    """What to mind in this area only, in a few words each."""
    return [view.catalogue.caveats[key].title.get(view.words.lang) for key in row.caveats]


def _ends(view: View, figure: Figure | None) -> str:
    """Between which two numbers a figure lies, in one piece; empty where it has no margin, or none that shows."""
    ends = view.words.ends(figure, view.catalogue.indicators[figure.indicator], view.catalogue) if figure else ()
    if len(set(ends)) < 2:
        return ""
    return view.words.t("sure.span", low=ends[0], high=ends[-1]).replace(" ", "\N{NO-BREAK SPACE}")


def _cell(view: View, figure: Figure | None, indicator: Indicator, level: str) -> str:
    if figure is None:
        return view.nothing(indicator.id, level)
    return view.words.cell(figure, indicator, view.catalogue)
