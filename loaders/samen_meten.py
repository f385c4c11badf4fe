"""Sensors of residents and of others who measure together, by the hour: RIVM's portal Samen Meten.

Published over SensorThings by a server that is easily tired (`loaders/dialects/sensorthings.py`), an hour about an
hour after it ended, the calibrated values (`pm25_kal`, `pm10_kal`) an hour later still. Odd, and handled here:

- The gemeente of a Thing is its number without leading zeros, '344'; in August 2024 it was '344.0' for a while.
- `@iot.id` may change. A Thing is known by its name.
- Most Things are dead. Only those with a value in the last week are places; which, is found out once a day.
- Filters on what belongs to a Thing, and newest values asked for many at once, make the server fail. So everything is
  asked per Thing and per Datastream, newest first: what has no value of this week still answers fast that way. That
  `$orderby` may say `desc` here is of the standard, and not confirmed of this server.
- A value below 0 or above 500 µg/m³ is a fault of the sensor, and left out.
- Places are rounded to about 100 m, so a sensor may stand in the buurt beside the one it is drawn in. They are rounded
  here once more, in case one comes that is not.
- Things called LTD_<number> are of Sensor.Community; the number is that of the location there.

Raw values stay beside the calibrated ones, each under its published name. That `phenomenonTime` is the end of the hour
is likely and not confirmed. The owner may be a person's name, so it is left out,
and of the answers only the hash is kept.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task, readings
from loaders.believe import KEYS
from loaders.dialects import sensorthings
from loaders.readings import LABEL, PLACES, WEEK, Reading

SOURCE = Source(
    id="samen_meten",
    publisher="RIVM (Samen Meten)",
    title="Samen Meten: sensoren van bewoners en anderen",
    page="https://samenmeten.rivm.nl/dataportaal/",
    licence="cc0",
    attribution="Bron: RIVM Samen Meten; indicatieve sensormetingen",
    shape="reading",
    openness="rows",
    refreshed="hourly",
    hosts=("SAMEN_METEN",),
)
PRIVATE = True
LARGEST_LOSS = 1.0  # a day that has just begun has few hours

DAY = timedelta(days=1)
HOURS_OF_WEEK = 7 * 24 + 2  # what is newest may be of a later hour than the one that was asked for
TELLING = ("pm25_kal", "pm10_kal", "pm25", "pm10", "no2", "nh3")
"""The stream that tells whether a Thing lives: the first of these that it has, else any."""
PUBLISHED = ("project", "knmicode", "pm25closecode", "pm10closecode", "no2closecode", "nh3closecode")
STREAM = pa.struct([("id", pa.string()), ("quantity", pa.string()), ("unit", pa.string())])
THINGS = pa.schema([*KEYS["point"], *((name, pa.string()) for name in PUBLISHED), ("datastreams", pa.list_(STREAM))])
MICROGRAMS, HIGHEST = "ug/m3", 500

Entity = sensorthings.Entity


def fetch(task: Task) -> list[Edition | Same]:
    """Living Things once a day; readings per day, as `readings.py` says, of the last 24 hours: so late comes `_kal`.

    Raises LoadError when an answer is not what it should be.
    """
    begin = readings.since(task, DAY)
    known = readings.known_places(task, DAY)
    places = _places(task) if known is None else Same(PLACES)
    table = places.table if isinstance(places, Edition) else known
    if not table:
        return []
    found, faults = list[Reading](), 0
    for thing in table.select(["id", "datastreams"]).to_pylist():
        for stream in thing["datastreams"]:
            for reading in _newest(task, thing["id"], stream, begin):
                if reading.unit == MICROGRAMS and not 0 <= reading.value <= HIGHEST:
                    faults += 1
                else:
                    found.append(reading)
    if not found:
        # Where there is nothing the server answers as where it fails: one stream may be empty, all of them are not.
        raise LoadError(
            f"Samen Meten has no value of {task.gemeente} since {begin:%Y-%m-%d %H:%M} UTC. Load again later."
        )
    if faults:
        task.note(f"{faults} values below 0 or above {HIGHEST} µg/m³ are left out: a fault of their sensor.")
    return [places, *readings.editions(task, found, begin, task.http.address("SAMEN_METEN", "/v1.0/Observations"))]


def look(task: Task) -> Look:
    """How many Things the gemeente has, dead ones too, up to a page, and what is said of each."""
    things = _things(task, most=sensorthings.PAGE)
    there = {name for thing in things for name in _properties(thing)}
    columns = [name for name in THINGS.names if name in there or name not in PUBLISHED]
    return Look(edition=PLACES, columns=dict.fromkeys(columns, ""), counts={"things": len(things)})


def _places(task: Task) -> Edition | Same:
    """The Things that live, with the Datastreams they have."""
    begin = readings.utc(task.now) - WEEK
    found, lost = [], 0
    things = _things(task)
    if not things and PLACES in task.copies:
        raise LoadError(f"Samen Meten names no Thing in {task.gemeente}, and did before. Load again later.")
    for thing in things:
        name = str(readings.cell(thing, "name", "A Thing of Samen Meten")).strip()
        streams = sorted(_streams(task, thing, name), key=lambda stream: _telling(stream["quantity"]))
        if not streams or not any(_newest(task, name, streams[0], begin, most=1)):
            continue
        point = sensorthings.place(thing)
        if point is None:
            lost += 1
            continue
        properties = _properties(thing)
        place = {"id": name, "kind": "air_sensor", "name": name, "lon": point[0], "lat": point[1]}
        published = {key: None if properties.get(key) is None else str(properties[key]) for key in PUBLISHED}
        found.append(readings.at_home(place) | published | {"datastreams": streams})
    if lost:
        task.note(f"{lost} living Things have no place, or one outside the Netherlands; they are left out.")
    if not found:
        task.note(f"None of the {len(things)} Things of Samen Meten in {task.gemeente} has a value of this week.")
    return readings.places(task, found, THINGS, task.http.address("SAMEN_METEN", "/v1.0/Things"))


def _things(task: Task, most: int | None = None) -> list[Entity]:
    """The Things of the gemeente, as it is written now or was in August 2024."""
    number = str(int(task.gemeente[2:]))
    for code in (number, f"{number}.0"):
        params = {
            "$filter": f"properties/codegemeente eq '{code}'",
            "$expand": "Locations",
            "$orderby": "id",
        }
        things = sensorthings.entities(task.http, "SAMEN_METEN", "/v1.0/Things", params, label=PLACES, most=most)
        if own := [thing for thing in things if str(_properties(thing).get("codegemeente")) == code]:
            return own
    return []


def _properties(thing: Entity) -> dict[str, Any]:
    properties = thing.get("properties")
    return properties if isinstance(properties, dict) else {}


def _streams(task: Task, thing: Entity, name: str) -> Iterator[dict[str, Any]]:
    path = f"/v1.0/Things({_id(thing)})/Datastreams"
    for stream in sensorthings.entities(task.http, "SAMEN_METEN", path, label=PLACES):
        called = str(readings.cell(stream, "name", f"A Datastream of {name}")).strip()
        # The server once gave the Datastreams of others: the name says whose it is.
        if called.startswith(f"{name}-"):
            quantity = called.rpartition("-")[2]
            yield {"id": _id(stream), "quantity": quantity, "unit": sensorthings.unit(stream)}


def _id(entity: Entity) -> str:
    """For an address, so it must be a plain number."""
    found = str(readings.cell(entity, "@iot.id", "An entity of Samen Meten"))
    if not found.isdecimal():
        raise LoadError(f"Samen Meten has an @iot.id {found!r}, which is no number. Look what changed in its API.")
    return found


def _telling(quantity: str) -> int:
    return TELLING.index(quantity) if quantity in TELLING else len(TELLING)


def _newest(
    task: Task, thing: str, stream: dict[str, Any], begin: datetime, most: int = HOURS_OF_WEEK
) -> Iterator[Reading]:
    """The newest values of a stream, from `begin` on."""
    path = f"/v1.0/Datastreams({stream['id']})/Observations"
    hours = int((readings.utc(task.now) - begin) / timedelta(hours=1)) + 2
    params = {"$orderby": "phenomenonTime desc", "$select": "phenomenonTime,result"}
    name = f"{stream['quantity']} of {thing}"
    newest = sensorthings.entities(
        task.http, "SAMEN_METEN", path, params, label=LABEL if most > 1 else PLACES, most=min(most, hours)
    )
    for row in newest:
        value = readings.number_of(readings.cell(row, "result", name), name)
        # SensorThings allows a span, begin/end.
        time = readings.time_of(str(readings.cell(row, "phenomenonTime", name)).rpartition("/")[2], name)
        if value is not None and time >= begin:
            yield Reading(thing, stream["quantity"], time, value, stream["unit"])
