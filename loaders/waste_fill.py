"""How full waste containers are, from a feed of the city itself: no city is known that publishes this for everyone.

So the city gives the address, the format, the scale, the licence and whom to name, in `[waste_fill]` of
`city/feeds.toml` (docs/feeds.md). Without it this source is not loaded. It reads three formats:

- `fiware`: WasteContainer of the FIWARE data models over NGSI-v2 or NGSI-LD, with plain values or with each value
  wrapped up (“normalized”). The level is `fillingLevel`. That a container says its waste in `storedWasteKind` and its
  time in `dateObserved` is common knowledge of the model, not confirmed.
- `sensorthings`: one Datastream per container, that has `level` in its name; its Thing has the place.
- `records`: rows of JSON, or GeoJSON, under names that the city gives. Everything has to be in one answer.

A level is made a percentage by the scale that was declared, never by how it looks: 1 may be full or 1%. Which
percentages are believed, `quantities.toml` says of what comes in any way; a note counts those that won't be. The
published number stays beside it.

A level whose time can't be read, or says no zone where the city says none either, is left out and counted. Only when
that goes for all of them the feed is refused.

Who threw what in is nobody's business. A feed with cards, deposits or households in it is refused as a whole, before
anything of it is on this disk.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import shapely

from buurtbeeld.catalogue import Source, load
from buurtbeeld.statistics import received
from loaders import Edition, LoadError, Look, Task, feeds, readings
from loaders.believe import KEYS
from loaders.dialects import ngsi, sensorthings
from loaders.http import Answer
from loaders.readings import LABEL, PLACES, WEEK, Reading

SOURCE = Source(
    id="waste_fill",
    publisher="Gemeente",
    title="Hoe vol containers voor afval zijn",
    page="https://github.com/smart-data-models/dataModel.WasteManagement",
    licence="unknown",
    attribution="Bron: gemeente",
    shape="reading",
    openness="rows",
    refreshed="hourly",
)
LARGEST_LOSS = 1.0  # a day that has just begun has few readings

HOST = "WASTE_FEED"
FACTORS = {"0-1": 100.0, "0-10": 10.0, "percent": 1.0}
FORMATS = {"fiware": (), "sensorthings": ("level",), "records": ("id", "level", "time", "lon", "lat")}
"""Format: the names that the city has to give for it."""
OPTIONAL = {"records": ("fraction", "stars")}
"""Format: the names that the city may give for it as well."""
NAMES = (*FORMATS["records"], *OPTIONAL["records"])
TEXTS = (*feeds.ABOUT, "format", "scale")
FIWARE_LEVEL = "fillingLevel"
PERCENTAGE = "fill_pct"
NEVER = {"result": None, "phenomenonTime": None}
"""The observation of a container that has none yet: it stands there all the same."""
CONTAINERS = pa.schema([*KEYS["point"], ("fraction", pa.string())])


class Level(NamedTuple):
    """What one container said last. `level` is None when it does not know, `time` as published, None when it never did.

    stars: of five, None where none are given.
    """

    id: str
    fraction: str | None
    place: tuple[float, float] | None
    level: float | None
    time: str | None
    stars: int | None = None


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What the city says of its feed, checked."""

    url: str
    """Not to be shown: it may hold a key."""
    format: str
    scale: str
    licence: str
    attribution: str
    names: Mapping[str, str]
    """What `NAMES` are called in it."""
    zone: ZoneInfo | None
    """Of times that do not say theirs."""


def waits_for(city_dir: Path) -> str:
    """The table of `feeds.toml`, as long as it is not there."""
    return feeds.waits_for(city_dir, SOURCE.id)


def fetch(task: Task) -> list[Edition]:
    """Where the containers in the gemeente are, and how full: as published, and as a percentage (fill_pct).

    Raises LoadError when the city's table or the feed can't be used.
    """
    feed = configured(feeds.read(task.city_dir, SOURCE.id))
    outline = task.outline()
    levels = list(READERS[feed.format](task, feed))
    if levels and not any(each.time for each in levels):
        raise LoadError("No container in the feed of [waste_fill] has a time. Look what changed there.")
    inside = [each for each in levels if each.place and outline.intersects(shapely.Point(each.place))]
    if outside := len(levels) - len(inside):
        task.note(f"{outside} containers have no place in {task.gemeente}, and are left out.")
    if not inside:
        raise LoadError(
            f"The feed of [waste_fill] has no container in {task.gemeente}. Look whether it is the right feed."
        )
    places = {
        each.id: {
            "id": each.id,
            "kind": "waste_container",
            "name": each.id,
            "lon": each.place[0],
            "lat": each.place[1],
            "fraction": each.fraction,
        }
        for each in inside
        if each.place
    }
    found = list(filled(inside, feed, task.now, task.note))
    url = task.http.address(HOST, feeds.at(task.http, HOST, feed.url, SOURCE.id)[0])
    editions = [
        readings.places(task, places.values(), CONTAINERS, url, LABEL),
        *readings.editions(task, found, readings.utc(task.now) - WEEK, url),
    ]
    return [replace(edition, attribution=feed.attribution, licence=feed.licence) for edition in editions]


def look(task: Task) -> Look:
    """How many containers the feed has, in the gemeente or not."""
    feed = configured(feeds.read(task.city_dir, SOURCE.id))
    ids = {each.id for each in READERS[feed.format](task, feed)}
    return Look(edition=PLACES, columns=dict.fromkeys(CONTAINERS.names, ""), counts={"containers": len(ids)})


def configured(said: Mapping[str, Any]) -> Feed:
    """The city's table, checked. Raises LoadError naming everything that is wrong with it."""
    given = {name: str(value).strip() for name, value in said.items()}
    problems = feeds.problems(said, TEXTS, (*NAMES, "zone"))
    for name, allowed in (("format", FORMATS), ("scale", FACTORS)):
        if given.get(name) and given[name] not in allowed:
            problems.append(f"{name} is {given[name]!r}, but must be one of {', '.join(allowed)}")
    for name in FORMATS.get(given.get("format", ""), ()):
        if not given.get(name):
            problems.append(f"{name} has to be filled in for this format")
    if given.get("format") in FORMATS:
        used = (*FORMATS[given["format"]], *OPTIONAL.get(given["format"], ()))
        unused = (name for name in NAMES if given.get(name) and name not in used)
        problems += [f"{name} is not read in the format {given['format']}; leave it out" for name in unused]
    zone = None
    try:
        zone = ZoneInfo(given["zone"]) if given.get("zone") else None
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(f"zone is {given['zone']!r}, which is no time zone such as Europe/Amsterdam")
    if problems:
        raise feeds.refused(SOURCE.id, problems)
    return Feed(
        url=feeds.address(said),
        **{name: given[name] for name in TEXTS},
        names={name: given[name] for name in NAMES if given.get(name)},
        zone=zone,
    )


def filled(levels: Iterable[Level], feed: Feed, now: datetime, note: Callable[[str], None]) -> Iterator[Reading]:
    """Two readings of each level that can be: the percentage, and the number as published. now: when they came.

    Raises LoadError when there are levels with a time, and not one of these times can be used.
    """
    published = feed.names.get("level", FIWARE_LEVEL)
    lowest, highest = load().quantities["fill"].believed
    impossible = untimed = usable = 0
    wrong: dict[type[LoadError], list[LoadError]] = defaultdict(list)
    for each in levels:
        if each.level is None:
            continue
        if each.time is None:
            untimed += 1
            continue
        percentage = round(each.level * FACTORS[feed.scale], 6)  # 1.1 of 1 is 110%, not a whisker more
        try:
            time = readings.time_of(each.time, f"{published} of {each.id}", feed.zone, now)
        except LoadError as error:
            wrong[type(error)].append(error)
            continue
        usable += 1
        impossible += not lowest <= percentage <= highest
        if not math.isfinite(percentage):
            continue
        yield Reading(each.id, PERCENTAGE, time, percentage, "%", each.stars)
        if published != PERCENTAGE:  # of two with one name only the last would be kept
            yield Reading(each.id, published, time, each.level, feed.scale, each.stars)
    _tell_untimely(wrong, usable, note)
    if impossible:
        beyond = f"below {lowest:g} or above {highest:g}%"
        note(f"{impossible} levels {beyond} won't be believed. Look whether the scale is {feed.scale}.")
    if untimed:
        note(f"{untimed} levels without a time are left out.")


def _tell_untimely(
    wrong: Mapping[type[LoadError], Sequence[LoadError]], usable: int, note: Callable[[str], None]
) -> None:
    """Says which levels were left out for their time. Raises LoadError, for what is most often wrong, when all were."""
    hints: dict[type[LoadError], str] = {readings.NoZoneError: f" Fill in zone of [{SOURCE.id}] in city/{feeds.FILE}."}
    told = {kind: f"{errors[0]}{hints.get(kind, '')}" for kind, errors in wrong.items()}
    if wrong and not usable:
        raise LoadError(told[max(wrong, key=lambda kind: len(wrong[kind]))])
    for kind, errors in wrong.items():
        note(f"{len(errors)} levels are left out for their time. {told[kind]}")


def of_nobody(answer: Answer) -> None:
    """Raises LoadError when an answer has something of persons among its names, whole or half, JSON or a table."""
    text = answer.text()
    names = [*re.findall(r'"([^"\n]{1,80})"\s*:', text), *re.split("[,;\t]", text.partition("\n")[0])]
    if found := next((name for name in names if received.OF_PERSONS.search(name)), None):
        raise LoadError(
            f"The feed of [waste_fill] has “{found.strip()[:40]}”, which is about who threw something in. Nothing of "
            "it is used or kept. Have the feed made without it."
        )


def _ask(task: Task, feed: Feed, more: dict[str, str]) -> Answer:
    path, options = feeds.at(task.http, HOST, feed.url, SOURCE.id)
    return task.http.get(HOST, path, options | more, label=LABEL, check=of_nobody)


def _fiware(task: Task, feed: Feed) -> Iterator[Level]:
    levels = 0
    for row in ngsi.entities(partial(_ask, task, feed)):
        name = f"{FIWARE_LEVEL} of {row['id']}"
        levels += FIWARE_LEVEL in row
        yield Level(
            str(row["id"]),
            _words(ngsi.plain(row.get("storedWasteKind"))),
            readings.point_of(ngsi.plain(row.get("location"))),
            readings.number_of(ngsi.plain(row.get(FIWARE_LEVEL)), name),
            _text(ngsi.observed(row, FIWARE_LEVEL)),
        )
    if not levels:
        raise LoadError(f"No container in the feed of [waste_fill] has a {FIWARE_LEVEL}. Look what changed there.")


def _words(value: Any) -> str | None:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) if value else None


def _text(value: Any) -> str | None:
    """A published value as text, None where there is nothing."""
    return (str(value).strip() or None) if value is not None else None


def _sensorthings(task: Task, feed: Feed) -> Iterator[Level]:
    path, options = feeds.at(task.http, HOST, feed.url, SOURCE.id)
    path = path.rstrip("/") + "/Datastreams"
    options["$expand"] = "Thing($expand=Locations),Observations($orderby=phenomenonTime desc;$top=1)"
    for stream in sensorthings.entities(task.http, HOST, path, options, label=LABEL, check=of_nobody):
        called = str(readings.cell(stream, "name", "A Datastream of the feed"))
        if feed.names["level"].lower() not in called.lower():
            continue
        if feed.scale == "percent" and (unit := sensorthings.unit(stream)) != "%":
            raise LoadError(f"{called} is in {unit!r}, not in %. A distance does not say how full a container is.")
        thing = stream.get("Thing") or {}
        for row in stream.get("Observations") or [NEVER]:
            time = _text(readings.cell(row, "phenomenonTime", called))
            yield Level(
                str(readings.cell(thing, "name", f"The Thing of {called}")),
                None,
                sensorthings.place(thing),
                readings.number_of(readings.cell(row, "result", called), called),
                time and time.rpartition("/")[2],
            )


def _records(task: Task, feed: Feed) -> Iterator[Level]:
    answer = _ask(task, feed, {})
    body = answer.rows() if answer.body.lstrip().startswith(b"[") else answer.json()
    yield from records(body, feed)


def records(body: Any, feed: Feed) -> Iterator[Level]:
    """The containers in JSON: a list, what a list is wrapped in, GeoJSON, or a list of these.

    Raises LoadError when it is only a part, or does not have the names that the city gave.
    """
    if isinstance(body, list):
        for part in body:
            yield from records(part, feed)
        return
    if inside := next((body[name] for name in ("features", "results", "records") if name in body), None):
        if body.get("total_count", len(inside)) > len(inside):
            raise LoadError(
                f"The feed of [waste_fill] gives {len(inside)} of {body['total_count']} containers. Give the address "
                "that has all of them; at Opendatasoft that is …/exports/json."
            )
        yield from records(inside, feed)
        return
    row = body.get("properties", body)
    called = feed.names
    id, level, time, lon, lat = (readings.cell(row, called[name], "A container") for name in FORMATS["records"])
    place = {"coordinates": [readings.number_of(each, f"The place of {id}") for each in (lon, lat)]}
    yield Level(
        str(id),
        _words(row.get(called.get("fraction", ""))),
        readings.point_of(place),
        readings.number_of(level, f"{called['level']} of {id}"),
        _text(time),
        received.stars(row.get(called.get("stars", ""))),
    )


READERS: Mapping[str, Callable[[Task, Feed], Iterator[Level]]] = {
    "fiware": _fiware,
    "sensorthings": _sensorthings,
    "records": _records,
}
