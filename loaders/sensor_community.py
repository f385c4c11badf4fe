"""Sensors that residents put up themselves, as they measure: Sensor.Community, formerly luftdaten.info.

Published as JSON with what came in over the last five minutes, and as one CSV file per sensor and day in an archive.
Nothing is calibrated. RIVM takes the same sensors into Samen Meten and calibrates them there, so this source is for
what is not there: `same_as` says as which Thing. That a Thing LTD_<number> has the number of the location, and not of
the sensor, is how others join the two; no document of RIVM says it. Odd, and handled here:

- Numbers are text, and times are UTC without saying so. A reading has the time it was taken at, not the end of an hour.
- P1 is PM10, P2 is PM2.5, P0 is PM1; pressure is in Pa. They keep these names.
- One device has several sensors, each with a number, at one location.
- Who asks more often than once in five minutes is blocked, also from one load or check to the next.
- Five minutes of an hour are little. So the first load of a day also fetches the day before yesterday whole, as far as
  the archive has it; a sensor without a file is no failure. Files of a past year lie elsewhere, packed: the first two
  days of January go without.

Places are rounded to some hundred metres, also where `exact_location` says that they are exact: they may be homes.

Left out and counted: what hangs indoors, dust outside 0 to 999 µg/m³ (the sensor says 999.9 or 1999.9 when it is
blinded), and dust that is 0 in both sizes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pyarrow as pa
import shapely

from buurtbeeld.catalogue import Source
from loaders import Edition, Look, Same, Task, readings
from loaders.believe import KEYS
from loaders.files import table
from loaders.http import NotThereError, UnreachableError
from loaders.readings import LABEL, PLACES, Reading

SOURCE = Source(
    id="sensor_community",
    publisher="Sensor.Community",
    title="Sensor.Community: sensoren van bewoners",
    page="https://sensor.community/nl/",
    licence="odbl-1.0",
    attribution="© Sensor.Community contributors, ODbL 1.0",
    shape="reading",
    openness="rows",
    refreshed="hourly",
    hosts=("SENSOR_COMMUNITY", "SENSOR_COMMUNITY_ARCHIVE"),
)
LARGEST_LOSS = 1.0  # a day that has just begun has few readings

PAUSE = timedelta(minutes=5)
LIVE = timedelta(hours=1)
SOMEWHERE = "/airrohr/v1/filter/box=52.0,5.0,52.2,5.2"
DUST = {"P0", "P1", "P2", "P4"}
BLINDED = 999
UNITS = dict.fromkeys(DUST, "µg/m³") | {"temperature": "°C", "humidity": "%", "pressure": "Pa"}
NO_QUANTITIES = {"sensor_id", "sensor_type", "location", "lat", "lon", "timestamp"}
SENSORS = pa.schema(
    [
        *KEYS["point"],
        ("sensor_type", pa.string()),
        ("manufacturer", pa.string()),
        ("location_id", pa.string()),
        ("exact_location", pa.int64()),
        ("same_as", pa.string()),
    ]
)


class Taken(NamedTuple):
    """What one sensor measured at one time."""

    sensor: str
    time: datetime
    values: Mapping[str, float]


def fetch(task: Task) -> list[Edition | Same]:
    """What was measured in the gemeente in the last minutes, and once a day a whole day of the archive.

    Raises LoadError when an answer is not what it should be.
    """
    if _just_asked(task):
        task.note("Sensor.Community was asked less than five minutes ago, and is left alone.")
        return [Same(PLACES)] if PLACES in task.copies else []
    rows = _rows(task)
    places = readings.former_places(task) | {place["id"]: place for place in map(_place, rows)}
    places = {id: readings.at_home(place) for id, place in places.items()}
    if not places:
        task.note(f"No sensor of Sensor.Community in {task.gemeente} sent anything in the last five minutes.")
        return []
    now = readings.utc(task.now)
    left_out: Counter[str] = Counter({"indoors": sum(_indoor(row) for row in rows)})
    live = _readings((_taken(row) for row in rows if not _indoor(row)), left_out)
    url = task.http.address("SENSOR_COMMUNITY", _box(task))
    found = readings.editions(task, live, now - LIVE, url)
    if readings.day(now) not in task.copies:
        day = (task.today - timedelta(days=2)).isoformat()
        past = _readings(_archive(task, day, places.values()), left_out)
        found += readings.editions(task, past, datetime.fromisoformat(day), url)
    if left_out.total():
        task.note(f"Left out: {', '.join(f'{number} {why}' for why, number in left_out.items() if number)}.")
    return [readings.places(task, places.values(), SENSORS, url, LABEL), *found]


def look(task: Task) -> Look:
    """The sensors of some place that sent something just now: how they are written is the same everywhere."""
    places = [_place(row) for row in task.http.get("SENSOR_COMMUNITY", SOMEWHERE, label=LABEL).rows()]
    return Look(
        edition=PLACES,
        columns=dict.fromkeys(SENSORS.names, ""),
        counts={"sensors": len({place["id"] for place in places})},
    )


def _just_asked(task: Task) -> bool:
    times = [datetime.fromisoformat(copy.retrieved_at) for copy in task.copies.values()]
    return any(timedelta(0) <= task.now - at < PAUSE for at in (*times, *filter(None, [task.asked])))


def _box(task: Task) -> str:
    west, south, east, north = task.outline().bounds
    return f"/airrohr/v1/filter/box={south:.4f},{west:.4f},{north:.4f},{east:.4f}"


def _rows(task: Task) -> list[dict[str, Any]]:
    """What was sent from inside the gemeente: a box around it holds more."""
    outline = task.outline()
    shapely.prepare(outline)
    rows = task.http.get("SENSOR_COMMUNITY", _box(task), label=LABEL).rows()
    return [row for row in rows if outline.intersects(shapely.Point(_lon_lat(row)))]


def _lon_lat(row: Mapping[str, Any]) -> tuple[float, float]:
    location = _part(row, "location")
    name = f"Location {location.get('id')} of Sensor.Community"
    lon, lat = (readings.number_of(readings.cell(location, key, name), name) for key in ("longitude", "latitude"))
    return (lon, lat) if lon is not None and lat is not None else (0.0, 0.0)


def _part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = readings.cell(row, name, "A row of Sensor.Community")
    return part if isinstance(part, Mapping) else {}


def _indoor(row: Mapping[str, Any]) -> bool:
    return bool(_part(row, "location").get("indoor"))


def _sensor(row: Mapping[str, Any]) -> str:
    return str(readings.cell(_part(row, "sensor"), "id", "A sensor of Sensor.Community"))


def _place(row: Mapping[str, Any]) -> dict[str, Any]:
    id, location = _sensor(row), _part(row, "location")
    kind = _part(row, "sensor").get("sensor_type") or {}
    lon, lat = _lon_lat(row)
    return {
        "id": id,
        "kind": "air_sensor",
        "name": f"{kind.get('name', '')} {id}".strip(),
        "lon": lon,
        "lat": lat,
        "sensor_type": kind.get("name"),
        "manufacturer": kind.get("manufacturer"),
        "location_id": str(location.get("id")),
        "exact_location": location.get("exact_location"),
        "same_as": f"LTD_{location.get('id')}",
    }


def _taken(row: Mapping[str, Any]) -> Taken:
    sensor = _sensor(row)
    values = {}
    for measured in readings.cell(row, "sensordatavalues", f"A row of sensor {sensor}"):
        quantity = str(readings.cell(measured, "value_type", f"A value of sensor {sensor}"))
        value = readings.number_of(readings.cell(measured, "value", quantity), f"{quantity} of sensor {sensor}")
        if value is not None:
            values[quantity] = value
    return Taken(sensor, readings.time_of(readings.cell(row, "timestamp", sensor), f"Sensor {sensor}"), values)


def _archive(task: Task, day: str, places: Iterable[Mapping[str, Any]]) -> Iterator[Taken]:
    """A whole day of every sensor that the archive has a file of."""
    for place in places:
        kind = str(place["sensor_type"]).lower()
        if not re.fullmatch(r"\w+", kind):
            continue
        path = f"/{day}/{day}_{kind}_sensor_{place['id']}.csv"
        try:
            answer = task.http.get("SENSOR_COMMUNITY_ARCHIVE", path, label=LABEL)
        except NotThereError:
            continue
        except UnreachableError as error:
            task.note(f"The archive of {day} is not used: {error}")
            return
        yield from archived(answer.text(), answer.url)


def archived(text: str, where: str) -> Iterator[Taken]:
    """The rows of one file of the archive. Raises LoadError naming `where` when it is none."""
    for row in table(text, where):
        sensor, time = (readings.cell(row, name, where) for name in ("sensor_id", "timestamp"))
        numbers = {
            name: readings.number_of(value, f"{name} in {where}")
            for name, value in row.items()
            if name not in NO_QUANTITIES and not name.startswith(("dur", "ratio"))
        }
        values = {name: number for name, number in numbers.items() if number is not None}
        yield Taken(sensor, readings.time_of(time, where), values)


def _readings(taken: Iterable[Taken], left_out: Counter[str]) -> Iterator[Reading]:
    """The values that can be, in which sizes of dust count together; what is left out is counted by why."""
    for one in taken:
        both_zero = one.values.get("P1") == one.values.get("P2") == 0
        for quantity, value in one.values.items():
            if quantity in DUST and both_zero:
                left_out["of no dust at all"] += 1
            elif quantity in DUST and not 0 <= value < BLINDED:
                left_out[f"outside 0 to {BLINDED} µg/m³"] += 1
            else:
                yield Reading(one.sensor, quantity, one.time, value, UNITS.get(quantity))
