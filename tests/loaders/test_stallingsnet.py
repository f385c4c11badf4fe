"""Counts of bicycle parkings: as counted, and on the map only where the city said where that is."""

from datetime import datetime, timedelta

import pytest

from loaders import LoadError, stallingsnet
from loaders.stallingsnet import GEMEENTEN, fetch, look
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.stallingsnet import Stallingsnet

TOWN = towns.small_town()


@pytest.fixture
def said(tmp_path):
    """Write `feeds.toml` where the task of a test looks for it."""

    def write(text):
        (tmp_path / "city").mkdir()
        (tmp_path / "city" / "feeds.toml").write_text(text, encoding="utf-8")

    return write


def by_name(editions):
    return {edition.edition: edition for edition in editions}


def test_what_is_counted_stays_as_counted_though_it_does_not_add_up(serving, task):
    rows = by_name(fetch(task(serving(Stallingsnet()), TOWN)))["2026-11-23"].table.to_pylist()
    knoop = {row["quantity"]: row["value"] for row in rows if row["sensor"] == "Knoop"}
    assert knoop == {"totalPlaces": 2956, "freePlaces": 1705, "occupiedPlaces": 1224}
    assert {row["time"] for row in rows} == {datetime(2026, 11, 23, 11, 49, 30, 100_000)}


LEFT_OUT = "Knoop Hoog, Knoop Laag: left out as a part of a parking, whose places are counted there."


def test_places_in_a_parking_and_in_its_parts_are_counted_once(serving, task, said, notes):
    said('[stallingsnet.places]\n"Knoop" = [5.11, 52.09]\n"Knoop Hoog" = [5.11, 52.09]\n"Knoop Laag" = [5.11, 52.09]\n')
    editions = by_name(fetch(task(serving(Stallingsnet()), TOWN)))
    assert {row["sensor"] for row in editions["2026-11-23"].table.to_pylist()} == {"Knoop"}
    assert editions["places"].table["id"].to_pylist() == ["Knoop"]
    assert notes == [LEFT_OUT]


def test_parts_do_not_take_the_place_of_a_whole_that_is_not_counted_for_a_while(serving, loading):
    publisher = Stallingsnet()
    server = serving(publisher)
    loading(stallingsnet, server, TOWN)
    publisher.time = "2026-11-23T12:49:30.100Z"
    server.fault("parkingcount", faults.changed(lambda rows: rows[0].update(freePlaces=None, occupiedPlaces=None)))
    loading(stallingsnet, server, TOWN, NOW + timedelta(hours=1))
    server.fault("parkingcount", faults.changed(lambda rows: rows[0].update(facilityName="Pop Up")))
    editions = by_name(loading(stallingsnet, server, TOWN, NOW + timedelta(hours=2)))
    assert {row["sensor"] for row in editions["2026-11-23"].table.to_pylist()} == {"Knoop", "Pop Up"}


def test_without_the_citys_file_there_are_counts_and_no_places(serving, task, notes):
    assert list(by_name(fetch(task(serving(Stallingsnet()), TOWN)))) == ["2026-11-23"]
    where = "Where the parkings are is not published; [stallingsnet.places] in city/feeds.toml can say it."
    assert notes == [LEFT_OUT, where]


def test_city_says_where_a_parking_is(serving, task, said, notes):
    said('[stallingsnet.places]\n"Knoop" = [5.11, 52.09]\n"Gone" = [5.1, 52.1]\n')
    places = by_name(fetch(task(serving(Stallingsnet()), TOWN)))["places"].table.to_pylist()
    assert {row["id"]: row["lon"] for row in places} == {"Knoop": 5.11, "Gone": 5.1}
    assert notes == [LEFT_OUT, "city/feeds.toml says where Gone is, which Stallingsnet does not count now."]


def test_later_count_stands_beside_the_first(serving, loading):
    publisher = Stallingsnet()
    server = serving(publisher)
    loading(stallingsnet, server, TOWN)
    publisher.time = "2026-11-23T12:49:30.100Z"
    editions = by_name(loading(stallingsnet, server, TOWN, NOW + timedelta(hours=1)))
    assert len(set(editions["2026-11-23"].table["time"].to_pylist())) == 2


def test_count_that_is_null_is_no_reading(serving, task):
    server = serving(Stallingsnet())
    server.fault("parkingcount", faults.changed(lambda rows: rows[0].update(freePlaces=None)))
    rows = by_name(fetch(task(server, TOWN)))["2026-11-23"].table.to_pylist()
    assert {row["quantity"] for row in rows if row["sensor"] == "Knoop"} == {"totalPlaces", "occupiedPlaces"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[stallingsnet", "city/feeds.toml can't be read"),
        ("[stallingsnet.places]\nKnoop = [52.09, 5.11]", "no place in the Netherlands for Knoop"),
        ('[stallingsnet.places]\nKnoop = "station"', "no place in the Netherlands for Knoop"),
        ("stallingsnet = 1", "should be a table"),
    ],
)
def test_file_of_the_city_that_can_not_be_used_is_refused(serving, task, said, text, why):
    said(text)
    with pytest.raises(LoadError, match=why):
        fetch(task(serving(Stallingsnet()), TOWN))


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.maintenance, "sent text/html where JSON was expected"),
        (faults.changed(lambda rows: rows.clear()), "counts no parking at all"),
        (faults.changed(lambda rows: rows[0].pop("freePlaces")), "Knoop has no freePlaces any more"),
        (faults.changed(lambda rows: rows[0].update(freePlaces="vol")), "freePlaces of Knoop should be a number"),
        (faults.changed(lambda rows: rows[0].pop("facilityName")), "has no facilityName any more"),
    ],
)
def test_answer_that_can_not_be_is_refused(serving, task, fault, why):
    server = serving(Stallingsnet())
    server.fault("parkingcount", fault)
    with pytest.raises(LoadError, match=why):
        fetch(task(server, TOWN))


def test_it_is_of_utrecht_alone_and_a_look_counts(serving, task):
    assert GEMEENTEN == ("GM0344",)
    assert look(task(serving(Stallingsnet()), TOWN)).counts == {"parkings": 1}
