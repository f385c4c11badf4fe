"""What opens and closes an alert, once, and that it makes no difference in how many turns it was found."""

import tempfile
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld.catalogue import load
from buurtbeeld.sensors import alerts
from buurtbeeld.sensors.alerts import State, settle, step, update
from buurtbeeld.settings import PROJECT
from tests.sensors.rolled import HOUR, at, fill, hour, sensor, sensors, write

SIGNALS = load().signals
CONTAINER, NO2, SILENT = SIGNALS["container_full"], SIGNALS["no2_hour"], SIGNALS["silent"]
STATION = sensors(sensor())
BEGIN = at(2)
BIN = sensors(sensor("C1", "waste_fill", "waste_container"))


@pytest.fixture
def found(tmp_path):
    """The alerts of hours at a moment, as (opened, closed), or whole."""

    def asked(rows, now, known=STATION, rules=(NO2,), whole=False):
        table = update(tmp_path, rules, write(tmp_path / "rollups" / "reading_hour", rows), known, now)
        listed = table.to_pylist()
        return listed if whole else [(row["opened_at"], row["closed_at"]) for row in listed]

    return asked


def no2(*values, begin=BEGIN):
    """Hours one after another; a text is a status without a value."""
    return [
        hour(begin + n * HOUR, 300.0 if value == "unreliable" else None, status=value)
        if isinstance(value, str)
        else hour(begin + n * HOUR, float(value))
        for n, value in enumerate(values)
    ]


# --- a value


def test_the_table_has_the_columns_of_the_mart(found, tmp_path):
    table = update(tmp_path, [NO2], [], STATION, at(3))
    sql = (PROJECT / "buurtbeeld" / "warehouse" / "sql" / "sensor.sql").read_text(encoding="utf-8")
    columns = sql.partition("CREATE TABLE alert (")[2].partition(");")[0].strip().splitlines()
    assert table.column_names == [line.split()[0] for line in columns]
    assert table.num_rows == 0


def test_an_hour_above_the_limit_opens_and_two_below_close(found):
    rows = no2(50, 201, 230, 190, 170, 185, 179, 100)
    [alert] = found(rows, at(3), whole=True)
    assert alert == {
        "id": alerts.alert_id("no2_hour", "luchtmeetnet", "S1", at(2, 1)),
        "rule": "no2_hour",
        "source": "luchtmeetnet",
        "sensor": "S1",
        "code": "BU03440111",
        "quantity": "no2",
        "threshold": 200.0,
        "value": 201.0,
        "opened_at": at(2, 1),
        "closed_at": at(2, 6),
        "is_sample": False,
        "is_simulated": False,
    }


def test_the_limit_itself_is_not_above_it(found):
    assert found(no2(200, 200), at(3)) == []


def test_an_alert_stays_open_between_the_two_levels(found):
    assert found(no2(250, 199, 181, 180, 199), at(3)) == [(at(2), None)]


def test_below_is_the_other_way_round():
    rule = NO2.model_copy(update={"when": "below", "threshold": 10.0, "closes": 20.0, "closes_after": 1})
    state, told = State(), []
    for n, value in enumerate((15, 9, 15, 20, 21, 15, 10, 9)):
        state, turns = step(rule, state, at(2, n), value, events=False)
        told += [(turn.opened_at.hour, turn.closed_at and turn.closed_at.hour) for turn in turns]
    assert told == [(1, None), (1, 4), (7, None)]


@pytest.mark.parametrize("status", ["unreliable", "not_measured"])
def test_hours_that_are_not_ok_neither_open_nor_close(found, status):
    assert found(no2(50, status, status, 60), at(3)) == []
    assert found(no2(250, status, status, 170, status, 190), at(3)) == [(at(2), None)]


def test_a_hole_does_not_count_as_hours_above(found):
    rule = NO2.model_copy(update={"opens_after": 3})
    assert found(no2(250, "not_measured", 250), at(3), rules=[rule]) == []
    assert found(no2(250, "not_measured", 250, 250), at(3), rules=[rule]) == [(at(2), None)]
    assert found(no2(250, 250, *["not_measured"] * 4, 250), at(3), rules=[rule]) == []


def test_an_hour_that_has_not_passed_says_nothing(found):
    rows = no2(250)
    assert found(rows, at(2, 0, 59)) == []
    assert found(rows, at(2, 1)) == [(at(2), None)]


def test_only_kinds_and_quantities_of_the_rule_count(found):
    rows = [*no2(250), hour(at(2), 250.0, "pm25")]
    assert found(rows, at(3), sensors(sensor(kind="air_sensor"))) == []
    assert found(rows, at(3), sensors(sensor("S2"))) == []


def test_a_rule_that_is_off_opens_nothing(found):
    assert found(no2(250), at(3), rules=[NO2.model_copy(update={"on": False})]) == []


def test_a_value_that_is_no_number_says_nothing(found):
    assert found(no2(float("nan"), float("inf")), at(3)) == []


# --- what is sent as it happens


def test_a_container_is_full_from_its_message_on_until_it_is_emptied(found):
    rows = [fill(at(2, 3), 79.0), fill(at(2, 8), 85.0, 20), fill(at(3, 6), 92.0, 5), fill(at(3, 9), 4.0, 40)]
    [alert] = found(rows, at(4), BIN, [CONTAINER], whole=True)
    assert (alert["opened_at"], alert["closed_at"]) == (at(2, 8, 20), at(3, 9, 40))
    assert (alert["value"], alert["threshold"], alert["quantity"]) == (85.0, 80.0, "fill")


def test_it_is_told_after_two_hours_without_another_message(found):
    rows = [fill(at(2, 8), 85.0, 20)]
    assert found(rows, at(2, 10, 20), BIN, [CONTAINER]) == []
    assert found(rows, at(2, 11), BIN, [CONTAINER]) == [(at(2, 8, 20), None)]


def test_a_lid_that_stood_open_is_no_news(found):
    rows = [fill(at(2, 8), 100.0, 20), fill(at(2, 9), 30.0, 20), fill(at(2, 12), 31.0, 20)]
    assert found(rows, at(3), BIN, [CONTAINER]) == []


def test_a_newest_message_that_is_not_believed_leaves_the_median(found):
    rows = [fill(at(2, 8), 85.0, 20) | {"last_value": 400.0, "last_reason": "range"}]
    [alert] = found(rows, at(3), BIN, [CONTAINER], whole=True)
    assert (alert["value"], alert["opened_at"]) == (85.0, at(2, 8))


# --- silence


def test_a_day_without_a_message_opens_and_the_next_message_closes(found):
    rows = [hour(at(2, 5), 20.0), hour(at(4, 9), 20.0, after=59), hour(at(4, 10), 20.0, after=5)]
    [alert] = found(rows, at(4, 12), rules=[SILENT], whole=True)
    assert (alert["opened_at"], alert["closed_at"]) == (at(3, 6), at(4, 9, 59))
    assert (alert["quantity"], alert["threshold"], alert["value"]) == (None, 24.0, None)


def test_the_first_message_of_an_hour_ends_a_silence_and_not_the_newest(found):
    """So what was told of an hour that goes on stays true when more comes."""
    rows, first = [hour(at(2, 5), 20.0)], at(4, 9, 2)
    for newest in (first, at(4, 9, 30), at(4, 9, 58)):
        known = sensors(sensor(last_at=newest, first_at=first))
        assert found(rows, newest, known, [SILENT]) == [(at(3, 6), first)]
    later = {**hour(at(4, 9), 20.0), "first_at": first, "last_at": at(4, 9, 58)}
    assert found([*rows, later], at(4, 12), rules=[SILENT]) == [(at(3, 6), first)]


def test_a_sensor_that_is_silent_now_is_told_from_the_clock(found):
    rows = [hour(at(2, 5), 20.0)]
    assert found(rows, at(3, 5, 59), rules=[SILENT]) == []
    assert found(rows, at(3, 6), rules=[SILENT]) == [(at(3, 6), None)]


def test_what_this_hour_may_still_bring_is_waited_for(found):
    """Else a message later in the hour would undo what was told."""
    rows = [hour(at(2, 5), 20.0, after=20)]
    assert found(rows, at(3, 5, 40), rules=[SILENT]) == []
    assert found([*rows, hour(at(3, 5), 20.0, after=50)], at(3, 6), rules=[SILENT]) == []
    assert found(rows, at(3, 6), rules=[SILENT]) == [(at(3, 5, 20), None)]


def test_a_message_of_this_hour_ends_a_silence(found):
    known = sensors(sensor(last_at=at(4, 9, 10)))
    rows = [hour(at(2, 5), 20.0)]
    now = found(rows, at(4, 9, 20), known, [SILENT])
    assert now == [(at(3, 6), at(4, 9, 10))]
    assert found([*rows, hour(at(4, 9), 20.0, after=10)], at(4, 12), known, [SILENT]) == now


def test_a_kind_that_is_silent_later_is_told_later(found):
    rule = SILENT.model_copy(update={"silent": 1})
    assert found([hour(at(2, 5), 20.0)], at(2, 9), rules=[rule]) == []
    assert found([hour(at(2, 5), 20.0)], at(2, 10), rules=[rule]) == [(at(2, 10), None)]


def test_a_sensor_that_never_said_anything_is_not_silent(found):
    assert found([], at(9), rules=[SILENT]) == []


def test_a_message_that_is_not_believed_is_a_message(found):
    rows = [hour(at(2, n), 20.0, status="unreliable", reason="stuck") for n in range(24)]
    assert found(rows, at(3, 12), rules=[SILENT]) == []


def test_silence_of_a_simulated_source_wears_it(found):
    known = sensors(sensor("X", "simulated_air_station", is_simulated=True, last_at=at(2, 5)))
    [alert] = found([], at(9), known, [SILENT], whole=True)
    assert alert["is_simulated"] is True


# --- clocks


@pytest.mark.parametrize(
    "when", [datetime(1970, 1, 1), datetime(1980, 1, 6, 3), datetime(2000, 1, 1), datetime(2031, 5, 5), at(2, 12)]
)
def test_readings_of_a_wrong_clock_open_nothing(found, when):
    known = sensors(sensor(last_at=when))
    assert found([hour(when, 300.0)], at(2, 12), known, [NO2, SILENT]) == []


@pytest.mark.parametrize(("first", "hours"), [(datetime(2026, 3, 28, 23), 23), (datetime(2026, 10, 24, 22), 25)])
def test_a_night_with_another_clock_has_its_hours_once(found, first, hours):
    """All hours of the local day are above; the last one before and the first after it are not."""
    before, after = first - HOUR, first + hours * HOUR
    rows = [hour(before, 20.0), *(hour(first + n * HOUR, 250.0) for n in range(hours)), *no2(20, 20, begin=after)]
    rule = NO2.model_copy(update={"opens_after": hours})
    assert found(rows, after + 9 * HOUR, rules=[rule]) == [(first, after)]
    assert found(rows, after + 9 * HOUR, rules=[rule.model_copy(update={"opens_after": hours + 1})]) == []


def test_a_clock_that_was_set_back_gives_what_was_known_then_and_forward_again_the_same(found):
    rows = no2(*[20] * 30, 250, 250, *[20] * 5)
    later = found(rows, at(5))
    assert found(rows, at(2, 12)) == []
    assert found(rows, at(5)) == later == [(at(3, 6), at(3, 8))]


# --- in turns


def test_only_days_from_the_first_changed_one_on_are_stepped_again(found, tmp_path, monkeypatch):
    rows = no2(*[20] * 96)
    found(rows, at(9))
    stepped: list[str] = []
    day = alerts._Past.day

    def watched(past, con, file, standing):
        stepped.append(file.stem)
        day(past, con, file, standing)

    monkeypatch.setattr(alerts._Past, "day", watched)
    found(rows, at(9, 1))
    assert stepped == []
    found([*rows[:30], hour(at(3, 6), 250.0), *rows[31:]], at(9, 1))
    assert stepped == ["2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"]


def test_late_data_undoes_an_alert(found):
    assert found([hour(at(2, 5), 20.0)], at(4), rules=[SILENT]) == [(at(3, 6), None)]
    assert found([hour(at(2, 5) + n * HOUR, 20.0) for n in range(40)], at(4), rules=[SILENT]) == []


def test_a_day_that_is_gone_leaves_nothing(found, tmp_path):
    found(no2(*[20] * 40, 250), at(9))
    assert found(no2(*[20] * 10), at(9)) == []
    assert [file.name for file in (tmp_path / "rollups" / "alert").iterdir()] == ["2026-11-02.parquet"]


def test_a_sensor_that_got_its_kind_later_had_it_all_along(found):
    rows = no2(20, 250, *[20] * 60)
    assert found(rows, at(9), sensors(sensor("other"))) == []
    assert found(rows, at(9)) == [(at(2, 1), at(2, 2))]


def test_a_sensor_that_is_no_longer_known_has_no_alerts(found):
    rows = [*no2(20, 250, *[20] * 60), hour(at(2, 3), 250.0, sensor="made") | {"n": 0, "last_at": None}]
    assert len(found(rows, at(9), sensors(sensor(), sensor("made")))) == 2
    assert found(rows, at(9), sensors(sensor("made"))) == [(at(2, 3), None)]
    assert found(rows, at(9), sensors(sensor())) == [(at(2, 1), at(2, 2))]


def test_another_threshold_counts_for_the_past_too(found):
    rows = no2(20, 150, 150, *[20] * 60)
    assert found(rows, at(9)) == []
    rule = NO2.model_copy(update={"threshold": 100.0, "closes": 90.0})
    assert found(rows, at(9), rules=[rule]) == [(at(2, 1), at(2, 3))]


def test_other_words_step_nothing_again(found, monkeypatch):
    rows = no2(*[20] * 60)
    found(rows, at(9))
    monkeypatch.setattr(alerts._Past, "day", None)
    found(rows, at(9), rules=[NO2.model_copy(update={"title": SILENT.title})])


def test_a_name_with_a_sign_tells_whether_a_day_changed(tmp_path, monkeypatch):
    [file] = write(tmp_path, no2(20, 250, 20, 20))
    signed = file.rename(file.with_stem(f"{file.stem}@1f3a"))
    found = update(tmp_path, [NO2], [signed], STATION, at(9))
    assert found["opened_at"].to_pylist() == [at(2, 1)]
    signed.touch()
    monkeypatch.setattr(alerts._Past, "day", None)
    assert update(tmp_path, [NO2], [signed], STATION, at(9)).equals(found)
    with pytest.raises(TypeError):
        update(tmp_path, [NO2], [signed.rename(signed.with_stem(f"{file.stem}@2b2b"))], STATION, at(9))


def test_a_damaged_file_is_made_again(found, tmp_path):
    rows = no2(*[20] * 40, 250, *[20] * 20)
    first = found(rows, at(9))
    (tmp_path / "rollups" / "alert" / "2026-11-03.parquet").write_bytes(b"PAR1")
    (tmp_path / "rollups" / "alert" / ".2026-11-03.parquet.tmp").write_bytes(b"half")
    assert found(rows, at(9)) == first == [(at(3, 16), at(3, 17))]
    assert pq.read_table(tmp_path / "rollups" / "alert" / "2026-11-03.parquet").num_rows > 0


VALUES = st.lists(st.sampled_from([10.0, 75.0, 79.0, 85.0, 190.0, 250.0, None, "unreliable"]), min_size=1, max_size=110)


def history(values, quantity, **about):
    """Hours one after another; of a container, messages at another minute each."""
    rows = []
    for n, value in enumerate(values):
        if value is not None:
            ok = value != "unreliable"
            more = {"status": "ok" if ok else "unreliable", "after": 60 if quantity == "no2" else 1 + n * 7 % 60}
            rows.append(hour(at(2) + n * HOUR, value if ok else 300.0, quantity, **about, **more))
    return rows


@settings(max_examples=25)
@given(VALUES, VALUES, st.lists(st.integers(0, 120), max_size=3), st.integers(1, 30), st.integers(1, 3))
def test_in_any_number_of_turns_it_is_the_same(of_station, of_bin, cuts, silent, needed):
    rows = history(of_station, "no2") + history(of_bin, "fill", sensor="C1", source="waste_fill")
    rules = [
        NO2.model_copy(update={"opens_after": needed}),
        CONTAINER.model_copy(update={"closes_after": needed}),
        SILENT.model_copy(update={"silent": silent}),
    ]
    known = sensors(sensor(), sensor("C1", "waste_fill", "waste_container"))
    end = at(2) + 120 * HOUR
    with tempfile.TemporaryDirectory() as once, tempfile.TemporaryDirectory() as turns:
        whole = update(Path(once), rules, write(Path(once) / "hours", rows), known, end)
        for cut in sorted(cuts):
            now = at(2) + cut * HOUR
            came = [row for row in rows if row["hour"] + HOUR <= now]
            update(Path(turns), rules, write(Path(turns) / "hours", came), known, now)
        assert update(Path(turns), rules, write(Path(turns) / "hours", rows), known, end).equals(whole)
        # and what came late, in any order
        some = [row for n, row in enumerate(rows) if (n + len(cuts)) % 3]
        update(Path(turns), rules, write(Path(turns) / "hours", some or rows), known, end)
        assert update(Path(turns), rules, write(Path(turns) / "hours", rows), known, end).equals(whole)


@given(
    st.lists(st.sampled_from([0.0, 65.0, 75.0, 85.0, 100.0]), min_size=1, max_size=300),
    st.integers(1, 6),
    st.integers(1, 6),
    st.booleans(),
)
def test_a_flapping_sensor_opens_no_more_than_its_time_holds(values, opens, closes, events):
    rule = CONTAINER.model_copy(update={"opens_after": opens, "closes_after": closes})
    state, opened = State(), []
    for n, value in enumerate(values):
        state, turns = step(rule, state, at(2) + n * HOUR, value, events=events)
        opened += [turn.opened_at for turn in turns if turn.closed_at is None]
    _, turns = settle(rule, state, at(2) + len(values) * HOUR, events=events)
    opened += [turn.opened_at for turn in turns if turn.closed_at is None]
    assert len(opened) <= -(-len(values) // (opens + closes))
    assert all(later - earlier >= timedelta(hours=opens + closes) for earlier, later in pairwise(opened))


def test_equal_input_gives_equal_alerts_and_another_sensor_others():
    same = {alerts.alert_id("r", "s", "x", at(2)) for _ in range(3)}
    other = {alerts.alert_id(*key, at(2)) for key in (("r", "s", "y"), ("r", "sx", ""), ("q", "s", "x"))}
    assert len(same) == 1 and len(same | other) == 4
