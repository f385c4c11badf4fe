"""The tables and cards that are no Markdown write each figure as the mart holds it: value, status and whose it is."""

import pytest

from buurtbeeld import own, profile
from buurtbeeld.catalogue import Status
from buurtbeeld.charts import strip
from buurtbeeld.comparison import differences
from buurtbeeld.widgets import portrait, portrait_tables
from tests.figures import mart_of, view_of

# A wijk, a buurt, one where nobody lives, one with too few, one with hardly any figure.
AREAS = ("WK034403", "BU03440131", "BU03440911", "BU03440953", "BU03440952")


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


@pytest.mark.parametrize("code", AREAS)
def test_the_profile_writes_each_figure_as_it_is(mart, code):
    view = view_of(mart, gebied=code)
    area, say, known = view.offer.areas[code], view.words, view.catalogue
    wijk = view.offer.areas[area.parent_code or ""]
    for row in profile.rows(view, area):
        cells = portrait_tables._line(view, row, wijk).cells
        assert cells[1].text == say.figure(row.own, row.indicator, known)
        assert cells[1].weak == (row.own.status != Status.OK)
        if row.own.value is None:
            assert say.t(f"status.{row.own.status}.why") in cells[2].text and not cells[2].text[0].isdigit()
        if row.city:
            assert cells[4].text == say.figure(row.city, row.indicator, known)
        if row.wijk:
            assert cells[5].text == say.figure(row.wijk, row.indicator, known) and row.wijk.code == area.parent_code
        place = portrait_tables._place(view, row)
        assert place.text == say.cell(row.own, row.indicator, known)
        assert portrait._card(view, row).value == say.cell(row.own, row.indicator, known)


def test_the_strip_marks_the_area_itself_with_its_margin(mart, monkeypatch):
    given: list[tuple[object, ...]] = []

    def html(*asked: object) -> str:
        given.append(asked)
        return ""

    monkeypatch.setattr(strip, "html", html)
    view = view_of(mart, gebied="BU03440131")
    rows = [row for row in profile.rows(view, view.offer.areas["BU03440131"]) if row.own.low is not None]
    for row in rows:
        portrait.strip_of(view, row)
    assert [(asked[1], asked[4]) for asked in given] == [(row.own.value, (row.own.low, row.own.high)) for row in rows]


def test_a_comparison_writes_each_areas_own_figure(mart):
    codes = ("BU03440131", "BU03440911", "WK034403")
    view = view_of(mart, gebied=",".join(codes))
    table = differences.table(view, headlines=True).replace("\N{NO-BREAK SPACE}", " ")
    for row in differences.rows(view):
        if row.indicator.headline:
            for figure in row.figures:
                if figure:
                    written = view.words.cell(figure, row.indicator, view.catalogue).replace("\N{NO-BREAK SPACE}", " ")
                    assert written in table, (row.indicator.id, figure.code)


def test_the_file_of_an_own_area_has_the_status_of_each_figure(mart):
    view = view_of(mart, eigen="BU03440131,BU03440952")
    file = {row["indicator"]: row for row in own.file(view).to_pylist()}
    made = {row.indicator.id: row.own.figure for row in own.rows(view)}
    assert {str(figure.status) for figure in made.values() if figure} > {"ok"}
    for id, figure in made.items():
        assert file[id]["status"] == (str(figure.status) if figure else None)
        assert file[id]["value"] == (figure.value if figure else None)
