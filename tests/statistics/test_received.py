"""A time on the clock of the wall is one moment, also in the nights in which the clock is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from buurtbeeld.statistics.received import OF_PERSONS, instant, stars

HERE = ZoneInfo("Europe/Amsterdam")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "moment"),
    [
        ("2026-10-25T01:50", "2026-10-24T23:50"),
        ("2026-10-25T02:10", "2026-10-25T00:10"),  # summer time
        ("2026-10-25T02:50", "2026-10-25T00:50"),
        ("2026-10-25T02:10", "2026-10-25T01:10"),  # the same on the wall, an hour later
        ("2026-10-25T02:50", "2026-10-25T01:50"),
        ("2026-10-25T03:10", "2026-10-25T02:10"),
        ("2026-03-29T01:50", "2026-03-29T00:50"),
        ("2026-03-29T03:10", "2026-03-29T01:10"),
        ("2026-03-29T02:10", "2026-03-29T01:10"),  # a clock that nobody changed yet
        ("2026-03-29T02:10", "2026-03-29T00:10"),  # one that was changed too soon
        ("2026-07-01T12:00", "2026-07-01T10:00"),
    ],
)
@pytest.mark.parametrize("late", [timedelta(minutes=-4), timedelta(0), timedelta(seconds=5), timedelta(minutes=50)])
def test_a_time_on_the_wall_is_told_by_when_it_came(local, moment, late):
    assert instant(datetime.fromisoformat(local), HERE, utc(moment) + late) == utc(moment)


@pytest.mark.parametrize("late", [timedelta(minutes=-40), timedelta(0), timedelta(hours=5), timedelta(days=300)])
def test_outside_those_nights_it_does_not_matter_when_it_came(late):
    moment = utc("2026-01-10T11:00")
    assert instant(datetime(2026, 1, 10, 12), HERE, moment + late) == moment


def test_a_time_to_come_is_of_the_first_of_two_hours_and_one_that_comes_late_of_the_second():
    twice = datetime(2026, 10, 25, 2, 10)
    assert instant(twice, HERE, utc("2026-10-24T12:00")) == utc("2026-10-25T00:10")
    assert instant(twice, HERE, utc("2026-10-26T12:00")) == utc("2026-10-25T01:10")


@pytest.mark.parametrize(("value", "many"), [(0, 0), (3, 3), ("4", 4), (2.9, 2), (5.0, 5)])
def test_stars_are_a_number_of_five(value, many):
    assert stars(value) == many


@pytest.mark.parametrize("value", ["", "good", None, True, -1, 80, 10**400, float("nan"), [3]])
def test_what_is_no_number_of_stars_is_not_given(value):
    assert stars(value) is None


@pytest.mark.parametrize("name", ["card_id", "kaartnummer", "user-id", "RFID", "e-mail", "huishouden", "Inworp totaal"])
def test_names_of_what_is_about_people_are_known(name):
    assert OF_PERSONS.search(name)


@pytest.mark.parametrize("name", ["id", "level", "fillingLevel", "sensor_id", "postcode", "stars", "paslaan"])
def test_names_of_anything_else_are_not_taken_for_them(name):
    assert not OF_PERSONS.search(name)
