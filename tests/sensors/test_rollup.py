"""What hours and days are made of readings, and that only what changed is made anew."""

import math
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buurtbeeld.sensors import partitions, rollup, storage
from buurtbeeld.sensors.rollup import RollupError
from tests.sensors.listed import Looks
from tests.sensors.rolling import (
    BUURT,
    CITY,
    at,
    everything,
    hourly,
    load,
    places,
    rejected,
    rolled,
    rows,
    update,
    write,
    write_day,
)

BEGIN = "2026-06-30T22:00"  # 1 July, 00:00 in the Netherlands
SENSOR = places(("feed", "s1", "air_sensor"))
QUIET = [20.0 + nr % 3 for nr in range(24)]
SQL = Path(rollup.__file__).parents[1] / "warehouse" / "sql" / "sensor.sql"


def hours(data_dir, where="true"):
    return [(row["hour"], row["n"], row["median"]) for row in rows(data_dir, "reading_hour", where)]


def test_the_files_are_the_tables_of_the_mart(tmp_path):
    write(tmp_path, "feed", [row for id in "abc" for row in hourly(id, "no2", BEGIN, QUIET)])
    rolled(tmp_path, places(*[("feed", id, "air_sensor") for id in "abc"]))
    with duckdb.connect() as con:
        con.execute("CREATE TYPE status AS ENUM ('ok', 'unreliable', 'not_measured')")
        con.execute(SQL.read_text(encoding="utf-8"))
        for table, paths in rollup.files(tmp_path).items():
            mart = con.execute(f"DESCRIBE {table}").fetchall()
            made = con.execute(f"DESCRIBE SELECT * FROM read_parquet({[str(path) for path in paths]})").fetchall()
            types = [(name, "VARCHAR" if kind.startswith("ENUM") else kind) for name, kind, *_ in mart]
            assert [(name, kind) for name, kind, *_ in made] == types
            con.execute(f"INSERT INTO {table} SELECT * FROM read_parquet({[str(path) for path in paths]})")
            assert con.execute(f"SELECT count(*) FROM {table}").fetchone() != (0,)


def test_an_hour_is_named_by_its_beginning_and_holds_what_ends_in_it(tmp_path):
    times = ["2026-07-01T10:00", "2026-07-01T10:00:00.000001", "2026-07-01T11:00", "2026-07-01T11:00:01"]
    write(tmp_path, "feed", [("s1", "no2", at(time), float(nr)) for nr, time in enumerate(times)])
    rolled(tmp_path, SENSOR)
    assert hours(tmp_path) == [
        (at("2026-07-01T09:00"), 1, 0.0),
        (at("2026-07-01T10:00"), 2, 1.5),
        (at("2026-07-01T11:00"), 1, 3.0),
    ]


def test_what_ends_at_midnight_is_of_the_day_before(tmp_path):
    write(tmp_path, "feed", hourly("s1", "no2", "2026-06-30T20:00", [1.0, 2.0, 3.0, 4.0, 5.0]))
    assert sorted(path.name for path in (tmp_path / "raw" / "feed").iterdir()) == [
        "2026-06-30@20260701T000000Z.parquet",
        "2026-07-01@20260701T000000Z.parquet",
    ]
    rolled(tmp_path, SENSOR)
    found = [(row["day"].day, row["local_hour"], row["median"]) for row in rows(tmp_path, "reading_hour")]
    assert found == [(30, 22, 1), (30, 23, 2), (1, 0, 3), (1, 1, 4), (1, 2, 5)]


@pytest.mark.parametrize(
    ("night", "begin", "count", "local"),
    [
        ("2026-03-29", "2026-03-28T23:00", 23, [0, 1, 3, 4]),
        ("2026-10-25", "2026-10-24T22:00", 25, [0, 1, 2, 2]),
    ],
)
def test_the_nights_that_the_clock_changes(tmp_path, night, begin, count, local):
    write(tmp_path, "feed", hourly("s1", "no2", "2026-03-28T00:00" if count == 23 else "2026-10-24T00:00", QUIET * 3))
    rolled(tmp_path, SENSOR)
    found = rows(tmp_path, "reading_hour", f"day = '{night}'")
    assert [row["hour"] for row in found] == [at(begin) + nr * timedelta(hours=1) for nr in range(count)]
    assert [row["local_hour"] for row in found[:4]] == local
    (day,) = rows(tmp_path, "reading_day", f"day = '{night}'")
    assert (day["hours"], day["valid_share"], day["status"]) == (count, 1.0, "ok")


@pytest.mark.parametrize(
    ("night", "begin", "enough"), [("2026-03-29", "2026-03-28T23:00", 18), ("2026-10-25", "2026-10-24T22:00", 19)]
)
def test_three_quarters_of_a_short_and_of_a_long_day(tmp_path, night, begin, enough):
    for hours_there, status in ((enough, "ok"), (enough - 1, "unreliable")):
        folder = tmp_path / status
        write(folder, "feed", hourly("s1", "no2", begin, QUIET[:hours_there]))
        rolled(folder, SENSOR)
        (day,) = rows(folder, "reading_day", f"day = '{night}'")
        assert (day["status"], day["hours"]) == (status, hours_there)
        assert day["reason"] == (None if status == "ok" else "incomplete")
        assert day["median"] == 21


def test_readings_of_another_day_than_that_of_their_file_are_left_out(tmp_path):
    times = [
        "1970-01-01T00:00:00",
        "2026-06-30T12:00",
        "2026-07-01T00:00",
        "2026-07-02T00:00",
        "2026-07-02T00:01",
        "2150-01-01T00:00",
    ]
    write_day(tmp_path, "feed", "2026-07-01", [("s1", "no2", at(time), 20.0) for time in times])
    rolled(tmp_path, SENSOR)
    assert hours(tmp_path) == [(at("2026-07-01T23:00"), 1, 20.0)]


def test_days_of_1970_and_to_come_are_days(tmp_path):
    times = ["1970-01-01T00:30", "2150-01-01T00:30"]
    write(tmp_path, "feed", [("s1", "no2", at(time), 20.0) for time in times])
    rolled(tmp_path, SENSOR)
    assert hours(tmp_path) == [(at("1970-01-01T00:00"), 1, 20.0), (at("2150-01-01T00:00"), 1, 20.0)]


def test_one_reading_and_none(tmp_path):
    write_day(tmp_path, "feed", "2026-07-01", [("s1", "no2", at("2026-07-01T10:30"), 20.0)])
    write_day(tmp_path, "feed", "2026-07-05", [])
    write_day(tmp_path, "feed", "2026-07-06", [("s1", "no2", at("2026-07-06T10:30"), None)])
    rolled(tmp_path, SENSOR)
    assert hours(tmp_path) == [(at("2026-07-01T10:00"), 1, 20.0)]
    assert rolled(tmp_path, SENSOR).days == 0


def test_no_readings_at_all(tmp_path):
    assert rolled(tmp_path, SENSOR) == rolled(tmp_path, SENSOR[:0]) == rollup.Rolled(0, 0, 0)
    assert rollup.files(tmp_path) == {table: [] for table in ("reading_hour", "reading_day", "area_hour", "area_day")}


def test_of_the_same_reading_the_last_file_counts_and_in_a_file_the_last_row(tmp_path):
    time = at("2026-07-01T10:30")
    write(
        tmp_path,
        "feed",
        [("s1", "no2", time, 1.0), ("s1", "no2", time + timedelta(minutes=5), 5.0)],
        stamp="20260701T110000Z",
    )
    write(tmp_path, "feed", [("s1", "no2", time, 9.0)], stamp="20260701T100000Z", batch=True)
    rolled(tmp_path, SENSOR)
    assert hours(tmp_path) == [(at("2026-07-01T10:00"), 2, 3.0)]
    twice = [("s1", "no2", time, 2.0), ("s1", "no2", time, 3.0)]
    write(tmp_path, "feed", twice, stamp="20260701T120000Z", batch=True)
    assert rolled(tmp_path, SENSOR) == rollup.Rolled(1, 2, 10)
    assert hours(tmp_path) == [(at("2026-07-01T10:00"), 2, 4.0)]


def test_a_late_reading_and_a_newer_copy_are_taken_in(tmp_path):
    write(tmp_path, "feed", hourly("s1", "no2", "2026-07-01T10:00", [1.0, 2.0]), stamp="20260701T120000Z")
    write(tmp_path, "feed", hourly("s1", "no2", "2026-07-03T10:00", [1.0]))
    rolled(tmp_path, SENSOR)
    write(tmp_path, "feed", hourly("s1", "no2", "2026-07-01T10:00", [1.0, 7.0, 8.0]), stamp="20260701T130000Z")
    made = rolled(tmp_path, SENSOR)
    assert (made.partitions, made.days) == (1, 2)
    assert hours(tmp_path, "day = '2026-07-01'") == [
        (at(f"2026-07-01T{hour}:00"), 1, value) for hour, value in ((10, 1.0), (11, 7.0), (12, 8.0))
    ]


def test_what_is_as_it_was_is_not_made_again(tmp_path):
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, QUIET * 4))
    assert (rolled(tmp_path, SENSOR).partitions, len(rollup.files(tmp_path)["reading_hour"])) == (5, 6)
    before = everything(tmp_path)
    assert rolled(tmp_path, SENSOR) == rollup.Rolled(0, 0, 0)
    # one more day of UTC: its two local days, and no other
    write(tmp_path, "feed", hourly("s1", "no2", "2026-07-05T00:00", QUIET))
    assert rolled(tmp_path, SENSOR) == rollup.Rolled(1, 2, 4)
    after = everything(tmp_path)
    assert {name for name in before if after.get(name) != before[name]} == {
        name for name in before if "/2026-07-05@" in name and not name.startswith(("hours", "rejected"))
    } | {"seen.parquet"}


def test_a_sensor_that_moved_has_no_hours_made_again_but_all_days(tmp_path):
    write(tmp_path, "feed", hourly("s1", "fill", BEGIN, QUIET))
    rolled(tmp_path, places(("feed", "s1", "waste_container")))
    assert set(rows(tmp_path, "area_day", columns="code")) == {BUURT, "WK034405", CITY}
    made = rolled(tmp_path, places(("feed", "s1", "waste_container"), codes=["BU03440999", "WK034409", CITY]))
    assert (made.partitions, made.days) == (0, 3)
    assert set(rows(tmp_path, "area_day", columns="code")) == {"BU03440999", "WK034409", CITY}


def test_a_changed_rule_makes_everything_anew(tmp_path):
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, [20.0]))
    rolled(tmp_path, SENSOR)
    quantities = load().quantities
    strict = quantities | {"no2": quantities["no2"].model_copy(update={"high": 10.0})}
    made = rolled(tmp_path, SENSOR, strict)
    assert (made.partitions, made.days) == (1, 2)
    assert rows(tmp_path, "reading_hour", columns="reason") == ["range"]


def test_a_source_that_is_left_out_leaves_nothing(tmp_path):
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, QUIET))
    write(tmp_path, "simulated_air_sensor", hourly("s1", "no2", BEGIN, QUIET), simulated=True)
    both = places(("feed", "s1", "air_sensor"), ("simulated_air_sensor", "s1", "air_sensor"))
    rolled(tmp_path, both)
    assert set(rows(tmp_path, "reading_hour", columns="is_simulated")) == {False, True}
    rolled(tmp_path, SENSOR)
    assert set(rows(tmp_path, "reading_hour", columns="source")) == {"feed"}
    assert [name for name in everything(tmp_path) if "simulated" in name] == []
    rolled(tmp_path, SENSOR[:0])
    assert everything(tmp_path) == {}


def test_what_is_not_known_is_left_out(tmp_path):
    other = hourly("s2", "no2", BEGIN, [1.0]) + hourly("s1", "noise", BEGIN, [1.0]) + hourly("s1", "fill", BEGIN, [1.0])
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, [20.0]) + other)
    rolled(tmp_path, SENSOR)
    assert [(row["sensor"], row["quantity"]) for row in rows(tmp_path, "reading_hour")] == [("s1", "no2")]


@pytest.mark.parametrize(("sensors", "status"), [("abc", "ok"), ("ab", "unreliable"), ("", "not_measured")])
def test_an_area_has_three_sensors_that_are_ok(tmp_path, sensors, status):
    good = [row for nr, id in enumerate(sensors) for row in hourly(id, "no2", BEGIN, [value + nr for value in QUIET])]
    write(tmp_path, "feed", good + hourly("bad", "no2", BEGIN, [9999.0] * 24))
    rolled(tmp_path, places(*[("feed", id, "air_sensor") for id in (*sensors, "bad")]))
    found = rows(tmp_path, "area_hour", f"code = '{BUURT}' AND local_hour = 1")
    middle = {"abc": 22.0, "ab": 21.5, "": None}[sensors]
    assert [(row["status"], row["sensors"], row["median"]) for row in found] == [(status, len(sensors), middle)]
    (day,) = rows(tmp_path, "area_day", f"code = '{CITY}'")
    assert (day["status"], day["sensors"], day["valid_share"]) == (
        status,
        len(sensors),
        len(sensors) / (len(sensors) + 1),
    )
    assert (day["median"] is None) == (status == "not_measured")


def test_where_something_is_real_nothing_is_simulated(tmp_path):
    write(
        tmp_path,
        "feed",
        hourly("s1", "occupancy", BEGIN, [5.0])
        + hourly("s1", "free", BEGIN, [50.0])
        + hourly("s1", "places", BEGIN, [100.0]),
    )
    for id in ("s2", "s3"):
        write(
            tmp_path,
            "simulated_parking_garage",
            hourly(id, "free", BEGIN, [10.0] * 2) + hourly(id, "places", BEGIN, [100.0] * 2),
            simulated=True,
            stamp=id,
            batch=True,
        )
    real = places(("feed", "s1", "parking_garage"))
    simulated = [("simulated_parking_garage", id, "parking_garage") for id in ("s2", "s3")]
    rolled(
        tmp_path, pa.concat_tables([real, places(*simulated[:1]), places(*simulated[1:], codes=["BU03440999", CITY])])
    )
    found = rows(tmp_path, "area_hour", "quantity = 'occupancy'")
    assert {(row["code"], row["is_simulated"], row["sensors"], row["median"]) for row in found} == {
        (BUURT, False, 1, 50.0),
        ("WK034405", False, 1, 50.0),
        (CITY, False, 1, 50.0),
        ("BU03440999", True, 1, 90.0),
    }


def test_a_file_that_can_not_be_read_is_named_and_the_rest_goes_on(tmp_path):
    write(tmp_path, "feed", hourly("s1", "no2", "2026-07-01T10:00", [20.0]), stamp="20260701T110000Z")
    rolled(tmp_path, places(("feed", "s1", "air_sensor"), ("other", "s1", "air_sensor")))
    write(tmp_path, "other", hourly("s1", "no2", "2026-07-01T10:00", [30.0]))
    bad = tmp_path / "raw" / "feed" / "2026-07-01@20260701T120000Z.parquet"
    bad.write_bytes(b"PAR1 and no more")
    both = places(("feed", "s1", "air_sensor"), ("other", "s1", "air_sensor"))
    made = update(tmp_path, both)
    (problem,) = made.problems
    assert problem.startswith(f"{bad} can't be used: ") and "Delete it, and load feed again" in problem
    assert hours(tmp_path) == [(at("2026-07-01T10:00"), 1, 20.0), (at("2026-07-01T10:00"), 1, 30.0)]
    assert update(tmp_path, both).problems == made.problems
    bad.unlink()
    assert rolled(tmp_path, both).problems == ()
    assert hours(tmp_path) == [(at("2026-07-01T10:00"), 1, 20.0), (at("2026-07-01T10:00"), 1, 30.0)]


def test_a_file_with_a_damaged_middle_is_named_among_batches(tmp_path):
    for nr in range(3):
        path = write_day(
            tmp_path,
            "feed",
            "2026-07-01",
            [
                ("s1", "no2", at("2026-07-01T10:00") + timedelta(seconds=second), float(second % 97))
                for second in range(1, 3000)
            ],
            stamp=f"{nr}",
            batch=True,
        )
    whole = path.read_bytes()
    path.write_bytes(whole[:8] + bytes(len(whole) // 2) + whole[8 + len(whole) // 2 :])
    (problem,) = update(tmp_path, SENSOR).problems
    assert problem.startswith(f"{path} can't be used: ")


def wrong_type(table):
    return table.set_column(3, "value", table["value"].cast(pa.string()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop_columns("time"), "its column time is not there, and should be timestamp[us]"),
        (wrong_type, "its column value is string, and should be double"),
        (
            lambda table: table.set_column(2, "time", table["time"].cast(pa.timestamp("us", "UTC"))),
            "its column time is timestamp[us, tz=UTC], and should be timestamp[us]",
        ),
        (lambda table: table.replace_schema_metadata(None), ""),
        (lambda table: table.replace_schema_metadata({b"buurtbeeld": "{}"}), "'is_simulated'"),
    ],
)
def test_a_file_that_is_no_file_of_readings_is_named(tmp_path, change, said):
    path = write_day(tmp_path, "feed", "2026-07-01", [("s1", "no2", at("2026-07-01T10:30"), 20.0)])
    pq.write_table(change(pq.read_table(path)), path)
    (problem,) = update(tmp_path, SENSOR).problems
    assert problem.startswith(f"{path} can't be used: {said}")


def test_text_that_is_written_as_numbers_of_a_dictionary(tmp_path):
    path = write_day(tmp_path, "feed", "2026-07-01", [("s1", "no2", at("2026-07-01T10:30"), 20.0)])
    table = pq.read_table(path)
    pq.write_table(table.set_column(0, "sensor", table["sensor"].dictionary_encode()), path)
    rolled(tmp_path, SENSOR)
    assert hours(tmp_path) == [(at("2026-07-01T10:00"), 1, 20.0)]


def test_a_day_in_parts_is_the_same_day(tmp_path, monkeypatch):
    readings = [row for nr in range(20) for row in hourly(f"s{nr}", "no2", BEGIN, [*QUIET[:20], 5000.0, *QUIET])]
    sensors = places(*[("feed", f"s{nr}", "air_sensor") for nr in range(20)])
    for folder, part in (("whole", 10_000), ("parts", 100)):
        monkeypatch.setattr(rollup, "PART", part)
        write(tmp_path / folder, "feed", readings)
        write(tmp_path / folder, "feed", readings, stamp="b", batch=True)
        rolled(tmp_path / folder, sensors)
    tables = ("reading_hour", "reading_day", "area_hour", "area_day")
    for table in tables:
        assert rows(tmp_path / "whole", table) == rows(tmp_path / "parts", table)
    assert rejected(tmp_path / "whole") == rejected(tmp_path / "parts") != []


def test_days_by_themselves_are_the_days_made_together(tmp_path, monkeypatch):
    values = [float(nr * 7919 % 31) for nr in range(24 * 5)]
    stuck = [20.0 if nr % 24 > 6 else 20.0 + nr for nr in range(24 * 5)]
    readings = [row for id in "abcd" for row in hourly(id, "no2", BEGIN, values)] + hourly("s", "no2", BEGIN, stuck)
    sensors = places(*[("feed", id, "air_sensor") for id in "abcds"])
    for folder, size in (("together", rollup.TOGETHER), ("apart", 1)):
        monkeypatch.setattr(rollup, "TOGETHER", size)
        write(tmp_path / folder, "feed", readings)
        rolled(tmp_path / folder, sensors)
    together, apart = everything(tmp_path / "together"), everything(tmp_path / "apart")
    assert together == apart
    assert "stuck" in rows(tmp_path / "apart", "reading_hour", columns="reason")


def test_object_storage(tmp_path):
    fsspec = pytest.importorskip("fsspec")
    readings = [row for id in "abc" for row in hourly(id, "no2", BEGIN, QUIET)]
    sensors = places(*[("feed", id, "air_sensor") for id in "abc"])
    write(tmp_path, "feed", readings)
    write(tmp_path, "feed", hourly("a", "no2", BEGIN, [50.0]), stamp="b", batch=True)
    memory = fsspec.filesystem("memory")
    memory.put(f"{tmp_path}/raw", "/rollups-test/raw", recursive=True)
    catalogue = load()
    made = rollup.update("memory://rollups-test", catalogue.quantities, catalogue.sensor_kinds, sensors)
    rolled(tmp_path, sensors)
    assert made.problems == ()
    memory.get("/rollups-test", f"{tmp_path}/got", recursive=True)
    assert everything(tmp_path / "got") == everything(tmp_path) != {}
    memory.rm("/rollups-test", recursive=True)


@pytest.mark.parametrize("address", ["nothing://there", "s3//"])
def test_storage_that_is_not_there(address):
    if "://" in address:
        with pytest.raises(storage.StorageError, match="install the extra dask"):
            update(address, SENSOR)
    else:
        assert rolled(Path(address), SENSOR) == rollup.Rolled(0, 0, 0)


def test_a_scheduler_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(rollup, "PATIENCE", 0.5)
    with pytest.raises(RollupError, match=r"tcp://127\.0\.0\.1:9 doesn't answer"):
        update(tmp_path, SENSOR, scheduler="tcp://127.0.0.1:9")


def test_workers_that_are_lost_again_and_again(tmp_path, monkeypatch):
    class Killed(Exception):
        pass

    class Client:
        """Stands in for that of Dask: every task takes its worker with it."""

        def __init__(self, address, **more):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def map(self, make, tasks, **more):
            return tasks

        def gather(self, futures):
            raise Killed("3 times")

    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(KilledWorker=Killed, Client=Client))
    with pytest.raises(RollupError, match=r"The workers of tcp://there:8786 were lost \(3 times\)\. What they made is"):
        update(tmp_path, SENSOR, scheduler="tcp://there:8786")


def test_a_rollup_that_is_damaged_is_told_and_made_again_when_it_is_gone(tmp_path):
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, QUIET))
    rolled(tmp_path, SENSOR)
    (hours_file,) = (tmp_path / "rollups" / "hours" / "feed").glob("2026-07-01@*")
    hours_file.write_bytes(b"PAR1")
    moved = places(("feed", "s1", "air_sensor"), codes=[None])
    (problem,) = update(tmp_path, moved).problems
    assert "delete it, and it is made again" in problem
    assert len(rows(tmp_path, "reading_hour")) == 24
    hours_file.unlink()
    assert rolled(tmp_path, moved).partitions == 1
    assert len(rows(tmp_path, "reading_hour")) == 24


def test_dask_that_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RollupError, match="Install the extra dask"):
        update(tmp_path, SENSOR, scheduler="tcp://127.0.0.1:9")


# In plain Python, from the words of the brief and nothing else: hours, medians and shares of what is inside its range.


def quantile(values, part):
    values = sorted(values)
    place = (len(values) - 1) * part
    low, high = math.floor(place), math.ceil(place)
    return values[low] + (values[high] - values[low]) * (place - low)


reading = st.tuples(
    st.sampled_from("abcd"),
    st.integers(0, 3 * 86400),
    st.one_of(st.floats(-5, 1000), st.sampled_from([0.0, 20.0, 1000.5, -6.0])),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(reading, max_size=80))
def test_beside_plain_python(tmp_path_factory, readings):
    folder = tmp_path_factory.mktemp("plain")
    begin = datetime(2026, 3, 28)  # with the night that the clock changes
    unique = {(sensor, begin + timedelta(seconds=second)): value for sensor, second, value in readings}
    quantities = load().quantities
    bare = {"stuck": None, "jump": None, "drift": None, "per_hour": None}
    plain = quantities | {"no2": quantities["no2"].model_copy(update=bare)}
    write(folder, "feed", [(sensor, "no2", time, value) for (sensor, time), value in unique.items()])
    rolled(folder, places(*[("feed", id, "air_sensor") for id in "abcd"]), plain)

    mine = defaultdict(list)
    for (sensor, time), value in unique.items():
        hour = (time - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
        mine[sensor, hour].append((time, value))
    expected = {}
    for key, found in mine.items():
        good = [value for _, value in found if -5 <= value <= 1000]
        last = max(found)
        expected[key] = {
            "n": len(found),
            "valid": len(good),
            "valid_share": len(good) / len(found),
            "median": quantile(good, 0.5) if good else None,
            "p95": pytest.approx(quantile(good, 0.95), rel=1e-12, abs=1e-12) if good else None,
            "last_at": last[0],
            "last_value": last[1],
            "last_reason": None if -5 <= last[1] <= 1000 else "range",
            "status": "ok" if len(good) >= 0.75 * len(found) else "unreliable" if good else "not_measured",
        }
        if good:
            expected[key]["median"] = pytest.approx(expected[key]["median"], rel=1e-12, abs=1e-12)
    made = (
        {(row["sensor"], row["hour"]): row for row in rows(folder, "reading_hour")}
        if rollup.files(folder)["reading_hour"]
        else {}
    )
    assert {key: {name: row[name] for name in expected[key]} for key, row in made.items()} == expected

    areas: dict[datetime, list[float]] = defaultdict(list)
    doubtful: dict[datetime, list[float]] = defaultdict(list)
    for (_, hour), row in expected.items():
        if row["status"] != "not_measured":
            (areas if row["status"] == "ok" else doubtful)[hour].append(row["median"].expected)
    area_rows = {row["hour"]: row for row in rows(folder, "area_hour", f"code = '{BUURT}'")} if made else {}
    assert area_rows.keys() == {hour for _, hour in expected}
    for hour, row in area_rows.items():
        values = areas[hour] or doubtful[hour]
        assert row["sensors"] == len(values)
        assert row["median"] == (pytest.approx(quantile(values, 0.5), rel=1e-9, abs=1e-9) if values else None)


def test_files_that_a_stream_merges_while_they_are_read_are_looked_for_again(tmp_path, monkeypatch):
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, [5.0]), stamp="a", batch=True)
    write(tmp_path, "feed", hourly("s1", "no2", "2026-06-30T23:00", [7.0]), stamp="b", batch=True)
    real, looks = partitions.find, []

    def find(data_dir, source):
        found = real(data_dir, source)
        looks.append(source)
        if len(looks) == 1:
            for part in found.values():
                for file in part.files:
                    Path(file.path).unlink()
            write(tmp_path, "feed", hourly("s1", "no2", BEGIN, [5.0, 7.0]), stamp="c", batch=True)
        return found

    monkeypatch.setattr(partitions, "find", find)
    assert rolled(tmp_path, SENSOR).problems == ()
    assert [row["median"] for row in rows(tmp_path, "reading_hour")] == [5.0, 7.0]


def test_a_merge_while_files_are_listed_takes_no_hours_away(tmp_path, monkeypatch):
    """Between reading the names of a day and asking their sizes, all of them become one."""
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, [5.0]), stamp="a", batch=True)
    write(tmp_path, "feed", hourly("s1", "no2", "2026-06-30T23:00", [7.0]), stamp="b", batch=True)
    rolled(tmp_path, SENSOR)
    before, day = hours(tmp_path), tmp_path / "raw" / "feed" / "2026-06-30"

    def merged(number):
        if number == 1:
            write(tmp_path, "feed", hourly("s1", "no2", BEGIN, [5.0, 7.0]), stamp="c", batch=True)
            for name in ("a", "b"):
                (day / f"{name}.parquet").unlink()

    monkeypatch.setattr(storage, "os", Looks(merged, day, before=False))
    rolled(tmp_path, SENSOR)
    assert hours(tmp_path) == before != []
