"""`python -m buurtbeeld.sensors.simulate`: made-up readings of made-up sensors, for as long as there are no real ones.

They are put where real ones are (data/raw/), as sources `simulated_<kind>`, and every file says that it is simulated.
The same options give the same values; a day that is as it was is not written again.
"""

import argparse
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from buurtbeeld import settings as environment
from buurtbeeld.catalogue import Source
from buurtbeeld.sensors import storage
from buurtbeeld.sensors.invented import KINDS, Batch, Integers, draw
from buurtbeeld.sensors.landing import PLACE, READING
from buurtbeeld.sensors.switch import METADATA, days, held, said, switched_off
from buurtbeeld.sensors.switch import shape as shape_of
from buurtbeeld.settings import Settings, SettingsError

DONE, FAILED, UNUSABLE = 0, 1, 2
COUNTS: Mapping[str, int] = {
    "air_station": 6,
    "air_sensor": 60,
    "waste_container": 150,
    "parking_garage": 8,
    "park_and_ride": 3,
    "bicycle_parking": 12,
}
"""How many sensors of each kind there are when nobody says how many."""
DAYS, SEED, EVERY = 22, 1, 60.0  # three hours of each hour of a week, and a little more
NAMES = {
    "air_station": "station",
    "air_sensor": "sensor",
    "waste_container": "container",
    "parking_garage": "garage",
    "park_and_ride": "P+R",
    "bicycle_parking": "stalling",
}
FRESH = timedelta(hours=1)
LONG_AGO = datetime.min  # noqa: DTZ901  # UTC without zone, as readings are
PIECE = 20_000  # sensors that are made at once, so that a million don't fill the memory
TRIES = 40  # points that are tried in the box around a buurt
BEGIN = np.datetime64("1970-01-01", "us")


class SimulateError(Exception):
    """A simulation that can't be made. The text is one sentence or more: what, where, and what to do."""


class Plan(NamedTuple):
    """What is to be made: how many sensors of each kind, of which days, up to when (UTC, without zone)."""

    counts: Mapping[str, int]
    days: int
    seed: int
    until: datetime


def source(kind: str, shape: str = "reading") -> Source:
    """What the files of a kind say that they are."""
    return Source.from_dict(
        {
            "id": f"simulated_{kind}",
            "publisher": "Buurtbeeld (simulatie)",
            "title": f"Simulatie, geen meting: {NAMES[kind]}",
            "page": "https://creativecommons.org/publicdomain/zero/1.0/",  # a simulation has no page of its own
            "licence": "cc0",
            "attribution": "Bron: Buurtbeeld, simulatie: verzonnen, niet gemeten",
            "shape": shape,
            "openness": "rows",
            "refreshed": "hourly",
        }
    )


def simulate(settings: Settings, plan: Plan, now: datetime) -> int:
    """Write the places and the days of a plan; how many readings are new on disk.

    Raises SimulateError when there is nowhere to put them, or the disk does not take them.
    """
    buurten = outlines(settings)
    return sum(_kind(settings, kind, count, plan, buurten, now) for kind, count in plan.counts.items() if count > 0)


def refresh(settings: Settings, now: datetime) -> int:
    """Simulate the usual sensors of each kind that is not switched off, where one has none, or all are an hour old.

    All of them at once, so that a mart is made of them once. How many readings are new. Raises SimulateError as
    `simulate` does.
    """
    off = switched_off(held(settings.raw_dir, settings.gemeente))
    wanted = {kind: count for kind, count in COUNTS.items() if kind not in off}
    times = [newest(settings.raw_dir / f"simulated_{kind}", settings.gemeente) for kind in wanted]
    if not wanted or (min(times) > LONG_AGO and max(times) > now - FRESH):
        return 0
    return simulate(settings, Plan(wanted, DAYS, SEED, now), now)


def newest(folder: Path, gemeente: str) -> datetime:
    """The time of the newest reading in the folder of a source, from what its last file says; long ago without one."""
    for path in days(folder):
        if said(path).get("gemeente") == gemeente:
            with suppress(OSError, pa.ArrowException, ValueError):
                about = pq.read_metadata(path)
                column = about.schema.names.index("time")
                groups = [about.row_group(group).column(column).statistics for group in range(about.num_row_groups)]
                return max((group.max for group in groups if group and group.has_min_max), default=LONG_AGO)
    return LONG_AGO


def _kind(
    settings: Settings, kind: str, count: int, plan: Plan, buurten: Sequence[shapely.Geometry], now: datetime
) -> int:
    folder = settings.raw_dir / f"simulated_{kind}"
    about = Writer(folder, settings.gemeente, kind, now)
    about.write("places", [places(kind, count, plan.seed, buurten)], PLACE, "point")
    last = _number(plan.until - timedelta(microseconds=1))
    written = 0
    for day in range(last - plan.days + 1, last + 1):
        name = (date(1970, 1, 1) + timedelta(days=day)).isoformat()
        written += about.write(name, readings(kind, count, plan.seed, day, plan.until), READING, "reading")
    return written


def _number(time: datetime) -> int:
    """Days since 1970."""
    return (time.date() - date(1970, 1, 1)).days


def readings(kind: str, count: int, seed: int, day: int, until: datetime) -> Iterator[pa.Table]:
    """Everything that `count` sensors sent on a day (since 1970, of UTC) up to `until`, some sensors at a time."""
    latest = int((np.datetime64(until, "us") - BEGIN) // np.timedelta64(1, "us"))
    for first in range(1, count + 1, PIECE):
        batch = KINDS[kind].day(seed, kind, np.arange(first, min(first + PIECE, count + 1)), day)
        yield _table(kind, batch, batch.time <= latest)


def _table(kind: str, batch: Batch, came: Any) -> pa.Table:
    """As received: in the order of time, then sensor."""
    order = np.flatnonzero(came)
    order = order[np.lexsort((batch.sensor[order], batch.time[order]))]
    quantities = pa.array([id for id, _, _ in KINDS[kind].quantities])
    units = pa.array([unit for _, unit, _ in KINDS[kind].quantities], pa.string())
    low = int(batch.sensor.min(initial=1))
    ids = pa.array([identity(kind, number) for number in range(low, int(batch.sensor.max(initial=low)) + 1)])
    which = pa.array(batch.quantity[order])
    columns = [
        ids.take(pa.array(batch.sensor[order] - low)),
        quantities.take(which),
        pa.array(batch.time[order]).cast(pa.timestamp("us")),
        pa.array(batch.value[order]),
        units.take(which),
    ]
    return pa.Table.from_arrays(columns, schema=READING)


def identity(kind: str, number: int) -> str:
    """The id of a sensor; numbers begin at 1."""
    return f"simulated-{kind}-{number}"


def places(kind: str, count: int, seed: int, buurten: Sequence[shapely.Geometry]) -> pa.Table:
    """Where the sensors are: of every six, four together in one buurt and two anywhere.

    So some buurten have enough of them and others have none, and one more sensor moves none of the others.
    """
    numbers: Integers = np.arange(1, count + 1)
    order = np.argsort(draw(seed, f"{kind} order", np.arange(len(buurten))))
    group = (numbers - 1) // 6 % len(buurten)
    alone = (draw(seed, f"{kind} alone", numbers) * len(buurten)).astype(np.int64)
    lon, lat = _inside(np.asarray(buurten, object)[order[np.where(numbers % 6 < 4, group, alone)]], kind, numbers, seed)
    return pa.table(
        {
            "id": [identity(kind, number) for number in numbers.tolist()],
            "kind": [kind] * count,
            "name": [f"SIM {NAMES[kind]} {number}" for number in numbers],
            "lon": lon,
            "lat": lat,
        },
        schema=PLACE,
    )


def _inside(around: Any, kind: str, numbers: Integers, seed: int) -> tuple[Any, Any]:
    """A point within each of the outlines `around`, in degrees; one that no try hits is put where it certainly is."""
    west, south, east, north = shapely.bounds(around).T
    safe = shapely.get_coordinates(shapely.point_on_surface(around))
    lon, lat, found = safe[:, 0], safe[:, 1], np.zeros(len(numbers), bool)
    for turn in range(TRIES):
        x = np.round(west + (east - west) * draw(seed, f"{kind} lon", numbers, turn), 5)
        y = np.round(south + (north - south) * draw(seed, f"{kind} lat", numbers, turn), 5)
        hit = ~found & shapely.contains_xy(around, x, y)
        lon, lat, found = np.where(hit, x, lon), np.where(hit, y, lat), found | hit
        if found.all():
            break
    return lon, lat


def outlines(settings: Settings) -> list[shapely.Geometry]:
    """The outlines of the buurten of the gemeente, in degrees: the newest that were loaded, else those of the sample.

    Raises SimulateError when there are none.
    """
    prefix = f"BU{settings.gemeente[2:]}"
    loaded = [path for path in settings.raw_dir.glob("*/[0-9]*@*.parquet") if _is_outline(path, settings.gemeente)]
    with suppress(OSError, pa.ArrowException, KeyError, ValueError, shapely.errors.ShapelyError):
        if loaded:
            rows = pq.ParquetFile(max(loaded, key=lambda path: path.name)).read(["code", "geometry"]).to_pylist()
        else:
            features = json.loads((settings.sample_dir / "outlines.geojson").read_text(encoding="utf-8"))["features"]
            rows = [
                {"code": each["properties"]["code"], "geometry": shapely.geometry.shape(each["geometry"]).wkb}
                for each in features
            ]
        found = [shapely.from_wkb(row["geometry"]) for row in rows if str(row["code"]).startswith(prefix)]
        if found:
            return found
    raise SimulateError(
        f"There are no outlines of {settings.gemeente} to put sensors in. Load them: python -m loaders pdok_areas."
    )


def _is_outline(path: Path, gemeente: str) -> bool:
    about = said(path)
    return shape_of(about) == "outline" and about.get("gemeente") == gemeente


class Writer(NamedTuple):
    """Puts the files of one kind in its folder."""

    folder: Path
    gemeente: str
    kind: str
    now: datetime

    def write(self, edition: str, tables: Any, schema: pa.Schema, shape: str) -> int:
        """Write what an edition consists of as one file, all the way to the disk, before it gets its name.

        Returns its rows; 0 when it is what was there, or when there is nothing to write. Raises SimulateError
        when the disk does not take it.
        """
        path = self.folder / f"{edition}@{self.now:%Y%m%dT%H%M%SZ}.parquet"
        unnamed = path.with_name(f".{path.name}.tmp")
        before = [copy for copy in sorted(self.folder.glob(f"{edition}@*.parquet")) if self._ours(copy)]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with unnamed.open("wb") as file:
                rows, sha256 = self._fill(file, edition, tables, schema, shape)
                file.flush()
                os.fsync(file.fileno())
            if not rows or (before and said(before[-1]).get("sha256") == sha256):
                return 0
            unnamed.replace(path)
            storage.sync(self.folder)
            for old in before[:-1]:  # the former copy stays: somebody may be reading it
                old.unlink(missing_ok=True)
        except OSError as error:
            raise SimulateError(
                f"{self.folder} could not be written ({error.strerror or error}). Make room or mend the rights, then "
                "simulate again."
            ) from error
        finally:
            with suppress(OSError):
                unnamed.unlink(missing_ok=True)
        return rows if shape == "reading" else 0

    def _ours(self, path: Path) -> bool:
        """Copies for another gemeente are left alone."""
        return said(path).get("gemeente") == self.gemeente

    def _fill(self, file: Any, edition: str, tables: Any, schema: pa.Schema, shape: str) -> tuple[int, str]:
        rows, hashed = 0, hashlib.sha256()
        about = source(self.kind, shape)
        # What a file says comes at its end, so that nothing is made twice; Arrow's own copy of the schema lacks it.
        with pq.ParquetWriter(file, schema, compression="zstd", store_schema=False) as writer:
            for table in tables:
                writer.write_table(table)
                rows += table.num_rows
                _hash(hashed, table)
            metadata = {
                "source": about.as_dict(),
                "cited": about.attribution,
                "edition": edition,
                "url": about.page,
                "retrieved_at": f"{self.now:%Y-%m-%dT%H:%M:%SZ}",
                "sha256": hashed.hexdigest(),
                "rows": rows,
                "is_simulated": True,
                "gemeente": self.gemeente,
                "marker": "",
            }
            writer.add_key_value_metadata({METADATA.decode(): json.dumps(metadata, ensure_ascii=False)})
        return rows, hashed.hexdigest()


def _hash(hashed: Any, table: pa.Table) -> None:
    """What is in the columns, however it lies in memory."""
    for column in table.columns:
        if pa.types.is_string(column.type):
            coded = column.fill_null("").combine_chunks().dictionary_encode()
            hashed.update("\n".join(coded.dictionary.to_pylist()).encode())
            column = coded.indices
        hashed.update(column.to_numpy(zero_copy_only=False).tobytes())


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None),
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """The command. Everything after `argv` is there for tests; `now` is UTC without zone."""
    try:
        asked = _parser().parse_args(argv)
        settings = environment.read(environ)
        plan = Plan(_counts(asked), asked.days, asked.seed, asked.until or now())
        while True:
            written = simulate(settings, plan, now())
            print(
                f"{written} simulated readings up to {plan.until:%Y-%m-%d %H:%M} UTC in {settings.raw_dir}", flush=True
            )
            if not asked.follow:
                return DONE
            sleep(asked.every)
            # Only what came since: the days before stand.
            before, plan = plan.until, plan._replace(until=now())
            plan = plan._replace(days=max(1, _number(plan.until) - _number(before) + 1))
    except _Unusable as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except SettingsError as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except SimulateError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return DONE


class _Unusable(Exception):
    """An option that can't be used; the text says which, and what is allowed."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Unusable(f"{message[0].upper()}{message[1:]}. All options: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m buurtbeeld.sensors.simulate",
        description="Make up readings of sensors, for as long as there are no real ones.",
    )
    usual = " ".join(f"{kind}={count}" for kind, count in COUNTS.items())
    parser.add_argument("--seed", type=_whole(0, 2**31), default=SEED, help="another number gives another city")
    parser.add_argument(
        "--days", type=_whole(1, 4000), default=DAYS, help=f"days of UTC, the last one of --until; {DAYS}"
    )
    parser.add_argument(
        "--sensors", type=_sensors, nargs="+", action="extend", default=[], metavar="KIND=N", help=f"usually {usual}"
    )
    parser.add_argument("--kinds", type=_kind_name, nargs="+", metavar="KIND", help="these kinds and no others")
    parser.add_argument(
        "--until", type=_time, metavar="TIME", help="such as 2026-11-28T12:00 (UTC); now, when left out"
    )
    parser.add_argument("--follow", action="store_true", help="keep adding what comes, until stopped")
    parser.add_argument("--every", type=_seconds, default=EVERY, metavar="SECONDS", help="with --follow; usually 60")
    return parser


def _counts(asked: argparse.Namespace) -> dict[str, int]:
    counts = dict(COUNTS) | dict(asked.sensors)
    return {kind: count for kind, count in counts.items() if asked.kinds is None or kind in asked.kinds}


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from {low} to {high}")
        return int(text)

    return read


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) <= 86_400:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} must be a number of seconds, at most 86400")


def _kind_name(text: str) -> str:
    if text not in KINDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no kind that can be simulated; there are {', '.join(KINDS)}")
    return text


def _sensors(text: str) -> tuple[str, int]:
    kind, sign, count = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"{text!r} must be a kind, = and a number, such as air_sensor=60")
    return _kind_name(kind), _whole(0, 10_000_000)(count)


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        found = found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
        if found.year >= 1971:
            return found
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"{text!r} must be a time such as 2026-11-28T12:00")


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main())
