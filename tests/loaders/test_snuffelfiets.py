"""Rides become hours of squares: put right, only where several bicycles were, and nobody can be followed."""

import io
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
import shapely

from loaders import LoadError, Same, files, snuffelfiets
from loaders.raw import METADATA, Shelf
from loaders.snuffelfiets import SOURCE, fetch, look, measured, squared, waits_for
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.snuffelfiets import Snuffelfiets

TOWN = towns.small_town()


@pytest.fixture
def said(tmp_path, serving):
    """Serve a file and write where it is as a city does; gives its server."""

    def write(publisher=None, licence="cc0", more=""):
        server = serving(publisher or Snuffelfiets(TOWN))
        (tmp_path / "city").mkdir()
        url = f"{server.address}/bikes/rides.csv{more}"
        about = f'url = "{url}"\nlicence = "{licence}"\nattribution = "Bron: niemand"\n'
        (tmp_path / "city" / "feeds.toml").write_text(f"[snuffelfiets]\n{about}", encoding="utf-8")
        return server

    return write


def by_name(editions):
    return {edition.edition: edition for edition in editions}


def test_hour_of_a_square_has_both_scales_of_dust_put_right(said, task, notes):
    editions = by_name(fetch(task(said(), TOWN)))
    rows = editions["2026-11-21"].table.to_pylist()
    assert {(row["quantity"], row["value"], row["unit"]) for row in rows} == {
        ("pm10", 12, "µg/m³"),
        ("pm2_5", 9, "µg/m³"),
        ("pm1_0", 5, "µg/m³"),
        ("temperature", 18.5, "°C"),
        ("humidity", 70, "%"),
        ("pressure", 1011, "hPa"),
    }
    assert {row["time"] for row in rows} == {datetime(2026, 11, 21, 10)}
    assert set(notes) == {
        "1 rows have no place.",
        "1 rows have a fault that is not known.",
        "1 rows are without dust: its sensor was starting.",
        "110 rows are of where a ride begins or ends, or a bicycle stands.",
    }


def test_squares_in_the_gemeente_are_the_places(said, task):
    editions = by_name(fetch(task(said(), TOWN)))
    places = editions["places"].table.to_pylist()
    whole = next(area.outline for area in TOWN.areas if area.level == "gemeente")
    assert {place["kind"] for place in places} == {"air_square"}
    assert all(shapely.Point(place["lon"], place["lat"]).distance(whole) < 0.01 for place in places)
    assert {place["id"] for place in places} == set(editions["2026-11-21"].table["sensor"].to_pylist())


def test_hours_with_four_bicycles_are_left_out(said, task, notes):
    assert fetch(task(said(Snuffelfiets(TOWN, bicycles=4)), TOWN)) == []
    assert "3 hours of a square had fewer than 5 bicycles." in notes
    assert f"No square of {TOWN.code} has an hour with 5 bicycles from 2026-10-23 to 2026-11-22." in notes


def test_day_waits_until_it_is_settled_and_is_then_made_once(said, loading, tmp_path):
    """Who compares what was released before and after a sixth bicycle came learns nothing, for it is the same."""
    publisher = Snuffelfiets(TOWN, days=(0, 1))
    server = said(publisher)
    early = datetime(2026, 11, 22, 5, 59, tzinfo=UTC)
    assert loading(snuffelfiets, server, TOWN, early) == []
    first = loading(snuffelfiets, server, TOWN, early + timedelta(minutes=1))
    assert by_name(first).keys() == {"places", "2026-11-21"}
    released = files_of(tmp_path)
    publisher.bicycles = 9
    server.asked.clear()
    assert loading(snuffelfiets, server, TOWN, early + timedelta(hours=9)) == [Same("places")]
    assert server.asked == [] and files_of(tmp_path) == released
    later = loading(snuffelfiets, server, TOWN, early + timedelta(days=1, minutes=1))
    assert by_name(later).keys() == {"places", "2026-11-22"}
    assert released.items() <= files_of(tmp_path).items()


def test_day_without_a_square_is_not_looked_at_again_when_more_came(said, loading):
    publisher = Snuffelfiets(TOWN)
    server = said(publisher)
    loading(snuffelfiets, server, TOWN, NOW - timedelta(days=1))
    publisher.days = (1,)
    publisher.bicycles = 4
    later = loading(snuffelfiets, server, TOWN, NOW)
    assert by_name(later).keys() == {"places"}
    publisher.bicycles = 5
    publisher.days = (1, 2)
    latest = loading(snuffelfiets, server, TOWN, NOW + timedelta(days=1))
    assert by_name(latest).keys() == {"places", "2026-11-23"}


def test_day_is_not_made_again_when_its_copy_is_lost(said, loading, tmp_path):
    server = said()
    loading(snuffelfiets, server, TOWN)
    next((tmp_path / "raw" / SOURCE.id).glob("2026-11-21@*.parquet")).unlink()
    assert loading(snuffelfiets, server, TOWN, NOW + timedelta(hours=1)) == [Same("places")]


def files_of(tmp_path):
    """What is in the days and the places on disk."""
    return {path.name: path.read_bytes() for path in (tmp_path / "raw" / SOURCE.id).glob("*@*.parquet")}


def test_nothing_of_a_ride_is_on_the_disk(said, task, http, tmp_path):
    server = said()
    shelf = Shelf(tmp_path / "raw", SOURCE, TOWN.code, NOW)
    editions = fetch(replace(task(server, TOWN), http=http(server, keep=shelf.keep)))
    shelf.save(editions, largest_loss=1.0)
    files_there = [path for path in shelf.folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files_there} == {".parquet", ".json"}
    assert not any(b"10000000000000" in path.read_bytes() for path in files_there)
    assert len(json.loads(next(shelf.folder.glob("received/*.json")).read_text())[0]["sha256"]) == 64
    for edition in by_name(editions).values():
        for row in edition.table.to_pylist():
            assert row.keys() in ({"sensor", "quantity", "time", "value", "unit"}, {"id", "kind", "name", "lon", "lat"})
            assert "time" not in row or row["time"] == datetime(2026, 11, 21, 10)  # an hour, and no moment of a ride


@pytest.mark.parametrize(("licence", "openness"), [("unknown", "none"), ("cc0", "rows"), ("cc-by-4.0", "rows")])
def test_squares_are_shown_when_the_licence_is_known(said, loading, tmp_path, licence, openness):
    loading(snuffelfiets, said(licence=licence), TOWN)
    files_there = list((tmp_path / "raw" / SOURCE.id).glob("*.parquet"))
    said_there = [json.loads(pq.read_schema(path).metadata[METADATA])["source"] for path in files_there]
    assert {(each["licence"], each["openness"]) for each in said_there} == {(licence, openness)}


def test_key_in_the_address_is_nowhere_on_the_disk(said, loading, tmp_path):
    server = said(more="?token=s3cret")
    loading(snuffelfiets, server, TOWN)
    assert server.asked == ["/bikes/rides.csv?token=s3cret"]
    there = [path for path in (tmp_path / "raw").rglob("*") if path.is_file()]
    assert there and not [path for path in there if b"s3cret" in path.read_bytes()]


def test_source_waits_until_the_city_says_where_the_file_is(tmp_path):
    assert waits_for(tmp_path) == "waits for [snuffelfiets] in city/feeds.toml"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.maintenance, "is no table with names in its first line"),
        (lambda r: replace(r, body=r.body.replace(b"version_major", b"version")), "has no version_major any more"),
        (lambda r: replace(r, body=r.body.replace(b",185,", b",warm,")), "temperature of a row should be a number"),
        (lambda r: replace(r, body=r.body.replace(b"2026-11-21T", b"x")), "should have a time"),
    ],
)
def test_file_that_can_not_be_is_refused(said, task, fault, why):
    server = said()
    server.fault("rides", fault)
    with pytest.raises(LoadError, match=why):
        fetch(task(server, TOWN))


def test_of_recorded_rides_little_remains(realdata):
    """Ten bicycles of one group, that stood still for the most part: of 38 hours of a square seven can be told."""
    path = realdata / "snuffelfiets_utrecht" / "snuffelfiets_2024-11_raw_units.csv"
    left_out = Counter[str]()
    rows = files.rows(io.StringIO(path.read_text(encoding="utf-8"), newline=""), path.name)
    taken = list(measured(rows, left_out))
    assert left_out == {"rows have no place": 218, "rows are without dust: its sensor was starting": 217}
    assert len(taken) == 5704 - 218 and all(52 < each.lat < 53 for each in taken)
    found = list(squared(taken, left_out))
    assert {key: number for key, number in left_out.items() if "bicycle" in key} == {
        "rows are of where a ride begins or ends, or a bicycle stands": 5037,
        "hours of a square had fewer than 5 bicycles": 3,
    }
    assert len({(each.sensor, each.time) for each in found}) == 7
    dust = [reading.value for reading in found if reading.quantity == "pm2_5"]
    assert dust and all(0 <= value < 50 for value in dust)  # unmended they go to 1,400


def test_look_counts_rows(said, task):
    assert look(task(said(), TOWN)).counts == {"rows": 502}
