"""What was acknowledged is on disk, once, whatever is killed, merged, late, or wrong about the time."""

import errno
import json
import math
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buurtbeeld.catalogue import Source
from buurtbeeld.sensors import landing
from buurtbeeld.sensors.landing import PLACE, READING, About, Landing, LandingError
from buurtbeeld.settings import Settings
from buurtbeeld.settings import read as read_settings
from buurtbeeld.warehouse import inputs
from loaders.raw import Shelf

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SOURCE = Source(
    id="containers",
    publisher="Gemeente Voorbeeld",
    title="Containers",
    page="https://example.org",
    licence="cc0",
    attribution="Bron: Gemeente Voorbeeld",
    shape="reading",
    openness="rows",
    refreshed="hourly",
)
ABOUT = About(source=SOURCE, url="mqtt://broker.example.org:1883", gemeente="GM0344")


class Clock:
    """A clock that is put anywhere, and one that only goes on."""

    def __init__(self, now=NOON):
        self.now = now
        self.seconds = 0.0

    def __call__(self):
        return self.now

    def steady(self):
        return self.seconds

    def goes_on(self, time):
        self.now += time
        self.seconds += time.total_seconds()


def opened(folder, clock=None, about=ABOUT):
    clock = clock or Clock()
    return Landing(folder, about, clock=clock, steady=clock.steady)


def batch(*rows, stars=None):
    """A table of (sensor, quantity, time, value)."""
    columns = list(zip(*rows, strict=True))
    table = pa.table([*columns, [None] * len(rows)], schema=READING)
    return table if stars is None else table.append_column("stars", pa.array(stars, pa.int8()))


def at(hours=0.0, day=10):
    return datetime(2026, 3, day) + timedelta(hours=hours)


def files(folder):
    return sorted(path for path in (folder / SOURCE.id).glob("????-??-??/*") if not path.name.startswith("."))


def read(folder):
    """What a reader makes of the folder: (sensor, quantity, time) → value, later files in the place of earlier ones."""
    found = {}
    for path in files(folder):
        for row in pq.ParquetFile(path).read().to_pylist():
            day = (row["time"] - timedelta(microseconds=1)).date().isoformat()
            assert day == path.parent.name
            found[row["sensor"], row["quantity"], row["time"]] = row["value"]
    return found


def said(path):
    return json.loads(pq.read_schema(path).metadata[b"buurtbeeld"])


def test_of_the_same_reading_the_last_counts_and_a_file_is_in_order(tmp_path):
    with opened(tmp_path) as shelf:
        landed = shelf.land(batch(("b", "fill", at(3), 1), ("a", "fill", at(2), 2), ("b", "fill", at(3), 3)))
        shelf.land(batch(("a", "fill", at(2), 4)))
    assert landed.rows == 2
    first, _ = files(tmp_path)
    rows = pq.ParquetFile(first).read().to_pylist()
    assert [(row["sensor"], row["value"]) for row in rows] == [("a", 2), ("b", 3)]
    assert read(tmp_path) == {("a", "fill", at(2)): 4, ("b", "fill", at(3)): 3}


def test_midnight_is_of_the_day_before(tmp_path):
    with opened(tmp_path) as shelf:
        shelf.land(batch(("a", "fill", at(0), 1), ("a", "fill", at(0) + timedelta(microseconds=1), 2)))
    assert [path.parent.name for path in files(tmp_path)] == ["2026-03-09", "2026-03-10"]


def test_a_file_says_whose_it_is(tmp_path):
    with opened(tmp_path, about=About(source=SOURCE, url="x", gemeente="GM0344", is_simulated=True)) as shelf:
        shelf.land(batch(("a", "fill", at(2), 4)))
    [path] = files(tmp_path)
    told = said(path)
    assert Source.from_dict(told["source"]) == SOURCE
    assert (told["edition"], told["rows"], told["gemeente"], told["is_simulated"]) == ("2026-03-10", 1, "GM0344", True)
    assert told["retrieved_at"] == "2026-03-10T12:00:00Z" and len(told["sha256"]) == 64
    assert pq.read_schema(path).remove_metadata() == READING


def test_a_file_says_of_which_kind_its_sensors_are_also_when_it_is_merged(tmp_path):
    with opened(tmp_path, about=replace(ABOUT, kind="waste_container")) as shelf:
        shelf.land(batch(("a", "fill", at(2), 4)))
        assert [said(path)["kind"] for path in files(tmp_path)] == ["waste_container"]
        shelf.land(batch(("a", "fill", at(3), 4)))
        assert shelf.compact() == 1
    [path] = files(tmp_path)
    assert (said(path)["kind"], said(path)["rows"]) == ("waste_container", 2)


def test_what_cannot_be_of_a_day_is_kept_apart_with_the_reason(tmp_path):
    rows = [
        ("future", "fill", at(13.1), 1.0),
        ("fast", "fill", at(13), 1.0),
        ("reset", "fill", datetime(1970, 1, 1, 0, 7), 1.0),
        ("card", "fill", at() - timedelta(days=399), 1.0),
        ("nan", "fill", at(), math.nan),
        ("infinite", "fill", at(), math.inf),
        ("empty", "fill", at(), None),
        ("timeless", "fill", None, 1.0),
        ("", "fill", at(), 1.0),
        ("nothing", None, at(), 1.0),
    ]
    with opened(tmp_path) as shelf:
        landed = shelf.land(batch(*rows))
    assert landed.rows == 2
    assert landed.untimely == {"future": 1, "old": 1, "no_number": 3, "no_time": 1, "no_name": 2}
    assert {key[0] for key in read(tmp_path)} == {"fast", "card"}
    [apart] = (tmp_path / SOURCE.id / "untimely").glob("*/*.parquet")
    assert apart.parent.name == "2026-03-10"
    kept = pq.ParquetFile(apart).read().to_pylist()
    assert {row["sensor"]: row["reason"] for row in kept}["reset"] == "old"
    assert len(kept) == 8


@pytest.mark.parametrize("jump", [timedelta(days=-20_000), timedelta(days=30_000)])
def test_a_clock_that_jumps_loses_nothing_and_keeps_the_order(tmp_path, jump):
    clock = Clock()
    with opened(tmp_path, clock) as shelf:
        shelf.land(batch(("a", "fill", at(11), 1)))
        clock.now += jump
        assert not shelf.land(batch(("a", "fill", at(11), 2), ("b", "fill", at(12), 2))).untimely
        clock.now -= jump
        shelf.land(batch(("a", "fill", at(11), 3)))
    assert read(tmp_path) == {("a", "fill", at(11)): 3, ("b", "fill", at(12)): 2}


def test_a_clock_set_back_before_a_restart_does_not_make_new_batches_look_old(tmp_path):
    clock = Clock()
    with opened(tmp_path, clock) as shelf:
        shelf.land(batch(("a", "fill", at(11), 1)))
    clock.now -= timedelta(days=200)
    with opened(tmp_path, clock) as shelf:
        assert not shelf.land(batch(("a", "fill", at(11), 2))).untimely
    assert read(tmp_path) == {("a", "fill", at(11)): 2}


def test_only_one_process_writes_a_source(tmp_path):
    with opened(tmp_path), pytest.raises(LandingError, match="Another process writes readings"):
        opened(tmp_path)
    opened(tmp_path).close()


def test_a_full_disk_keeps_what_was_there_and_acknowledges_nothing(tmp_path, monkeypatch):
    with opened(tmp_path) as shelf:
        shelf.land(batch(("a", "fill", at(1), 1)))
        before = read(tmp_path)

        def full(handle):
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(LandingError, match=r"No space left on device.*not acknowledged\. Make room\."):
                shelf.land(batch(("a", "fill", at(1), 2), ("a", "fill", at(-2), 2)))
        assert read(tmp_path) == before and not list(tmp_path.rglob("*.tmp"))
        shelf.land(batch(("a", "fill", at(1), 2)))
    assert read(tmp_path) == {("a", "fill", at(1)): 2}


def test_a_day_that_is_over_and_quiet_becomes_one_file(tmp_path):
    clock = Clock()
    with opened(tmp_path, clock) as shelf:
        for minute in range(40):
            shelf.land(batch(*((f"s{each}", "fill", at(11 + minute / 60), each) for each in range(1 + minute % 3))))
            clock.goes_on(timedelta(seconds=10))
        shelf.compact()
        shelf.land(batch(("late", "fill", at(11), 1)))
        expected = read(tmp_path)
        clock.goes_on(timedelta(hours=12, minutes=50))
        shelf.compact()
        assert len(files(tmp_path)) > 1  # it may have readings that are on their way
        clock.goes_on(timedelta(minutes=30))
        shelf.compact()
    [path] = files(tmp_path)
    assert read(tmp_path) == expected
    told = said(path)
    assert told["rows"] == len(expected) and told["edition"] == "2026-03-10"


def test_what_merging_costs_grows_with_its_doublings_only(tmp_path, monkeypatch):
    written = []
    write = pq.ParquetWriter.write_table

    def counted(self, table, **more):
        written.append(table.num_rows)
        write(self, table, **more)

    monkeypatch.setattr(pq.ParquetWriter, "write_table", counted)
    clock = Clock()
    with opened(tmp_path, clock) as shelf:
        for second in range(256):
            shelf.land(batch(("a", "fill", at(11) + timedelta(seconds=second), second)))
            clock.goes_on(timedelta(seconds=1))
            shelf.compact()
    assert len(read(tmp_path)) == 256 and len(files(tmp_path)) <= 9
    assert sum(written) <= 256 * (1 + math.log2(256))


def test_a_large_merge_holds_a_part_in_memory_only(tmp_path, monkeypatch):
    monkeypatch.setattr(landing, "CHUNK", 100)
    monkeypatch.setattr(landing, "GROUP", 25)
    held = []
    original = landing.newest

    def watched(table):
        held.append(table.num_rows)
        return original(table)

    monkeypatch.setattr(landing, "newest", watched)
    clock = Clock()
    with opened(tmp_path, clock) as shelf:
        for round_ in range(6):
            sensors = (f"s{each:03}" for each in range(round_, 300, 2))
            shelf.land(batch(*((sensor, "fill", at(11), round_) for sensor in sensors)))
        expected = read(tmp_path)
        clock.goes_on(timedelta(days=2))
        held.clear()
        shelf.compact()
    assert len(files(tmp_path)) == 1 and read(tmp_path) == expected
    assert max(held) < 300
    column = pq.ParquetFile(files(tmp_path)[0]).read()["sensor"].to_pylist()
    assert column == sorted(column)


def test_of_many_small_files_not_all_are_merged_at_once():
    names = [Path(str(each)) for each in range(40)]
    assert len(landing.run(names, [5] * 40, whole=True)) == landing.AT_ONCE
    assert not landing.run(names[:1], [5], whole=True)
    assert not landing.run(names[:3], [40, 20, 10], whole=False)
    assert landing.run(names[:3], [40, 10, 10], whole=False) == names[1:3]


def test_stars_and_untimely_readings_survive_a_merge(tmp_path):
    clock = Clock()
    with opened(tmp_path, clock) as shelf:
        shelf.land(batch(("a", "no2", at(1), 1.0), ("a", "no2", None, 1.0)))
        shelf.land(batch(("b", "no2", at(1), 1.0), ("b", "no2", None, 2.0), stars=[3, 4]))
        clock.goes_on(timedelta(days=2))
        shelf.compact()
    [path] = files(tmp_path)
    assert pq.ParquetFile(path).read()["stars"].to_pylist() == [None, 3]
    [apart] = (tmp_path / SOURCE.id / "untimely").glob("*/*.parquet")
    assert pq.ParquetFile(apart).read()["sensor"].to_pylist() == ["a", "b"]


def test_a_damaged_file_is_named_and_nothing_is_removed(tmp_path):
    with opened(tmp_path) as shelf:
        shelf.land(batch(("a", "fill", at(1), 1)))
        shelf.land(batch(("a", "fill", at(2), 1)))
    files(tmp_path)[0].write_bytes(b"PAR1")
    with opened(tmp_path) as shelf, pytest.raises(LandingError, match=r"2026-03-10.*can't be read"):
        shelf.compact()
    assert len(files(tmp_path)) == 2


def test_a_damaged_file_does_not_keep_the_other_days_from_being_merged(tmp_path):
    with opened(tmp_path) as shelf:
        for hour in (1, 2):
            shelf.land(batch(*(("a", "fill", at(hour, day), 1) for day in (6, 7, 8, 9))))
    days = {day: sorted((tmp_path / SOURCE.id / f"2026-03-{day:02}").iterdir()) for day in (6, 7, 8, 9)}
    days[6][0].write_bytes(b"PAR1")
    days[8][1].write_bytes(b"PAR1")
    with opened(tmp_path) as shelf, pytest.raises(LandingError) as raised:
        shelf.compact()
    first, second = str(raised.value).splitlines()
    assert str(days[6][0]) in first and str(days[8][1]) in second
    left = {day: len(landing.files_of(tmp_path / SOURCE.id / f"2026-03-{day:02}")) for day in days}
    assert left == {6: 2, 7: 1, 8: 2, 9: 1}


def test_places_are_written_when_they_change_and_the_warehouse_reads_them(tmp_path):
    place = {"id": "a", "kind": "waste_container", "name": "A", "lon": 5.1, "lat": 52.1}
    raw, clock = tmp_path / "raw", Clock()
    with opened(raw, clock) as shelf:
        assert shelf.keep_places(pa.Table.from_pylist([place], schema=PLACE))
        clock.goes_on(timedelta(hours=1))
        assert not shelf.keep_places(pa.Table.from_pylist([place], schema=PLACE))
        assert shelf.keep_places(pa.Table.from_pylist([place | {"lat": 52.2}], schema=PLACE))
        shelf.land(batch(("a", "fill", at(1), 1), ("a", "fill", None, 1)))
    found = {item.source.shape: item for item in inputs.find(environment(tmp_path)) if not item.is_sample}
    assert {shape: (item.edition, item.rows) for shape, item in found.items()} == {
        "point": ("places", 1),
        "reading": ("2026-03-10", 1),
    }
    assert found["point"].table()["lat"].to_pylist() == [52.2]


def placed(lat, *ids, name="A"):
    rows = [{"id": id, "kind": "waste_container", "name": name, "lon": 5.1, "lat": lat} for id in ids]
    return pa.Table.from_pylist(rows, schema=PLACE)


def copies(folder):
    return sorted(path.name for path in (folder / SOURCE.id).glob("places@*"))


def test_a_receiver_that_stands_still_is_not_written_again(tmp_path):
    clock = Clock()
    with opened(tmp_path, clock) as shelf:
        for turn in range(20):
            assert shelf.keep_places(placed(52.1 + turn % 3 * 1e-5, "a")) == (turn == 0)
            clock.goes_on(timedelta(hours=2))
        assert shelf.keep_places(placed(52.101, "a"))
    assert copies(tmp_path) == ["places@20260310T120000Z.parquet", "places@20260312T040000Z.parquet"]


def test_a_move_is_written_once_an_hour_and_not_forgotten(tmp_path):
    clock = Clock()
    with opened(tmp_path, clock) as shelf:
        written = []
        for minute in range(180):
            written += [minute] if shelf.keep_places(placed(52.1 + minute * 0.001, "a")) else []
            assert shelf.places_wait == (minute not in (0, 60, 120))
            clock.goes_on(timedelta(minutes=1))
        assert written == [0, 60, 120]
        assert shelf.places()["lat"].to_pylist() == [52.1 + 120 * 0.001]
    assert copies(tmp_path) == ["places@20260310T130000Z.parquet", "places@20260310T140000Z.parquet"]


def test_a_new_sensor_is_written_at_once_and_no_name_is_of_a_time_to_come(tmp_path):
    clock = Clock()
    with opened(tmp_path, clock) as shelf:
        for number in range(1, 6):
            assert shelf.keep_places(placed(52.1, *"abcde"[:number]))
            clock.goes_on(timedelta(milliseconds=300))
        assert copies(tmp_path) == ["places@20260310T120000Z.parquet", "places@20260310T120001Z.parquet"]
        clock.now -= timedelta(days=3)
        assert shelf.keep_places(placed(52.1, *"abcdef"))
        assert shelf.places()["id"].to_pylist() == list("abcdef")
    assert copies(tmp_path) == ["places@20260310T120000Z.parquet", "places@20260310T120001Z.parquet"]


def test_what_somebody_mended_counts_after_a_start_however_little(tmp_path):
    clock = Clock()
    for name, lat in (("A", 52.1), ("A", 52.10001), ("B", 52.10001)):
        with opened(tmp_path, clock) as shelf:
            assert shelf.keep_places(placed(lat, "a", name=name))
            clock.goes_on(timedelta(minutes=1))
    assert shelf.places().to_pylist() == placed(52.10001, "a", name="B").to_pylist()


def test_the_shelf_of_a_loader_leaves_them_alone(tmp_path):
    with opened(tmp_path) as shelf:
        shelf.land(batch(("a", "fill", at(1), 1)))
    before = files(tmp_path)
    loader = Shelf(tmp_path, SOURCE, "GM0344", NOON)
    loader.tidy()
    assert files(tmp_path) == before and not loader.copies()


def environment(folder) -> Settings:
    return read_settings({"DATA_DIR": str(folder)})


ELSEWHERE = replace(ABOUT, gemeente="GM0307")


def labelled(folder):
    """Whose each file of readings says to be, in the order in which they count, and the sensors in it."""
    return [(said(path)["gemeente"], pq.ParquetFile(path).read()["sensor"].to_pylist()) for path in files(folder)]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=2)], ids=["today", "a day that is over"])
def test_a_merge_leaves_the_readings_of_another_gemeente_theirs(tmp_path, later):
    clock = Clock()
    turns = (("GM0307", ELSEWHERE), ("GM0344", ABOUT), ("GM0307", ELSEWHERE), ("GM0344", ABOUT))
    for turn, (_, about) in enumerate(turns):
        with opened(tmp_path, clock, about) as shelf:
            for name in "ab":
                shelf.land(batch((f"{name}{turn}", "fill", at(11), turn), (name, None, at(11), turn)))
                clock.goes_on(timedelta(seconds=1))
            shelf.land(batch(("same", "fill", at(11), turn), ("other", "fill", at(11), turn)))
            clock.goes_on(later)
            shelf.compact()
            assert not shelf._unsettled  # nothing is looked at again and again
    expected = [
        (gemeente, sorted([f"a{turn}", f"b{turn}", "same", "other"])) for turn, (gemeente, _) in enumerate(turns)
    ]
    assert labelled(tmp_path) == expected
    assert {key[0]: value for key, value in read(tmp_path).items()}["same"] == 3  # the last that came
    apart = sorted((tmp_path / SOURCE.id / "untimely").glob("*/*.parquet"))
    told = [(said(path)["gemeente"], said(path)["rows"]) for path in apart]
    assert told == [(gemeente, 2) for gemeente, _ in turns]


def test_a_merge_makes_nothing_real_of_what_was_made_up(tmp_path):
    for about in (replace(ABOUT, is_simulated=True), ABOUT):
        with opened(tmp_path, about=about) as shelf:
            shelf.land(batch(("a", "fill", at(1), 1)))
            shelf.compact()
    assert sorted(said(path)["is_simulated"] for path in files(tmp_path)) == [False, True]


def test_the_places_of_another_gemeente_are_neither_read_nor_removed(tmp_path):
    clock = Clock()
    for turn in range(4):
        for about, name in ((ELSEWHERE, "there"), (ABOUT, "here")):
            with opened(tmp_path, clock, about) as shelf:
                assert shelf.places()["id"].to_pylist() == ([name] if turn else [])
                assert shelf.keep_places(placed(52.1 + turn, name))
                assert not shelf.keep_places(placed(52.1 + turn, name))
                clock.goes_on(timedelta(milliseconds=100))  # in the same second
        clock.goes_on(timedelta(hours=2))
    kept = {path: said(tmp_path / SOURCE.id / path)["gemeente"] for path in copies(tmp_path)}
    assert sorted(kept.values()) == ["GM0307", "GM0307", "GM0344", "GM0344"]


class Killed(BaseException):
    """As kill -9: nobody cleans up after it."""


class Disk:
    """The functions of `os` that change a disk, until one of them is the last."""

    def __init__(self, steps):
        self.left = steps

    def __getattr__(self, name):
        function = getattr(os, name)
        if name not in ("replace", "fsync", "unlink", "makedirs"):
            return function

        def step(*given, **more):
            self.left -= 1
            if self.left < 0:
                raise Killed
            return function(*given, **more)

        return step


reading = st.tuples(
    st.sampled_from(["a", "b", "ç"]),
    st.sampled_from(["fill", "no2"]),
    st.sampled_from([at(hours, day) for day in (9, 10) for hours in (0, 0.5, 1)]),
    st.integers(0, 9).map(float),
)
act = st.one_of(st.lists(reading, min_size=1, max_size=6), st.sampled_from(["compact", "a day", "back"]))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(act, st.none() | st.integers(0, 12)), max_size=14))
def test_any_order_of_batches_merges_clocks_and_kills_reads_as_a_dict(tmp_path_factory, acts):
    folder = tmp_path_factory.mktemp("raw")
    clock = Clock()
    perform(folder, clock, [("a", "fill", at(11), 0.0)])  # without any, a server whose clock is wrong can't know it
    model = {("a", "fill", at(11)): 0.0}
    with pytest.MonkeyPatch.context() as patched:
        for each, steps in acts:
            for disk in [os] if steps is None else [Disk(steps), os]:  # after a kill the same again, as a broker does
                patched.setattr(landing, "os", disk)
                try:
                    perform(folder, clock, each)
                    break
                except Killed:
                    patched.setattr(landing, "os", os)
                    # Nothing that was acknowledged is gone; of what was not, each reading is there or isn't.
                    rows = {row[:3]: row[3] for row in each} if isinstance(each, list) else {}
                    assert {key: value for key, value in read(folder).items() if key not in rows} == {
                        key: value for key, value in model.items() if key not in rows
                    }
                    assert model.keys() <= read(folder).keys() <= model.keys() | rows.keys()
            if isinstance(each, list):
                model |= {row[:3]: row[3] for row in each}
            assert read(folder) == model


def perform(folder, clock, each):
    if each == "a day":
        clock.goes_on(timedelta(days=1))
    elif each == "back":
        clock.now -= timedelta(hours=30)
    shelf = opened(folder, clock)
    try:
        if isinstance(each, list):
            shelf.land(batch(*each))
        elif each == "compact":
            shelf.compact()
    finally:
        shelf.close()  # the lock goes with the process
