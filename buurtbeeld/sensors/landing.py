"""How a stream of readings lands on disk: one Parquet file per batch and day, and small files merged into larger ones.

    data/raw/<source>/<YYYY-MM-DD>/<stamp>-<merges>.parquet            a batch, or batches merged; never changed
    data/raw/<source>/untimely/<YYYY-MM-DD>/<stamp>-<merges>.parquet   what can't be of a day, and why; by arrival
    data/raw/<source>/places@<stamp>.parquet                           where the sensors are; the newest of two counts

A day is one of UTC, and what ends at 00:00 is of the day before. All files of a day count together; of the same
(sensor, quantity, time) the later file counts, in the order of their names. A stamp is when a batch arrived, to the
microsecond. It never repeats and never goes back, also when the clock does.

A batch is on disk when `land()` returns: file and folder were synced. A merged file has the stamp of its newest member,
so it stands where that stood, and the members go after it is there. A kill in between leaves both, which says the same.
Files of another gemeente, and what was made up beside what is real, are left as they are: a file says of all that is in
it whose it is. Who reads while files are merged may find a file gone that it has just listed; it lists again.

`sha256` in a file is the hash of its readings as they came; in a merged file, that of the hashes of its members.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from buurtbeeld.catalogue import Source
from buurtbeeld.sensors import storage, switch

METADATA = "buurtbeeld"
UNTIMELY = "untimely"
READING = pa.schema(
    [
        ("sensor", pa.string()),
        ("quantity", pa.string()),
        ("time", pa.timestamp("us")),
        ("value", pa.float64()),
        ("unit", pa.string()),
    ]
)
STARS = pa.field("stars", pa.int8())
PLACE = pa.schema(
    [("id", pa.string()), ("kind", pa.string()), ("name", pa.string()), ("lon", pa.float64()), ("lat", pa.float64())]
)

EARLY = timedelta(hours=1)  # a clock may be fast; more than this no reading can be ahead of now
OLDEST = timedelta(days=400)  # a memory card that comes in late; what is older comes from a clock that was reset
QUIET = timedelta(hours=1)  # without news of a day that is over, until it is made one file
CHUNK = 1_000_000  # readings of a merge in memory at a time
GROUP = 131_072  # readings of a row group
AT_ONCE = 16  # files of a merge: of each at least one row group is in memory
MOVED = 50.0  # metres that a sensor has to move before it is somewhere else
RARELY = 3600.0  # seconds between two copies of the places, when no sensor is new

_EPOCH = date(1970, 1, 1)
_DAY = 86_400_000_000  # microseconds
_LON, _LAT = 68_500.0, 111_300.0  # metres of a degree in this country, about
_DAY_NAME = re.compile(r"\d{4}-\d{2}-\d{2}")
_FILE = re.compile(r"(?P<stamp>\d{8}T\d{6}Z-\d{6})-(?P<merges>\d{2,})\.parquet")
_PLACES = re.compile(r"places@\d{8}T\d{6}Z\.parquet")
_STAMP = "%Y%m%dT%H%M%SZ-%f"
_SHORT = "%Y%m%dT%H%M%SZ"


class LandingError(Exception):
    """The disk did not take it. What was there is still there, and what came is not acknowledged."""


@dataclass(frozen=True, kw_only=True)
class About:
    """Whose readings they are. `source` has the shape "reading"; url: where they come from, without a password.

    kind: of its sensors, for who reads the files of a source that says no places; None when they are of several.
    """

    source: Source
    url: str
    gemeente: str
    is_simulated: bool = False
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class Landed:
    """What became of a batch. rows: readings kept, each once; untimely: reason → how many are kept apart."""

    rows: int
    untimely: Mapping[str, int] = field(default_factory=dict)


class Landing:
    """The raw folder of one source, for whoever writes a stream to it. Only one may, and others are refused.

    `clock` gives the time in UTC; `steady` gives seconds and never jumps. `places_wait` tells that `keep_places` left
    something for later. Raises LandingError when somebody else has
    it, or it can't be made.
    """

    def __init__(
        self,
        raw_dir: Path,
        about: About,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = raw_dir / about.source.id
        self._about = about
        self._clock = clock
        self._steady = steady
        try:
            _make(self.folder)
            self._lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise _refused(self.folder, error) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise LandingError(f"Another process writes readings to {self.folder}. Stop that one first.") from error
        self._rows: dict[Path, int] = {}
        self._mine: dict[Path, bool] = {}
        self._unsettled: set[Path] = set()
        self._last = datetime.min.replace(tzinfo=UTC)
        self._began = (_utc(clock()), steady())
        self._placed: float | None = None  # when places were written last, by the steady clock
        self.places_wait = False
        try:
            self._look()
        except OSError as error:
            self.close()
            raise _refused(self.folder, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write here."""
        os.close(self._lock)

    def _look(self) -> None:
        """See what is there: the newest stamp, and which days have more than one file. Sweep up what a kill left."""
        for folder in (*self.folder.glob("????-??-??"), *self.folder.glob(f"{UNTIMELY}/????-??-??")):
            for unfinished in folder.glob(".*.tmp"):
                os.unlink(unfinished)
            files = files_of(folder)
            if len(files) > 1:
                self._unsettled.add(folder)
            if files:
                self._last = max(self._last, _stamp_of(files[-1]))
        for unfinished in self.folder.glob(".*.tmp"):
            os.unlink(unfinished)

    def land(self, table: pa.Table) -> Landed:
        """Write a batch: sensor, quantity, time (UTC, no zone), value, unit, and stars where the publisher gives them.

        Of the same sensor, quantity and time the last row counts. Rows without a sensor, quantity, time or number, more
        than `EARLY` ahead of now or older than `OLDEST` are kept apart. When this returns, all is on disk; raises
        LandingError when the disk does not take it, and then the batch has to come again.
        """
        table = _columns(table)
        if not table.num_rows:
            return Landed(rows=0)
        earliest, latest = self._now()
        stamp = self._stamp()
        hashed = _hash(table)
        reasons = _reasons(table, earliest - OLDEST, latest + EARLY)
        timely = newest(table.filter(pc.is_null(reasons)))
        untimely = table.append_column("reason", reasons).filter(pc.is_valid(reasons))
        parts = {self.folder / day: part for day, part in _by_day(timely)}
        if untimely.num_rows:
            parts[self.folder / UNTIMELY / _day_of(stamp)] = untimely
        name = f"{stamp.strftime(_STAMP)}-00.parquet"
        self._write_all({folder / name: ([part], part.schema, [hashed]) for folder, part in parts.items()})
        for folder, part in parts.items():
            self._rows[folder / name] = part.num_rows
            self._mine[folder / name] = True
            self._unsettled.add(folder)
        counts = pc.value_counts(untimely["reason"]).to_pylist()
        return Landed(rows=timely.num_rows, untimely={each["values"]: each["counts"] for each in counts})

    def keep_places(self, table: pa.Table) -> bool:
        """Write where the sensors are (`PLACE`), when that is not what is there already. True when it was written.

        The first time it is compared exactly, so that what somebody mended counts. After that, moves of less than
        `MOVED` metres are those of a receiver that stands still; others, and other names, are written at most once in
        `RARELY` seconds, and wait until they are given again (`places_wait`). A new sensor waits for nothing. Of the
        copies the last two stay, and all of other gemeenten. Raises LandingError when the disk does not take it.
        """
        table = table.select(PLACE.names).cast(PLACE).sort_by("id")
        before = self.places()
        first = self._placed is None
        self.places_wait = False
        if table.equals(before) if first else _stand(table, before):
            return False
        new = not set(table["id"].to_pylist()) <= set(before["id"].to_pylist())
        if self._placed is not None and not new and self._steady() - self._placed < RARELY:
            self.places_wait = True
            return False
        # In the second of the last copy, or before it when the clock was set back, it takes the place of that one: so
        # no name is of a time to come.
        mine = self._copies()
        at = self._stamp()
        while (path := self._copy(at)) not in mine and path.exists():  # of another, in this very second
            at += timedelta(seconds=1)
        self._write_all({max([path, *mine]): ([table], PLACE, [_hash(table)])})
        self._placed = self._steady()
        for path in self._copies()[:-2]:
            with suppress(OSError):  # nothing is lost, and the next time it is tried again
                os.unlink(path)
        return True

    def places(self) -> pa.Table:
        """Where the sensors are, as written last; empty when that can't be read."""
        before = self._copies()
        try:
            return pq.ParquetFile(before[-1]).read().cast(PLACE) if before else PLACE.empty_table()
        except (OSError, pa.ArrowException, ValueError):
            return PLACE.empty_table()

    def _copies(self) -> list[Path]:
        """Copies of the places of this gemeente, oldest first. One that can't be read is written again."""
        copies = (path for path in self.folder.glob("places@*.parquet") if _PLACES.fullmatch(path.name))
        return sorted(path for path in copies if switch.said(path).get("gemeente") in (None, self._about.gemeente))

    def _copy(self, at: datetime) -> Path:
        return self.folder / f"places@{at.strftime(_SHORT)}.parquet"

    def compact(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Merge what can be merged, and tell how many times it did. May run while another thread lands batches.

        A file is merged with all newer ones when they have as many readings together as it has. So the files of a day
        are few, each at least twice as large as the next, and a reading is written again as often as its file doubled.
        A day that is over, and of which nothing came for an hour, becomes one file. `stop` is asked between two merges.

        A day that can't be merged does not keep the others. Raises LandingError when all were tried, with a sentence
        for each reason: the disk does not take it, or a file can't be read.
        """
        merges = 0
        wrong: list[str] = []
        for folder in sorted(self._unsettled):
            try:
                merges += self._settle(folder, stop)
            except LandingError as error:
                wrong.append(str(error))
        if wrong:
            raise LandingError("\n".join(dict.fromkeys(wrong)))
        return merges

    def _settle(self, folder: Path, stop: Callable[[], bool]) -> int:
        """Merge what can be merged of one day, and tell how many times it did."""
        merges = 0
        while not stop():
            files = files_of(folder)
            rows = {file: self._count(file) for file in files}
            whole = self._is_over(folder, files)
            # Only neighbours: what is merged across a file of another would count later than it came.
            mine = [list(some) for is_mine, some in groupby(files, self._is_mine) if is_mine]
            runs = [run(some, [rows[file] for file in some], whole=whole) for some in mine]
            if members := next(filter(None, runs), ()):
                self._merge(folder, members)
                merges += 1
            else:
                if all(len(some) == 1 for some in mine):
                    self._unsettled.discard(folder)
                if files_of(folder) != files:  # landed just now
                    self._unsettled.add(folder)
                break
        return merges

    def _is_over(self, folder: Path, files: Sequence[Path]) -> bool:
        now = _utc(self._clock())
        return bool(files) and folder.name < (now - QUIET).date().isoformat() and _stamp_of(files[-1]) < now - QUIET

    def _is_mine(self, path: Path) -> bool:
        """Whether a file says of its readings what this landing says of those that it writes."""
        if path not in self._mine:
            if not (told := switch.said(path)):  # not for now; whether it is damaged is found where it is read
                return False
            about = (self._about.gemeente, self._about.is_simulated)
            self._mine[path] = (told.get("gemeente"), told.get("is_simulated")) == about
        return self._mine[path]

    def _count(self, path: Path) -> int:
        if path not in self._rows:
            try:
                self._rows[path] = pq.read_metadata(path).num_rows
            except (OSError, pa.ArrowException) as error:
                raise _damaged(path, error) from error
        return self._rows[path]

    def _merge(self, folder: Path, members: Sequence[Path]) -> None:
        found = _FILE.fullmatch(members[-1].name)
        assert found
        path = folder / f"{found['stamp']}-{int(found['merges']) + 1:02}.parquet"
        try:
            opened = [pq.ParquetFile(member) for member in members]
            hashes = [json.loads(each.schema_arrow.metadata[METADATA.encode()])["sha256"] for each in opened]
        except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
            raise _damaged(folder, error) from error
        schema = pa.unify_schemas([each.schema_arrow.remove_metadata() for each in opened])
        together = _in_turn(opened, schema) if folder.parent.name == UNTIMELY else merged(opened, schema)
        self._write_all({path: (together, schema, hashes)})
        for each in opened:
            each.close()
        try:
            for member in members:
                os.unlink(member)
                self._rows.pop(member, None)
                self._mine.pop(member, None)
        except OSError as error:
            raise _refused(folder, error) from error

    def _now(self) -> tuple[datetime, datetime]:
        """Between which times it is now, without a zone. A clock that jumped is not believed against a steady one, nor
        against what arrived before: neither 1970 nor 2099 turns good readings into untimely ones.
        """
        clock = _utc(self._clock())
        steady = self._began[0] + timedelta(seconds=self._steady() - self._began[1])
        earliest, latest = min(clock, steady), max(clock, steady, self._last)
        return earliest.replace(tzinfo=None), latest.replace(tzinfo=None)

    def _stamp(self) -> datetime:
        self._last = max(_utc(self._clock()), self._last + timedelta(microseconds=1))
        return self._last

    def _write_all(self, files: Mapping[Path, tuple[Iterable[pa.Table], pa.Schema, Sequence[str]]]) -> None:
        """Write every file all the way to the disk, and only then give each its name."""
        unnamed = {path: path.with_name(f".{path.name}.tmp") for path in files}
        try:
            for path, (tables, schema, hashes) in files.items():
                _make(path.parent)
                self._write(path, unnamed[path], tables, schema, hashes)
            for path, unfinished in unnamed.items():
                os.replace(unfinished, path)
            for folder in {path.parent for path in files}:
                storage.sync(folder)
        except (OSError, pa.ArrowException) as error:
            for unfinished in unnamed.values():
                unfinished.unlink(missing_ok=True)
            raise _refused(self.folder, error) from error

    def _write(
        self, path: Path, unfinished: Path, tables: Iterable[pa.Table], schema: pa.Schema, hashes: Sequence[str]
    ) -> None:
        rows = 0
        with unfinished.open("wb") as file:
            # Without Arrow's copy of the schema, so that what is said at the end is what a reader is told.
            with pq.ParquetWriter(file, schema, compression="zstd", store_schema=False) as writer:
                for table in tables:
                    if table.num_rows:
                        writer.write_table(table, row_group_size=GROUP)
                        rows += table.num_rows
                writer.add_key_value_metadata({METADATA: self._said(path, rows, hashes)})
            file.flush()
            os.fsync(file.fileno())

    def _said(self, path: Path, rows: int, hashes: Sequence[str]) -> str:
        about = self._about
        edition, at, _ = path.name.partition("@")
        source = replace(about.source, shape="point") if at else about.source
        said = {
            "source": source.as_dict(),
            "kind": about.kind,
            "cited": source.attribution,
            "edition": edition if at else path.parent.name,
            "url": about.url,
            "retrieved_at": (self._last if at else _stamp_of(path)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sha256": hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest(),
            "rows": rows,
            "is_simulated": about.is_simulated,
            "gemeente": about.gemeente,
            "marker": _day_of(self._last) if at else "",
        }
        return json.dumps(said, ensure_ascii=False)


def files_of(folder: Path) -> list[Path]:
    """The files of a day, in the order in which they count. Those with other names are somebody else's."""
    return sorted(path for path in folder.glob("*.parquet") if _FILE.fullmatch(path.name))


def run(files: Sequence[Path], rows: Sequence[int], *, whole: bool) -> Sequence[Path]:
    """Neighbours to merge next; empty when each file is larger than all newer ones together, or, `whole`, is alone.

    Of more than `AT_ONCE` those that are the least work together.
    """
    newer = np.cumsum([0, *reversed(rows)])[-2::-1]  # readings in all files after each
    begin = next((index for index, count in enumerate(rows[:-1]) if whole or count <= newer[index]), len(files))
    last = len(files) - AT_ONCE
    if begin < last:
        begin = min(range(begin, last + 1), key=lambda index: sum(rows[index : index + AT_ONCE]))
    return files[begin : begin + AT_ONCE]


def newest(table: pa.Table) -> pa.Table:
    """Each (sensor, quantity, time) once, in that order, with the last of its rows."""
    if not table.num_rows:
        return table
    quantity = _ranks(table["quantity"])
    series = _ranks(table["sensor"]) * (quantity.max() + 1) + quantity
    time = table["time"].cast(pa.int64()).to_numpy()
    order = np.lexsort((time, series))  # of equals the last one came last
    series, time = series[order], time[order]
    last = np.append((series[1:] != series[:-1]) | (time[1:] != time[:-1]), True)
    return table.take(pa.array(order[last]))


def merged(files: Sequence[pq.ParquetFile], schema: pa.Schema) -> Iterator[pa.Table]:
    """`newest` of files that are sorted themselves, the later ones last, some million readings in memory at a time."""
    groups = sorted(
        (lowest, highest, number, group, count)
        for number, file in enumerate(files)
        for group, (lowest, highest, count) in enumerate(_groups(file.metadata))
    )
    edges: list[str] = []
    waiting = 0
    for lowest, _, _, _, count in groups:
        if waiting + count > CHUNK and lowest > (edges[-1] if edges else groups[0][0]):
            edges.append(lowest)
            waiting = 0
        waiting += count
    for begin, end in zip([None, *edges], [*edges, None], strict=True):
        parts = [
            _between(files[number].read_row_group(group), begin, end)
            for lowest, highest, number, group, _ in sorted(groups, key=lambda each: each[2:4])
            if (begin is None or highest >= begin) and (end is None or lowest < end)
        ]
        yield newest(pa.concat_tables([_with(part, schema) for part in parts]))


def _groups(metadata: pq.FileMetaData) -> Iterator[tuple[str, str, int]]:
    """The first and last sensor of each row group, and how many readings it has."""
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        statistics = group.column(0).statistics
        yield statistics.min, statistics.max, group.num_rows


def _between(table: pa.Table, begin: str | None, end: str | None) -> pa.Table:
    """The rows of sensors from `begin` on and before `end`."""
    if begin is not None:
        table = table.filter(pc.greater_equal(table["sensor"], begin))
    return table if end is None else table.filter(pc.less(table["sensor"], end))


def _in_turn(files: Sequence[pq.ParquetFile], schema: pa.Schema) -> Iterator[pa.Table]:
    for file in files:
        for group in range(file.metadata.num_row_groups):
            yield _with(file.read_row_group(group), schema)


def _with(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with all columns of a schema: without stars where its publisher gave none."""
    given = table.column_names
    return pa.table(
        [table[each.name] if each.name in given else pa.nulls(len(table), each.type) for each in schema], schema=schema
    )


def _columns(table: pa.Table) -> pa.Table:
    schema = READING.append(STARS) if STARS.name in table.column_names else READING
    return table.select(schema.names).cast(schema)


def _ranks(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """For each text its place in the alphabet of all."""
    encoded = column.combine_chunks().dictionary_encode()
    ranks = np.empty(len(encoded.dictionary), dtype=np.int64)
    ranks[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(ranks))
    places: npt.NDArray[np.int64] = np.take(ranks, encoded.indices.to_numpy())
    return places


def _reasons(table: pa.Table, oldest: datetime, latest: datetime) -> pa.ChunkedArray:
    """Why a reading can't be of a day; null where it can."""
    nameless = pc.or_(*(pc.equal(pc.utf8_length(pc.fill_null(table[name], "")), 0) for name in ("sensor", "quantity")))
    wrong = {
        "no_name": nameless,
        "no_time": pc.is_null(table["time"]),
        "no_number": pc.invert(pc.fill_null(pc.is_finite(table["value"]), False)),
        "future": pc.fill_null(pc.greater(table["time"], pa.scalar(latest, pa.timestamp("us"))), False),
        "old": pc.fill_null(pc.less(table["time"], pa.scalar(oldest, pa.timestamp("us"))), False),
    }
    found = pc.if_else(wrong["old"], "old", pa.scalar(None, pa.string()))
    for reason in ("future", "no_number", "no_time", "no_name"):
        found = pc.if_else(wrong[reason], reason, found)
    return found


def _by_day(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    if not table.num_rows:
        return
    days = (table["time"].cast(pa.int64()).to_numpy() - 1) // _DAY  # what ends at 00:00 is of the day before
    for day in np.unique(days):
        yield (_EPOCH + timedelta(days=int(day))).isoformat(), table.filter(pa.array(days == day))


def _stand(table: pa.Table, before: pa.Table) -> bool:
    """Whether the same sensors, with the same names, stand where they stood, give or take `MOVED` metres."""
    if not all(table[name].equals(before[name]) for name in ("id", "kind", "name")):
        return False
    east, north = (table[name].to_numpy() - before[name].to_numpy() for name in ("lon", "lat"))
    return bool((np.hypot(east * _LON, north * _LAT) < MOVED).all())


def _hash(table: pa.Table) -> str:
    hashed = hashlib.sha256()
    for batch in table.to_batches():
        hashed.update(batch.serialize())
    return hashed.hexdigest()


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _day_of(at: datetime) -> str:
    return at.date().isoformat()


def _stamp_of(path: Path) -> datetime:
    return datetime.strptime(path.stem.rpartition("-")[0], _STAMP).replace(tzinfo=UTC)


def _make(folder: Path) -> None:
    """Make a folder, and have the disk remember it."""
    if folder.is_dir():
        return
    _make(folder.parent)
    os.makedirs(folder, exist_ok=True)
    storage.sync(folder.parent)


def _refused(folder: Path, error: Exception) -> LandingError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).partition("\n")[0]
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return LandingError(
        f"Readings could not be written to {folder} ({reason}). What was there is still there, and what came is not "
        f"acknowledged. {'Make room.' if full else 'Make room or mend the rights.'}"
    )


def _damaged(path: Path, error: Exception) -> LandingError:
    reason = str(error).partition("\n")[0].rstrip(".")
    return LandingError(f"{path} can't be read ({reason}), so its day is not merged. Move the damaged file away.")
