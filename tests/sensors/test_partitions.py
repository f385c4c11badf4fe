"""Which files are the readings of a day, and which days of UTC a local day is made of."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.sensors import partitions, rules
from tests.sensors.rolling import at, write_day

ROW = ("s1", "no2", at("2026-07-01T10:00"), 20.0)


def names(partition):
    return [file.path.rpartition("/")[2] for file in partition.files]


def test_of_copies_the_newest_counts_and_of_batches_all(tmp_path):
    write_day(tmp_path, "feed", "2026-07-01", [ROW], "20260701T120000Z")
    write_day(tmp_path, "feed", "2026-07-01", [ROW], "20260701T130000Z")
    write_day(tmp_path, "feed", "2026-07-02", [ROW], "20260702T120000Z-b", batch=True)
    write_day(tmp_path, "feed", "2026-07-02", [ROW], "20260702T120000Z-a", batch=True)
    copy, batches = partitions.find(tmp_path, "feed").values()
    assert (copy.day, copy.whole, names(copy)) == (date(2026, 7, 1), True, ["2026-07-01@20260701T130000Z.parquet"])
    assert not batches.whole
    assert names(batches) == ["20260702T120000Z-a.parquet", "20260702T120000Z-b.parquet"]


def test_of_a_copy_and_batches_the_later_comes_last(tmp_path):
    write_day(tmp_path, "feed", "2026-07-01", [ROW], "20260701T110000Z", batch=True)
    write_day(tmp_path, "feed", "2026-07-01", [ROW], "20260701T120000Z")
    write_day(tmp_path, "feed", "2026-07-01", [ROW], "20260701T130000Z", batch=True)
    (both,) = partitions.find(tmp_path, "feed").values()
    assert names(both) == [
        "20260701T110000Z.parquet",
        "2026-07-01@20260701T120000Z.parquet",
        "20260701T130000Z.parquet",
    ]
    assert not both.whole


@pytest.mark.parametrize(
    "name",
    [
        "places@20260701T120000Z.parquet",
        "2026-07-01/.20260701T120000Z.parquet.tmp",
        "2026-07-01/.20260701T120000Z.parquet",
        "received/2026-07-01@20260701T120000Z-1.json.gz",
        "2026-02-30@20260701T120000Z.parquet",
        "2026-02-30/20260701T120000Z.parquet",
    ],
)
def test_other_files_are_no_readings(tmp_path, name):
    path = tmp_path / "raw" / "feed" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    assert partitions.find(tmp_path, "feed") == {}


def test_a_source_without_a_folder_has_none(tmp_path):
    assert partitions.find(tmp_path, "feed") == {}
    assert partitions.sign(tmp_path) == partitions.sign(tmp_path, ["feed"])


def test_the_sign_changes_with_every_file(tmp_path):
    signs = [partitions.sign(tmp_path)]
    path = write_day(tmp_path, "feed", "2026-07-01", [ROW], "20260701T120000Z")
    signs.append(partitions.sign(tmp_path))
    write_day(tmp_path, "feed", "2026-07-01", [ROW], "20260701T130000Z", batch=True)
    signs.append(partitions.sign(tmp_path))
    write_day(tmp_path, "other", "2026-07-01", [ROW], "20260701T120000Z")
    signs.append(partitions.sign(tmp_path))
    path.write_bytes(path.read_bytes() + b"more")
    signs.append(partitions.sign(tmp_path))
    assert len(set(signs)) == 5
    assert partitions.sign(tmp_path, ["other"]) != partitions.sign(tmp_path, ["feed"])
    path.unlink()
    assert partitions.sign(tmp_path) not in signs


@pytest.mark.parametrize(
    ("day", "begin", "local"),
    [
        ("2026-07-01", "2026-06-30T22:00", list(range(24))),
        ("2026-01-15", "2026-01-14T23:00", list(range(24))),
        ("2026-03-29", "2026-03-28T23:00", [0, 1, *range(3, 24)]),
        ("2026-10-25", "2026-10-24T22:00", [0, 1, 2, 2, *range(3, 24)]),
    ],
)
def test_the_hours_of_a_local_day(day, begin, local):
    hours = partitions.hours(date.fromisoformat(day))
    assert [hour.local_hour for hour in hours] == local
    assert [hour.hour for hour in hours] == [at(begin) + nr * timedelta(hours=1) for nr in range(len(local))]


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)))
def test_every_hour_is_of_one_local_day_that_lies_in_the_days_it_needs(time):
    hour = time.replace(minute=0, second=0, microsecond=0)
    local = hour.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Amsterdam"))
    mine = [found for found in partitions.hours(local.date()) if found.hour == hour]
    assert [found.local_hour for found in mine] == [local.hour]
    for other in (local.date() - timedelta(days=1), local.date() + timedelta(days=1)):
        assert hour not in [found.hour for found in partitions.hours(other)]
    needed = partitions.needed(local.date())
    # the oldest hour one looks back to, and the one after: an hour is of the day in which it begins
    for reached in (hour - timedelta(hours=rules.LOOK_BACK), hour, hour + timedelta(hours=1)):
        assert reached.date() in needed
    assert local.date() in partitions.touched(hour.date())
