"""Free places in garages and at P+R of the gemeente, by the hour, from the national parking register (NPR, SPDP 2).

Published as one list of all places to park in the country (some 14,900, over 2 MB), and per place an answer about the
place and one about now. The list is read once a week, and of it what claims to tell about now. Odd, and handled here:

- No gemeente is named; most names end in one: "Garage Springweg (Utrecht)". That also fits other places, so the
  coordinates must lie in the gemeente. Not every place in the list has them; the others are asked for.
- Most places answer 401 or 404 when asked about now, though the list gives the address. They are counted in a note.
- Numbers may be written as text. `lastUpdated` is seconds since 1970, UTC; what is older than half an hour says nothing
  about now and is no reading.
- `vacantSpaces` may be above the capacity. Then it is brought down to that, and what was sent stands beside it as
  `vacantSpacesSent`. Below zero it stays as sent; what that counts as, `quantities.toml` says of all that is free.
- What a place is for stands in `usage`, as text (“Garage parkeren”, “park and ride”) or not at all. What is called P+R
  there, in whichever way of writing, is; all else counts as a garage.

A reading has the time at which it was updated. What operators tell about themselves and their contacts is left out, and
of the answers only the hash is kept.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import shapely

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task, readings
from loaders.believe import KEYS, in_netherlands
from loaders.http import RefusedError
from loaders.readings import LABEL, PLACES, Reading

SOURCE = Source(
    id="npr_parking",
    publisher="RDW (Nationaal Parkeer Register)",
    title="Vrije plekken in parkeergarages en op P+R",
    page="https://nationaalparkeerregister.nl",
    licence="cc0",
    attribution="Bron: RDW Open Data / Nationaal Parkeer Register",
    shape="reading",
    openness="rows",
    refreshed="hourly",
    hosts=("NPR",),
)
PRIVATE = True
LARGEST_LOSS = 1.0  # a day that has just begun has few hours

BASE = "/parkingdata/v2"
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
STALE = timedelta(minutes=30)
CLOSED = (401, 403, 404, 410)
PUBLISHED = ("limitedAccess", "capacity", "usage")
GARAGE, PARK_AND_RIDE = "parking_garage", "park_and_ride"
_RIDE = re.compile(r"\bp(ark)?[\s&+_-]*(and|en|n)?[\s&+_-]*r(ide)?\b", re.IGNORECASE)
FACILITIES = pa.schema([*KEYS["point"], *((name, pa.string()) for name in PUBLISHED)])

Row = dict[str, Any]


def fetch(task: Task) -> list[Edition | Same]:
    """Places once a week; free places (vacantSpaces) and parkingCapacity per day, as `readings.py` says.

    Raises LoadError when an answer is not what it should be.
    """
    known = readings.known_places(task, WEEK)
    # Former copies say of each place that it is a parking facility, which is no kind of sensor.
    if known and not set(known["kind"].to_pylist()) <= {GARAGE, PARK_AND_RIDE}:
        known = None
    places = _places(task) if known is None else Same(PLACES)
    table = places.table if isinstance(places, Edition) else known
    if not table:
        task.note(f"No garage or P+R in {task.gemeente} says that it tells how many places are free.")
        return []
    found: list[Reading] = []
    closed, stale = 0, 0
    for place in table["id"].to_pylist():
        try:
            status = _status(task, place)
        except RefusedError as error:
            if error.answer.status not in CLOSED:
                raise
            closed += 1
            continue
        own = list(_readings(task, place, status))
        stale += not own
        found += own
    if closed or stale:
        task.note(
            f"Of {table.num_rows} garages and P+R, {closed} do not tell how many places are free, and {stale} did not "
            "in the last half hour."
        )
    url = task.http.address("NPR", f"{BASE}/")
    return [places, *readings.editions(task, found, readings.utc(task.now) - HOUR, url)]


def look(task: Task) -> Look:
    """Whether the list of places is there; it is too long to be looked through for a look."""
    task.http.peek("NPR", f"{BASE}/", label=PLACES)
    return Look(edition=PLACES, columns={}, counts={})


def _places(task: Task) -> Edition:
    """What lies in the gemeente and claims to tell about now."""
    outline, name = task.outline(), next(area.name for area in task.areas() if area.level == "gemeente")
    answer = task.http.get("NPR", f"{BASE}/", label=PLACES)
    facilities = answer.json().get("ParkingFacilities")
    if not isinstance(facilities, list) or not all(isinstance(each, dict) for each in facilities):
        raise answer.problem("sent JSON without ParkingFacilities")
    found, elsewhere = [], 0
    for facility in facilities:
        point = _point(facility.get("geoLocation"))
        called = f"({name})".casefold() in str(facility.get("name")).casefold()
        if facility.get("dynamicDataUrl") and (called or (point and _within(outline, point))):
            row = _place(task, facility, point)
            if row and _within(outline, (row["lon"], row["lat"])):
                found.append(row)
            else:
                elsewhere += 1
    if elsewhere:
        task.note(f"{elsewhere} garages and P+R are called after {name} and lie elsewhere, or nowhere.")
    return readings.places(task, found, FACILITIES, task.http.address("NPR", f"{BASE}/"))


def _place(task: Task, facility: Row, point: tuple[float, float] | None) -> Row | None:
    """A place as it will be kept; None when it is nowhere."""
    identity = str(readings.cell(facility, "identifier", "A place in the list of NPR"))
    answer = task.http.get("NPR", f"{BASE}/static/{identity}", label=PLACES)
    information = answer.json().get("parkingFacilityInformation")
    if not isinstance(information, dict):
        raise answer.problem("sent JSON without parkingFacilityInformation")
    point = _point(information.get("locationForDisplay")) or point
    if point is None:
        return None
    specifications = information.get("specifications") or [{}]
    published = {"limitedAccess": facility.get("limitedAccess")} | {
        name: specifications[0].get(name) for name in ("capacity", "usage")
    }
    kind = kind_of(published["usage"])
    keys = {"id": identity, "kind": kind, "name": str(facility.get("name") or identity).strip()}
    texts = {name: None if value is None else str(value) for name, value in published.items()}
    return keys | {"lon": point[0], "lat": point[1]} | texts


def kind_of(usage: object) -> str:
    """The kind of sensor that counts at a place, by its usage as published: a garage where that is not P+R."""
    return PARK_AND_RIDE if _RIDE.search(str(usage or "")) else GARAGE


def _point(location: object) -> tuple[float, float] | None:
    """Longitude and latitude; None when they can't be read or are not in the Netherlands."""
    try:
        lon, lat = float(location["longitude"]), float(location["latitude"])  # type: ignore[index]  # so it is tried
    except (TypeError, KeyError, ValueError):
        return None
    return (lon, lat) if in_netherlands(lon, lat) else None


def _within(outline: shapely.Geometry, point: tuple[float, float]) -> bool:
    return bool(outline.covers(shapely.Point(point)))


def _status(task: Task, place: str) -> Row:
    """What a place says about now. Raises RefusedError when it does not tell."""
    answer = task.http.get("NPR", f"{BASE}/dynamic/{place}", label=LABEL)
    information = answer.json().get("parkingFacilityDynamicInformation")
    status = information.get("facilityActualStatus") if isinstance(information, dict) else None
    if not isinstance(status, dict):
        raise answer.problem("sent JSON without facilityActualStatus")
    return status


def _readings(task: Task, place: str, status: Row) -> Iterator[Reading]:
    """What a status says of when it was updated; nothing when it is not about now."""
    updated, vacant, capacity = (
        readings.number_of(status.get(name), f"{name} of {place}")
        for name in ("lastUpdated", "vacantSpaces", "parkingCapacity")
    )
    if updated is None or vacant is None or task.now - _time(updated, place) > STALE:
        return
    at = readings.utc(_time(updated, place))
    possible = vacant if capacity is None else min(vacant, capacity)
    yield Reading(place, "vacantSpaces", at, possible, "spaces")
    if possible != vacant:
        yield Reading(place, "vacantSpacesSent", at, vacant, "spaces")
    if capacity is not None:
        yield Reading(place, "parkingCapacity", at, capacity, "spaces")


def _time(seconds: float, place: str) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise LoadError(f"lastUpdated of {place} is no time: {seconds:g}. Look what its publisher changed.") from error
