"""Free places from the parking register: only of the gemeente, only of now, and never more than there can be."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import shapely

from loaders import Edition, LoadError, Same, npr_parking
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.npr import Npr

TOWN = towns.small_town()
ELSEWHERE = replace(
    TOWN,
    code="GM0999",
    areas=tuple(
        replace(area, outline=shapely.transform(area.outline, lambda points: points + 0.5)) for area in TOWN.areas
    ),
)


def status(vacant, minutes=10, capacity=350, now=NOW):
    """What a garage says that was updated so many minutes ago."""
    updated = int((now - timedelta(minutes=minutes)).timestamp())
    return {"lastUpdated": updated, "open": True, "vacantSpaces": vacant, "parkingCapacity": capacity}


def values(edition):
    """Values of an edition by garage and quantity."""
    return {(row["sensor"], row["quantity"]): row["value"] for row in edition.table.to_pylist()}


def day_of(editions):
    [edition] = [each for each in editions if isinstance(each, Edition) and each.edition != "places"]
    return edition


def test_places_are_those_that_claim_to_tell_about_now(serving, loading):
    places, _ = loading(npr_parking, serving(Npr(TOWN, now={0: status(35)})), TOWN)
    assert isinstance(places, Edition) and (places.edition, places.shape) == ("places", "point")
    rows = places.table.to_pylist()
    assert [row["name"] for row in rows][:2] == ["Garage Buurt 1 (Gemeente 0344)", "Garage Buurt 2 (Gemeente 0344)"]
    assert (len(rows), rows[0]["capacity"], rows[0]["kind"]) == (7, "350", "parking_garage")


@pytest.mark.parametrize(
    ("usage", "kind"),
    [
        ("park and ride", "park_and_ride"),
        ("Park & Ride", "park_and_ride"),
        ("PARKRIDE", "park_and_ride"),
        ("P+R", "park_and_ride"),
        ("P+R terrein", "park_and_ride"),
        ("P en R", "park_and_ride"),
        ("Garage parkeren", "parking_garage"),
        ("terrain", "parking_garage"),
        ("", "parking_garage"),
        (None, "parking_garage"),
        (3, "parking_garage"),
    ],
)
def test_what_counts_at_a_place_is_told_by_its_usage(usage, kind):
    assert npr_parking.kind_of(usage) == kind


def test_garages_and_park_and_ride_are_of_their_own_kinds(serving, loading):
    publisher = Npr(TOWN, now={0: status(35)}, usages={1: "park and ride", 2: None})
    places, _ = loading(npr_parking, serving(publisher), TOWN)
    assert isinstance(places, Edition)
    rows = places.table.to_pylist()
    assert [row["kind"] for row in rows][:3] == ["parking_garage", "park_and_ride", "parking_garage"]
    assert [row["usage"] for row in rows][:3] == ["Garage parkeren", "park and ride", None]


def test_places_of_a_kind_that_no_sensor_is_of_are_asked_again_at_once(serving, loading, monkeypatch):
    server, minute = serving(Npr(TOWN, now={0: status(35)})), timedelta(minutes=1)
    with monkeypatch.context() as former:
        former.setattr(npr_parking, "kind_of", lambda _usage: "parking_facility")
        loading(npr_parking, server, TOWN)
    again, *_ = loading(npr_parking, server, TOWN, NOW + minute)
    assert isinstance(again, Edition) and set(again.table["kind"].to_pylist()) == {"parking_garage"}
    assert loading(npr_parking, server, TOWN, NOW + 2 * minute)[0] == Same("places")


def test_what_operators_tell_about_people_is_not_kept(serving, loading):
    places, _ = loading(npr_parking, serving(Npr(TOWN, now={0: status(35)})), TOWN)
    assert isinstance(places, Edition) and "example.org" not in str(places.table.to_pylist())


def test_free_places_have_the_time_at_which_they_were_updated(serving, loading):
    """Not that of the end of the hour: that may be still to come, and how old a reading is would be wrong."""
    day = day_of(loading(npr_parking, serving(Npr(TOWN, now={0: status(35), 2: status("12", capacity="80")})), TOWN))
    assert day.edition == "2026-11-23"
    assert values(day) == {
        ("GM0344-0", "vacantSpaces"): 35,
        ("GM0344-0", "parkingCapacity"): 350,
        ("GM0344-2", "vacantSpaces"): 12,
        ("GM0344-2", "parkingCapacity"): 80,
    }
    assert set(day.table["time"].to_pylist()) == {datetime(2026, 11, 23, 11, 50)}


def test_a_status_that_is_still_the_same_is_one_reading(serving, loading):
    server = serving(Npr(TOWN, now={0: status(35)}))
    first = day_of(loading(npr_parking, server, TOWN))
    assert day_of(loading(npr_parking, server, TOWN, NOW + timedelta(minutes=10))).table.equals(first.table)


def test_more_free_than_there_is_is_brought_down_to_that_and_flagged(serving, loading):
    found = values(day_of(loading(npr_parking, serving(Npr(TOWN, now={0: status(400)})), TOWN)))
    assert (found["GM0344-0", "vacantSpaces"], found["GM0344-0", "vacantSpacesSent"]) == (350, 400)


@pytest.mark.parametrize("sent", [0, 350, -3])
def test_number_that_no_capacity_contradicts_stays_as_sent(serving, loading, sent):
    """What is below nothing is judged with what comes of other sources."""
    found = values(day_of(loading(npr_parking, serving(Npr(TOWN, now={0: status(sent)})), TOWN)))
    assert found["GM0344-0", "vacantSpaces"] == sent and ("GM0344-0", "vacantSpacesSent") not in found


def test_closed_and_stale_garages_are_counted(serving, loading, notes):
    now = {0: status(35), 1: status(20, minutes=31), 2: {"lastUpdated": None, "vacantSpaces": 3}}
    loading(npr_parking, serving(Npr(TOWN, now=now)), TOWN)
    assert notes == [
        "Of 7 garages and P+R, 4 do not tell how many places are free, and 2 did not in the last half hour."
    ]


def test_no_garage_that_tells_about_now_leaves_only_places(serving, loading):
    assert [each.edition for each in loading(npr_parking, serving(Npr(TOWN)), TOWN)] == ["places"]


def test_garage_that_is_only_called_after_the_gemeente_is_left_out(serving, loading, notes):
    places, _ = loading(npr_parking, serving(Npr(ELSEWHERE, TOWN, now={0: status(35)})), TOWN)
    assert isinstance(places, Edition) and places.table.num_rows == 7
    assert "7 garages and P+R are called after Gemeente 0344 and lie elsewhere, or nowhere." in notes


def test_garage_with_another_name_is_found_by_its_place(serving, loading):
    publisher = Npr(replace(TOWN, name="Elders"), now={0: status(35)}, located=True)
    places, _ = loading(npr_parking, serving(publisher), TOWN)
    assert isinstance(places, Edition) and places.table.num_rows == 7


def test_next_load_asks_only_about_now(serving, loading):
    publisher = Npr(TOWN, now={0: status(35)})
    server = serving(publisher)
    loading(npr_parking, server, TOWN)
    server.asked.clear()
    later = NOW + timedelta(hours=1)
    publisher.now[0] = status(20, now=later)
    places, day = loading(npr_parking, server, TOWN, later)
    assert places == Same("places")
    assert all("/dynamic/" in target for target in server.asked)
    assert isinstance(day, Edition)
    assert sorted(row["value"] for row in day.table.to_pylist() if row["quantity"] == "vacantSpaces") == [20, 35]


def test_places_are_asked_again_after_a_week(serving, loading):
    server = serving(Npr(TOWN))
    loading(npr_parking, server, TOWN)
    [places] = loading(npr_parking, server, TOWN, NOW + timedelta(days=7))
    assert isinstance(places, Edition)


def test_gemeente_without_garages_has_nothing(serving, loading, notes):
    assert loading(npr_parking, serving(Npr(ELSEWHERE)), replace(TOWN, name="Nergens")) == []
    assert notes[-1] == "No garage or P+R in GM0344 says that it tells how many places are free."


@pytest.mark.parametrize(
    ("part", "fault", "said"),
    [
        ("v2/", faults.maintenance, "NPR sent text/html where JSON was expected"),
        ("v2/", faults.half, "NPR sent JSON that can't be read"),
        ("static/", faults.changed(lambda page: page.clear()), "without parkingFacilityInformation"),
        ("dynamic/GM0344-0", faults.changed(lambda page: page.clear()), "without facilityActualStatus"),
        ("dynamic/GM0344-0", faults.status(500), "NPR answered 500"),
        ("dynamic/GM0344-0", faults.maintenance, "NPR sent text/html where JSON was expected"),
    ],
)
def test_answer_that_can_not_be_is_refused(serving, loading, part, fault, said):
    server = serving(Npr(TOWN, now={0: status(35)}))
    server.fault(part, fault)
    with pytest.raises(LoadError, match=said):
        loading(npr_parking, server, TOWN)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("vacantSpaces", "many", "vacantSpaces of GM0344-0 should be a number, but is 'many'"),
        ("lastUpdated", 1e30, "lastUpdated of GM0344-0 is no time"),
    ],
)
def test_status_that_can_not_be_is_refused(serving, loading, name, value, said):
    with pytest.raises(LoadError, match=said):
        loading(npr_parking, serving(Npr(TOWN, now={0: status(35) | {name: value}})), TOWN)


def test_list_of_something_else_is_refused(serving, loading):
    server = serving(Npr(TOWN))
    server.fault("v2/", faults.changed(lambda page: page.update(ParkingFacilities="x")))
    with pytest.raises(LoadError, match="sent JSON without ParkingFacilities"):
        loading(npr_parking, server, TOWN)
