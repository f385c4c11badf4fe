"""One number, asked in four ways: from raw readings in plain Python, of the rollups, of the figures, and of the API."""

import math
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.sensed import NOW, Measured
from tests.warehouse.town import BUURTEN, CODE
from tests.way import items, median

HOME = ZoneInfo("Europe/Amsterdam")
DAYS = (date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26), date(2026, 3, 29))
"""With the days of 25 and of 23 hours."""
LENGTHS = {DAYS[0]: 24, DAYS[1]: 25, DAYS[2]: 24, DAYS[3]: 23}
WHERE = dict(zip("abcde", [BUURTEN[0]] * 5, strict=True)) | dict(zip("fgh", [BUURTEN[1]] * 3, strict=True))
WHERE |= {"i": BUURTEN[2], "j": BUURTEN[2]}
PARENTS = {code: f"WK{code[2:8]}" for code in BUURTEN}
LOW, HIGH, ENOUGH, LEAST = -10, 1000, 0.75, 3


def received() -> list[tuple[str, str, datetime, float]]:
    """Four readings an hour, of which some don't come and some can't be; two sensors have bad days."""
    chance = random.Random(5)  # noqa: S311  no secret depends on it
    rows = []
    for day in DAYS:
        begin = datetime(day.year, day.month, day.day, tzinfo=HOME).astimezone(UTC).replace(tzinfo=None)
        for sensor in WHERE:
            for quarter in range(LENGTHS[day] * 4):
                value = chance.uniform(5, 14)
                lost = sensor == "f" and day == DAYS[2] and quarter // 4 % 2
                wrong = (0.5 if sensor == "g" and day == DAYS[0] else 0.03) > chance.random()
                if not lost and chance.random() < 0.98:
                    at = begin + timedelta(minutes=15 * (quarter + 1))
                    rows.append((sensor, "pm25_kal", at, 5000.0 if wrong else value))
    return rows


def recomputed(rows) -> dict[tuple[str, date], tuple[float | None, int]]:
    """(area, local day) → the median of its sensors, and of how many, from the text of docs/methods.md alone."""
    by_hour = defaultdict(list)
    for sensor, _, at, value in rows:
        # A reading says what was until then, so what comes at the full hour is of the hour that ends there.
        hour = (at - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
        by_hour[sensor, hour].append(value)
    by_day = defaultdict(list)
    for (sensor, hour), values in by_hour.items():
        believed = [value for value in values if LOW <= value <= HIGH]
        if believed and len(believed) >= ENOUGH * len(values):
            day = hour.replace(tzinfo=UTC).astimezone(HOME).date()
            by_day[sensor, day].append(median(believed))
    by_area = defaultdict(list)
    for (sensor, day), middles in by_day.items():
        if len(middles) >= ENOUGH * LENGTHS[day]:
            buurt = WHERE[sensor]
            for code in (buurt, PARENTS[buurt], CODE):
                by_area[code, day].append(median(middles))
    areas = {*BUURTEN, *PARENTS.values(), CODE}
    return {
        (code, day): (median(found) if (found := by_area[code, day]) else None, len(found))
        for code in areas
        for day in DAYS
    }


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(the town, what its readings come to by hand, the rows of area_day and of figure)."""
    town, rows = Measured(tmp_path_factory.mktemp("told")), received()
    town.places("samen_meten", "air_sensor", WHERE)
    town.readings("samen_meten", rows)
    town.build(NOW)
    days = town.ask("SELECT code, day, median, sensors, status::VARCHAR FROM area_day WHERE quantity = 'pm25'")
    shown = town.ask("SELECT code, period, value, n, status, low, high FROM figure WHERE indicator = 'pm25_day'")
    return town, recomputed(rows), days, shown


def status_of(sensors: int) -> str:
    return "ok" if sensors >= LEAST else "unreliable" if sensors else "not_measured"


def test_the_days_differ_enough_to_show_a_mistake(told):
    _, wanted, _, _ = told
    assert {status_of(sensors) for _, sensors in wanted.values()} == {"ok", "unreliable", "not_measured"}
    assert len({value for value, _ in wanted.values() if value}) > 15
    assert wanted[BUURTEN[1], DAYS[0]][1] == wanted[BUURTEN[1], DAYS[2]][1] == 2, "the bad days are not believed"
    assert wanted[BUURTEN[1], DAYS[1]][1] == 3


def test_rollups_say_what_was_recomputed_from_the_readings(told):
    _, wanted, days, _ = told
    assert {(code, day): (value, sensors) for code, day, value, sensors, _ in days} == {
        key: (pytest.approx(value), sensors) for key, (value, sensors) in wanted.items() if key[0] != BUURTEN[3]
    }
    assert all(status == status_of(sensors) for _, _, _, sensors, status in days)


def test_figures_say_the_same_and_of_every_area(told):
    _, wanted, _, shown = told
    assert len(shown) == len(wanted) == 7 * len(DAYS)
    for code, day, value, sensors, status, low, high in shown:
        middle, many = wanted[code, day]
        assert status == status_of(many), (code, day)
        if many:
            assert (value, sensors) == (math.floor(middle + 0.5), many), (code, day)
        else:
            assert (value, sensors, low, high) == (None, None, None, None), (code, day)


def test_the_api_says_the_same(told, serve, monkeypatch):
    town, wanted, _, _ = told
    monkeypatch.setenv("GEMEENTE", CODE)
    client = serve(town.settings.data_dir)
    found = {}
    for level in ("gemeente", "wijk", "buurt"):
        for row in items(client, "/figures", indicator="pm25_day", level=level, period="all"):
            found[row["code"], date.fromisoformat(row["period"])] = (row["value"], row["n"], row["status"])
    assert found == {
        key: (None if value is None else math.floor(value + 0.5), many or None, status_of(many))
        for key, (value, many) in wanted.items()
    }
