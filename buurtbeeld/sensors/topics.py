"""What a city says of its feeds over MQTT, in `mqtt.toml` among its plain files (docs/feeds.md), and reading them.

Nothing is guessed: which topics, what a message looks like, which of our quantities its numbers are and where the
sensors stand is said there. A message that is not like that is refused and counted, and what is in it told to nobody.
"""

import csv
import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from buurtbeeld.catalogue import Source, load
from buurtbeeld.catalogue.sensing import HOME_DIGITS
from buurtbeeld.catalogue.source import Openness
from buurtbeeld.sensors.landing import PLACE, READING, STARS
from buurtbeeld.statistics import received

FILE = "mqtt.toml"
BROKER = ("broker", "port", "tls", "ca_file", "client_id", "user", "protocol", "feeds")
TEXTS = ("title", "publisher", "page", "licence", "attribution", "openness", "kind", "topic", "format")
KEYS = ("value", "time", "sensor", "quantity", "list", "lon", "lat", "stars")
"""Of a feed of JSON: what these are called in a message; a dot leads into an object."""
MORE = (*KEYS, "quantities", "zone", "epoch", "places", "refreshed")
FORMATS = ("number", "json")
PROTOCOLS = ("5", "3.1.1")
EPOCHS = {"s": 1e6, "ms": 1e3, "us": 1.0}
NETHERLANDS = (3.0, 50.0, 8.0, 54.0)
LONGEST = 200  # of the name of a sensor

REFUSED = {
    "persons": "hold something of persons, and nothing of these is used. Have the feed made without it",
    "json": "are no JSON",
    "object": "have no object where the readings should be",
    "number": "have no number where one should be",
    "sensor": "do not say of which sensor they are",
    "quantity": "are of a quantity that [feeds.<source>.quantities] does not name",
    "time": "have no time where one should be, or one without a zone",
    "retained": "were kept by the broker, so that nobody knows of when they are",
}
"""Why a message, or an object or a number in it, is left out: the rest of a sentence about many."""

_NAMES: set[str] = set()  # of keys that are about no person; a feed has few


class ConfigError(Exception):
    """The file can't be used. `problems` holds one sentence each; the text is all of them."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class NoConfigError(ConfigError):
    """There is no such file: the city has no feeds over MQTT."""


class Published(NamedTuple):
    """Which of our quantities a published one is; `scale` makes its numbers ours, `unit` is what they are in then."""

    id: str
    scale: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class Broker:
    """Where to connect. `ca_file` is None when the certificates of the system will do."""

    address: str
    port: int
    tls: bool
    ca_file: Path | None
    client_id: str
    user: str | None
    protocol: str

    @property
    def url(self) -> str:
        """For people and files; without user or password."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.address}:{self.port}"


class Row(NamedTuple):
    """A reading; `time` is in microseconds since 1970, UTC. stars: None where its publisher gives none."""

    sensor: str
    quantity: str
    time: int
    value: float
    unit: str
    stars: int | None


@dataclass
class Batch:
    """What came of one feed since it was last written. refused: reason → how many; places: sensor → lon, lat."""

    rows: list[Row] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)

    def table(self, schema: pa.Schema = READING) -> pa.Table:
        """The readings, in the order in which they came; schema: that of their feed."""
        # Column by column: to turn all rows round at once takes six times as long.
        arrays = [pa.array([row[nr] for row in self.rows], each.type) for nr, each in enumerate(schema)]
        return pa.table(arrays, schema=schema)


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One source. names: what `KEYS` are called; quantities: what is published → ours; places: sensor → name, lon, lat.

    Without a key for the value, each name of `quantities` is the key of a number.
    """

    source: Source
    kind: str
    topic: str
    format: str
    names: Mapping[str, tuple[str, ...]]
    quantities: Mapping[str, Published]
    zone: ZoneInfo | None
    epoch: float | None
    places: Mapping[str, tuple[str, float, float]]
    pattern: re.Pattern[str]

    @property
    def filter(self) -> str:
        """What to subscribe to."""
        return re.sub(r"\{\w+\}", "+", self.topic)

    @property
    def by_arrival(self) -> bool:
        """Whether a reading has no time but that at which it came."""
        return "time" not in self.names

    @property
    def schema(self) -> pa.Schema:
        """Of its readings: with stars when their publisher gives them, a column only then."""
        return READING.append(STARS) if "stars" in self.names else READING

    def levels(self, topic: str) -> dict[str, str] | None:
        """What a topic says of the sensor and the quantity; None when it is not of this feed."""
        found = self.pattern.fullmatch(topic)
        return found.groupdict() if found else None

    def read(self, levels: Mapping[str, str], payload: bytes | bytearray, arrived: int, batch: Batch) -> None:
        """Put the readings of one message into the batch, or the reason why not. Raises nothing, whatever it holds.

        `arrived` is in microseconds since 1970, UTC.
        """
        if self.format == "number":
            _put(batch, self._number, levels, payload, arrived, batch)
            return
        try:
            body = json.loads(payload)
            persons = of_persons(body)
        except (ValueError, RecursionError):  # a few hundred brackets are as deep as this goes
            batch.refused["json"] += 1
            return
        if persons:
            batch.refused["persons"] += 1
            return
        if "list" in self.names:
            body = _at(body, self.names["list"])
        for each in body if isinstance(body, list) else [body]:
            if isinstance(each, dict):
                _put(batch, self._object, levels, each, arrived, batch)
            else:
                batch.refused["object"] += 1

    def placed(self, seen: Mapping[str, tuple[float, float]]) -> pa.Table:
        """The sensors with a place, as they are written: that of the file before that of a message."""
        kind = load().sensor_kinds[self.kind]
        digits = HOME_DIGITS if kind.at_home else 7
        known = {sensor: (sensor, *place) for sensor, place in seen.items()} | dict(self.places)
        rows = [
            {"id": sensor, "kind": self.kind, "name": name, "lon": round(lon, digits), "lat": round(lat, digits)}
            for sensor, (name, lon, lat) in sorted(known.items())
        ]
        return pa.Table.from_pylist(rows, schema=PLACE)

    def _number(self, levels: Mapping[str, str], payload: bytes | bytearray, arrived: int, batch: Batch) -> None:
        name = levels.get("quantity")
        published = self.quantities[name] if name is not None else self._only()
        value = _float(payload.decode("ascii", "replace"))
        batch.rows.append(_row(_sensor(levels["sensor"]), published, arrived, value, None))

    def _object(self, levels: Mapping[str, str], each: Mapping[str, Any], arrived: int, batch: Batch) -> None:
        names = self.names
        sensor = _sensor(_at(each, names["sensor"]) if "sensor" in names else levels.get("sensor"))
        time = self._time(_at(each, names["time"]), arrived) if "time" in names else arrived
        stars = received.stars(_at(each, names["stars"])) if "stars" in names else None
        if "value" in names:
            name = _at(each, names["quantity"]) if "quantity" in names else levels.get("quantity")
            published = self.quantities[str(name)] if name is not None else self._only()
            found = [(published, _at(each, names["value"]))]
        else:
            every = ((published, _at(each, tuple(name.split(".")))) for name, published in self.quantities.items())
            found = [(published, value) for published, value in every if value is not None]
            if not found:
                raise _Refused("number")
        before, reasons = len(batch.rows), set[str]()
        for published, value in found:
            try:
                batch.rows.append(_row(sensor, published, time, _float(value), stars))
            except _Refused as refused:  # the others of its message are good all the same
                reasons.add(str(refused))
        batch.refused.update(reasons)
        if len(batch.rows) == before:  # who has no number that can be used is told nowhere
            return
        if "lon" in names and (place := _place(_at(each, names["lon"]), _at(each, names["lat"]))):
            batch.places[sensor] = place

    def _only(self) -> Published:
        if len(self.quantities) != 1:
            raise _Refused("quantity")
        return next(iter(self.quantities.values()))

    def _time(self, value: Any, arrived: int) -> int:
        try:
            if isinstance(value, str):
                time = datetime.fromisoformat(value.strip().upper())  # z is Z in RFC 3339
                if time.tzinfo is None:
                    if self.zone is None:
                        raise _Refused("time")
                    time = received.instant(time, self.zone, datetime.fromtimestamp(arrived / 1e6, UTC))
                return round(time.timestamp() * 1e6)
            if isinstance(value, int | float) and not isinstance(value, bool) and self.epoch:
                micros = round(value * self.epoch)
                if abs(micros) < 2**62:
                    return micros
        except (ValueError, OverflowError) as error:
            raise _Refused("time") from error
        raise _Refused("time")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole file, checked."""

    broker: Broker
    feeds: tuple[Feed, ...]


class _Refused(Exception):
    """One reason of `REFUSED`."""


def _put(batch: Batch, read: Callable[..., None], *given: Any) -> None:
    """Read one thing, or count why not."""
    try:
        read(*given)
    except _Refused as refused:
        batch.refused[str(refused)] += 1
    except KeyError:  # of the quantities
        batch.refused["quantity"] += 1


def of_persons(body: Any) -> bool:
    """Whether a message has something of persons among its names, however deep. Raises RecursionError for too deep."""
    if isinstance(body, dict):
        if not _NAMES.issuperset(body):
            if any(received.OF_PERSONS.search(name) for name in body):
                return True
            if len(_NAMES) > 10_000:
                _NAMES.clear()
            _NAMES.update(body)
        return any(of_persons(value) for value in body.values() if isinstance(value, dict | list))
    return isinstance(body, list) and any(of_persons(value) for value in body)


def _row(sensor: str, published: Published, time: int, value: float, stars: int | None) -> Row:
    # 0.29 of 1 is 29%, not a whisker less.
    scaled = value if published.scale == 1 else round(value * published.scale, 6)
    return Row(sensor, published.id, time, scaled, published.unit, stars)


def _at(body: Any, path: Iterable[str]) -> Any:
    for name in path:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def _sensor(value: Any) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool):
        name = str(value).strip()
        if 0 < len(name) <= LONGEST and name.isprintable():
            return name
    raise _Refused("sensor")


def _float(value: Any) -> float:
    try:
        if isinstance(value, float | int | str) and not isinstance(value, bool):
            return float(value)
    except (ValueError, OverflowError) as error:
        raise _Refused("number") from error
    raise _Refused("number")


def _place(lon: Any, lat: Any) -> tuple[float, float] | None:
    try:
        place = (float(lon), float(lat))
    except (TypeError, ValueError, OverflowError):
        return None
    west, south, east, north = NETHERLANDS
    return place if west <= place[0] <= east and south <= place[1] <= north else None


def read(city_dir: Path) -> Config:
    """The file, checked. Raises ConfigError with everything that is wrong in it, NoConfigError when there is none."""
    try:
        said = tomllib.loads((city_dir / FILE).read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise NoConfigError(f"There is no {FILE} in {city_dir}. docs/feeds.md has an example.") from error
    except (OSError, ValueError) as error:  # what is no TOML or no UTF-8 is a ValueError
        raise ConfigError(f"city/{FILE} can't be read: {error}. Mend it; docs/feeds.md has an example.") from error
    problems: list[str] = []
    broker = _broker(said, city_dir, problems)
    tables = said.get("feeds")
    if not isinstance(tables, dict) or not tables:
        tables = {}
        problems.append("there is no feed: a table such as [feeds.containers]")
    feeds = []
    for id, table in tables.items():
        wrong: list[str] = []
        if isinstance(table, dict):
            feeds += [feed for feed in [_feed(id, table, city_dir, wrong)] if feed]
        else:
            wrong.append("it is no table")
        problems += [f"[feeds.{id}]: {each}" for each in wrong]
    for topic, count in Counter(feed.filter for feed in feeds).items():
        if count > 1:
            problems.append(f"{count} feeds have the topic {topic}")
    if problems or broker is None:
        raise ConfigError(*(f"city/{FILE}: {each}." for each in problems))
    return Config(broker=broker, feeds=tuple(feeds))


def _broker(said: Mapping[str, Any], city_dir: Path, problems: list[str]) -> Broker | None:
    before = len(problems)
    problems += [f"{name} is not known at the top" for name in said if name not in BROKER]
    address, tls, user = said.get("broker"), said.get("tls", True), said.get("user")
    if not isinstance(address, str) or not re.fullmatch(r"[\w.:-]+", address) or "//" in address:
        problems.append("broker has to be the name or address of a host, without mqtt:// and without a port")
    if not isinstance(tls, bool):
        problems.append(f"tls is {tls!r}, but must be true or false")
    port = said.get("port", 8883 if tls else 1883)
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        problems.append(f"port is {port!r}, but must be a whole number from 1 to 65535")
    protocol, client_id = str(said.get("protocol", "5")), said.get("client_id", "buurtbeeld")
    if protocol not in PROTOCOLS:
        problems.append(f"protocol is {protocol!r}, but must be one of {', '.join(PROTOCOLS)}")
    if not isinstance(client_id, str) or not re.fullmatch(r"[\w.-]{1,64}", client_id):
        problems.append(f"client_id is {client_id!r}, but must be 1 to 64 letters and digits")
    if user is not None and not (isinstance(user, str) and user):
        problems.append("user has to be a name; leave it out when the broker asks for none")
    ca_file = city_dir / str(said["ca_file"]) if said.get("ca_file") else None
    if ca_file and not ca_file.is_file():
        problems.append(f"ca_file is {said['ca_file']!r}, and there is no such file in city/")
    if len(problems) > before:
        return None
    return Broker(
        address=str(address), port=port, tls=tls, ca_file=ca_file, client_id=client_id, user=user, protocol=protocol
    )


def _feed(id: str, said: Mapping[str, Any], city_dir: Path, problems: list[str]) -> Feed | None:
    """One feed; None when `problems` got more."""
    given = {name: str(value).strip() for name, value in said.items() if name != "quantities"}
    problems += [f"{name} has to be filled in" for name in TEXTS if not given.get(name)]
    problems += [f"{name} is not known" for name in said if name not in (*TEXTS, *MORE)]
    if any(id == read.source for quantity in load().quantities.values() for read in quantity.read):
        problems.append("a loader has this name; give the feed another")
    if id.startswith("simulated_"):
        problems.append("what begins with simulated_ is made by the simulator; give the feed another name")
    for name, allowed in (
        ("licence", tuple(load().licences)),
        ("openness", get_args(Openness)),
        ("kind", tuple(kind for kind, entry in load().sensor_kinds.items() if not entry.moving)),
        ("format", FORMATS),
        ("epoch", tuple(EPOCHS)),
    ):
        if given.get(name) and given[name] not in allowed:
            problems.append(f"{name} is {given[name]!r}, but must be one of {', '.join(allowed)}")
    quantities = dict(_quantities(said.get("quantities"), given.get("kind", ""), problems))
    pattern = _pattern(given.get("topic", ""), problems)
    _check_names(given, pattern.groupindex, quantities, problems)
    zone = _zone(given.get("zone"), problems)
    places = dict(_places(city_dir, given["places"], problems)) if given.get("places") else {}
    opened = given.get("openness") in get_args(Openness)  # else it was told above
    try:
        source = Source.from_dict(
            {name: given.get(name) or "-" for name in TEXTS}
            | {"id": id, "shape": "reading", "refreshed": given.get("refreshed", "hourly")}
            | {"page": given.get("page") or "https://-", "openness": given["openness"] if opened else "none"}
        )
    except ValueError as error:
        problems.append(str(error).partition(": ")[2].rstrip("."))
        return None
    if problems:
        return None
    return Feed(
        source=source,
        kind=given["kind"],
        topic=given["topic"],
        format=given["format"],
        names={name: tuple(given[name].split(".")) for name in KEYS if given.get(name)},
        quantities=quantities,
        zone=zone,
        epoch=EPOCHS.get(given.get("epoch", "")),
        places=places,
        pattern=pattern,
    )


def _quantities(said: Any, kind: str, problems: list[str]) -> Iterator[tuple[str, Published]]:
    if not isinstance(said, dict) or not said:
        problems.append('quantities has to be filled in: a table such as { fillLevel = "fill" }')
        return
    kinds = load().sensor_kinds
    known = kinds[kind].quantities if kind in kinds else tuple(load().quantities)
    known = tuple(each for each in known if load().quantities[each].share is None)
    for name, what in said.items():
        table = what if isinstance(what, dict) else {"id": what}
        id, scale = table.get("id"), table.get("scale", 1)
        if id not in known:
            problems.append(f"quantities: {name} is {id!r}, but must be one of {', '.join(known)}")
        elif set(table) - {"id", "scale"}:
            problems.append(f"quantities: {name} may say id and scale, and nothing else")
        elif isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 < scale < math.inf:
            problems.append(f"quantities: the scale of {name} is {scale!r}, but must be a number above 0")
        else:
            yield name, Published(id, float(scale), load().quantities[id].unit)


def _pattern(topic: str, problems: list[str]) -> re.Pattern[str]:
    """What a topic of the feed looks like, with its named levels."""
    levels, parts = topic.split("/"), []
    for index, level in enumerate(levels):
        if level in ("{sensor}", "{quantity}") and levels.count(level) == 1:
            parts.append(f"(?P<{level[1:-1]}>[^/]+)")
        elif level == "+":
            parts.append("[^/]*")
        elif level == "#" and index == len(levels) - 1:
            parts.append(".*")
        elif re.search(r"[+#{}]", level) or topic.startswith("$"):
            problems.append(
                f"topic has the level {level!r}; a level is a text, {{sensor}} or {{quantity}}, +, or # at the end"
            )
        else:
            parts.append(re.escape(level))
    return re.compile("/".join(parts))


def _check_names(
    given: Mapping[str, str], levels: Mapping[str, int], quantities: Mapping[str, Published], problems: list[str]
) -> None:
    """Whether the topic and the keys together say of which sensor, which quantity and when."""
    if given.get("format") == "number":
        problems += [f"{name} is for the format json" for name in (*KEYS, "zone", "epoch") if given.get(name)]
    for name in ("sensor", "quantity"):
        if name in levels and given.get(name):
            problems.append(f"{name} is said by the topic and by a key; leave one out")
    if "sensor" not in levels and not given.get("sensor"):
        problems.append("nothing says of which sensor a message is: the topic needs {sensor}, or the message a key")
    by_name = "quantity" in levels or given.get("quantity")
    single = given.get("format") == "number" or given.get("value")
    if single and not by_name and len(quantities) > 1:
        problems.append("nothing says which of the quantities a message is: the topic needs {quantity}")
    if not single and by_name:
        problems.append("value has to be filled in: the key of the number")
    if bool(given.get("lon")) != bool(given.get("lat")):
        problems.append("lon and lat belong together")


def _zone(name: str | None, problems: list[str]) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(f"zone is {name!r}, which is no time zone such as Europe/Amsterdam")
        return None


def _places(city_dir: Path, file: str, problems: list[str]) -> Iterator[tuple[str, tuple[str, float, float]]]:
    """The places of a table with the columns sensor, name, lon and lat."""
    try:
        with (city_dir / file).open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, ValueError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        problems.append(f"places is {file!r}, and city/{file} can't be read ({reason})")
        return
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        sensor, place = (row.get("sensor") or "").strip(), _place(row.get("lon"), row.get("lat"))
        if not sensor or place is None or sensor in seen:
            reason = (
                "repeats a sensor" if sensor in seen else "lacks a sensor" if place else "has no place in this country"
            )
            problems.append(f"line {number} of city/{file} {reason}; it needs the columns sensor, name, lon and lat")
            return
        seen.add(sensor)
        yield sensor, ((row.get("name") or "").strip() or sensor, *place)
