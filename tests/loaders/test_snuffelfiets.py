"""Rides become hours of squares: put right, only where several bicycles were, and nobody can be followed."""

import io
import json
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest
import shapely

from loaders import LoadError, files
from loaders.raw import Shelf
from loaders.snuffelfiets import SOURCE, fetch, look, measured, squared, waits_for
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.snuffelfiets import Snuffelfiets

TOWN = towns.small_town()


@pytest.fixture
def said(tmp_path, serving):
    """Serve a file and write where it is as a city does; gives its server."""

    def write(publisher=None):
        server = serving(publisher or Snuffelfiets(TOWN))
        (tmp_path / "city").mkdir()
        about = f'url = "{server.address}/bikes/rides.csv"\nlicence = "cc0"\nattribution = "Bron: niemand"\n'
        (tmp_path / "city" / "feeds.toml").write_text(f"[snuffelfiets]\n{about}", encoding="utf-8")
        return server

    return write


def by_name(editions):
    return {edition.edition: edition for edition in editions}


def test_hour_of_a_square_has_both_scales_of_dust_put_right(said, task, notes):
    editions = by_name(fetch(task(said(), TOWN)))
    rows = editions["2026-11-23"].table.to_pylist()
    assert {row["quantity"]: (row["value"], row["unit"]) for row in rows} == {
        "pm10": (12, "µg/m³"),
        "pm2_5": (9, "µg/m³"),
        "pm1_0": (5, "µg/m³"),
        "temperature": (18.5, "°C"),
        "humidity": (70, "%"),
        "pressure": (1011, "hPa"),
    }
    assert {row["time"] for row in rows} == {datetime(2026, 11, 23, 10)}
    assert set(notes) == {
        "1 rows have no place.",
        "1 rows have a fault that is not known.",
        "1 rows are without dust: its sensor was starting.",
    }


def test_square_is_the_place(said, task):
    (place,) = by_name(fetch(task(said(), TOWN)))["places"].table.to_pylist()
    whole = next(area.outline for area in TOWN.areas if area.level == "gemeente")
    assert place["kind"] == "air_square"
    assert shapely.Point(place["lon"], place["lat"]).distance(whole) < 0.01


def test_hour_with_two_bicycles_is_left_out(said, task, notes):
    assert fetch(task(said(Snuffelfiets(TOWN, bicycles=2)), TOWN)) == []
    assert "1 hours of a square had fewer than 3 bicycles." in notes


def test_nothing_of_a_ride_is_on_the_disk(said, task, http, tmp_path):
    server = said()
    shelf = Shelf(tmp_path / "raw", SOURCE, TOWN.code, NOW)
    editions = fetch(replace(task(server, TOWN), http=http(server, keep=shelf.keep)))
    shelf.save(editions, largest_loss=1.0)
    files_there = [path for path in shelf.folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files_there} == {".parquet", ".json"}
    assert not any(b"10000000000000" in path.read_bytes() for path in files_there)
    assert len(json.loads(next(shelf.folder.glob("received/*.json")).read_text())[0]["sha256"]) == 64


def test_source_waits_until_the_city_says_where_the_file_is(tmp_path):
    assert waits_for(tmp_path) == "waits for [snuffelfiets] in city/feeds.toml"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.maintenance, "is no table with names in its first line"),
        (lambda r: replace(r, body=r.body.replace(b"version_major", b"version")), "has no version_major any more"),
        (lambda r: replace(r, body=r.body.replace(b",185,", b",warm,")), "temperature of a row should be a number"),
        (lambda r: replace(r, body=r.body.replace(b"2026-11-23T", b"x")), "should have a time"),
    ],
)
def test_file_that_can_not_be_is_refused(said, task, fault, why):
    server = said()
    server.fault("rides", fault)
    with pytest.raises(LoadError, match=why):
        fetch(task(server, TOWN))


def test_recorded_rides_are_read(realdata):
    path = realdata / "snuffelfiets_utrecht" / "snuffelfiets_2024-11_raw_units.csv"
    left_out = Counter[str]()
    rows = files.rows(io.StringIO(path.read_text(encoding="utf-8"), newline=""), path.name)
    rides = list(measured(rows, left_out))
    assert left_out == {"rows have no place": 218, "rows are without dust: its sensor was starting": 217}
    assert len(rides) == 5704 - 218 and all(52 < each.lat < 53 for each in rides)
    dust = [reading.value for reading in squared(rides, left_out) if reading.quantity == "pm2_5"]
    assert dust and all(0 <= value < 50 for value in dust)  # unmended they go to 1,400


def test_look_counts_rows(said, task):
    assert look(task(said(), TOWN)).counts == {"rows": 5}
