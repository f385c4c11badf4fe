"""Residents' sensors by way of RIVM: the living ones, each stream under its own name; nothing is no failure."""

import json
from datetime import datetime, timedelta

import pytest

from loaders import LoadError, Same, samen_meten
from loaders.samen_meten import fetch, look
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.samen_meten import SamenMeten
from tests.publishers.server import Response

TOWN = towns.small_town()


def by_name(editions):
    return {edition.edition: edition for edition in editions}


def values(edition, sensor, quantity):
    return {
        row["time"]: row["value"]
        for row in edition.table.to_pylist()
        if (row["sensor"], row["quantity"]) == (sensor, quantity)
    }


@pytest.fixture
def loaded(loading):
    return lambda server, now=NOW: by_name(loading(samen_meten, server, TOWN, now))


def test_living_things_are_places_and_the_owner_is_left_out(serving, task):
    places = by_name(fetch(task(serving(SamenMeten(TOWN)), TOWN)))["places"].table
    assert places["id"].to_pylist() == ["LTD_9001", "LTD_9002"]
    assert set(places["kind"].to_pylist()) == {"air_sensor"} and places["project"].to_pylist()[0] == "Luftdaten"
    assert "Verzonnen" not in str(places.to_pylist())


def test_place_that_is_not_rounded_is_rounded_here(serving, task):
    server = serving(SamenMeten(TOWN))

    def exact(page):
        for thing in page["value"]:
            thing["Locations"][0]["location"]["coordinates"] = [5.123456, 52.654321]

    server.fault("/Things?", faults.changed(exact))
    places = by_name(fetch(task(server, TOWN)))["places"].table.to_pylist()
    assert {(row["lon"], row["lat"]) for row in places} == {(5.123, 52.654)}


def test_every_stream_is_a_quantity_with_its_unit(serving, task):
    rows = by_name(fetch(task(serving(SamenMeten(TOWN)), TOWN)))["2026-11-20"].table.to_pylist()
    assert {row["quantity"]: row["unit"] for row in rows} == {"pm25": "ug/m3", "pm25_kal": "ug/m3", "temp": "C"}
    assert len([row for row in rows if (row["sensor"], row["quantity"]) == ("LTD_9002", "pm25_kal")]) == 24


def test_value_that_can_not_be_is_left_out_and_counted(serving, task, notes):
    editions = by_name(fetch(task(serving(SamenMeten(TOWN)), TOWN)))
    hours = values(editions["2026-11-23"], "LTD_9001", "pm25")
    assert datetime(2026, 11, 23, 9) not in hours and datetime(2026, 11, 23, 10) in hours
    assert notes == ["2 values below 0 or above 500 µg/m³ are left out: a fault of their sensor."]


def test_later_load_asks_each_stream_once_for_a_day(serving, loaded):
    publisher = SamenMeten(TOWN)
    server = serving(publisher)
    loaded(server)
    server.asked.clear()
    publisher.now = NOW + timedelta(hours=1)
    editions = loaded(server, NOW + timedelta(hours=1))
    assert isinstance(editions["places"], Same)
    assert len(server.asked) == 6 and all("Observations" in target and "$top=26" in target for target in server.asked)
    hours = values(editions["2026-11-23"], "LTD_9002", "pm25_kal")
    assert (max(hours), len(hours)) == (datetime(2026, 11, 23, 12), 12)


def test_places_are_asked_again_the_next_day(serving, loaded):
    server = serving(SamenMeten(TOWN, now=NOW + timedelta(days=1)))
    loaded(server)
    assert not isinstance(loaded(server, NOW + timedelta(days=1))["places"], Same)


def test_code_with_a_decimal_is_tried_when_the_plain_one_gives_nothing(serving, task):
    server = serving(SamenMeten(TOWN, code="344.0"))
    assert by_name(fetch(task(server, TOWN)))["places"].table.num_rows == 2
    assert server.sent[:3] == [504, 504, 200]


def test_one_failure_that_looks_like_nothing_is_asked_again(serving, task):
    server = serving(SamenMeten(TOWN))
    server.fault("Things?", faults.status(504), times=1)
    assert by_name(fetch(task(server, TOWN)))["places"].table.num_rows == 2


def test_gemeente_without_sensors_is_a_note(serving, task, notes):
    assert fetch(task(serving(SamenMeten(TOWN, code="363")), TOWN)) == []
    assert notes == ["None of the 0 Things of Samen Meten in GM0344 has a value of this week."]


def test_server_that_has_nothing_any_more_is_a_failure(serving, loaded):
    server = serving(SamenMeten(TOWN, now=NOW + timedelta(days=1)))
    loaded(server)
    server.fault("Things?", faults.status(504))
    with pytest.raises(LoadError, match="names no Thing in GM0344, and did before"):
        loaded(server, NOW + timedelta(days=1))


def test_day_without_any_value_is_a_failure(serving, loaded):
    server = serving(SamenMeten(TOWN))
    loaded(server)
    server.fault("Observations", faults.status(504))
    with pytest.raises(LoadError, match="no value of GM0344 since 2026-11-22 12:00 UTC"):
        loaded(server)


def test_more_things_than_a_page_are_all_read(serving, task):
    server = serving(SamenMeten(TOWN, things=200))
    assert by_name(fetch(task(server, TOWN)))["places"].table.num_rows == 134
    assert [target.rpartition("&")[2] for target in server.asked if "Things?" in target][:2] == ["$skip=0", "$skip=200"]


def test_names_are_escaped_as_the_server_reads_them(serving, task):
    server = serving(SamenMeten(TOWN))
    fetch(task(server, TOWN))
    assert "$filter=properties/codegemeente%20eq%20'344'" in server.asked[0]


def test_thing_of_another_gemeente_is_left_out(serving, task):
    server = serving(SamenMeten(TOWN))
    stranger = faults.changed(lambda page: page["value"][0]["properties"].update(codegemeente="363"))
    server.fault("Things?", stranger)
    assert by_name(fetch(task(server, TOWN)))["places"].table["id"].to_pylist() == ["LTD_9002"]


def test_thing_without_a_place_is_left_out_with_a_note(serving, task, notes):
    server = serving(SamenMeten(TOWN))
    server.fault("Things?", faults.changed(lambda page: page["value"][0].update(Locations=[])))
    assert by_name(fetch(task(server, TOWN)))["places"].table["id"].to_pylist() == ["LTD_9002"]
    assert "1 living Things have no place, or one outside the Netherlands; they are left out." in notes


def test_stream_of_another_thing_is_left_out(serving, task):
    server = serving(SamenMeten(TOWN))
    server.fault("Things(1)/", faults.changed(lambda page: page["value"][1].update(name="LTD_9002-2-pm25_kal")))
    rows = by_name(fetch(task(server, TOWN)))["2026-11-20"].table.to_pylist()
    assert {row["quantity"] for row in rows if row["sensor"] == "LTD_9001"} == {"pm25", "temp"}


def endless(_):
    """The same full page, whatever $skip."""
    return Response(200, json.dumps({"value": [{"properties": {"codegemeente": "344"}}] * 200}).encode())


@pytest.mark.parametrize(
    ("part", "fault", "said"),
    [
        ("Things?", faults.maintenance, "sent text/html where JSON was expected"),
        ("Things?", faults.status(502), "answered 502"),
        ("Things?", endless, "without end"),
        ("Things?", faults.changed(lambda page: page.update(value={})), "without a list of entities"),
        ("Things?", faults.changed(lambda page: page["value"][0].pop("name")), "has no name any more"),
        ("Things?", faults.changed(lambda page: page["value"][0].update({"@iot.id": "../x"})), "which is no number"),
        ("Observations", faults.changed(lambda page: page["value"][0].update(result="much")), "should be a number"),
        ("Observations", faults.changed(lambda page: page["value"][0].pop("result")), "has no result any more"),
        ("Observations", faults.changed(lambda page: page["value"][0].update(phenomenonTime="x")), "have a time"),
    ],
)
def test_answer_that_can_not_be_is_refused(serving, task, part, fault, said):
    server = serving(SamenMeten(TOWN))
    server.fault(part, fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_recorded_answers_are_read(serving, task, realdata):
    folder = realdata / "fixtures_samenmeten"
    server, town = serving(SamenMeten(TOWN)), towns.small_town("GM0392")
    things = json.loads((folder / "things_filter_name.json").read_text(encoding="utf-8"))
    place = {"type": "Point", "coordinates": [4.6, 52.4]}  # the recording has no Locations
    things["value"][0]["Locations"] = [{"location": place}]
    recorded = (folder / "things_7270_datastreams.json").read_bytes()
    hour = {"value": [{"phenomenonTime": "2026-11-23T10:00:00.000Z", "result": 7.9}]}
    server.fault("Things?", lambda _: Response(200, json.dumps(things).encode()))
    server.fault("Things(7270)", lambda _: Response(200, recorded))
    server.fault("Datastreams(", lambda _: Response(200, json.dumps(hour).encode()))
    editions = by_name(fetch(task(server, town)))
    assert editions["places"].table["name"].to_pylist() == ["HLL_hl_device_465"]
    units = {row["quantity"]: row["unit"] for row in editions["2026-11-23"].table.to_pylist()}
    assert units == {"pm25_kal": "ug/m3", "pm25": "ug/m3", "temp": "C", "rh": "%"}


def test_look_asks_one_page(serving, task):
    server = serving(SamenMeten(TOWN, things=5))
    seen = look(task(server, TOWN))
    assert (seen.edition, seen.counts, len(server.asked)) == ("places", {"things": 5}, 1)
    assert {"project", "knmicode"} <= seen.columns.keys()
