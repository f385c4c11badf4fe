"""Recordings of real publishers, served in their dialect, through loader, raw files, rollups and mart into the API.

Each number that is asserted was computed here from the recording itself, with nothing of the project. Who publishes
the recordings and how they were made: the README of that folder.
"""

import csv
import gzip
import json
import math
import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
import shapely

from buurtbeeld.now import telling
from buurtbeeld.statistics.rides import LEAST, SQUARE
from buurtbeeld.store import Store
from tests.publishers import faults, towns
from tests.publishers.luchtmeetnet import Luchtmeetnet
from tests.publishers.server import Fixed, Response
from tests.publishers.stallingsnet import COUNTED, Stallingsnet
from tests.publishers.towns import Town, buurten
from tests.statistics.test_rides import left_by
from tests.way import Way, high, items, median, near

HOUR = timedelta(hours=1)
TOWN = towns.small_town("GM0363")  # the sample has nothing of it


@pytest.fixture(autouse=True)
def _machine(monkeypatch):
    """The publishers are here, whatever proxy this machine has for the rest of the world."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("GEMEENTE", TOWN.code)


@pytest.fixture
def way(tmp_path):
    return Way(tmp_path, TOWN)


def place_in(town: Town, number: int) -> tuple[str, float, float]:
    """A buurt, and a place in it."""
    chosen = buurten(town)[number % len(buurten(town))]
    point = chosen.outline.representative_point()
    return chosen.code, point.x, point.y


# Containers of Wyndham, Australia


BINS_AT_HOME = 30
"""Of the 32 bins these are moved into the town in what is served; the others stay where they are."""


def bins(realdata) -> Iterator[tuple[datetime, dict[str, Any], dict[str, int]]]:
    """(time in UTC, what is served, level by bin) of each recorded snapshot, oldest first."""
    text = (realdata / "wyndham_smart_bins" / "fill_levels_snapshots.json").read_text(encoding="utf-8")
    for page in sorted(json.loads(text), key=lambda page: page["features"][0]["properties"]["timestamp"]):
        rows = sorted((feature["properties"] for feature in page["features"]), key=lambda row: row["serial_num"])
        [at] = {row["timestamp"] for row in rows}
        for number, row in enumerate(rows[:BINS_AT_HOME]):
            _, lon, lat = place_in(TOWN, number)
            row |= {"lon": str(lon), "lat": str(lat)}
        # In August the clock in Melbourne is ten hours ahead of UTC.
        levels = {str(row["serial_num"]): row["fill_lvl"] for row in rows}
        yield datetime.fromisoformat(at) - 10 * HOUR, page, levels


def standing(received, until):
    """The hours before `until` of which a level of bins is known, each with that of every bin.

    In an hour without a message a bin has what it said last, for nineteen hours. All of these speak in the same hours.
    """
    spoke = sorted({at for _, at in received})
    for hour in (spoke[0] + timedelta(hours=number) for number in range((until - spoke[0]) // timedelta(hours=1))):
        then = max(at for at in spoke if at <= hour)
        if hour - then <= timedelta(hours=19):
            yield (
                hour,
                {
                    id: median(levels) if then == hour else levels[-1]
                    for (id, at), levels in received.items()
                    if at == then
                },
            )


def test_recorded_containers_go_the_whole_way(way, realdata, serve):
    snapshots = list(bins(realdata))
    feed = Fixed("WASTE", {})
    with near(TOWN, 2021, feed) as server:
        names = {"id": "serial_num", "level": "fill_lvl", "time": "timestamp", "lon": "lon", "lat": "lat"}
        about = {"format": "records", "scale": "0-10", "zone": "Australia/Melbourne"}
        way.says("waste_fill", server, "/waste/bins.json", **about, **names)
        way.loads(server, datetime(2021, 8, 21, 0, 0, tzinfo=UTC), "pdok_areas")
        for at, page, _ in snapshots:
            feed.answers["/bins.json"] = Response(200, json.dumps(page).encode())
            said = way.loads(server, at.replace(tzinfo=UTC) + timedelta(minutes=2), "waste_fill")
            assert "2 containers have no place in GM0363, and are left out." in said
    way.build(datetime(2021, 8, 22, 6, tzinfo=UTC))

    ids = sorted(snapshots[0][2], key=int)
    home = {id: place_in(TOWN, number)[0] for number, id in enumerate(ids[:BINS_AT_HOME])}
    assert dict(way.ask("SELECT id, code FROM sensor WHERE source = 'waste_fill'")) == home
    assert {at for (at,) in way.ask("SELECT DISTINCT last_at FROM sensor")} == {snapshots[-1][0]}

    received = defaultdict(list)  # by bin and hour
    for at, _, levels in snapshots:
        for id in home:
            received[id, at.replace(minute=0)].append(levels[id] * 10.0)
    assert {len(values) for values in received.values()} == {1, 2}
    hours = way.ask("SELECT sensor, hour, median, p95, n, valid, status::VARCHAR FROM reading_hour ORDER BY ALL")
    assert hours == sorted(
        (id, at, median(found), pytest.approx(high(found)), len(found), len(found), "ok")
        for (id, at), found in received.items()
    )

    by_day = defaultdict(list)
    for (id, _), found in received.items():
        by_day[id].append(median(found))
    days = way.ask("SELECT sensor, day, median, p95, hours, status::VARCHAR FROM reading_day ORDER BY ALL")
    day = date(2021, 8, 21)
    assert days == sorted((id, day, median(v), pytest.approx(high(v)), 4, "ok") for id, v in by_day.items())

    parents = {area.code: area.parent for area in TOWN.areas}
    inside = defaultdict(set)
    for id, code in home.items():
        for each in (code, parents[code], TOWN.code):
            inside[each].add(id)
    wanted = {code: median([median(by_day[id]) for id in members]) for code, members in inside.items()}
    assert len(wanted) == 7 + 3 + 1
    assert dict(way.ask("SELECT code, median FROM area_day WHERE quantity = 'fill'")) == wanted
    of_hours = {
        (code, hour): median([known[id] for id in members])
        for hour, known in standing(received, until=datetime(2021, 8, 22, 6))
        for code, members in inside.items()
    }
    found = way.ask("SELECT code, hour, median, sensors FROM area_hour WHERE quantity = 'fill'")
    assert {(code, hour): value for code, hour, value, _ in found} == of_hours
    assert all(sensors == len(inside[code]) for code, _, _, sensors in found)

    rounded = {code: math.floor(value + 0.5) for code, value in wanted.items()}
    shown = way.ask("SELECT code, value, n, status FROM figure WHERE indicator = 'fill_day' AND period = '2021-08-21'")
    assert sorted(shown) == sorted((code, value, len(inside[code]), "ok") for code, value in rounded.items())
    opened = way.ask("SELECT sensor, opened_at, closed_at, value FROM alert WHERE rule = 'container_full'")
    client = serve(way.data_dir)
    for level in ("gemeente", "wijk", "buurt"):
        told = items(client, "/figures", indicator="fill_day", level=level, period="2021-08-21")
        codes = {area.code for area in TOWN.areas if area.level == level}
        assert {row["code"]: row["value"] for row in told} == {code: rounded[code] for code in codes}

    full = {}
    for id in home:
        above = [at for at, _, levels in snapshots if levels[id] >= 8]
        if above and above[-1] == snapshots[-1][0]:
            # Of two messages in an hour the last counts.
            full[id] = next(
                at for at, _, _ in reversed(snapshots) if at.replace(minute=0) == above[0].replace(minute=0)
            )
    last = snapshots[-1][2]
    assert len(full) > 3 and sorted(opened) == sorted((id, at, None, last[id] * 10.0) for id, at in full.items())
    assert {row["sensor"] for row in items(client, "/alerts", open="true")} == full.keys()


def test_containers_that_say_nothing_any_more_are_silent_after_their_day(way, realdata):
    at, page, _ = next(bins(realdata))
    with near(TOWN, 2021, Fixed("WASTE", {"/bins.json": Response(200, json.dumps(page).encode())})) as server:
        names = {"id": "serial_num", "level": "fill_lvl", "time": "timestamp", "lon": "lon", "lat": "lat"}
        about = {"format": "records", "scale": "0-10", "zone": "Australia/Melbourne"}
        way.says("waste_fill", server, "/waste/bins.json", **about, **names)
        way.loads(server, at.replace(tzinfo=UTC) + HOUR, "pdok_areas", "waste_fill")
    silent = "SELECT count(*), min(opened_at), count(closed_at) FROM alert WHERE rule = 'silent'"
    way.build(at.replace(tzinfo=UTC) + 23 * HOUR)
    assert way.ask(silent) == [(0, None, 0)]
    way.build(at.replace(tzinfo=UTC) + 25 * HOUR)
    assert way.ask(silent) == [(BINS_AT_HOME, at + 24 * HOUR, 0)]


# A sensor of Sensor.Community, from Aberdeen


def test_recorded_sensor_of_residents_goes_the_whole_way(way, realdata, serve):
    """It stood in Aberdeen: its place is moved into a buurt in what is served. The recording has no spike in it, so the
    values that a blinded sensor sends are in the answer of now, which is made up.
    """
    text = (realdata / "fixtures_sensor_community" / "2019-01-10_sds011_sensor_8733.csv").read_text(encoding="utf-8")
    code, lon, lat = place_in(TOWN, 3)
    moved = text.replace(";57.136;-2.107;", f";{lat:.3f};{lon:.3f};")
    assert moved != text
    location = {"id": 4403, "latitude": f"{lat:.6f}", "longitude": f"{lon:.6f}", "country": "NL", "indoor": 0}
    now = {
        "id": 1,
        "timestamp": "2019-01-12 05:58:00",
        "location": location,
        "sensor": {"id": 8733, "pin": "1", "sensor_type": {"name": "SDS011", "manufacturer": "Nova Fitness"}},
        "sensordatavalues": [{"value": "1999.90", "value_type": "P1"}, {"value": "999.90", "value_type": "P2"}],
    }
    whole = next(area.outline for area in TOWN.areas if area.level == "gemeente")
    west, south, east, north = whole.bounds
    live = Fixed(
        "SENSOR_COMMUNITY",
        {
            f"/airrohr/v1/filter/box={south:.4f},{west:.4f},{north:.4f},{east:.4f}": Response(
                200, json.dumps([now]).encode()
            )
        },
    )
    path = "/2019-01-10/2019-01-10_sds011_sensor_8733.csv"
    archive = Fixed("SENSOR_COMMUNITY_ARCHIVE", {path: Response(200, moved.encode(), "text/csv")})
    with near(TOWN, 2019, live, archive) as server:
        said = way.loads(server, datetime(2019, 1, 12, 6, tzinfo=UTC), "pdok_areas", "sensor_community")
    assert "Left out: 2 outside 0 to 999 µg/m³." in said
    way.build(datetime(2019, 1, 12, 6, tzinfo=UTC))

    received = defaultdict(list)
    for row in csv.DictReader(text.splitlines(), delimiter=";"):
        hour = datetime.fromisoformat(row["timestamp"]).replace(minute=0, second=0)
        received["pm10_raw", hour].append(float(row["P1"]))
        received["pm25_raw", hour].append(float(row["P2"]))
    assert len(received) == 2 * 3
    hours = way.ask(
        """SELECT quantity, hour, median, p95, n, valid, status::VARCHAR, reason, local_hour
           FROM reading_hour WHERE sensor = '8733' ORDER BY ALL"""
    )
    assert hours == sorted(
        # Nobody calibrates it: there is a number, and no figure is made of it.
        (what, at, median(v), pytest.approx(high(v)), len(v), len(v), "unreliable", "uncalibrated", at.hour + 1)
        for (what, at), v in received.items()
    )
    assert way.ask("SELECT code, kind, last_at FROM sensor") == [
        (code, "air_sensor", datetime(2019, 1, 10, 22, 56, 29))
    ]
    days = way.ask("SELECT quantity, day, median, hours, status::VARCHAR FROM reading_day ORDER BY ALL")
    assert days == [(what, date(2019, 1, 10), None, 0, "not_measured") for what in ("pm10_raw", "pm25_raw")]
    assert way.ask("SELECT count(*) FROM area_hour") == way.ask("SELECT count(*) FROM area_day") == [(0,)]
    assert way.ask("SELECT count(*) FROM figure WHERE indicator LIKE 'pm%'") == [(0,)]
    assert serve(way.data_dir).ask("/api/v1/figures?indicator=pm25_day").status_code == 400  # nothing has that name


# A station of Luchtmeetnet, from Geleen


def test_recorded_station_goes_the_whole_way(way, realdata, serve):
    """It stands in Geleen: its place is moved into a buurt in what is served. A second station, which is made up, has
    a whole day.
    """
    folder = realdata / "fixtures_luchtmeetnet"
    recorded = json.loads((folder / "measurements_NL01493_2024-11-07.json").read_text(encoding="utf-8"))["data"]
    detail = json.loads((folder / "station_detail_geleen.json").read_text(encoding="utf-8"))
    code, lon, lat = place_in(TOWN, 2)
    detail["data"]["geometry"]["coordinates"] = [lon, lat]
    now = datetime(2024, 11, 8, 0, 30, tzinfo=UTC)
    with near(TOWN, 2024, Luchtmeetnet(TOWN, now=now.replace(minute=0))) as server:
        server.fault("stations?", faults.changed(lambda page: page["data"].append({"number": "NL01493"})))
        server.fault("stations/NL01493", lambda _: Response(200, json.dumps(detail).encode()))
        server.fault("measurements?", faults.changed(lambda page: page["data"].extend(recorded)), times=1)
        way.loads(server, now, "pdok_areas", "luchtmeetnet")
    way.build(now)

    quantities = {"NO2": "no2", "PM25": "pm25", "PM10": "pm10", "O3": "o3"}
    wanted = set()
    for row in recorded:
        end = datetime.fromisoformat(row["timestamp_measured"]).replace(tzinfo=None)
        if row["formula"] in quantities:  # the catalogue asks for no other
            # What ends at 23:00 is of the hour that begins at 22:00 UTC, and that is 23:00 on the clock in November.
            wanted.add((quantities[row["formula"]], end - HOUR, end.hour, row["value"], date(2024, 11, 7), "ok"))
    found = way.ask(
        """SELECT quantity, hour, local_hour, median, day, status::VARCHAR FROM reading_hour
           WHERE sensor = 'NL01493' AND quantity <> 'lki'"""
    )
    assert (len(found), set(found)) == (8, wanted)
    assert ("o3", datetime(2024, 11, 7, 21), 22, -0.9, date(2024, 11, 7), "ok") in wanted
    [(name, place, reference)] = way.ask("SELECT name, code, is_reference FROM sensor WHERE id = 'NL01493'")
    assert (name, place, reference) == ("Geleen-Asterstraat", code, True)

    # Two of 24 hours are not a day, so of the gemeente there is one station, where two are needed.
    two = [row["value"] for row in recorded if row["formula"] == "NO2"]
    days = (
        "SELECT median, hours, status::VARCHAR, reason FROM reading_day WHERE quantity = 'no2' AND day = '2024-11-07'"
    )
    assert way.ask(f"{days} AND sensor = 'NL01493'") == [(pytest.approx(median(two)), 2, "unreliable", "incomplete")]
    made_up = median(
        [round(end - 0.9, 1) for end in range(24)]
    )  # what the made-up station says, by the end of the hour
    assert way.ask(f"{days} AND sensor = 'NL10001'") == [(pytest.approx(made_up), 24, "ok", None)]
    figures = (
        "SELECT level, value, n, status FROM figure WHERE indicator = 'no2_stations_day' AND period = '2024-11-07'"
    )
    assert way.ask(figures) == [("gemeente", math.floor(made_up + 0.5), 1, "unreliable")]
    # Official stations are never among cheap sensors, so no area has anything of them.
    assert way.ask("SELECT count(*) FROM area_hour") == way.ask("SELECT count(*) FROM area_day") == [(0,)]
    assert way.ask("SELECT count(*) FROM figure WHERE indicator = 'pm25_day'") == [(0,)]
    told = items(serve(way.data_dir), "/figures", indicator="no2_stations_day", level="gemeente", period="2024-11-07")
    assert [(row["value"], row["status"]) for row in told] == [(math.floor(made_up + 0.5), "unreliable")]


# Bicycles that measure, of the province of Utrecht


def ridden(realdata) -> list[dict[str, str]]:
    path = realdata / "snuffelfiets_utrecht" / "snuffelfiets_2024-11_raw_units.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def squares_of(rows) -> dict[tuple[str, str, datetime], float]:
    """What may be kept of dust, by the rules in plain loops: (square, quantity, hour that it began) → the median."""
    whole = next(area.outline for area in towns.utrecht().areas if area.level == "gemeente")
    shapely.prepare(whole)
    begin = datetime(2024, 11, 11)
    by_device = defaultdict(list)
    values = {}
    for row in rows:
        lon, lat, errors = float(row["longitude"]), float(row["latitude"]), int(row["error_code"])
        if not (lon and lat) or errors & ~(32 | 2048):
            continue
        passed = (datetime.fromisoformat(row["recording_timestamp"]) - begin).total_seconds()
        by_device[row["entity_id"]].append((passed, lon, lat))
        scale = 0.01 if int(row["version_major"]) >= 2 else 1
        dusty = not errors & 2048
        values[row["entity_id"], passed, lon, lat] = {
            ours: float(row[theirs]) * scale for ours, theirs in (("pm25_raw", "pm2_5"), ("pm10_raw", "pm10")) if dusty
        }
    there: dict[Any, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for device, readings in by_device.items():
        for passed, lon, lat in left_by(sorted(readings)):
            if not shapely.intersects_xy(whole, lon, lat):
                continue
            hour = begin + timedelta(hours=math.ceil(passed / 3600) - 1)
            square = f"{math.floor(lon / SQUARE[0])}_{math.floor(lat / SQUARE[1])}"
            for quantity, value in values[device, passed, lon, lat].items():
                there[square, quantity, hour][device].append(value)
    return {
        key: median([median(each) for each in devices.values()])
        for key, devices in there.items()
        if len(devices) >= LEAST
    }


@pytest.fixture(scope="module")
def cycled(realdata, tmp_path_factory):
    """(the way, the recorded rows) after the recorded rides were loaded and built, of the Utrecht of the sample."""
    path = realdata / "snuffelfiets_utrecht" / "snuffelfiets_2024-11_raw_units.csv"
    now = datetime(2024, 11, 13, 7, tzinfo=UTC)
    way = Way(tmp_path_factory.mktemp("cycled"), towns.utrecht())
    feed = Fixed("BIKES", {"/rides.csv": Response(200, path.read_bytes(), "text/csv")})
    with pytest.MonkeyPatch.context() as patch, near(way.town, 2024, feed) as server:
        patch.setenv("NO_PROXY", "127.0.0.1")
        way.says("snuffelfiets", server, "/bikes/rides.csv")
        way.loads(server, now, "pdok_areas", "snuffelfiets")
    way.build(now)
    return way, ridden(realdata)


def test_of_recorded_rides_only_squares_with_five_bicycles_are_left(cycled):
    way, rows = cycled
    wanted = squares_of(rows)
    assert 0 < len(wanted) < 30, "the recording has ten bicycles that seldom meet"
    found = way.ask(
        """SELECT sensor, quantity, hour, median, n, status::VARCHAR, reason FROM reading_hour
           WHERE source = 'snuffelfiets' ORDER BY ALL"""
    )
    assert found == sorted(
        (*key, pytest.approx(value, abs=1e-3), 1, "unreliable", "uncalibrated") for key, value in wanted.items()
    )
    assert way.ask("SELECT count(*) FROM area_day WHERE quantity IN ('pm25_raw', 'pm10_raw')") == [(0,)]


def test_nothing_of_a_recorded_ride_is_anywhere_on_the_disk(cycled):
    way, rows = cycled
    devices = {row["entity_id"] for row in rows}
    places = {row[name] for row in rows for name in ("longitude", "latitude") if float(row[name])}
    numbers = {float(place) for place in places}
    moments = {datetime.fromisoformat(row["recording_timestamp"]) for row in rows}
    moments = {each for each in moments if each.second}  # a full minute is of nobody
    some = sorted(numbers)[::50]
    packed = [struct.pack("<d", each) for each in some] + [device.encode() for device in devices]
    packed += [struct.pack("<q", int(device)) for device in devices]
    packed += [str(each).encode() for each in sorted(places)[::50]]
    seen = set()
    for path in sorted(each for each in way.data_dir.rglob("*") if each.is_file() and not each.is_symlink()):
        seen.add(path.suffix)
        content = path.read_bytes()
        whole = [content, gzip.decompress(content)] if path.suffix == ".gz" else [content]
        for each in whole:
            assert not [needle for needle in packed if needle in each], path
        for text, values in _cells(path):
            _told_nothing(path, text, values, devices, places, numbers, moments)
    assert {".parquet", ".duckdb", ".toml", ".json"} <= seen


def _cells(path) -> Iterator[tuple[str, list[Any]]]:
    """(all that is text, all other values) of each column of a file, as whoever opens it sees it."""
    if path.suffix == ".parquet":
        yield str(pq.read_schema(path).metadata), []
        columns = pq.read_table(path).to_pydict()
        yield from _columns(columns.values())
    elif path.suffix == ".duckdb":
        with duckdb.connect(path, read_only=True) as con:
            for (table,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                yield from _columns(con.execute(f'SELECT * FROM "{table}"').fetchnumpy().values())
    elif path.suffix in (".toml", ".json", ".csv", ""):
        yield path.read_text(encoding="utf-8", errors="replace"), []


def _columns(columns) -> Iterator[tuple[str, list[Any]]]:
    for column in columns:
        values = column.tolist() if hasattr(column, "tolist") else list(column)
        yield "\n".join(each for each in values if isinstance(each, str)), values


def _told_nothing(path, text, values, devices, places, numbers, moments) -> None:
    assert not [each for each in devices if each in text], path
    assert not places & set(re.findall(r"\d+\.\d{4,}", text)), path
    told = re.findall(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", text)
    assert not moments & {datetime.fromisoformat(each) for each in told}, path
    assert not numbers & {each for each in values if isinstance(each, float)}, path
    assert not moments & {each for each in values if isinstance(each, datetime)}, path
    assert not devices & {str(each) for each in values if isinstance(each, int)}, path


# Bicycle parkings of Utrecht


def test_places_of_a_parking_and_its_parts_are_counted_once(tmp_path, monkeypatch):
    """Three rows are one parking: in the sum of the page of now, and for the rule of three sensors in an area."""
    town = towns.small_town("GM0344")
    monkeypatch.setenv("GEMEENTE", town.code)
    way, publisher = Way(tmp_path, town), Stallingsnet()
    buurt, lon, lat = place_in(town, 0)
    begin = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past midnight
    with near(town, 2026, publisher) as server:
        way.settings.city_dir.mkdir(parents=True, exist_ok=True)
        named = "\n".join(f'"{name}" = [{lon}, {lat}]' for name in COUNTED)
        (way.settings.city_dir / "feeds.toml").write_text(f"[stallingsnet.places]\n{named}\n", encoding="utf-8")
        way.loads(server, begin, "pdok_areas")
        for hour in range(24):
            at = begin + hour * HOUR
            publisher.time = at.isoformat()
            way.loads(server, at + timedelta(minutes=2), "stallingsnet")
    way.build(begin + 24 * HOUR)

    whole, free, taken = COUNTED["Knoop"]
    every = telling.every(Store(way.settings).current())
    assert [(each.sensor.id, each.whole, each.free, each.taken) for each in every] == [("Knoop", whole, free, taken)]
    shown = "SELECT value, n, status FROM figure WHERE indicator = 'bikes_day' AND (code, period) = ($1, $2)"
    assert way.ask(shown, buurt, "2026-11-23") == [(math.floor(taken / whole * 100 + 0.5), 1, "unreliable")]
