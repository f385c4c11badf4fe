"""What is new is put among what was read before, and of the same reading the last word counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders import Edition, LoadError, readings
from loaders.believe import KEYS, OPTIONAL
from loaders.readings import Reading
from tests.copies import kept
from tests.publishers import towns

TOWN = towns.small_town()
DAY = datetime(2026, 11, 23)
NOON = DAY + timedelta(hours=12)
some = st.lists(
    st.builds(
        Reading,
        st.sampled_from(["a", "b", "B", "ß", "é", "z9"]),
        st.sampled_from(["pm25", "NO2"]),
        st.integers(1, 4).map(lambda hour: DAY + timedelta(hours=hour)),
        st.one_of(st.integers(-3, 3), st.floats(allow_nan=False, allow_infinity=False)),
        st.sampled_from([None, "µg/m³"]),
        st.sampled_from([None, None, 2, 5]),
    ),
    min_size=1,
    max_size=12,
)


def one_by_one(before, found):
    """The rows in a plain way: each in the place of the one before it that is of the same."""
    rows = {(each.time, each.sensor, each.quantity): each for each in (*before, *found)}
    return [rows[key]._asdict() for key in sorted(rows)]


@given(found=some, before=st.one_of(st.just([]), some))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_day_holds_the_last_word_of_every_reading(found, before, serving, task, tmp_path):
    def day(rows):
        starred = any(row["stars"] is not None for row in rows)
        schema = pa.schema([*KEYS["reading"], *(OPTIONAL["reading"] if starred else ())])
        return Edition(edition=f"{DAY:%Y-%m-%d}", table=pa.Table.from_pylist(rows, schema=schema), url="")

    copies = kept(tmp_path, TOWN.code, [day(one_by_one(before, []))] if before else [])
    [made] = readings.editions(replace(empty(serving, task), copies=copies), found, DAY, "")
    assert made.table.equals(day(one_by_one(before, found)).table)


def test_readings_are_dealt_out_over_the_days_that_they_end_in(serving, task, notes):
    ends = [DAY - timedelta(hours=1), DAY, DAY + timedelta(hours=1), DAY + timedelta(days=9)]
    found = [Reading("a", "pm25", end, 1.0, None) for end in ends]
    made = readings.editions(empty(serving, task), iter(found), DAY - timedelta(days=1), "")
    assert [(each.edition, each.table.num_rows) for each in made] == [("2026-11-22", 2), ("2026-11-23", 1)]
    assert notes == ["1 readings of before 2026-11-22 00:00 or still to come (UTC) are left out."]


def test_copy_that_can_not_be_read_gives_nothing(serving, task, tmp_path):
    copies = kept(tmp_path, TOWN.code, [Edition(edition="2026-11-23", table=pa.table({"a": [1]}), url="")])
    copies["2026-11-23"].path.write_bytes(b"PAR1 half")
    made = readings.editions(
        replace(empty(serving, task), copies=copies), [Reading("a", "x", NOON, 1.0, None)], DAY, ""
    )
    assert [each.table.num_rows for each in made] == [1]


@pytest.mark.parametrize("first", [None, 3])
@pytest.mark.parametrize("second", [None, 2])
def test_a_day_has_stars_when_any_of_its_readings_has(serving, task, tmp_path, first, second):
    before = readings.editions(empty(serving, task), [Reading("a", "pm25", NOON, 1.0, None, first)], DAY, "")
    copies = kept(tmp_path, TOWN.code, before)
    found = [Reading("b", "pm25", NOON, 2.0, None, second)]
    [made] = readings.editions(replace(empty(serving, task), copies=copies), found, DAY, "")
    assert made.table["sensor"].to_pylist() == ["a", "b"]
    if first or second:
        assert made.table["stars"].to_pylist() == [first, second]
    else:
        assert made.table.schema == KEYS["reading"]


@pytest.mark.parametrize(
    ("text", "now", "moment"),
    [
        ("2026-10-25T02:10", datetime(2026, 10, 25, 0, 12, tzinfo=UTC), datetime(2026, 10, 25, 0, 10)),
        ("2026-10-25T02:10", datetime(2026, 10, 25, 1, 12, tzinfo=UTC), datetime(2026, 10, 25, 1, 10)),
        ("2026-10-25T02:10", None, datetime(2026, 10, 25, 0, 10)),
        ("2026-10-25T02:10+01:00", datetime(2026, 10, 25, 0, 12, tzinfo=UTC), datetime(2026, 10, 25, 1, 10)),
    ],
)
def test_a_time_without_a_zone_is_told_by_when_it_came(text, now, moment):
    assert readings.time_of(text, "a", ZoneInfo("Europe/Amsterdam"), now) == moment


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01T00:00", None])
def test_a_time_that_is_none_is_said(text):
    with pytest.raises(LoadError, match="a should have a time"):
        readings.time_of(text, "a", ZoneInfo("Europe/Amsterdam"), datetime(2026, 10, 25, tzinfo=UTC))


def empty(serving, task):
    """A task for which no publisher is asked anything."""
    return task(serving(), TOWN)


@pytest.mark.parametrize("text", ["2026-11-23T10:15:00+01", "2026-11-23T10:15:00+0100", "2026-11-23t09:15:00z"])
def test_a_time_that_says_its_zone_needs_no_other(text):
    assert readings.time_of(text, "x", None) == datetime(2026, 11, 23, 9, 15)


def test_a_time_of_which_nobody_knows_the_zone_is_said():
    with pytest.raises(readings.NoZoneError, match="x has the time '2026-11-23T10:15', which says no time zone"):
        readings.time_of("2026-11-23T10:15", "x", None)


@pytest.mark.parametrize("value", ["full", True, [1], 10**400])
def test_a_number_that_is_none_is_said(value):
    with pytest.raises(LoadError, match="x should be a number, but is"):
        readings.number_of(value, "x")
