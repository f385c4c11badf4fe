"""Sensors that are made up, in every state, as rows of the tables of a mart. All of them are called TEST something.

Air: two stations, three calibrated sensors in one buurt (which is measured), one in another (too few), one that is not
believed, one that is not calibrated and one outside the gemeente. Containers: full, half, silent, and one that never
said anything. Parking: two garages, of which one is silent. Bicycles: one parking. The containers are simulated.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

AT = datetime(2026, 6, 15, 12, 30, tzinfo=UTC).replace(tzinfo=None)
HOME = ZoneInfo("Europe/Amsterdam")
MEASURED, FEW = "BU03440111", "BU03440311"
WIJK, CITY = "WK034401", "GM0344"
SOURCE = "test_feed"
WEEKS = 24 * 7 * 3
DAYS = 60  # hours: a little more than the chart of two days needs
MANY = 7  # alerts of one kind

Row = dict[str, Any]

# Days out of the hours, by the rule that three quarters of the hours of a day have to be ok.
DAYS_OF_HOURS = """
    INSERT INTO reading_day
    SELECT source, sensor, quantity, day, quantile_cont(median, 0.5), quantile_cont(median, 0.95), count(median),
           count(median) / 24, if(count(median) >= 18, 'ok', if(count(median) > 0, 'unreliable', 'not_measured')),
           if(count(median) >= 18, NULL, 'incomplete'), bool_or(is_simulated)
    FROM reading_hour GROUP BY ALL;
    INSERT INTO area_day
    SELECT code, quantity, day, quantile_cont(median, 0.5), quantile_cont(median, 0.95), max(sensors), 1,
           if(count(median) >= 18, 'ok', 'unreliable'), bool_or(is_simulated)
    FROM area_hour GROUP BY ALL"""

# id: kind, buurt, place, minutes since its newest message (None: there was none), and per quantity its value, the hours
# that it was measured for, and why it is not believed.
Measures = dict[str, tuple[float, int, str | None]]
SENSORS: dict[str, tuple[str, str | None, tuple[float, float], int | None, Measures]] = {
    "station_one": (
        "air_station", MEASURED, (5.124, 52.105), 5,
        {"no2": (23.4, WEEKS, None), "pm25": (8.0, DAYS, None), "pm10": (17.0, DAYS, None), "o3": (54.0, DAYS, None),
         "lki": (3.0, DAYS, None)},
    ),
    "station_two": (
        "air_station", MEASURED, (5.105, 52.078), 5,
        {"no2": (31.0, DAYS, None), "pm25": (-1.2, DAYS, None), "lki": (4.0, DAYS, None)},
    ),
    "sensor_a": ("air_sensor", MEASURED, (5.08, 52.09), 20, {"no2": (20.0, DAYS, None), "humidity": (78.0, 1, None)}),
    "sensor_b": ("air_sensor", MEASURED, (5.09, 52.094), 20, {"no2": (21.0, DAYS, None), "humidity": (78.0, 1, None)}),
    "sensor_c": ("air_sensor", MEASURED, (5.086, 52.088), 20, {"no2": (19.0, DAYS, None)}),
    "sensor_d": ("air_sensor", FEW, (5.1, 52.11), 20, {"no2": (26.0, DAYS, None)}),
    "sensor_away": ("air_sensor", None, (5.3, 52.2), 20, {"no2": (12.0, DAYS, None)}),
    "sensor_wet": (
        "air_sensor", MEASURED, (5.095, 52.083), 5, {"pm25": (90.0, 1, "humid"), "humidity": (97.0, 1, None)},
    ),
    "sensor_raw": ("air_sensor", FEW, (5.11, 52.1), 5, {"pm25_raw": (12.0, 1, None)}),
    "container_full": ("waste_container", MEASURED, (5.07, 52.1), 5, {"fill": (92.0, 30, None)}),
    "container_half": ("waste_container", MEASURED, (5.13, 52.08), 5, {"fill": (48.0, 30, None)}),
    "container_quiet": ("waste_container", MEASURED, (5.09, 52.07), 3 * 24 * 60, {"fill": (60.0, 30, None)}),
    "container_new": ("waste_container", FEW, (5.14, 52.1), None, {}),
    "garage_one": (
        "parking_garage", MEASURED, (5.115, 52.09), 5,
        {"free": (120.0, 1, None), "places": (400.0, 1, None), "occupancy": (70.0, 30, None)},
    ),
    "garage_quiet": (
        "parking_garage", MEASURED, (5.11, 52.085), 300,
        {"free": (10.0, 1, None), "places": (90.0, 1, None)},
    ),
    "bicycles_one": (
        "bicycle_parking", MEASURED, (5.11, 52.089), 5,
        {"bike_free": (30.0, 1, None), "bike_places": (500.0, 1, None), "bike_taken": (460.0, 1, None),
         "bike_occupancy": (92.0, 30, None)},
    ),
}  # fmt: skip
# code: value, sensors, status, hours; all of NO2.
AREAS = {
    CITY: (20.5, 4, "ok", WEEKS),
    WIJK: (21.0, 3, "ok", WEEKS),
    MEASURED: (20.0, 3, "ok", DAYS),
    FEW: (26.0, 1, "unreliable", DAYS),
}


def tables(now: datetime, simulated: bool) -> dict[str, list[Row]]:
    """The rows of each table at `now`, UTC without zone. simulated: all of it, and not only the containers."""
    return {
        "sensor": [_sensor(id, now, simulated) for id in SENSORS],
        "reading_hour": [row for id in SENSORS for row in _readings(id, now, simulated)],
        "area_hour": [row for code in AREAS for row in _area(code, now, simulated)],
        "alert": [*_alerts(now), _quiet(now, "c", now, simulated), _quiet(now, "b", None, simulated)],
    }


def _sensor(id: str, now: datetime, simulated: bool) -> Row:
    kind, code, (lon, lat), minutes, _ = SENSORS[id]
    return {
        "id": id,
        "source": SOURCE,
        "kind": kind,
        "name": f"TEST {id.replace('_', ' ')}",
        "code": code,
        "lon": lon,
        "lat": lat,
        "is_reference": kind == "air_station",
        "last_at": None if minutes is None else now - timedelta(minutes=minutes),
        "is_sample": False,
        "is_simulated": simulated or kind == "waste_container",
    }


def _readings(id: str, now: datetime, simulated: bool) -> list[Row]:
    made = _sensor(id, now, simulated)
    rows = []
    for quantity, (value, hours, reason) in SENSORS[id][4].items():
        for begin, local, shown in _hours(made["last_at"], value, hours):
            shown = min(shown, 100.0) if quantity in ("fill", "occupancy", "bike_occupancy", "humidity") else shown
            rows.append(
                {
                    "source": SOURCE,
                    "sensor": id,
                    "quantity": quantity,
                    "hour": begin,
                    "day": local.date(),
                    "local_hour": local.hour,
                    "median": None if reason else shown,
                    "n": 1,
                    "valid": 0 if reason else 1,
                    "valid_share": 0.0 if reason else 1.0,
                    "status": "not_measured" if reason else "ok",
                    "reason": reason,
                    "last_at": min(begin + timedelta(hours=1), made["last_at"]),
                    "last_value": shown,
                    "last_reason": reason,
                    "is_simulated": made["is_simulated"],
                }
            )
    return rows


def _area(code: str, now: datetime, simulated: bool) -> list[Row]:
    value, sensors, status, hours = AREAS[code]
    return [
        {
            "code": code,
            "quantity": "no2",
            "hour": begin,
            "day": local.date(),
            "local_hour": local.hour,
            "median": shown,
            "sensors": sensors,
            "status": status,
            "is_simulated": simulated,
        }
        for begin, local, shown in _hours(now, value, hours)
    ]


def _hours(now: datetime, value: float, hours: int) -> list[tuple[datetime, datetime, float]]:
    """The whole hours before `now`, each with the clock of the Netherlands and a value; the newest has `value`."""
    newest = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    found = []
    for back in range(hours):
        begin = newest - timedelta(hours=back)
        local = begin.replace(tzinfo=UTC).astimezone(HOME)
        # A day has a rhythm, so that the chart of a week is no single colour.
        shown = value * (1 + 0.4 * math.sin((local.hour - 3) / 24 * 2 * math.pi)) if back else value
        found.append((begin, local, round(shown, 2)))
    return found


def _alerts(now: datetime) -> list[Row]:
    alert = {
        "rule": "container_full",
        "source": SOURCE,
        "sensor": "container_full",
        "code": MEASURED,
        "quantity": "fill",
        "threshold": 80.0,
        "value": 92.0,
        "opened_at": now - timedelta(hours=2),
        "closed_at": None,
        "is_sample": False,
        "is_simulated": True,
    }
    return [alert | {"id": f"a{number}"} for number in range(MANY)]


def _quiet(now: datetime, id: str, closed: datetime | None, simulated: bool) -> Row:
    return {
        "id": id,
        "rule": "silent",
        "source": SOURCE,
        "sensor": "garage_quiet",
        "code": MEASURED,
        "opened_at": now - timedelta(hours=2),
        "closed_at": closed,
        "is_sample": False,
        "is_simulated": simulated,
    }
