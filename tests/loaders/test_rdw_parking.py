"""Places to park from RDW's tables: what is valid today, with its price, and only of the gemeente."""

import json
from collections import Counter
from dataclasses import replace

import pytest
import shapely

from loaders import LoadError, rdw_parking
from tests.loaders.conftest import one
from tests.publishers import faults, towns
from tests.publishers.rdw import Rdw

TOWN = towns.small_town()
OTHER = towns.small_town("GM0363")


@pytest.fixture
def load(serving, loading):
    """A whole load from one publisher: `load(Rdw(TOWN))` gives its rows by id."""

    def go(publisher, town=TOWN):
        table = one(loading(rdw_parking, serving(publisher), town)).table
        return {row["id"]: row for row in table.to_pylist()}

    return go


def test_areas_garages_and_meters_that_are_valid_today(load):
    found = load(Rdw(OTHER, TOWN))
    assert Counter(row["kind"] for row in found.values()) == {
        "parking_area": 7,
        "parking_garage": 1,
        "parking_meter": 2,
    }
    assert not {"area:OLD", "area:NEW", "area:LOST"} & found.keys()


def test_published_columns_stay_text_and_what_is_missing_is_nothing(load):
    found = load(Rdw(TOWN))
    garage = {name: found["area:G1"][name] for name in ("name", "capacity", "chargingpointcapacity", "usageid")}
    assert garage == {"name": "Garage Een", "capacity": "335", "chargingpointcapacity": "4", "usageid": "GARAGEP"}
    assert (found["area:Z0"]["capacity"], found["area:Z0"]["chargingpointcapacity"]) == ("40", None)
    assert found["area:Z1"]["capacity"] is None


def test_place_of_an_area_lies_inside_it(load):
    found = load(Rdw(TOWN))
    first = next(area for area in TOWN.areas if area.code == "BU03440100")
    assert first.outline.contains(shapely.Point(found["area:Z0"]["lon"], found["area:Z0"]["lat"]))


def test_price_is_that_of_today_on_the_dearest_day(load):
    found = load(Rdw(TOWN))
    assert found["area:Z0"]["euro_per_hour"] == 4.0  # not the 3.00 of Sunday, nor what ended in 2019 and 2025
    assert found["area:Z6"]["euro_per_hour"] is None and found["area:Z6"]["tariffs"] is None


def test_tariffs_hold_the_published_parts(load):
    monday, sunday = json.loads(load(Rdw(TOWN))["area:Z0"]["tariffs"])
    assert (monday["day"], monday["from"], monday["until"], monday["fare"]) == ("MAANDAG", "900", "2400", "Tarief T1")
    assert monday["parts"] == [[0, 60, 1, 0.06666667], [60, 999999, 60, 5.0]]
    assert sunday["day"] == "ZONDAG"


def test_places_that_the_register_does_not_have_are_counted(load, notes):
    load(Rdw(TOWN))
    assert notes == ["1 areas and meters have no place in the register; they are left out."]


@pytest.mark.parametrize(
    "outline", ["", "POLYGON EMPTY", "POLYGON ((5 52, 5.1", "POINT (52.001 5.001)", "POLYGON ((0 0, 1 0, 1 1, 0 0))"]
)
def test_outline_that_leads_nowhere_is_no_place(load, outline):
    publisher = Rdw(TOWN)
    publisher.tables["nsk3-v9n7"][0]["areageometryastext"] = outline
    assert "area:Z0" not in load(publisher)


@pytest.mark.parametrize("outline", ["POINT (5.001 52.001)", "MULTIPOLYGON (((5 52, 5.002 52, 5.002 52.002, 5 52)))"])
def test_outline_may_be_a_point_or_several(load, outline):
    publisher = Rdw(TOWN)
    publisher.tables["nsk3-v9n7"][0]["areageometryastext"] = outline
    assert "area:Z0" in load(publisher)


def test_meter_may_have_its_place_as_geojson(load):
    publisher = Rdw(TOWN)
    publisher.tables["cgqw-pfbp"][0]["location"] = {"type": "Point", "coordinates": [5.001, 52.001]}
    assert load(publisher)["meter:8704"]["lon"] == 5.001


def test_more_rows_than_come_at_once_are_asked_for(load):
    publisher = Rdw(TOWN, most=1000)
    meter = publisher.tables["cgqw-pfbp"][0]
    publisher.tables["cgqw-pfbp"] = [meter | {"sellingpointid": str(number)} for number in range(2500)]
    assert sum(row["kind"] == "parking_meter" for row in load(publisher).values()) == 2500


def test_rows_that_never_end_are_refused(serving, loading):
    publisher = Rdw(TOWN)
    meter = publisher.tables["cgqw-pfbp"][0]
    page = json.dumps([meter] * 1000).encode()
    server = serving(publisher)
    server.fault("cgqw-pfbp", lambda response: replace(response, body=page))
    with pytest.raises(LoadError, match=r"RDW leads from page to page without end \(.*cgqw-pfbp"):
        loading(rdw_parking, server, TOWN)


def test_row_of_another_gemeente_is_refused(serving, loading):
    server = serving(Rdw(TOWN))
    page = json.dumps(Rdw(OTHER).tables["ixf8-gtwq"]).encode()
    server.fault("ixf8-gtwq", lambda response: replace(response, body=page))
    with pytest.raises(LoadError, match="Table ixf8-gtwq of RDW was asked for area manager 344, and sent a row of 363"):
        loading(rdw_parking, server, TOWN)


def test_column_that_is_called_otherwise_now_is_named(load):
    publisher = Rdw(TOWN)
    for row in publisher.tables["nsk3-v9n7"]:
        row["geometry"] = row.pop("areageometryastext")
    with pytest.raises(LoadError, match="Table nsk3-v9n7 of RDW has no column areageometryastext any more"):
        load(publisher)


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("adw6-9hsg", "startdatearea", "Table adw6-9hsg of RDW has “soon” for a day"),
        ("534e-5vdg", "amountfarepart", "RDW has “soon” for amountfarepart of a fare"),
    ],
)
def test_text_that_is_no_day_or_number_is_refused(load, table, column, said):
    publisher = Rdw(TOWN)
    publisher.tables[table][0][column] = "soon"
    with pytest.raises(LoadError, match=said):
        load(publisher)


def test_gemeente_without_parking_is_said_and_no_failure_where_there_never_was_any(serving, task, notes):
    other = replace(TOWN, code="GM0999")
    assert rdw_parking.fetch(task(serving(Rdw(TOWN)), other)) == []
    assert notes == ["GM0999 has no place to park in RDW's register."]


def test_gemeente_without_parking_any_more_is_refused(serving, task):
    other, server = replace(TOWN, code="GM0999"), serving(Rdw(TOWN))
    with pytest.raises(LoadError, match=r"no place to park in GM0999 \(.*areamanagerid%3D'999'"):
        rdw_parking.fetch(task(server, other, copies={rdw_parking.EDITION: object()}))


def test_second_load_transfers_nothing(serving, loading):
    server = serving(Rdw(TOWN))
    loading(rdw_parking, server, TOWN)
    loading(rdw_parking, server, TOWN)
    assert server.sent == [200] * 10 + [304] * 10


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.maintenance, "RDW sent text/html where JSON was expected"),
        (faults.json_error, "RDW sent an error with status 200"),
        (faults.half, "RDW sent JSON that can't be read"),
    ],
)
def test_answer_that_can_not_be_is_refused(serving, loading, fault, said):
    server = serving(Rdw(TOWN))
    server.fault("ixf8-gtwq", fault)
    with pytest.raises(LoadError, match=said):
        loading(rdw_parking, server, TOWN)


def test_look_asks_little_and_tells_columns(serving, task):
    server = serving(Rdw(TOWN))
    seen = rdw_parking.look(task(server, TOWN))
    assert {"areaid", "capacity", "sellingpointid"} <= seen.columns.keys() and len(server.asked) == 3
