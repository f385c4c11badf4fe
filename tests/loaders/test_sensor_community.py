"""Sensors of residents as they measure: text becomes numbers, and what can't be is left out and counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loaders import LoadError, Same, readings, sensor_community
from loaders.sensor_community import archived, fetch, look
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.sensor_community import SensorCommunity

TOWN = towns.small_town()
PAST = "2026-11-21"


def by_name(editions):
    return {edition.edition: edition for edition in editions}


def rows(edition, sensor):
    return [row for row in edition.table.to_pylist() if row["sensor"] == sensor]


@pytest.fixture
def loaded(loading):
    return lambda server, now=NOW: by_name(loading(sensor_community, server, TOWN, now))


def test_sensors_in_the_gemeente_are_places_with_their_name_in_samen_meten(serving, task):
    places = by_name(fetch(task(serving(SensorCommunity(TOWN)), TOWN)))["places"].table.to_pylist()
    assert {row["id"]: row["same_as"] for row in places} == {
        "101": "LTD_51",
        "102": "LTD_51",
        "103": "LTD_53",
        "105": "LTD_55",
    }
    assert (places[0]["name"], places[0]["kind"], places[0]["exact_location"]) == ("SDS011 101", "air_sensor", 0)


def exact(page):
    """Places as they are where their owner wants that."""
    for row in page:
        row["location"] |= {"exact_location": 1, "longitude": f"{float(row['location']['longitude']) + 0.00041:.6f}"}


def test_place_is_rounded_also_where_its_owner_let_it_be_exact(serving, task):
    server = serving(SensorCommunity(TOWN))
    server.fault("/airrohr/", faults.changed(exact))
    places = by_name(fetch(task(server, TOWN)))["places"].table.to_pylist()
    assert {row["exact_location"] for row in places} == {1}
    assert all((row["lon"], row["lat"]) == (round(row["lon"], 3), round(row["lat"], 3)) for row in places)


def test_place_that_was_kept_before_they_were_rounded_is_rounded_too(serving, loaded, monkeypatch):
    server = serving(SensorCommunity(TOWN))
    server.fault("/airrohr/", faults.changed(exact))
    with monkeypatch.context() as patch:
        patch.setattr(readings, "at_home", lambda place: place)
        before = loaded(server)["places"].table.to_pylist()
    assert all(row["lon"] != round(row["lon"], 3) for row in before)
    server.fault("/airrohr/", faults.changed(lambda page: page.clear()))
    after = loaded(server, NOW + timedelta(minutes=10))["places"].table.to_pylist()
    assert [row["lon"] for row in after] == [round(row["lon"], 3) for row in before]


def test_readings_have_their_own_time_and_a_documented_unit(serving, task):
    editions = by_name(fetch(task(serving(SensorCommunity(TOWN)), TOWN)))
    found = rows(editions["2026-11-23"], "101")
    assert [(row["time"], row["quantity"], row["value"]) for row in found] == [
        (datetime(2026, 11, 23, 11, 57, 30), "P1", 7.31),
        (datetime(2026, 11, 23, 11, 57, 30), "P2", 6.92),
        (datetime(2026, 11, 23, 12, 0), "P1", 7.31),
        (datetime(2026, 11, 23, 12, 0), "P2", 6.92),
    ]
    units = {row["quantity"]: row["unit"] for row in editions["2026-11-23"].table.to_pylist()}
    assert units == {"P1": "µg/m³", "P2": "µg/m³", "temperature": "°C", "humidity": "%", "pressure": "Pa"}


def test_what_can_not_be_is_left_out_and_counted(serving, task, notes):
    editions = by_name(fetch(task(serving(SensorCommunity(TOWN)), TOWN)))
    assert not rows(editions["2026-11-23"], "103")
    assert {row["quantity"] for row in rows(editions["2026-11-23"], "105")} == {"P2"}
    assert notes == ["Left out: 2 indoors, 2 outside 0 to 999 µg/m³."]


def test_dust_that_is_nothing_in_both_sizes_is_left_out(serving, task, notes):
    server = serving(SensorCommunity(TOWN))

    def spoil(page):
        for value in page[0]["sensordatavalues"]:
            value["value"] = "0.00"

    server.fault("/airrohr/", faults.changed(spoil))
    fetch(task(server, TOWN))
    assert notes == ["Left out: 2 indoors, 2 of no dust at all, 2 outside 0 to 999 µg/m³."]


def test_first_load_of_a_day_takes_the_day_before_yesterday_from_the_archive(serving, loaded):
    publisher = SensorCommunity(TOWN)
    server = serving(publisher)
    assert len(rows(loaded(server)[PAST], "101")) == 48 * 2
    publisher.now = NOW + timedelta(minutes=10)
    server.asked.clear()
    later = loaded(server, NOW + timedelta(minutes=10))
    assert len(server.asked) == 1 and PAST not in later
    assert len(rows(later["2026-11-23"], "102")) == 4 * 3


def test_sensor_that_says_nothing_now_keeps_its_place(serving, loaded):
    server = serving(SensorCommunity(TOWN))
    loaded(server)
    server.fault("/airrohr/", faults.changed(lambda page: page.clear()))
    assert loaded(server, NOW + timedelta(minutes=10))["places"].table.num_rows == 4


def test_archive_that_is_down_is_a_note(serving, task, notes):
    server = serving(SensorCommunity(TOWN))
    server.fault("archive", faults.status(502))
    assert PAST not in by_name(fetch(task(server, TOWN)))
    assert notes[0].startswith("The archive of 2026-11-21 is not used: SENSOR_COMMUNITY_ARCHIVE answered 502")


def test_publisher_is_left_alone_for_five_minutes(serving, loaded, notes):
    now = datetime.now(UTC)
    server = serving(SensorCommunity(TOWN, now=now))
    loaded(server, now)
    server.asked.clear()
    assert loaded(server, now + timedelta(minutes=4)) == {"places": Same("places")}
    assert not server.asked and notes[-1] == "Sensor.Community was asked less than five minutes ago, and is left alone."


def test_publisher_is_left_alone_after_a_check_and_after_a_load_that_brought_nothing(serving, task, notes):
    server = serving(SensorCommunity(TOWN))
    assert fetch(task(server, TOWN, asked=NOW - timedelta(minutes=4))) == [] and server.asked == []
    assert notes == ["Sensor.Community was asked less than five minutes ago, and is left alone."]
    assert fetch(task(server, TOWN, asked=NOW - timedelta(minutes=5)))


def test_gemeente_without_sensors_is_a_note(serving, task, notes):
    server = serving(SensorCommunity(TOWN))
    server.fault("/airrohr/", faults.changed(lambda page: page.clear()))
    assert fetch(task(server, TOWN)) == []
    assert notes == ["No sensor of Sensor.Community in GM0344 sent anything in the last five minutes."]


@pytest.mark.parametrize(
    ("part", "fault", "said"),
    [
        ("airrohr", faults.maintenance, "sent text/html where JSON was expected"),
        ("airrohr", faults.half, "perhaps half of it"),
        ("airrohr", faults.changed(lambda page: page[0].pop("sensor")), "has no sensor any more"),
        ("airrohr", faults.changed(lambda page: page[0].pop("timestamp")), "has no timestamp any more"),
        ("airrohr", faults.changed(lambda page: page[0]["location"].update(latitude="x")), "should be a number"),
        ("airrohr", faults.changed(lambda page: page[0]["sensordatavalues"][0].update(value="x")), "P1 of sensor 101"),
        ("archive", faults.maintenance, "is no table with names in its first line"),
        ("archive", lambda r: replace(r, body=r.body.replace(b"timestamp", b"when")), "has no timestamp any more"),
        ("archive", lambda r: replace(r, body=r.body.replace(b"7.31", b"veel")), "P1 in .* should be a number"),
    ],
)
def test_answer_that_can_not_be_is_refused(serving, task, part, fault, said):
    server = serving(SensorCommunity(TOWN))
    server.fault(part, fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_recorded_file_of_the_archive_is_read(realdata):
    path = realdata / "fixtures_sensor_community" / "2019-01-10_sds011_sensor_8733.csv"
    taken = list(archived(path.read_text(encoding="utf-8"), path.name))
    assert len(taken) == 5
    assert taken[0] == ("8733", datetime(2019, 1, 10, 5, 48, 18), {"P1": 4.7, "P2": 2.1})


def test_look_asks_once(serving, task):
    server = serving(SensorCommunity(TOWN))
    seen = look(task(server, TOWN))
    assert (seen.edition, seen.counts, len(server.asked)) == ("places", {"sensors": 5}, 1)
