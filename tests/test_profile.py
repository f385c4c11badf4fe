"""The profile of one area: its newest figures beside its wijk and the city, of one period each."""

import pytest

from buurtbeeld import profile
from buurtbeeld.catalogue import load
from tests.figures import mart_of, view_of

CATALOGUE = load()
EMPTY = "BU03440911"  # De Wetering: no residents in the sample


@pytest.fixture(scope="module")
def view(sample):
    return view_of(mart_of(sample))


def rows(view, code):
    return {row.indicator.id: row for row in profile.rows(view, view.offer.areas[code])}


def cells(table):
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]


def table(view, code):
    area = view.offer.areas[code]
    return cells(profile.table(view, area, profile.rows(view, area)))


@pytest.mark.parametrize("code", ["GM0344", "WK034401", "BU03440111", EMPTY])
def test_every_figure_of_the_level_is_there_also_where_it_is_missing(view, code):
    level = view.offer.areas[code].level
    held = [id for id in CATALOGUE.indicators if level in view.offer.held.get(id, {})]
    assert list(rows(view, code)) == held


@pytest.mark.parametrize("code", ["WK034401", "BU03440111"])
def test_years_are_never_mixed_in_one_row(view, code):
    for row in profile.rows(view, view.offer.areas[code]):
        beside = [figure for figure in (row.wijk, row.city, *row.all) if figure]
        assert {figure.period for figure in beside} <= {row.own.period}
        assert {figure.indicator for figure in beside} <= {row.indicator.id}


def test_a_row_holds_this_area_its_wijk_the_city_and_all_of_its_level(view):
    row = rows(view, "BU03440111")["residents"]
    wijk = view.offer.areas["BU03440111"].parent_code
    assert (row.own.code, row.wijk.code, row.city.code, len(row.all)) == ("BU03440111", wijk, "GM0344", 111)
    assert row.city.value == 374238


def test_a_figure_is_the_newest_that_its_level_has(view):
    for row in profile.rows(view, view.offer.areas["BU03440111"]):
        assert row.own.period == view.offer.held[row.indicator.id]["buurt"][-1]


def test_a_wijk_and_the_city_have_no_wijk_above_them(view):
    assert all(row.wijk is None for code in ("WK034401", "GM0344") for row in rows(view, code).values())


def test_what_a_wijk_does_not_publish_is_not_made_from_its_buurten(view):
    assert "crimes" not in rows(view, "WK034401")
    assert rows(view, "BU03440111")["crimes"].wijk is None


def test_a_missing_figure_says_so_in_its_sentence(view):
    row = rows(view, EMPTY)["residents"]
    assert row.own.value is None and row.own.status == "reason_unknown"
    assert row.sentence.endswith("de bron zegt niet waarom.")


def test_there_are_five_to_eight_headlines(view):
    headlines = [row for row in rows(view, "BU03440111").values() if row.indicator.headline]
    assert 5 <= len(headlines) <= 8


def test_the_table_has_a_column_for_each_place_and_a_line_for_each_figure_and_theme(view):
    lines = table(view, "BU03440111")
    assert lines[0] == ["Cijfer", "Periode", "Welgelegen, Den Hommel", "West", "Utrecht"]
    assert {len(line) for line in lines} == {5}
    shown = rows(view, "BU03440111").values()
    assert len(lines) == 2 + len(shown) + len({row.indicator.theme for row in shown})


@pytest.mark.parametrize(("code", "places"), [("GM0344", ["Utrecht"]), ("WK034401", ["West", "Utrecht"])])
def test_the_table_of_a_larger_area_has_fewer_columns(view, code, places):
    assert table(view, code)[0][2:] == places


def test_the_table_holds_the_same_words_as_the_figures(view):
    line = next(line for line in table(view, EMPTY) if line[0] == "Inwoners")
    assert line[1:3] == ["2024", "niet bekend"] and line[-1] == "374.238"


def test_a_trend_is_of_this_area_and_the_city_and_has_two_values_at_least(view):
    trends = profile.trends(view, view.offer.areas["BU03440111"])
    assert trends
    for trend in trends:
        own = [figure for figure in trend.figures if figure.code == "BU03440111" and figure.value is not None]
        assert len(own) > 1
        assert {figure.code for figure in trend.figures} == {"BU03440111", "GM0344"}
        assert {figure.indicator for figure in trend.figures} == {trend.indicator.id}


@pytest.mark.parametrize("code", ["GM0344", "WK034401", "BU03440111", EMPTY])
def test_trends_are_one_per_theme_in_the_order_of_the_catalogue(view, code):
    trends = [trend.indicator for trend in profile.trends(view, view.offer.areas[code])]
    assert len({indicator.theme for indicator in trends}) == len(trends)
    assert [i.id for i in trends] == [id for id in CATALOGUE.indicators if id in {i.id for i in trends}]


def test_the_profile_speaks_english(sample):
    english = view_of(mart_of(sample), taal="en")
    assert table(english, "BU03440111")[0][:2] == ["Figure", "Period"]
    assert rows(english, "BU03440111")["home_value"].sentence.startswith("In 2024 a home")
