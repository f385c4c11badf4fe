"""Hours of the official stations: every page, each hour by its end, and once more what may have been revised."""

from datetime import UTC, datetime, timedelta

import pytest
import shapely

from loaders import LoadError, Same, luchtmeetnet
from loaders.luchtmeetnet import fetch, look
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.luchtmeetnet import Luchtmeetnet
from tests.publishers.server import Response

TOWN = towns.small_town()


def by_name(editions):
    return {edition.edition: edition for edition in editions}


def values(edition, sensor="NL10001", quantity="NO2"):
    return {
        row["time"]: row["value"]
        for row in edition.table.to_pylist()
        if (row["sensor"], row["quantity"]) == (sensor, quantity)
    }


def recorded(path):
    """A fault that gives a recorded answer instead."""
    return lambda _: Response(200, path.read_bytes())


@pytest.fixture
def loaded(loading):
    return lambda server, now=NOW: by_name(loading(luchtmeetnet, server, TOWN, now))


def test_stations_in_the_gemeente_and_within_25_km_around_it(serving, task):
    places = by_name(fetch(task(serving(Luchtmeetnet(TOWN)), TOWN)))["places"]
    found = {row["id"]: row for row in places.table.to_pylist()}
    assert {id: row["within"] for id, row in found.items()} == {"NL10001": True, "NL10002": False}
    assert (found["NL10001"]["kind"], found["NL10001"]["name"]) == ("air_station", "Plek NL10001")
    assert (found["NL10001"]["type"], found["NL10001"]["components"]) == ("Traffic", "NO2 PM25 FN")


def test_first_load_takes_the_last_week_by_day(serving, task):
    editions = by_name(fetch(task(serving(Luchtmeetnet(TOWN)), TOWN)))
    assert list(editions) == ["places", *(f"2026-11-{day}" for day in range(16, 24))]
    assert len(values(editions["2026-11-20"])) == 24


def test_hour_that_ends_at_midnight_is_of_the_day_before_and_stays_below_zero(serving, task):
    editions = by_name(fetch(task(serving(Luchtmeetnet(TOWN)), TOWN)))
    midnight = datetime(2026, 11, 21)
    assert values(editions["2026-11-20"])[midnight] == -0.9
    assert midnight not in values(editions["2026-11-21"])


def test_every_page_is_read_to_the_last_whatever_the_next_is_said_to_be(serving, task):
    server = serving(Luchtmeetnet(TOWN, most_rows=11))
    few = by_name(fetch(task(server, TOWN)))
    many = by_name(fetch(task(serving(Luchtmeetnet(TOWN)), TOWN)))
    assert few["2026-11-20"].table.equals(many["2026-11-20"].table)


def test_unit_is_what_is_documented_and_none_where_nothing_is(serving, task):
    rows = by_name(fetch(task(serving(Luchtmeetnet(TOWN)), TOWN)))["2026-11-20"].table.to_pylist()
    assert {row["quantity"]: row["unit"] for row in rows} == {"NO2": "µg/m³", "PM25": "µg/m³", "FN": None, "LKI": None}


def test_later_load_asks_the_last_hours_only_and_keeps_the_rest_of_the_day(serving, loaded):
    server = serving(Luchtmeetnet(TOWN, now=NOW + timedelta(hours=2)))
    before = values(loaded(server)["2026-11-23"])
    server.asked.clear()
    editions = loaded(server, NOW + timedelta(hours=1))
    assert isinstance(editions["places"], Same)
    assert [target.partition("?")[0] for target in server.asked] == [
        "/luchtmeetnet/open_api/measurements",
        "/luchtmeetnet/open_api/lki",
    ]
    assert "start=2026-11-23T07:00:00Z" in server.asked[0]
    assert values(editions["2026-11-23"]) == before | {datetime(2026, 11, 23, 13): 12.1}


def test_revised_hour_takes_the_place_of_the_first(serving, loaded):
    server = serving(Luchtmeetnet(TOWN))
    loaded(server)
    server.fault("measurements", faults.changed(lambda page: page["data"][0].update(value=99.0)))
    hours = values(loaded(server, NOW + timedelta(minutes=10))["2026-11-23"])
    assert (hours[datetime(2026, 11, 23, 6)], len(hours)) == (99.0, 12)


def test_day_is_asked_whole_again_when_the_next_begins(serving, loaded):
    server = serving(Luchtmeetnet(TOWN, now=NOW + timedelta(days=1)))
    loaded(server)
    server.asked.clear()
    loaded(server, NOW + timedelta(days=1))
    assert "start=2026-11-17T12:00:00Z" in server.asked[0]


def test_places_are_asked_again_after_a_month(serving, loaded):
    server = serving(Luchtmeetnet(TOWN, now=NOW + timedelta(days=30)))
    loaded(server)
    assert not isinstance(loaded(server, NOW + timedelta(days=30))["places"], Same)


def test_stations_are_asked_one_by_one_where_a_list_is_not_understood(serving, task):
    alone = by_name(fetch(task(serving(Luchtmeetnet(TOWN, lists=False)), TOWN)))
    together = by_name(fetch(task(serving(Luchtmeetnet(TOWN)), TOWN)))
    assert alone["2026-11-20"].table.equals(together["2026-11-20"].table)


def test_address_that_moved_is_followed(serving, task):
    editions = by_name(fetch(task(serving(Luchtmeetnet(TOWN, moved=True)), TOWN)))
    assert len(values(editions["2026-11-20"])) == 24


def test_null_is_no_reading_and_a_strange_station_is_not_ours(serving, task):
    server = serving(Luchtmeetnet(TOWN))

    def spoil(page):
        page["data"][0]["value"] = None
        page["data"][1]["station_number"] = "NL99999"

    server.fault("measurements?", faults.changed(spoil), times=1)
    rows = by_name(fetch(task(server, TOWN)))["2026-11-16"].table.to_pylist()
    assert "NL99999" not in {row["sensor"] for row in rows}
    first = {row["quantity"] for row in rows if (row["sensor"], row["time"].hour) == ("NL10001", 12)}
    assert first == {"FN", "LKI"}


def test_gemeente_far_from_any_station_is_a_note(serving, task, notes):
    far = towns.town("GM0093", wijken=1, buurten=1)
    server = serving(Luchtmeetnet(TOWN))
    moved = faults.changed(lambda page: page["data"]["geometry"].update(coordinates=[7.2, 53.4]))
    server.fault("stations/", moved)
    assert fetch(task(server, far)) == []
    assert notes == ["There is no station within 25 km of GM0093."]


@pytest.mark.parametrize(
    ("part", "fault", "said"),
    [
        ("measurements", faults.maintenance, "sent text/html where JSON was expected"),
        ("measurements", faults.json_error, "an error with status 200"),
        ("lki", faults.half, "perhaps half of it"),
        ("measurements", faults.changed(lambda page: page["data"][0].update(value="much")), "NO2 of NL10001 should be"),
        ("measurements", faults.changed(lambda page: page["data"][0].pop("value")), "no value any more"),
        ("measurements", faults.changed(lambda page: page["data"][0].update(timestamp_measured="x")), "have a time"),
        ("measurements", faults.changed(lambda page: page["pagination"].update(last_page=10**9)), "without end"),
        ("measurements", faults.changed(lambda page: page["pagination"].update(current_page=9)), "without end"),
        ("stations?", faults.changed(lambda page: page.pop("data")), "without a list of data"),
        ("stations?", faults.changed(lambda page: page["data"][0].pop("number")), "has no number any more"),
        ("stations/", faults.changed(lambda page: page.pop("data")), "without a station"),
        ("stations/", faults.changed(lambda page: page["data"].update(geometry=None)), "Of 3 stations"),
    ],
)
def test_answer_that_can_not_be_is_refused(serving, task, part, fault, said):
    server = serving(Luchtmeetnet(TOWN))
    server.fault(part, fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_recorded_answers_are_read(serving, task, realdata):
    folder = realdata / "fixtures_luchtmeetnet"
    server = serving(Luchtmeetnet(TOWN))
    server.fault("stations?", faults.changed(lambda page: page.update(data=[{"number": "NL01493", "location": "x"}])))
    server.fault("stations/", recorded(folder / "station_detail_geleen.json"))
    server.fault("measurements", recorded(folder / "measurements_NL01493_2024-11-07.json"))
    outline = shapely.Point(5.82, 50.98).buffer(0.05)
    now = datetime(2024, 11, 8, 0, 30, tzinfo=UTC)
    editions = by_name(fetch(task(server, TOWN, now=now, outline=lambda: outline)))
    rows = editions["2024-11-07"].table.to_pylist()
    assert {(row["quantity"], row["value"]) for row in rows} >= {("O3", -0.9), ("FN", 0.93)}
    assert len([row for row in rows if row["quantity"] != "LKI"]) == 15
    assert editions["places"].table.to_pylist()[0]["municipality"] == "Sittard-Geleen"


def test_look_asks_little(serving, task):
    server = serving(Luchtmeetnet(TOWN))
    seen = look(task(server, TOWN))
    assert seen.edition == "places" and {"type", "municipality"} <= seen.columns.keys()
    assert len(server.asked) == 2
