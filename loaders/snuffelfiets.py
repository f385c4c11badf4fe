"""Air measured from bicycles (Snuffelfiets), as an hour in a square of a good 500 m, never as a ride.

Its open file has been moving from one portal to another, and no lasting address is known. So who has one gives it, in
`[snuffelfiets]` of `city/feeds.toml` (docs/feeds.md): a table of text with one row per measurement. Without it this
source is not loaded.

A ride says where somebody lives and works. So neither the file nor the number of a bicycle is kept: what is, is the
middle value of everything measured in one square in one hour by three bicycles or more. Odd, and handled here:

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
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely

from buurtbeeld.catalogue import Source
from loaders import Edition, Look, Task, feeds, files, readings
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
LARGEST_LOSS = 1.0  # nobody has to cycle

HOST = "SNUFFELFIETS_FEED"
MONTH, HOUR = timedelta(days=31), timedelta(hours=1)
LEAST = 3  # bicycles
SQUARE = (0.0075, 0.0046)  # degrees of longitude and latitude, some 510 m in the middle of the country
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


def fetch(task: Task) -> list[Edition]:
    """The squares with readings of the last month, and those readings by day.

    Raises LoadError when the city's table or the file can't be used.
    """
    outline, left_out = task.outline(), Counter[str]()
    shapely.prepare(outline)
    answer, said = _ask(task)
    rides = measured(files.rows(io.StringIO(answer.text(), newline=""), answer.url), left_out)
    inside = (each for each in rides if outline.intersects(shapely.Point(each.lon, each.lat)))
    found = list(squared(inside, left_out))
    for why, number in left_out.items():
        task.note(f"{number} {why}.")
    if not found:
        task.note(f"No square of {task.gemeente} has an hour with {LEAST} bicycles.")
        return []
    squares = readings.former_places(task) | {reading.sensor: _place(reading.sensor) for reading in found}
    editions = [
        readings.places(task, squares.values(), KEYS["point"], answer.url, LABEL),
        *readings.editions(task, found, readings.utc(task.now) - MONTH, answer.url),
    ]
    return [replace(each, attribution=said["attribution"], licence=said["licence"]) for each in editions]


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
    path, options = feeds.at(task.http, HOST, said["url"], SOURCE.id)
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


def squared(rides: Iterable[Measured], left_out: Counter[str]) -> Iterator[Reading]:
    """The middle value per square, hour and quantity, where enough bicycles were."""
    bicycles: dict[tuple[str, datetime], set[str]] = defaultdict(set)
    values: dict[tuple[str, datetime], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in rides:
        square = f"{math.floor(each.lon / SQUARE[0])}_{math.floor(each.lat / SQUARE[1])}"
        # The hour by its end; what is measured on the hour ends the one before.
        key = square, (each.time - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0) + HOUR
        bicycles[key].add(each.bicycle)
        for quantity, value in each.values.items():
            values[key][quantity].append(value)
    for (square, hour), measures in values.items():
        if len(bicycles[square, hour]) < LEAST:
            left_out[f"hours of a square had fewer than {LEAST} bicycles"] += 1
            continue
        for quantity, numbers in measures.items():
            yield Reading(square, quantity, hour, round(float(np.median(numbers)), 4), UNITS[quantity])


def _number(row: Mapping[str, str], name: str) -> float | None:
    return readings.number_of(readings.cell(row, name, "A row of Snuffelfiets"), f"{name} of a row")


def _place(square: str) -> dict[str, object]:
    """The middle of a square."""
    east, north = map(int, square.split("_"))
    lon, lat = (east + 0.5) * SQUARE[0], (north + 0.5) * SQUARE[1]
    return {"id": square, "kind": "air_square", "name": square, "lon": round(lon, 5), "lat": round(lat, 5)}
