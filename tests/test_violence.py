"""What can go wrong between a reading and the mart, done on purpose: nothing is lost, made up, mixed or told twice."""

import errno
import random
import resource
import signal
import time
from datetime import date, datetime, timedelta
from functools import partial

import pytest

from buurtbeeld.sensors import storage
from tests.sensed import HOUR, NOW, Measured, hours
from tests.warehouse.town import BUURTEN

DAYS = 10
FIRST = datetime(2026, 11, 12, 23)  # midnight of the 13th here
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def town(tmp_path):
    return Measured(tmp_path)


def crowd(town: Measured, days: int = DAYS, seed: int = 1) -> None:
    """Two stations, twelve sensors and twenty containers, some of them with faults, for some days."""
    chance = random.Random(seed)  # noqa: S311  no secret depends on it
    first, count = FIRST + timedelta(days=DAYS - days), days * 24
    town.places("luchtmeetnet", "air_station", {"NL1": BUURTEN[0], "NL2": BUURTEN[1]})
    rows = [row for id in ("NL1", "NL2") for row in hours(id, "NO2", first, count, chance.uniform(10, 40))]
    town.readings("luchtmeetnet", rows)
    town.places("samen_meten", "air_sensor", {f"s{nr}": BUURTEN[nr % 4] for nr in range(12)})
    rows = [row for nr in range(12) for row in hours(f"s{nr}", "pm25_kal", first, count, 8 + nr % 3)]
    town.readings("samen_meten", [row for row in rows if chance.random() < 0.97])
    town.places("waste_fill", "waste_container", {f"c{nr}": BUURTEN[nr % 3] for nr in range(20)})
    rows = [
        (f"c{nr}", "fill_pct", first + HOUR * at + timedelta(minutes=nr + 1), float((at * 7 + nr * 13) % 105))
        for nr in range(20)
        for at in range(count)
        if at % (nr + 1) == 0
    ]
    town.readings("waste_fill", rows)


def asked(town: Measured, table: str, where: str = "true", columns: str = "count(*)"):
    return town.ask(f"SELECT {columns} FROM {table} WHERE {where}")


# A kill, two at once, a full disk


@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_builds_that_are_killed_at_any_moment_end_in_the_mart_of_one_that_was_not(tmp_path, kills):
    dice = random.Random(20261128)  # noqa: S311  moments, not secrets
    whole, often = Measured(tmp_path / "whole"), Measured(tmp_path / "often")
    for town in (whole, often):
        crowd(town, days=3, seed=2)
        town.build(NOW - timedelta(days=1))
        crowd(town)  # other readings of the same days, and days before them
    begin = time.monotonic()
    clean = whole.started()
    assert (clean.communicate(timeout=110)[1], clean.returncode) == ("", 0)
    lasts = time.monotonic() - begin
    killed = 0
    made = often.settings.data_dir / "rollups"
    for _ in range(kills):
        before = set(made.rglob("*@*"))
        process = often.started()
        while process.poll() is None and set(made.rglob("*@*")) == before:
            time.sleep(0.005)  # until it makes something; what comes before that can do no harm
        time.sleep(dice.uniform(0, lasts / 4))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        assert asked(often, "reading_hour")[0][0] > 0, "the published mart can always be read"
    assert killed
    end = often.started()
    assert (end.communicate(timeout=110)[1], end.returncode) == ("", 0)
    assert often.mart() == whole.mart()
    there = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    kept = whole.settings.data_dir / "rollups"
    assert there == {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}


def test_of_two_builds_at_once_one_makes_the_mart_and_the_other_leaves(tmp_path):
    alone, both = Measured(tmp_path / "alone"), Measured(tmp_path / "both")
    for town in (alone, both):
        crowd(town, days=3)
    alone.build(NOW)
    processes = [both.started(), both.started()]
    said = [process.communicate(timeout=110)[1] for process in processes]
    ends = [process.returncode for process in processes]
    assert 0 in ends and all("Another build is working" in text for text, end in zip(said, ends, strict=True) if end)
    assert both.mart() == alone.mart()


def test_a_disk_that_is_full_is_told_and_the_old_mart_stays(tmp_path):
    town, whole = Measured(tmp_path / "full"), Measured(tmp_path / "whole")
    for each in (town, whole):
        crowd(each, days=2)
    before = town.build(NOW - timedelta(days=1))
    crowd(town)
    crowd(whole)
    whole.build(NOW)
    process = town.started(preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (4096, 4096)))
    said = process.communicate(timeout=110)[1]
    assert process.returncode == 1 and "Traceback" not in said
    assert "BuildError: The mart could not be made in" in said and "File too large" in said
    assert town.settings.mart_link.resolve() == before.path and asked(town, "reading_day")[0][0] > 0
    town.build(NOW)
    assert town.mart() == whole.mart()


def test_rollups_that_have_no_room_are_told_day_by_day_and_those_of_before_are_shown(town, monkeypatch):
    crowd(town, days=2)
    town.build(NOW - timedelta(days=1))
    before = asked(town, "reading_day", columns="*")
    crowd(town)
    write = storage.write

    def full(path, make):
        if "/samen_meten/" in path:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, make)

    monkeypatch.setattr(storage, "write", full)
    built = town.build(NOW)
    assert any("samen_meten on 2026-11-20" in told and "No space left" in told for told in built.warnings)
    sensors = [row for row in before if row[0] == "samen_meten"]
    assert sensors and set(sensors) <= set(asked(town, "reading_day", columns="*"))
    assert len(asked(town, "reading_day", "source = 'luchtmeetnet'", "DISTINCT day")) == DAYS
    monkeypatch.undo()
    assert town.build(NOW + HOUR).warnings == ()
    assert len(asked(town, "reading_day", "source = 'samen_meten'", "DISTINCT day")) == DAYS


# Files that are not right


@pytest.mark.parametrize("keeps", [0, 100, -100])
def test_a_damaged_file_is_named_and_everything_else_goes_on(town, keeps):
    crowd(town, days=4)
    [broken] = (town.settings.raw_dir / "samen_meten").glob("2026-11-21@*.parquet")
    broken.write_bytes(broken.read_bytes()[:keeps])
    built = town.build(NOW)
    [told] = [told for told in built.warnings if str(broken) in told]
    assert "can't be used" in told and "Delete it, and load samen_meten again" in told
    days = {day for (day,) in asked(town, "reading_day", "source = 'samen_meten'", "DISTINCT day")}
    assert {date(2026, 11, 20), date(2026, 11, 22)} <= days
    assert len(asked(town, "reading_day", "source = 'waste_fill'", "DISTINCT day")) == 4


def test_a_file_that_is_damaged_in_its_middle_is_named(town):
    crowd(town, days=4)
    [broken] = (town.settings.raw_dir / "samen_meten").glob("2026-11-21@*.parquet")
    content = bytearray(broken.read_bytes())
    content[4 : len(content) // 3] = bytes(len(content) // 3 - 4)
    broken.write_bytes(content)
    built = town.build(NOW)
    assert [told for told in built.warnings if str(broken) in told]
    assert len(asked(town, "reading_day", "source = 'waste_fill'", "DISTINCT day")) == 4


def test_an_empty_day_is_a_day_without_readings(town):
    crowd(town, days=4)
    town.day("samen_meten", date(2026, 11, 21), [], stamp="20261123T113000Z")
    assert town.build(NOW).warnings == ()
    there = asked(town, "reading_hour", "source = 'samen_meten'", "DISTINCT hour::DATE")
    assert (date(2026, 11, 21),) not in there and len(there) == 4
    # One hour of that day is in the file of the day before, and one hour is no day.
    assert asked(town, "figure", "indicator = 'pm25_day' AND period = '2026-11-21' AND status = 'ok'") == [(0,)]


def test_a_source_that_is_taken_away_is_nowhere_any_more(town):
    crowd(town, days=3)
    town.build(NOW)
    for path in (town.settings.raw_dir / "waste_fill").iterdir():
        path.unlink()
    assert town.build(NOW + HOUR).warnings == ()
    for table in ("sensor", "reading_hour", "reading_day", "alert"):
        assert asked(town, table, "source = 'waste_fill'") == [(0,)]
    assert asked(town, "area_day", "quantity = 'fill'") == asked(town, "figure", "indicator = 'fill_day'") == [(0,)]
    assert not list((town.settings.data_dir / "rollups").glob("*/waste_fill/*"))
    assert asked(town, "sensor", "source = 'samen_meten'") == [(12,)]


def test_a_sensor_that_stands_somewhere_else_now_counts_there(town):
    where = {"a": BUURTEN[0], "b": BUURTEN[0], "c": BUURTEN[0], "d": BUURTEN[3]}
    town.places("samen_meten", "air_sensor", where)
    values = {"a": 8, "b": 10, "c": 12, "d": 20}
    town.readings("samen_meten", [row for id in where for row in hours(id, "pm25_kal", FIRST, 240, values[id])])
    town.build(NOW)
    figure = f"indicator = 'pm25_day' AND period = '{FRIDAY}' AND level = 'buurt' AND n > 0"
    shown = "code, value, n, status"
    assert asked(town, "figure", figure, shown) == [(BUURTEN[0], 10, 3, "ok"), (BUURTEN[3], 20, 1, "unreliable")]
    town.places("samen_meten", "air_sensor", where | {"c": BUURTEN[3]}, stamp="20261122T000000Z")
    town.build(NOW + HOUR)
    both = [(BUURTEN[0], 9, 2, "unreliable"), (BUURTEN[3], 16, 2, "unreliable")]
    assert asked(town, "figure", figure, shown) == both
    assert asked(town, "area_hour", f"code = '{BUURTEN[0]}'", "max(sensors)") == [(2,)]


# Another gemeente in the same folder


def test_a_newer_copy_of_a_day_for_another_gemeente_is_not_mixed_in(town):
    town.places("samen_meten", "air_sensor", dict.fromkeys("abc", BUURTEN[0]))
    ours = [row for id in "abc" for row in hours(id, "pm25_kal", FIRST, 240, 10)]
    town.readings("samen_meten", ours)
    town.build(NOW)
    before = town.mart()
    strange = [row for id in "abcx" for row in hours(id, "pm25_kal", FIRST, 240, 30)]
    town.readings("samen_meten", strange, stamp="20261123T113000Z", gemeente="GM0001")
    town.batch("samen_meten", FRIDAY, "20261123T114000Z", strange[:20], gemeente="GM0001")
    town.batch("waste_fill", FRIDAY, "20261123T114000Z", [], gemeente="GM0001")
    assert town.build(NOW).warnings == ()
    after = town.mart()
    for table in ("sensor", "reading_hour", "reading_day", "area_hour", "area_day", "alert", "mart_figure"):
        assert after[table] == before[table], table


def test_a_source_that_has_only_another_gemeente_has_no_readings_of_ours(town):
    town.places("samen_meten", "air_sensor", dict.fromkeys("abc", BUURTEN[0]))
    rows = [row for id in "abc" for row in hours(id, "pm25_kal", FIRST, 240, 10)]
    town.readings("samen_meten", rows, gemeente="GM0001")
    assert town.build(NOW).warnings == ()
    assert asked(town, "reading_hour") == asked(town, "area_day") == [(0,)]


# Clocks


def test_a_clock_that_jumps_back_a_day_loses_nothing_and_tells_nothing_twice(town):
    crowd(town)
    town.build(NOW)
    readings = ("sensor", "reading_hour", "reading_day", "area_hour", "area_day")
    first, alerts = town.mart(), asked(town, "alert", columns="*")
    assert len(alerts) > 10 and any(row[9] is None for row in alerts)
    town.build(NOW - timedelta(days=1))
    earlier = asked(town, "alert", columns="*")
    assert {row[0] for row in earlier} <= {row[0] for row in alerts}
    assert len({row[0] for row in earlier}) == len(earlier)
    town.build(NOW)
    assert asked(town, "alert", columns="*") == alerts
    assert all(town.mart()[table] == first[table] for table in readings)


def test_what_alerts_keep_of_days_that_did_not_change_is_not_made_again(town):
    crowd(town, days=3)
    town.build(NOW)
    kept = town.settings.data_dir / "rollups" / "alert"
    before = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    town.build(NOW)
    assert len(before) > 2 and {path.name: path.stat().st_mtime_ns for path in kept.iterdir()} == before


def test_readings_of_1970_and_of_next_year_are_in_no_figure_and_open_no_alert(town):
    town.places("waste_fill", "waste_container", dict.fromkeys(("c1", "c2", "c3", "c4"), BUURTEN[0]))
    right = [row for id in ("c1", "c2", "c3", "c4") for row in hours(id, "fill_pct", FIRST, 24 * 10 + 12, 50)]
    town.readings("waste_fill", right)
    town.build(NOW)
    before = {name: asked(town, name, columns="*") for name in ("sensor", "figure", "alert", "area_day")}
    wrong = [
        row
        for begin in (datetime(1970, 1, 1), datetime(1970, 6, 1), datetime(2027, 11, 1), datetime(2026, 11, 24, 3))
        for id in ("c1", "c2", "c3", "c4")
        for row in hours(id, "fill_pct", begin, 10, 95)
    ]
    town.readings("waste_fill", wrong)
    town.build(NOW)
    assert {name: asked(town, name, columns="*") for name in before} == before
    assert asked(town, "reading_hour", f"hour > '{NOW:%Y-%m-%d %H:%M}'") == [(0,)]
    assert asked(town, "reading_day", "day < '2010-01-01' OR day > '2026-11-23'") == [(0,)]


def test_a_sensor_that_only_ever_said_something_of_next_year_said_nothing(town):
    town.places("waste_fill", "waste_container", {"c1": BUURTEN[0], "c2": BUURTEN[0]})
    town.readings(
        "waste_fill", [*hours("c1", "fill_pct", FIRST, 10, 50), *hours("c2", "fill_pct", datetime(2027, 1, 1), 9, 50)]
    )
    town.build(NOW)
    assert asked(town, "sensor", columns="id, last_at") == [("c1", FIRST + 10 * HOUR), ("c2", None)]
    assert asked(town, "alert", columns="rule, sensor, closed_at") == [("silent", "c1", None)]
