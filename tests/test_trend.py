"""Lines of the chosen areas and the change of every area, also as tables."""

from dataclasses import replace

import pytest

from buurtbeeld import trend
from tests.figures import mart_of, view_of

GAP = "BU03440911"


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


@pytest.fixture
def health(mart):
    return view_of(mart, indicator="good_health", gebied="BU03440111,BU03440112", periode="2024", van="2012")


def cells(table):
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]


def test_the_city_is_always_there_and_never_twice(mart, health):
    assert trend.codes(health) == ("BU03440111", "BU03440112", "GM0344")
    assert trend.codes(view_of(mart, gebied="GM0344")) == ("GM0344",)
    assert trend.codes(view_of(mart)) == ("GM0344",)


def test_lines_hold_every_period_of_every_area(health):
    found = {(figure.code, figure.period.year) for figure in trend.lines(health)}
    assert found == {(code, year) for code in trend.codes(health) for year in (2012, 2016, 2020, 2022, 2024)}


@pytest.mark.parametrize(
    ("params", "several"),
    [
        ({"indicator": "good_health"}, True),
        ({"indicator": "residents"}, True),  # of the city alone there are more years
        ({"indicator": "income_per_resident"}, False),
    ],
)
def test_one_period_is_no_line(mart, params, several):
    assert trend.has_series(view_of(mart, **params)) is several


def test_areas_without_a_line_are_named_with_the_reason(mart):
    view = view_of(mart, indicator="residents", gebied=f"BU03440111,{GAP}")
    assert trend.gaps(view, trend.lines(view)) == [
        "Van dit cijfer is niets bekend voor: Bedrijventerrein De Wetering.",
        "Van Welgelegen, Den Hommel is er alleen een cijfer over 2024. Daarom ziet u daar een punt en geen lijn.",
    ]


def test_areas_with_a_line_need_no_words(health):
    assert trend.gaps(health, trend.lines(health)) == []


def test_the_table_of_lines_has_a_row_per_period_and_a_column_per_area(health):
    head, _, *lines = cells(trend.table(health, trend.lines(health)))
    assert head == ["Periode", *(health.offer.areas[code].name for code in trend.codes(health))]
    assert [line[0] for line in lines] == ["2012", "2016", "2020", "2022", "2024"]
    assert {len(line) for line in lines} == {4}


def test_the_table_of_lines_says_where_there_is_no_figure(mart):
    view = view_of(mart, indicator="residents", gebied=GAP)
    *_, newest = cells(trend.table(view, trend.lines(view)))
    assert newest == ["2024", "niet bekend", "374.238"]
    assert all(line[1] == "niet bekend" for line in cells(trend.table(view, trend.lines(view)))[2:])


def test_the_change_is_of_every_area_of_the_level(health):
    changes = trend.changes(health)
    assert len(changes) == 111
    now = {figure.code: figure.value for figure in health.figures()}
    assert all(change.value is None for change in changes if now[change.code] is None)


def test_the_table_of_change_has_every_area_by_name_with_its_sign_or_the_reason(health):
    head, _, *lines = cells(trend.change_table(health, trend.changes(health)))
    assert head == ["Buurt", "Verandering"]
    assert len(lines) == 111
    assert [line[0].casefold() for line in lines] == sorted(line[0].casefold() for line in lines)
    assert {text[0] for _, text in lines} <= set("\\−0n")
    assert sum(text == "niet bekend" for _, text in lines) == sum(c.value is None for c in trend.changes(health))


def test_names_mean_nothing_to_markdown(health):
    areas = dict(health.offer.areas)
    areas["BU03440111"] = replace(areas["BU03440111"], name="a | b **c** <i>")
    view = replace(health, offer=replace(health.offer, areas=areas))
    assert {len(line) for line in cells(trend.table(view, trend.lines(view)))} == {4}
    assert "**c**" not in trend.table(view, trend.lines(view))
