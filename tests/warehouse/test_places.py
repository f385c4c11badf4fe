"""Points get the buurt they lie in and are counted there; entries of lists stand in the mart with their source."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
import shapely

from buurtbeeld.catalogue import load
from tests.warehouse.town import BUURTEN, areas


@pytest.fixture
def middle(town):
    """Longitude and latitude of the middle of each buurt."""
    town.build()
    return {code: (lon, lat) for code, lon, lat in town.ask("SELECT code, lon, lat FROM area WHERE level = 'buurt'")}


def points(*places):
    names = ("id", "kind", "name", "lon", "lat")
    return pa.Table.from_pylist([dict(zip(names, place, strict=True)) for place in places])


def test_point_is_in_the_buurt_it_lies_in(town, middle):
    inside = [(f"p{n}", "school", f"School {n}", *middle[code]) for n, code in enumerate(BUURTEN)]
    town.write("duo_schools", 2026, points(*inside), shape="point")
    town.build()
    assert town.ask("SELECT id, source, kind, name, code, is_sample FROM place ORDER BY id") == [
        (f"p{n}", "duo_schools", "school", f"School {n}", code, False) for n, code in enumerate(BUURTEN)
    ]


def test_point_outside_every_buurt_is_kept_without_one(town):
    town.write("duo_schools", 2026, points(("far", "school", "Far", 6.5, 53.2)), shape="point")
    town.build()
    assert town.ask("SELECT id, code FROM place") == [("far", None)]


def test_point_on_a_border_is_in_the_first_of_its_buurten(town):
    shapes = areas(BUURTEN)

    first, second = (shapely.from_wkb(row["geometry"]) for row in shapes.to_pylist() if row["code"] in BUURTEN[:2])
    border = shapely.intersection(first, second).interpolate(0.5, normalized=True)
    town.write("duo_schools", 2026, points(("on", "school", "On", border.x, border.y)), shape="point")
    town.build()
    assert town.ask("SELECT code FROM place") == [(BUURTEN[0],)]


@pytest.fixture
def schools(town, middle):
    """Writes schools, (kind, buurt), into a town whose catalogue counts them."""
    own = load().indicators
    more = {id: own[id] for id in ("primary_schools", "secondary_schools")}
    town.catalogue = replace(town.catalogue, indicators=town.catalogue.indicators | more)

    def write(*places):
        rows = [(f"s{n}", kind, "School", *middle.get(code, (6.5, 53.2))) for n, (kind, code) in enumerate(places)]
        town.write("duo_schools", 2026, points(*rows), shape="point")
        town.build()

    return write


def test_places_of_a_kind_are_counted_where_they_lie_and_are_0_where_there_are_none(town, schools):
    schools(("school_primary", BUURTEN[0]), ("school_primary", BUURTEN[0]), ("school_secondary", BUURTEN[2]))
    found = town.ask("SELECT code, value, status FROM figure WHERE indicator = 'primary_schools' ORDER BY code")
    assert [(code, value) for code, value, status in found if status == "ok"] == [
        *zip(BUURTEN, (2, 0, 0, 0), strict=True),
        ("GM9999", 2),
        ("WK999901", 2),
        ("WK999902", 0),
    ]


def test_counted_places_are_of_the_year_they_came_in_and_on_the_newest_borders(town, schools):
    town.outlines(edition=2025)
    schools(("school_primary", BUURTEN[0]))
    said = town.ask("SELECT DISTINCT period, edition, source FROM figure WHERE indicator = 'primary_schools'")
    assert said == [(date(2026, 1, 1), 2025, "duo_schools")]


def test_a_place_outside_all_buurten_is_not_counted(town, schools):
    schools(("school_primary", BUURTEN[0]), ("school_primary", "elsewhere"))
    assert town.figure("primary_schools", "GM9999", "2026-01-01") == (1, "ok")


def test_of_a_kind_that_is_nowhere_there_are_no_figures(town, schools):
    schools(("school_primary", BUURTEN[0]))
    assert town.ask("FROM figure WHERE indicator = 'secondary_schools'") == []


def test_a_place_that_two_sources_have_is_there_once(town, middle):
    at = middle[BUURTEN[0]]
    town.write("samen_meten", 2026, points(("LTD_1", "sensor", "A", *at)), shape="point")
    twins = points(("7", "sensor", "B", *at), ("8", "sensor", "C", *at))
    town.write("sensor_community", 2026, twins.append_column("same_as", [["LTD_1", "LTD_2"]]), shape="point")
    town.build()
    assert town.ask("SELECT id FROM place ORDER BY id") == [("8",), ("LTD_1",)]


def test_entry_of_a_list_has_its_title_link_and_date(town):
    rows = [
        {"id": "b", "title": "B", "link": "https://example.org/b", "date": None},
        {"id": "a", "title": "A", "link": "https://example.org/a", "date": date(2025, 10, 31)},
    ]
    town.write("utrecht_catalogue", 2026, pa.Table.from_pylist(rows), shape="list")
    town.build()
    assert town.ask("FROM entry") == [
        ("a", "utrecht_catalogue", "A", "https://example.org/a", date(2025, 10, 31), None),
        ("b", "utrecht_catalogue", "B", "https://example.org/b", None, None),
    ]


def test_readings_are_not_for_the_mart(town):
    readings = pa.table({"sensor": ["a"], "quantity": ["no2"], "time": [None], "value": [1.0]})
    town.write("luchtmeetnet", 2026, readings, shape="reading")
    town.build()
    assert town.ask("SELECT count(*) FROM source WHERE id = 'luchtmeetnet'") == [(0,)]


def test_list_without_its_columns_is_refused(town):
    town.write("utrecht_catalogue", 2026, pa.table({"id": ["a"]}), shape="list")
    assert "it should have one column title, link, date" in town.problems()
