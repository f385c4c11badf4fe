"""The tables, cards and small charts that are HTML write each figure as the mart holds it, and of whom it is."""

import pytest

from buurtbeeld import multiples, own, profile
from buurtbeeld.catalogue import Status
from buurtbeeld.charts import cards, strip
from buurtbeeld.comparison import differences
from buurtbeeld.texts import LANGUAGES
from buurtbeeld.widgets import portrait, portrait_tables
from tests.figures import mart_of, view_of
from tests.reading import Truth

# A wijk, a buurt, one where nobody lives, one with too few, one with hardly any figure.
AREAS = ("WK034403", "BU03440131", "BU03440911", "BU03440953", "BU03440952")


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


@pytest.fixture(scope="module", params=LANGUAGES)
def truth(request, mart):
    return Truth(mart, request.param)


@pytest.mark.parametrize("code", AREAS)
def test_a_profile_writes_each_figure_as_it_is(mart, truth, code):
    view = view_of(mart, gebied=code, taal=truth.say.lang)
    area = view.offer.areas[code]
    rows, company = profile.rows(view, area), profile.company(view, area)
    assert company
    figures = sum(len([figure for figure in (row.own, row.city, row.wijk) if figure]) for row in rows)
    themes = {row.indicator.theme for row in rows}
    written = [
        portrait_tables._theme(view, area, [row for row in rows if row.indicator.theme == each]) for each in themes
    ]
    assert sum(map(truth.cells, written)) >= figures > 30
    assert truth.cards(portrait._headlines(view, area, rows), code) == len(profile.headlines(rows)) > 3
    assert truth.findings(cards.groups(portrait.groups(view, area, rows)), code) > 3
    found = profile.trends(view, area, rows)
    assert truth.charts(portrait_tables._small_trends(view, area, found), code) == len(found)
    beside = portrait_tables._company(view, area, company, "/profiel?")
    assert truth.cells(beside) >= len(company.parts) * len(company.headlines) > 8


@pytest.mark.parametrize("code", AREAS)
def test_what_is_uncertain_or_missing_is_greyed(mart, code):
    view = view_of(mart, gebied=code)
    for row in profile.rows(view, view.offer.areas[code]):
        weak = row.own.status != Status.OK
        assert portrait_tables._line(view, row, None).cells[1].weak == portrait._card(view, row).weak == weak


@pytest.mark.parametrize("codes", [AREAS[:4], ("BU03440131", "BU03440911", "WK034403")])
def test_a_comparison_writes_each_figure_of_each_area(mart, truth, codes):
    view = view_of(mart, gebied=",".join(codes), taal=truth.say.lang)
    tables = [differences.table(view, headlines=headlines) for headlines in (True, False)]
    assert sum(map(truth.cells, tables)) == len(differences.rows(view)) * min(len(codes) + 1, 5)


@pytest.mark.parametrize("indicator", ["good_health", "crimes"])
def test_small_charts_side_by_side_say_from_what_to_what_each_area_went(mart, truth, indicator):
    made = multiples.made(view_of(mart, gebied="BU03440131", niveau="buurt", indicator=indicator, taal=truth.say.lang))
    assert made and truth.charts(made.html, indicator) > 5


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


def test_the_file_of_an_own_area_has_the_status_of_each_figure(mart):
    view = view_of(mart, eigen="BU03440131,BU03440952")
    file = {row["indicator"]: row for row in own.file(view).to_pylist()}
    made = {row.indicator.id: row.own.figure for row in own.rows(view)}
    assert {str(figure.status) for figure in made.values() if figure} > {"ok"}
    for id, figure in made.items():
        assert file[id]["status"] == (str(figure.status) if figure else None)
        assert file[id]["value"] == (figure.value if figure else None)
