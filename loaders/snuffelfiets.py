"""Air measured from bicycles (Snuffelfiets), as an hour in a square of a good 500 m, never as a ride.

Its open file has been moving from one portal to another, and no lasting address is known. So who has one gives it, in
`[snuffelfiets]` of `city/feeds.toml` (docs/feeds.md): a table of text with one row per measurement. Without it this
source is not loaded. It says under which licence too; as long as that is unknown, what is made of it is not shown.

A ride says where somebody lives and works. So neither the file nor the number of a bicycle is kept: what is, is the
middle value of what was measured under way in one square in one hour by five bicycles or more, each counting once. What
lies near where a ride begins or ends, or a bicycle stands, does not count (buurtbeeld/statistics/rides.py says how). A
day is made once, when six hours have passed since its end, and never again: of two answers about the same hour the
difference would be whoever came in between. What comes later is not counted. Odd, and handled here:

- Latitude and longitude 0 mean that there was no fix. Bit 32 of `error_code` says so too, but is also set on rows that
  do have a place; so the place counts.
- Bit 2048 means that the dust sensor is starting: its dust is left out. A row with any other bit is left out whole.
- Dust is in µg/m³ when `version_major` is 1, and in hundredths of it from 2 on, in the same column. Temperature is in
  tenths of a degree. Both are put right here, since squares hold bicycles of both kinds.
- `no2` is always 0, and no measurement.

That `recording_timestamp`, which says no zone, is UTC is not confirmed.
"""

import io
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely

from buurtbeeld.catalogue import Source
from buurtbeeld.catalogue.source import Openness
from buurtbeeld.statistics import rides
from buurtbeeld.statistics.rides import LEAST, SQUARE
from loaders import Edition, Look, Same, Task, feeds, files, readings
from loaders.believe import KEYS
from loaders.http import Answer
from loaders.readings import LABEL, PLACES, Reading

SOURCE = Source(
    id="snuffelfiets",
    publisher="Provincie Utrecht (Snuffelfiets)",
    title="Snuffelfiets: lucht gemeten vanaf de fiets",
    page="https://snuffelfiets.nl",
    licence="unknown",
    attribution="Bron: Snuffelfiets, provincie Utrecht",
    shape="reading",
    openness="none",
    refreshed="daily",
)
PRIVATE = True
LARGEST_LOSS = 1.0  # nobody has to cycle

HOST = "SNUFFELFIETS_FEED"
MONTH = timedelta(days=31)
NO_FIX, DUST_STARTS = 32, 2048
DUST = ("pm10", "pm2_5", "pm1_0")
UNITS = dict.fromkeys(DUST, "µg/m³") | {"temperature": "°C", "humidity": "%", "pressure": "hPa"}


class Measured(NamedTuple):
    """One row, put right; `values` by quantity. `bicycle` is only to be counted."""

    bicycle: str
    time: datetime
    lon: float
    lat: float
    values: Mapping[str, float]


def waits_for(city_dir: Path) -> str:
    """The table of the city's file, as long as it is not there."""
    return feeds.waits_for(city_dir, SOURCE.id)


def fetch(task: Task) -> list[Edition | Same]:
    """The squares of the days that are over and were not made before, at most of the last month.

    Raises LoadError when the city's table or the file can't be used.
    """
    begin, last = _first_day(task), rides.releasable(readings.utc(task.now))
    if begin > last:
        task.note(f"Everything up to {last} is there; what came of those days since is not counted.")
        return [Same(PLACES)] if PLACES in task.copies else []
    left_out = Counter[str]()
    answer, said = _ask(task)
    rows = measured(files.rows(io.StringIO(answer.text(), newline=""), answer.url), left_out)
    found = [
        reading
        for reading in squared(rows, left_out, task.outline())
        if begin <= date.fromisoformat(readings.day(reading.time)) <= last
    ]
    for why, number in (+left_out).items():
        task.note(f"{number} {why}.")
    if not found:
        task.note(f"No square of {task.gemeente} has an hour with {LEAST} bicycles from {begin} to {last}.")
    squares = readings.former_places(task) | {reading.sensor: _place(reading.sensor) for reading in found}
    if not squares:
        return []
    places = readings.places(task, squares.values(), KEYS["point"], answer.url, LABEL)
    editions = [
        replace(places, marker=last.isoformat()),  # also for the days that have no square
        *readings.editions(task, found, datetime.combine(begin, datetime.min.time()), answer.url),
    ]
    # A square is a figure of five bicycles; whether everybody may have it is up to whoever published the file.
    openness: Openness = "none" if said["licence"] == SOURCE.licence else "rows"
    attribution, licence = said["attribution"], said["licence"]
    return [replace(each, attribution=attribution, licence=licence, openness=openness) for each in editions]


def _first_day(task: Task) -> date:
    """The day after the last one that was made, whether or not it had a square, and at most a month ago."""
    made = [date.fromisoformat(name) for name in task.copies if name != PLACES]
    if PLACES in task.copies:
        made.append(date.fromisoformat(task.copies[PLACES].marker))
    return max([task.today - MONTH, *(day + timedelta(days=1) for day in made)])


def look(task: Task) -> Look:
    """How many rows the file has that can be used."""
    answer, _ = _ask(task)
    rows = measured(files.rows(io.StringIO(answer.text(), newline=""), answer.url), Counter())
    return Look(edition=PLACES, columns=dict.fromkeys(KEYS["point"].names, ""), counts={"rows": sum(1 for _ in rows)})


def _ask(task: Task) -> tuple[Answer, dict[str, str]]:
    """The file, and what the city says of it."""
    said = feeds.read(task.city_dir, SOURCE.id)
    if problems := feeds.problems(said):
        raise feeds.refused(SOURCE.id, problems)
    path, options = feeds.at(task.http, HOST, feeds.address(said), SOURCE.id)
    return task.http.get(HOST, path, options, label=LABEL), said


def measured(rows: Iterable[Mapping[str, str]], left_out: Counter[str]) -> Iterator[Measured]:
    """The rows that have a place and no fault, put right; the others are counted by why.

    Raises LoadError when a column is not there or holds something else.
    """
    for row in rows:
        lon, lat, errors, version = (
            _number(row, name) or 0 for name in ("longitude", "latitude", "error_code", "version_major")
        )
        if not (lon and lat):
            left_out["rows have no place"] += 1
            continue
        if int(errors) & ~(NO_FIX | DUST_STARTS):
            left_out["rows have a fault that is not known"] += 1
            continue
        values = {name: value for name in UNITS if (value := _number(row, name)) is not None}
        scales = {"temperature": 0.1} | (dict.fromkeys(DUST, 0.01) if version >= 2 else {})
        if int(errors) & DUST_STARTS:
            left_out["rows are without dust: its sensor was starting"] += 1
            values = {name: value for name, value in values.items() if name not in DUST}
        yield Measured(
            readings.cell(row, "entity_id", "A row"),
            readings.time_of(readings.cell(row, "recording_timestamp", "A row"), "A row"),
            lon,
            lat,
            {name: round(value * scales.get(name, 1), 4) for name, value in values.items()},
        )


def squared(
    rows: Iterable[Measured], left_out: Counter[str], outline: shapely.Geometry | None = None
) -> Iterator[Reading]:
    """What may be kept of rides, of what was measured inside `outline`: a value per square, hour and quantity."""
    bicycles: dict[str, int] = {}
    which, times = array("q"), list[datetime]()
    numbers = {name: array("d") for name in ("lon", "lat", *UNITS)}
    for each in rows:
        which.append(bicycles.setdefault(each.bicycle, len(bicycles)))
        times.append(each.time)
        for name, column in numbers.items():
            column.append(each.values.get(name, math.nan))
        numbers["lon"][-1], numbers["lat"][-1] = each.lon, each.lat
    columns = {name: np.asarray(column) for name, column in numbers.items()}
    lon, lat = columns.pop("lon"), columns.pop("lat")
    inside = None
    if outline is not None:
        shapely.prepare(outline)
        inside = shapely.intersects_xy(outline, lon, lat)
    moments = np.array(times, dtype="datetime64[us]")
    found = rides.hours(np.asarray(which, dtype=np.int64), moments, lon, lat, columns, inside)
    left_out["rows are of where a ride begins or ends, or a bicycle stands"] += found.cut
    left_out[f"hours of a square had fewer than {LEAST} bicycles"] += found.few
    for quantity, hour, east, north, median in zip(*found[:5], strict=True):
        yield Reading(f"{east}_{north}", str(quantity), hour.item(), round(float(median), 4), UNITS[str(quantity)])


def _number(row: Mapping[str, str], name: str) -> float | None:
    return readings.number_of(readings.cell(row, name, "A row of Snuffelfiets"), f"{name} of a row")


def _place(square: str) -> dict[str, object]:
    """The middle of a square."""
    east, north = map(int, square.split("_"))
    lon, lat = (east + 0.5) * SQUARE[0], (north + 0.5) * SQUARE[1]
    return {"id": square, "kind": "air_square", "name": square, "lon": round(lon, 5), "lat": round(lat, 5)}
