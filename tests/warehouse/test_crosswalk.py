"""Borders that changed: figures of older ones on those of now, with what the conversion leaves open, or not at all."""

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import shapely

from buurtbeeld import queries
from tests.warehouse.town import CODE, CRIMES, HOME_VALUE, OLDER, RESIDENTS, Row, Town, areas, changed

A, B, C, D = (f"BU9999010{number}" for number in range(1, 5))
Strips = dict[str, tuple[float, float]]
OLD: Strips = {A: (0, 1), B: (1, 2), C: (2, 3)}  # from where to where, in kilometres from west to east


MERGED: Strips = {D: (0, 2), C: (2, 3)}
SPLIT: Strips = {A: (0, 1), B: (1, 2), C: (2, 2.5), D: (2.5, 3)}
SHIFTED: Strips = {A: (0, 1.3), B: (1.3, 2), C: (2, 3)}
RENUMBERED: Strips = {A: (0, 1), D: (1, 2), C: (2, 3)}
WATER: Strips = {**OLD, D: (3, 4)}
LETTERS: Strips = {"BU9999MK01": (0, 2), "BU9999MKN3": (2, 3)}


def outlines(town: Town, edition: int, strips: Strips) -> None:
    """Writes the outlines of one year: each buurt a strip, a kilometre high."""
    table = areas(tuple(strips), edition)
    shapes = {code: shapely.to_wkb(strip(*ends)) for code, ends in strips.items()}
    town.write("pdok_areas", edition, changed(table, "geometry", shapes), shape="outline")


def strip(west: float, east: float) -> shapely.Polygon:
    kilometre = 1 / 68.7  # degrees of longitude, here
    return shapely.box(5 + west * kilometre, 52, 5 + east * kilometre, 52.009)


def people(town: Town, edition: int, numbers: dict[str, Any], **wholes: int) -> None:
    """Writes the key figures of one year, of whom a tenth is older; `wholes`: of a wijk or the city."""
    wijken = dict.fromkeys((f"WK{code[2:8]}" for code in numbers), 3000)
    rows: dict[str, Row] = {}
    for code, number in ({CODE: 3000} | wijken | wholes | numbers).items():
        older = number / 10 if number and number > 0 else number
        rows[code] = {RESIDENTS: number, OLDER: older, HOME_VALUE: 400}
    town.figures(rows, edition)


def built(town: Town, strips: Strips, **numbers: Any) -> Town:
    """The mart of a town that was `OLD` in 2020, with 1,000 residents in each buurt, and is `strips` in 2024."""
    outlines(town, 2020, OLD)
    people(town, 2020, dict.fromkeys(OLD, 1000) | numbers)
    outlines(town, 2024, strips)
    people(town, 2024, dict.fromkeys(strips, 1100))
    town.build()
    return town


def past(town: Town, code: str, indicator: str = "residents") -> list[tuple[Any, ...]]:
    """(value, low, high, status, edition) of what was converted to the borders of now, of 2020."""
    return town.ask(
        f"""SELECT value, low, high, status, edition FROM figure
            WHERE converted AND (indicator, code, period) = ('{indicator}', '{code}', '2020-01-01')"""
    )


def converted(town: Town) -> set[str]:
    """The areas that have a converted figure with a value."""
    return {code for (code,) in town.ask("SELECT DISTINCT code FROM figure WHERE converted AND value IS NOT NULL")}


def test_two_areas_that_became_one_are_added_up_with_the_margins_of_their_rounding(bare):
    built(bare, MERGED)
    assert past(bare, D) == [(2000, 1992, 2008, "ok", 2024)]
    assert past(bare, C) == []


def test_what_was_published_stays_on_its_own_borders(bare):
    built(bare, MERGED)
    query = """SELECT code, value, edition FROM figure
               WHERE indicator = 'residents' AND period = '2020-01-01' AND level = 'buurt' AND NOT converted"""
    assert sorted(bare.ask(query)) == [(A, 1000, 2020), (B, 1000, 2020), (C, 1000, 2020)]


def test_what_we_derive_is_derived_of_converted_parts(bare):
    built(bare, MERGED, **{A: 100, B: 3000})
    [(value, low, high, status, _)] = past(bare, D, "residents_65plus_share")
    assert (value, status) == (10, "ok") and low < 10 < high


@pytest.fixture
def recounted(bare):
    """Its police counted the crimes of every year anew on the borders of 2024, where two buurten had become one."""
    outlines(bare, 2024, MERGED)
    rows = [
        {"area_code": code, "period": date(year, 1, 1), "edition": 2024, CRIMES: number}
        for code, number in ((CODE, 90), (D, 60), (C, 30))
        for year in (2020, 2024)
    ]
    bare.write("police_crime", 2024, pa.Table.from_pylist(rows))
    return built(bare, MERGED)


def test_a_count_on_the_borders_of_now_is_divided_by_the_residents_on_those(recounted):
    assert recounted.figure("crimes", D, "2020-01-01") == (60, "ok")
    query = """SELECT value, low, high, status, edition, converted FROM figure
               WHERE (indicator, code, period) = ('crimes_per_1000', 'BU99990104', '2020-01-01')"""
    [(value, low, high, status, edition, flagged)] = recounted.ask(query)
    assert (value, status, edition, flagged) == (30, "ok", 2024, True) and low <= 30 <= high


def test_a_map_of_that_year_shows_it_too(recounted):
    with duckdb.connect(recounted.settings.mart_link.resolve(), read_only=True) as con:
        found = queries.figures(con, "crimes_per_1000", "buurt", date(2020, 1, 1))
        assert [(figure.code, figure.value, figure.converted) for figure in found] == [(C, 30, False), (D, 30, True)]
        rows = queries.figure_table(con, ("crimes_per_1000",), "buurt", date(2020, 1, 1), (C, D)).to_pylist()
        assert [(row["code"], row["value"], row["converted"]) for row in rows] == [(C, 30, False), (D, 30, True)]


def test_an_area_that_was_divided_can_not_be_told_of(bare):
    built(bare, SPLIT)
    assert past(bare, D) == [(None, None, None, "not_measured", 2024)]


def test_an_area_that_still_exists_keeps_what_it_had_where_it_can_not_be_converted(bare):
    built(bare, SPLIT)
    assert past(bare, C) == [] and bare.figure("residents", C, "2020-01-01") == (1000, "ok")


def test_a_piece_of_a_small_neighbour_leaves_little_open(bare):
    """A got 300 m of B, of whose 200 residents somewhere between none and all lived there."""
    built(bare, SHIFTED, **{B: 200})
    [(value, low, high, status, _)] = past(bare, A)
    assert value == pytest.approx(1060, abs=2) and (low, high, status) == (996, 1208, "ok")


def test_of_the_area_that_lost_it_too_little_is_certain(bare):
    built(bare, SHIFTED, **{B: 200})
    assert past(bare, B) == [] and bare.figure("residents", B, "2020-01-01") == (200, "ok")


@pytest.mark.parametrize("metres", [10, 50, 90])
def test_outlines_that_were_drawn_differently_are_no_change(bare, metres):
    further = 1 + metres / 1000
    built(bare, {A: (0, further), B: (further, 2), C: (2, 3)})
    assert converted(bare) == set()


@pytest.mark.parametrize("indicator", ["residents", "home_value"])
def test_an_area_with_another_code_takes_everything_along(bare, indicator):
    built(bare, RENUMBERED)
    expected = {"residents": (1000, 996, 1004), "home_value": (400_000, None, None)}
    assert past(bare, D, indicator) == [(*expected[indicator], "ok", 2024)]
    assert past(bare, A, indicator) == []


def test_an_area_with_another_name_is_the_same(bare):
    outlines(bare, 2020, OLD)
    people(bare, 2020, dict.fromkeys(OLD, 1000))
    table = changed(areas(tuple(OLD), 2024), "name", {A: "Elsewhere"})
    shapes = {code: shapely.to_wkb(strip(*ends)) for code, ends in OLD.items()}
    bare.write("pdok_areas", 2024, changed(table, "geometry", shapes), shape="outline")
    people(bare, 2024, dict.fromkeys(OLD, 1000))
    bare.build()
    assert bare.ask("SELECT count(*) FROM figure WHERE converted") == [(0,)]


def test_a_new_area_where_there_was_none_has_no_past(bare):
    built(bare, WATER)
    assert past(bare, D) == [] and converted(bare) == set()


def test_codes_with_letters_are_codes(bare):
    built(bare, LETTERS)
    assert past(bare, "BU9999MK01") == [(2000, 1992, 2008, "ok", 2024)]
    assert past(bare, "BU9999MKN3") == [(1000, 996, 1004, "ok", 2024)]


def test_a_mean_is_weighted_by_what_it_is_a_mean_of(bare):
    entry = bare.catalogue.indicators["home_value"].model_copy(update={"weight": "residents"})
    bare.catalogue = replace(bare.catalogue, indicators=bare.catalogue.indicators | {"home_value": entry})
    outlines(bare, 2020, OLD)
    rows: dict[str, Row] = {code: {RESIDENTS: 1000, OLDER: 1, HOME_VALUE: 300} for code in (CODE, "WK999901", A, B, C)}
    rows[B] = {RESIDENTS: 3000, OLDER: 1, HOME_VALUE: 500}
    bare.figures(rows, 2020)
    outlines(bare, 2024, MERGED)
    people(bare, 2024, dict.fromkeys(MERGED, 1100))
    bare.build()
    [(value, low, high, status, _)] = past(bare, D, "home_value")
    assert (value, status) == (450_000, "ok") and 449_000 < low < value < high < 451_000


def test_a_mean_of_nobody_knows_how_many_can_not_be_converted(bare):
    built(bare, MERGED)
    assert past(bare, D, "home_value") == [(None, None, None, "not_measured", 2024)]


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [(-99995, 1000, "later"), (None, 1000, "reason_unknown"), (-99995, None, "reason_unknown")],
)
def test_a_part_that_is_missing_makes_the_whole_missing_for_its_reason(bare, first, second, reason):
    built(bare, MERGED, **{A: first, B: second})
    assert past(bare, D) == [(None, None, None, reason, 2024)]


def test_a_buurt_that_moves_to_another_wijk_takes_its_residents_along(bare):
    """Of a wijk that loses a buurt it is not known how many it keeps; the city is the city."""
    other = "BU99990201"
    built(bare, {A: (0, 1), B: (1, 2), other: (2, 3)})
    assert past(bare, other) == [(1000, 996, 1004, "ok", 2024)]
    assert past(bare, "WK999902") == [(None, None, None, "not_measured", 2024)]
    assert past(bare, CODE) == []


WIJKEN: Strips = {A: (0, 1), B: (1, 2), "BU99990201": (2, 3), "BU99990202": (3, 4)}
MOVED_OVER: Strips = {
    A: (0, 1),
    B: (1, 2),
    "BU99990103": (2, 3),
    "BU99990202": (3, 4),
}  # a buurt went to the other wijk


@pytest.mark.parametrize(("now", "estimate"), [(1000, 2250), (3000, 2375), (None, 2250)])
def test_a_wijk_gets_of_another_as_much_as_there_is_now_in_the_buurten_that_moved(bare, now, estimate):
    """Of 500 residents of the other wijk half went along, by land; three quarters, by who lives there now."""
    outlines(bare, 2020, WIJKEN)
    people(bare, 2020, dict.fromkeys(WIJKEN, 250), WK999901=2000, WK999902=500)
    outlines(bare, 2024, MOVED_OVER)
    people(bare, 2024, dict.fromkeys(MOVED_OVER, 1000) | {"BU99990103": now})
    bare.build()
    [(value, low, high, status, _)] = past(bare, "WK999901")
    assert (value, low, high, status) == (pytest.approx(estimate, abs=5), 1996, 2508, "ok")


def test_every_older_year_is_converted_by_its_own_outlines(bare):
    outlines(bare, 2019, {A: (0, 3)})
    people(bare, 2019, {A: 2500})
    built(bare, MERGED)
    query = "SELECT code, year(period), value FROM figure WHERE converted AND indicator = 'residents'"
    assert sorted(bare.ask(query), key=str) == [(C, 2019, None), (D, 2019, None), (D, 2020, 2000)]


def test_figures_on_borders_of_which_there_are_no_outlines_are_not_converted(bare):
    outlines(bare, 2024, OLD)
    people(bare, 2019, dict.fromkeys(OLD, 900))
    people(bare, 2024, dict.fromkeys(OLD, 1000))
    bare.build()
    assert bare.ask("SELECT count(*) FROM figure WHERE converted") == [(0,)]


def test_counts_of_which_something_may_be_hidden_are_not_converted(bare):
    entry = bare.catalogue.indicators["crimes"].model_copy(update={"withhold_below": 5, "interval": "none"})
    bare.catalogue = replace(bare.catalogue, indicators=bare.catalogue.indicators | {"crimes": entry})
    outlines(bare, 2020, OLD)
    rows: dict[str, Row] = {code: {CRIMES: 50} for code in (A, B, C)}
    bare.figures(rows | {CODE: {CRIMES: 150}}, 2020, source="police_crime", period=date(2020, 1, 1))
    built(bare, MERGED)
    assert past(bare, D, "crimes") == past(bare, D, "crimes_per_1000") == []
    assert past(bare, D) == [(2000, 1992, 2008, "ok", 2024)]
