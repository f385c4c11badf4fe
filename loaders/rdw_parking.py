"""Where one can park in the gemeente, for how many cars and at what price: areas, garages, P+R and meters, by RDW.

Published each day as tables of the national parking register (NPR) that municipalities fill. Odd, and handled here:

- The gemeente is an area manager, by its number without zeros in front ("344"). Its keys are only unique with that.
- Tables hold what has ended and what is still to begin. What counts is what is valid today, in each table of a chain.
- Days are written as 20160601, 20160601000000 or 2016-06-01T00:00:00.000, and an end that is open as 29991231.
- The column with the first day of a garage is called `startdataarea`.
- Many areas have no outline, or an empty one. They are counted in a note, not guessed.
- A place is one point inside the area, so that it lies in one buurt; a large area lies in more of them.
- P+R have a table of places of their own too (6wzd-evwu), whose columns nobody has confirmed; it is not read.

What parking costs is told in two ways. `tariffs` holds the published parts as JSON: for each day and time the fare, and
of that the parts [from minute, until minute, minutes per step, euro per step]. `euro_per_hour` is ours: what the part
for the first minutes comes to per hour, on the dearest day and time of the week. Other columns are as published;
`maximumvehicleheight` 0 means that none is given.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa
import shapely

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task
from loaders.believe import KEYS, in_netherlands
from loaders.dialects import socrata
from loaders.dialects.socrata import Row

SOURCE = Source(
    id="rdw_parking",
    publisher="RDW (Nationaal Parkeer Register)",
    title="Open data parkeren: gebieden, capaciteit en tarieven",
    page="https://opendata.rdw.nl/browse?category=Parkeren",
    licence="cc0",
    attribution="Bron: RDW Open Data / Nationaal Parkeer Register",
    shape="point",
    openness="rows",
    refreshed="daily",
    hosts=("RDW",),
)

EDITION = "places"


class _Table(NamedTuple):
    """A table: its id, its columns with the first and last day of a row, and others that must be there."""

    id: str
    start: str
    end: str
    needed: tuple[str, ...]


AREAS = _Table("adw6-9hsg", "startdatearea", "enddatearea", ("areaid", "areadesc", "usageid"))
OUTLINES = _Table("nsk3-v9n7", "startdatearea", "enddatearea", ("areaid", "areageometryastext"))
GARAGES = _Table("t5pc-eb34", "startdataarea", "enddataarea", ("areaid", "areadesc", "location", "usageid"))
SPECIFICATIONS = _Table("b3us-f26s", "startdatespecifications", "enddatespecifications", ("areaid", "capacity"))
METERS = _Table("cgqw-pfbp", "startdatesellingpoint", "enddatesellingpoint", ("sellingpointid", "location"))
RULES = _Table("qtex-qwd8", "startdatearearegulation", "enddatearearegulation", ("areaid", "regulationid"))
REGULATIONS = _Table("yefi-qfiq", "startdateregulation", "enddateregulation", ("regulationid",))
TIMES = _Table("ixf8-gtwq", "startdatetimeframe", "enddatetimeframe", ("regulationid", "daytimeframe"))
FARES = _Table("nfzq-8g7y", "startdatefare", "enddatefare", ("farecalculationcode",))
PARTS = _Table(
    "534e-5vdg",
    "startdatefarepart",
    "enddatefarepart",
    ("farecalculationcode", "amountfarepart", "stepsizefarepart", "startdurationfarepart"),
)

KINDS = {"GARAGEP": "parking_garage", "PARKRIDE": "park_and_ride"}  # by usage; everything else is an area
PUBLISHED = (
    "areaid",
    "usageid",
    "sellingpointid",
    "capacity",
    "chargingpointcapacity",
    "disabledaccess",
    "limitedaccess",
    "maximumvehicleheight",
)
OURS = ("tariffs", "euro_per_hour")
UNITS = {"maximumvehicleheight": "cm", "euro_per_hour": "euro per uur"}
SCHEMA = pa.schema(
    [
        *KEYS["point"],
        *(pa.field(name, pa.string(), metadata={"unit": UNITS.get(name, "")}) for name in PUBLISHED),
        pa.field("tariffs", pa.string()),
        pa.field("euro_per_hour", pa.float64(), metadata={"unit": UNITS["euro_per_hour"]}),
    ]
)

Place = tuple[float, float]


def fetch(task: Task) -> list[Edition]:
    """Every area, garage and meter that is valid today and has a place. Raises LoadError when there is none."""
    areas = _by(_valid(task, AREAS), "areaid")
    garages = _by(_valid(task, GARAGES), "areaid")
    specifications = _by(_valid(task, SPECIFICATIONS), "areaid")
    outlines: dict[str, list[str]] = defaultdict(list)
    for row in _valid(task, OUTLINES):
        outlines[str(row.get("areaid"))].append(str(row.get("areageometryastext") or ""))
    prices = _prices(task)
    rows, placeless = [], 0
    for areaid, area in {**areas, **garages}.items():
        place = _location(garages[areaid]) if areaid in garages else _middle(outlines[areaid])
        placeless += place is None
        if place:
            merged = {**area, **specifications.get(areaid, {})}
            kind = KINDS.get(str(area.get("usageid")).upper(), "parking_area")
            rows.append(_row(f"area:{areaid}", kind, area.get("areadesc"), place, merged) | prices.get(areaid, {}))
    for number, meter in _by(_valid(task, METERS), "sellingpointid").items():
        place = _location(meter)
        placeless += place is None
        if place:
            rows.append(_row(f"meter:{number}", "parking_meter", meter.get("sellingpointdesc"), place, meter))
    if not rows and EDITION not in task.copies:
        task.note(f"{task.gemeente} has no place to park in RDW's register.")
        return []
    if not rows:
        raise LoadError(
            f"RDW has no place to park in {task.gemeente} ({_address(task)}). Look whether that gemeente puts its "
            "parking into the register."
        )
    if placeless:
        task.note(f"{placeless} areas and meters have no place in the register; they are left out.")
    rows.sort(key=lambda row: str(row["id"]))
    return [Edition(edition=EDITION, table=pa.Table.from_pylist(rows, schema=SCHEMA), url=_address(task))]


def look(task: Task) -> Look:
    """The published columns that areas, their specifications and meters have now, and ours."""
    found = {
        name
        for table in (AREAS, SPECIFICATIONS, METERS)
        for name in socrata.columns(task.http, "RDW", table.id, _own(task), label=EDITION)
    }
    columns = [name for name in PUBLISHED if name in found]
    return Look(edition=EDITION, columns={name: UNITS.get(name, "") for name in (*columns, *OURS)}, counts={})


def _address(task: Task) -> str:
    return task.http.address("RDW", f"/resource/{AREAS.id}.json", {"$where": _own(task)})


def _manager(task: Task) -> str:
    return str(int(task.gemeente[2:]))


def _own(task: Task) -> str:
    return f"areamanagerid='{_manager(task)}'"


def _valid(task: Task, table: _Table) -> Iterator[Row]:
    """The rows of the gemeente that are valid today. Raises LoadError when there are others among them."""
    needed = ("areamanagerid", table.start, *table.needed)
    for row in socrata.rows(task.http, "RDW", table.id, _own(task), label=EDITION, needed=needed):
        if str(row.get("areamanagerid")) != _manager(task):
            raise LoadError(
                f"Table {table.id} of RDW was asked for area manager {_manager(task)}, and sent a row of "
                f"{row.get('areamanagerid')}. Nothing of it is used; load again later."
            )
        first, last = (_day(row.get(name), table) for name in (table.start, table.end))
        if (first is None or first <= task.today) and (last is None or task.today <= last):
            yield row


def _day(published: object, table: _Table) -> date | None:
    """A day in any of the ways that RDW writes it; None when there is none."""
    digits = str(published or "").replace("-", "")[:8]
    if digits in ("", "0"):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError as error:
        raise LoadError(f"Table {table.id} of RDW has “{published}” for a day. Look what changed there.") from error


def _by(rows: Iterable[Row], name: str) -> dict[str, Row]:
    """Rows by a key; of several that are valid today the last counts."""
    return {str(row[name]): row for row in rows if name in row}


def _row(identity: str, kind: str, name: object, place: Place, published: Mapping[str, Any]) -> Row:
    keys = {"id": identity, "kind": kind, "name": str(name or identity).strip(), "lon": place[0], "lat": place[1]}
    return keys | {column: published.get(column) for column in PUBLISHED}


def _location(row: Row) -> Place | None:
    """Where a garage or meter is; None when it is nowhere in the Netherlands."""
    location = row.get("location")
    if not isinstance(location, dict):
        return None
    try:
        lon, lat = location.get("coordinates") or (location["longitude"], location["latitude"])
        place = (float(lon), float(lat))
    except (KeyError, TypeError, ValueError):
        return None
    return place if in_netherlands(*place) else None


def _middle(texts: Iterable[str]) -> Place | None:
    """A point inside the outlines of an area; None when they are empty, unreadable or not in the Netherlands."""
    shapes = [shapely.from_wkt(text, on_invalid="ignore") for text in texts]
    whole = shapely.union_all([shapely.make_valid(shape) for shape in shapes if shape is not None])
    if whole.is_empty:
        return None
    point = whole.representative_point()
    return (point.x, point.y) if in_netherlands(point.x, point.y) else None


def _prices(task: Task) -> dict[str, Row]:
    """The columns about what parking costs, by area: of all rules that are valid today."""
    regulations = set(_by(_valid(task, REGULATIONS), "regulationid"))
    fares = _by(_valid(task, FARES), "farecalculationcode")
    parts: dict[str, list[Row]] = defaultdict(list)
    for row in _valid(task, PARTS):
        parts[str(row.get("farecalculationcode"))].append(row)
    times: dict[str, list[Row]] = defaultdict(list)
    for row in _valid(task, TIMES):
        if row.get("farecalculationcode") in fares:
            times[str(row.get("regulationid"))].append(row)
    tariffs: dict[str, list[Row]] = defaultdict(list)
    for rule in _valid(task, RULES):
        if rule.get("regulationid") in regulations:
            for time in times[str(rule["regulationid"])]:
                fare = str(time["farecalculationcode"])
                tariffs[str(rule.get("areaid"))].append(_tariff(time, fares[fare], parts[fare]))
    return {
        areaid: {
            "tariffs": json.dumps(own, ensure_ascii=False),
            "euro_per_hour": max((rate for tariff in own if (rate := _rate(tariff)) is not None), default=None),
        }
        for areaid, own in tariffs.items()
    }


def _tariff(time: Row, fare: Row, parts: list[Row]) -> Row:
    columns = ("startdurationfarepart", "enddurationfarepart", "stepsizefarepart", "amountfarepart")
    numbers = [[_number(part.get(name), name) for name in columns] for part in parts]
    return {
        "regulation": time.get("regulationid"),
        "day": time.get("daytimeframe"),
        "from": time.get("starttimetimeframe"),
        "until": time.get("endtimetimeframe"),
        "fare": fare.get("farecalculationdesc"),
        "parts": sorted(numbers, key=lambda part: part[0] or 0),
    }


def _rate(tariff: Row) -> float | None:
    """Euro per hour of the part that begins at once; None when there is none, or it is paid at once for any time."""
    for begin, _, step, amount in tariff["parts"]:
        if not begin and step and amount is not None:
            return round(float(amount) / float(step) * 60, 2)
    return None


def _number(published: object, name: str) -> float | None:
    if published is None:
        return None
    try:
        return float(str(published))
    except ValueError as error:
        raise LoadError(f"RDW has “{published}” for {name} of a fare. Look what changed there.") from error
