"""Readings of sensors, dealt out over the days of UTC: since when to ask, and what is new beside what was read before.

A publisher still changes what it sent in the last hours, and now and then what it sent in the last days. So each load
asks for the last hours again, and the first load of a day for the last week; what comes is put into the copy of its
day, in the place of the same reading there.
"""

import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from buurtbeeld.catalogue.sensing import HOME_DIGITS
from buurtbeeld.statistics import received
from loaders import Edition, LoadError, Task
from loaders.believe import KEYS, OPTIONAL, in_netherlands

PLACES = "places"
LABEL = "readings"
WEEK = timedelta(days=7)
EARLY = timedelta(hours=1)  # a clock may be fast; more than this no reading can be ahead of now
_KEY = ("time", "sensor", "quantity")
_KILOMETRES = 111.2  # in a degree of latitude


class Reading(NamedTuple):
    """One value. `time` is UTC without a zone; `unit` is None where neither the publisher nor its documents say it.

    stars: of five, and None where the publisher gives none.
    """

    sensor: str
    quantity: str
    time: datetime
    value: float
    unit: str | None
    stars: int | None = None


def since(task: Task, again: timedelta) -> datetime:
    """From which whole hour on to ask: `again` ago, or a week when nothing of today was loaded yet.

    UTC, without a zone.
    """
    now = utc(task.now).replace(minute=0, second=0, microsecond=0)
    return now - (again if day(now) in task.copies else WEEK)


def editions(task: Task, readings: Iterable[Reading], begin: datetime, url: str) -> list[Edition]:
    """One edition per day that has readings from `begin` on, with those of its copy; their answers are under `LABEL`.

    What a publisher sends of before `begin`, or of a time still to come, is left out with a note.
    """
    days: dict[str, list[Reading]] = defaultdict(list)
    outside = 0
    for reading in readings:
        if begin <= reading.time <= utc(task.now) + EARLY:
            days[day(reading.time)].append(reading)
        else:
            outside += 1
    if outside:
        task.note(f"{outside} readings of before {begin:%Y-%m-%d %H:%M} or still to come (UTC) are left out.")
    return [
        Edition(edition=name, table=_with_copy(task, name, found), url=url, answers=LABEL)
        for name, found in sorted(days.items())
    ]


def _with_copy(task: Task, name: str, found: Sequence[Reading]) -> pa.Table:
    """The readings of a day, with those of its copy where nothing else came, by time, sensor and quantity.

    With a column of stars when any of them has some.
    """
    plain, starred = KEYS["reading"], pa.schema([*KEYS["reading"], *OPTIONAL["reading"]])
    table = pa.table([pa.array(*each) for each in zip(zip(*found, strict=True), starred.types, strict=True)], starred)
    copy = task.copies.get(name)
    # Asked for a column that is not there, a copy would give nothing at all.
    had = starred if copy and "stars" in copy.schema.names else plain
    before = copy.table(had.names) if copy else None
    if before is not None:
        table = pa.concat_tables([before.select(had.names).cast(had), table], promote_options="default")
    # Of the same reading the last one comes first.
    table = table.append_column("turn", pa.array(np.arange(table.num_rows, 0, -1)))
    table = table.sort_by([(key, "ascending") for key in (*_KEY, "turn")]).drop_columns("turn").combine_chunks()
    changes = [pc.not_equal(table[key].slice(1), table[key].slice(0, table.num_rows - 1)) for key in _KEY]
    first = np.append(True, functools.reduce(pc.or_, changes).to_numpy())
    table = table.filter(pa.array(first))
    return table if table["stars"].null_count < table.num_rows else table.select(plain.names)


def day(time: datetime) -> str:
    """The edition a reading is of: what ends at 00:00 is still of the day before."""
    return (time - timedelta(microseconds=1)).date().isoformat()


def places(task: Task, rows: Iterable[Mapping[str, Any]], schema: pa.Schema, url: str, answers: str = "") -> Edition:
    """The edition of the places that readings are of, by their id. Its marker is the day it was asked for."""
    table = pa.Table.from_pylist(sorted(rows, key=lambda row: str(row["id"])), schema=schema)
    marker = task.today.isoformat()
    return Edition(edition=PLACES, table=table, url=url, shape="point", marker=marker, answers=answers)


def at_home(place: dict[str, Any]) -> dict[str, Any]:
    """A place by its columns, as far as it may be told of a sensor that may be at someone's home: rounded."""
    return place | {name: round(place[name], HOME_DIGITS) for name in ("lon", "lat")}


def known_places(task: Task, age: timedelta) -> pa.Table | None:
    """The places of a former load, when that is less than `age` ago; None when they have to be asked again."""
    copy = task.copies.get(PLACES)
    if copy is None or task.today - date.fromisoformat(copy.marker) >= age:
        return None
    return copy.table()


def former_places(task: Task) -> dict[str, dict[str, Any]]:
    """The places of the last load by id, for publishers that only name those with a reading now."""
    copy = task.copies.get(PLACES)
    table = copy.table() if copy else None
    return {row["id"]: row for row in table.to_pylist()} if table else {}


def utc(time: datetime) -> datetime:
    """A time with a zone as UTC without."""
    return time.astimezone(UTC).replace(tzinfo=None)


class NoZoneError(LoadError):
    """A time says no zone, and nobody says it of all."""


def time_of(text: object, what: str, zone: tzinfo | None = UTC, now: datetime | None = None) -> datetime:
    """A published time as UTC without a zone; `zone` is for a text that has none, and None where nobody knows that.

    now: when it came, with a zone. It tells of which of two hours a time is, where `zone` puts the clock back; without
    it, of the first.

    Raises LoadError when it is no time, NoZoneError when its zone is not known; `what` says whose it is.
    """
    try:
        time = datetime.fromisoformat(str(text).strip().upper())  # z is Z in RFC 3339
        if time.tzinfo is None:
            if zone is None:
                raise NoZoneError(f"{what} has the time {text!r}, which says no time zone.")
            time = received.instant(time, zone, now) if now else time.replace(tzinfo=zone)
        return utc(time)
    except (ValueError, OverflowError) as error:
        raise LoadError(f"{what} should have a time, but has {text!r}. Look what its publisher changed.") from error


def number_of(value: object, what: str) -> float | None:
    """A published number, also one that is written as text; None where there is nothing.

    Raises LoadError when it is something else; `what` says whose it is.
    """
    if value is None or (isinstance(value, str) and value.strip() in ("", ".")):
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise LoadError(f"{what} should be a number, but is {value!r}. Look what its publisher changed.") from error
    return number if math.isfinite(number) else None


def cell(row: Mapping[str, Any], name: str, what: str) -> Any:
    """What `row` has under `name`. Raises LoadError when its publisher calls it something else now."""
    if name not in row:
        raise LoadError(f"{what} has no {name} any more; it has {', '.join(row)}. Look what its publisher changed.")
    return row[name]


def point_of(geometry: object) -> tuple[float, float] | None:
    """Longitude and latitude of what has coordinates; None when they can't be read or are not in the Netherlands."""
    try:
        lon, lat = (float(number) for number in geometry["coordinates"][:2])  # type: ignore[index]  # so it is tried
    except (TypeError, KeyError, ValueError):
        return None
    return (lon, lat) if in_netherlands(lon, lat) else None


def kilometres(outline: shapely.Geometry, lon: float, lat: float) -> float:
    """How far a place is from an outline, 0 inside; within a percent over the distances of one country."""
    scale = (_KILOMETRES * math.cos(math.radians(lat)), _KILOMETRES)
    return float(
        shapely.transform(outline, lambda points: points * scale).distance(
            shapely.Point(lon * scale[0], lat * scale[1])
        )
    )
