"""Hours and days of sensors and areas, made from readings and kept beside them, anew only where something changed.

    data/rollups/hours/<source>/<day>@<sign>.parquet       a day of UTC of one source (sql/hours.sql)
    data/rollups/rejected/<source>/<day>@<sign>.parquet    its readings that are not believed, each with its reason
    data/rollups/<table>/<day>@<sign>.parquet              a local day of all sources, as in the mart (sql/areas.sql)

The sign in a name stands for everything that the file is made from: readings, rules, SQL and sensors. A file with the
right name is therefore right, one list of names tells what is left to do, and a run that was killed is simply gone on
with. Readings are read once, by day of UTC; what needs other hours or other sensors is decided on hours. What is judged
by hour (stuck, humid, drift, a spike beside its neighbours) is not among the rejected readings: `reading_hour` says it.

Each file is made by one thread with a connection of its own, here or on a worker of Dask, and they are only ever
put side by side. So where and in which order they are made changes nothing in them.
"""

import atexit
import hashlib
import importlib
import json
import math
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from buurtbeeld.catalogue.sensing import Quantity, SensorKind
from buurtbeeld.sensors import partitions, rules, storage
from buurtbeeld.sensors.partitions import File, Partition

MEMORY = "1GB"  # of the database; what takes more goes to disk
LOOKS = 3  # times that files are looked for when some could not be read
PART = 2_000_000  # readings of a day that are looked at together,
PARTS = 100  # unless that would make more parts than this
CORES = len(os.sched_getaffinity(0))
PATIENCE = 30  # seconds until a scheduler has to answer
TOGETHER = 2_000_000  # bytes of hours from which local days are made together; more takes more memory

_ROLLUPS, _HOURS, _REJECTED, _SENSORS = "rollups", "hours", "rejected", "sensors"
_METADATA = b"buurtbeeld"
_DAY = timedelta(days=1)
_COLUMNS = {
    "sensor": (pa.string(), pa.large_string()),
    "quantity": (pa.string(), pa.large_string()),
    "time": (pa.timestamp("us"),),
    "value": (pa.float64(),),
}
_TABLES = ("reading_hour", "reading_day", "area_hour", "area_day")
_ONE_BY_ONE = threading.Lock()
_SEEN = "seen.parquet"
_TOLD = pa.schema([("name", pa.string()), ("sensors", pa.string()), ("told", pa.string())])
_OURS = {_HOURS, _REJECTED, _SENSORS, *_TABLES}  # what alerts keep beside them is theirs
_NOTHING = (
    "(SELECT '' AS sensor, '' AS quantity, TIMESTAMP 'epoch' AS time, 0::DOUBLE AS value, '' AS filename, "
    "0::BIGINT AS file_row_number LIMIT 0)"
)
_BAD = (duckdb.Error, pa.ArrowException, OSError, storage.StorageError)


class RollupError(Exception):
    """Rollups can't be made at all; the text says what to do."""


@dataclass(frozen=True)
class Rolled:
    """What an update had to do: days of UTC of a source, and local days, to make anew; files that went away.

    problems: a sentence for each that could not be made; what there was of it before is still there.
    """

    partitions: int
    days: int
    removed: int
    problems: tuple[str, ...] = ()


class HoursTask(NamedTuple):
    """The hours of one source on one day of UTC. Plain values, SQL and all, so that any machine does the same.

    Names are within `root`.
    """

    root: str
    partition: Partition
    sql: str
    rule: list[dict[str, Any]]
    variables: dict[str, Any]
    hours: str
    rejected: str
    gemeente: str | None = None


class DaysTask(NamedTuple):
    """Local days of all sources, from files of hours. `out` is the name of each table of each day."""

    root: str
    hours: list[str]
    sensors: str
    sql: str
    rule: list[dict[str, Any]]
    kinds: list[dict[str, Any]]
    variables: dict[str, Any]
    out: dict[date, dict[str, str]]


class _Day(NamedTuple):
    """A local day: the names of its hours, and those of its tables."""

    day: date
    hours: list[str]
    out: dict[str, str]


Run = Callable[[Callable[[Any], str | None], Sequence[Any]], list[str]]


def update(
    data_dir: Path | str,
    quantities: Mapping[str, Quantity],
    kinds: Mapping[str, SensorKind],
    sensors: pa.Table,
    *,
    scheduler: str | None = None,
    gemeente: str | None = None,
) -> Rolled:
    """Brings the rollups up to date with the readings, doing only what changed.

    gemeente: only its readings count, and those that don't say of which they are; None: all of them.
    data_dir: a folder, or an address of object storage. sensors: columns source, sensor, kind, code; a row for each
    area that it stands in, one with NULL when in none; one with "" as sensor tells the kind of all others of a source.
    Sources that are not in it have no rollups afterwards.
    scheduler: address of a Dask scheduler, whose workers see the same data_dir; None: this process.

    Raises RollupError when nothing can be made, storage.StorageError and OSError. What was made by then stays.
    """
    root = storage.join(str(data_dir), _ROLLUPS)
    sensors = _in_order(sensors)
    sources = sorted(set(sensors["source"].to_pylist()))

    def found() -> list[Partition]:
        return [part for source in sources for part in partitions.find(data_dir, source).values()]

    with _workers(scheduler) as run:
        parts, tried = found(), 0
        for _ in range(LOOKS):
            there = storage.listing(root)
            every = [_hours_task(root, part, quantities, gemeente) for part in parts]
            hours = [task for task in every if not {task.hours, task.rejected} <= there.keys()]
            problems = run(make_hours, hours)
            tried += len(hours)
            # A stream may have merged files while they were read.
            if not problems or parts == (parts := found()):
                break
        if tried:
            there = storage.listing(root)
        settled = _settled(there, {name for task in every for name in (task.hours, task.rejected)})
        whole = _days_task(root, quantities, kinds, sensors)
        days = _days(whole, _who(root, settled, sensors))
        open_days = [day for day in days if not set(day.out.values()) <= there.keys()]
        if days and whole.sensors not in there:
            storage.write(storage.join(root, whole.sensors), partial(pq.write_table, sensors))
        problems += run(make_days, _batches(whole, open_days, there))
    # Last of all, so that what was there before is there until something better is.
    there = storage.listing(root)
    wanted = {name for day in days for name in (whole.sensors, *day.out.values())}
    gone = {name for name in there if name.partition("/")[0] in _OURS} - settled - _settled(there, wanted)
    for name in gone:
        storage.remove(storage.join(root, name))
    return Rolled(tried, len(open_days), len(gone), tuple(problems))


def files(data_dir: Path | str) -> dict[str, list[Path]]:
    """Per table of the mart the files that hold its rows, oldest day first. To be asked after an update."""
    folder = Path(data_dir) / _ROLLUPS
    return {
        table: [folder / table / name for name in storage.listing(str(folder / table)) if name[0] != "."]
        for table in _TABLES
    }


def make_hours(task: HoursTask) -> str | None:
    """Makes the files of a day of UTC of one source; a sentence when it can't."""
    try:
        task = task._replace(partition=_of(task.gemeente, task.partition))
        simulated, doubted, rows = _described(task.partition)
        parts = min(PARTS, max(1, math.ceil(rows / PART)))
        with _connection(task.root) as con:
            _table(con, "rule", task.rule, rules.READING_RULE)
            begin = datetime.combine(task.partition.day, time())
            paths = [file.path for file in task.partition.files]
            names = [path.rpartition("/")[2] for path in paths]
            _set(con, task.variables | {"begin": begin, "until": begin + _DAY, "files": names or [""]})
            con.execute(
                f"CREATE TEMP VIEW received AS SELECT sensor, quantity, time, value, {doubted} AS doubted, filename, "
                f"file_row_number FROM {_read(paths) if paths else _NOTHING}"
            )
            con.execute(_sql("received"))
            con.execute(_sql("made"))
            with _parted(con, parts) as sources:
                for source in sources:
                    con.execute(f"CREATE OR REPLACE TEMP VIEW part AS SELECT * FROM {source}")
                    con.execute(task.sql)
            said = f"{_text(task.partition.source)} AS source, {simulated} AS is_simulated"
            _write(
                con, storage.join(task.root, task.rejected), "SELECT * FROM rejected ORDER BY sensor, quantity, time"
            )
            _write(con, storage.join(task.root, task.hours), f"SELECT {said}, * FROM made")
    except _Unusable as error:
        return str(error)
    except _BAD as error:
        return _blamed(task.partition, error)
    return None


def make_days(task: DaysTask) -> str | None:
    """Makes the files of some local days; a sentence when it can't."""
    try:
        with _connection(task.root) as con:
            _table(con, "rule", task.rule, rules.HOUR_RULE)
            _table(con, "kind_quantity", task.kinds, rules.KIND_RULE)
            _table(con, "clock", [row for day in task.out for row in _clock(day)], rules.CLOCK)
            _set(con, task.variables)
            for view, names in (("hour_made", task.hours), ("received_sensor", [task.sensors])):
                paths = _texts(storage.join(task.root, name) for name in names)
                con.execute(f"CREATE TEMP VIEW {view} AS SELECT * FROM read_parquet({paths})")
            con.execute(task.sql)
            for day, tables in task.out.items():
                for table, name in tables.items():
                    _write(con, storage.join(task.root, name), f"SELECT * FROM {table} WHERE day = DATE '{day}'")
    except _BAD as error:
        days = f"{min(task.out)} to {max(task.out)}"
        return (
            f"The rollups of {days} can't be made: {_first_line(error)}. Those of before are still there. Where a file "
            f"in {task.root} is damaged, delete it, and it is made again."
        )
    return None


class _Unusable(Exception):
    """A file of readings that is of no use; the text is the sentence for it."""


def _hours_task(
    root: str, part: Partition, quantities: Mapping[str, Quantity], gemeente: str | None = None
) -> HoursTask:
    rule = rules.of_readings(quantities.values(), part.source)
    variables = rules.constants() | {"quantiles": rules.quantiles(quantities.values(), part.source)}
    sql = f"{_sql('whole' if part.whole else 'once')}\n{_sql('hours')}"
    said = [(file.path.rpartition("/")[2], file.size) for file in part.files]
    sign = _sign(said, part.whole, rule, variables, sql, _sql("received"), _sql("made"), gemeente)
    name = f"{part.source}/{part.day}@{sign}.parquet"
    return HoursTask(root, part, sql, rule, variables, f"{_HOURS}/{name}", f"{_REJECTED}/{name}", gemeente)


def _days_task(
    root: str, quantities: Mapping[str, Quantity], kinds: Mapping[str, SensorKind], sensors: pa.Table
) -> DaysTask:
    """What is the same for all local days."""
    who = _sign(*(sensors[name].to_pylist() for name in sensors.column_names))
    rule, kind_rule = rules.of_hours(quantities.values()), rules.of_kinds(kinds)
    name = f"{_SENSORS}/{_SENSORS}@{who}.parquet"
    return DaysTask(root, [], name, _sql("areas"), rule, kind_rule, rules.constants(), {})


def _who(root: str, settled: Iterable[str], sensors: pa.Table) -> dict[str, str]:
    """Name of each file of hours -> what is known of the sensors in it, as a short text.

    So that a sensor that comes or moves makes only those days anew that it measured on. What was found is kept in
    `seen.parquet`: a file is looked into again only when anything of its source's sensors is another.
    """
    path, names = storage.join(root, _SEEN), sorted(name for name in settled if name.startswith(f"{_HOURS}/"))
    placed: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for source, sensor, kind, code in zip(*(column.to_pylist() for column in sensors.columns), strict=True):
        placed.setdefault(source, {}).setdefault(sensor, []).append((kind, code))
    whole = {source: _sign(list(known.items())) for source, known in placed.items()}
    before, found = _seen(path), {}
    for name in names:
        source = name.split("/")[1]
        found[name] = before.get(name, ("", ""))
        if found[name][0] != whole[source]:
            found[name] = (whole[source], _told(root, name, placed[source]))
    if not names:
        storage.remove(path)
    elif found != before:
        rows = [{"name": name, "sensors": those, "told": told} for name, (those, told) in found.items() if told]
        storage.write(path, partial(pq.write_table, pa.Table.from_pylist(rows, schema=_TOLD)))
    return {name: told for name, (_, told) in found.items()}


def _seen(path: str) -> dict[str, tuple[str, str]]:
    """What `_who` kept; what can't be read is looked for again."""
    with suppress(*_BAD, ValueError):
        with storage.opened(path) as opened:
            rows = pq.read_table(opened).cast(_TOLD).to_pylist()
        return {row["name"]: (row["sensors"], row["told"]) for row in rows}
    return {}


def _told(root: str, name: str, placed: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """What is known of the sensors in a file of hours, and of those that the source doesn't place.

    Of a damaged file nothing: who makes its days says so.
    """
    try:
        with storage.opened(storage.join(root, name)) as opened:
            found = pq.read_table(opened, columns=["sensor"])["sensor"].unique().to_pylist()
    except _BAD:
        return ""
    return _sign([(sensor, placed.get(sensor)) for sensor in ("", *sorted(filter(None, found)))])


def _days(whole: DaysTask, told: Mapping[str, str]) -> list[_Day]:
    """Every local day that there are hours of, oldest first. told: name of each file of hours -> its sensors."""
    hours: dict[date, list[str]] = {}
    for name in sorted(told):
        hours.setdefault(date.fromisoformat(name.rpartition("/")[2].partition("@")[0]), []).append(name)
    same = _sign(whole.sql, whole.rule, whole.kinds, whole.variables)
    made = []
    for day in sorted({local for utc_day in hours for local in partitions.touched(utc_day)}):
        names = [name for needed in partitions.needed(day) for name in hours.get(needed, [])]
        sign = _sign(same, names, [told[name] for name in names])
        made.append(_Day(day, names, {table: f"{table}/{day}@{sign}.parquet" for table in _TABLES}))
    return made


def _batches(whole: DaysTask, days: Iterable[_Day], sizes: Mapping[str, int]) -> list[DaysTask]:
    """Successive days together, as long as their hours are not too many; of few days each core has its own."""
    made: list[DaysTask] = []
    days = list(days)
    most = TOGETHER if len(days) > CORES else 0
    size, last = 0, date.min
    for day in days:
        more = sum(sizes[name] for name in day.hours)
        if not made or day.day != last + _DAY or size + more > most:
            made.append(whole._replace(hours=[], out={}))
            size = 0
        batch = made.pop()
        made.append(batch._replace(hours=[*dict.fromkeys(batch.hours + day.hours)], out=batch.out | {day.day: day.out}))
        size, last = size + more, day.day
    return made


def _clock(day: date) -> list[dict[str, Any]]:
    hours = partitions.hours(day)
    return [hour._asdict() | {"day": day, "due": len(hours)} for hour in hours]


def _settled(there: Iterable[str], wanted: set[str]) -> set[str]:
    """Of the files there are those that count: what is wanted, and while that could not be made, what was before it."""
    keys: dict[str, list[str]] = {}
    for name in there:
        keys.setdefault(name.partition("@")[0], []).append(name)
    counting = set()
    for key in {name.partition("@")[0] for name in wanted}:
        names = keys.get(key, [])
        counting.update([name for name in names if name in wanted] or sorted(names)[:1])
    return counting


@contextmanager
def _workers(scheduler: str | None) -> Iterator[Run]:
    """What does tasks, each by itself, and gives the sentences of those that failed."""
    if scheduler is None:
        with ThreadPoolExecutor(CORES) as pool:
            yield lambda make, tasks: [said for said in pool.map(make, tasks) if said]
        return
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise RollupError(
            "ROLLUP_SCHEDULER asks for Dask, which is not installed. Install the extra dask, or leave that empty."
        ) from error
    try:
        client = distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RollupError(
            f"The Dask scheduler {scheduler} doesn't answer ({_first_line(error)}). Start it, or mend ROLLUP_SCHEDULER."
        ) from error
    with client:

        def run(make: Callable[[Any], str | None], tasks: Sequence[Any]) -> list[str]:
            # Not pure: what a task did before may be gone from the disk.
            futures = client.map(make, tasks, pure=False, retries=3)
            try:
                return [said for said in client.gather(futures) if said]
            except (distributed.KilledWorker, CancelledError, OSError) as error:
                raise RollupError(
                    f"The workers of {scheduler} were lost ({_first_line(error)}). What they made is kept; look at "
                    "their memory, and run it again."
                ) from error

        yield run


def _in_order(sensors: pa.Table) -> pa.Table:
    order = ["source", "sensor", "kind", "code"]
    table = sensors.select(order).cast(pa.schema([(name, pa.string()) for name in order]))
    return table.sort_by([(name, "ascending") for name in order]).replace_schema_metadata(None)


def _of(gemeente: str | None, partition: Partition) -> Partition:
    """Its files of one gemeente: for a newest copy that is of another, the newest one that is not. May be none."""
    strange = [file for file in partition.files if _is_of_another(gemeente, file)]
    files = [file for file in partition.files if file not in strange]
    if any(f"/{partition.day}@" in file.path for file in strange):
        files += [file for file in partition.older if not _is_of_another(gemeente, file)][:1]
        files.sort(key=lambda file: file.path.rpartition("/")[2].rpartition("@")[2])  # what came later wins
    return partition._replace(files=tuple(files))


def _is_of_another(gemeente: str | None, file: File) -> bool:
    """A file that can't be read may be ours."""
    try:
        with storage.opened(file.path) as opened:
            said = json.loads(pq.read_schema(opened).metadata[_METADATA]).get("gemeente")
    except (*_BAD, ValueError, KeyError, TypeError, AttributeError):
        return False
    return None not in (gemeente, said) and said != gemeente


def _described(partition: Partition) -> tuple[bool, str, int]:
    """Whether any of it is simulated, the expression for a reading with few stars, and how many rows it has.

    Raises _Unusable, naming the file.
    """
    simulated, doubted, rows = False, "NULL::BOOLEAN", 0
    for file in partition.files:
        try:
            with storage.opened(file.path) as opened:
                said = pq.read_metadata(opened)
            schema = said.schema.to_arrow_schema()
            simulated |= bool(json.loads(schema.metadata[_METADATA])["is_simulated"])
        except (*_BAD, ValueError, KeyError, TypeError) as error:
            raise _Unusable(_unusable(partition, file, _first_line(error))) from error
        for name, types in _COLUMNS.items():
            kind = schema.field(name).type if name in schema.names else None
            if (kind.value_type if isinstance(kind, pa.DictionaryType) else kind) not in types:
                reason = f"its column {name} is {kind or 'not there'}, and should be {types[0]}"
                raise _Unusable(_unusable(partition, file, reason))
        doubted = f"CASE WHEN stars < {rules.LEAST_STARS} THEN true END" if "stars" in schema.names else doubted
        rows += said.num_rows
    return simulated, doubted, rows


def _blamed(partition: Partition, error: Exception) -> str:
    """The sentence for a partition that can't be read to its end: which of its files it is, if it is one of them."""
    for file in partition.files:
        try:
            with storage.opened(file.path) as opened:
                pq.read_table(opened, columns=list(_COLUMNS))
        except _BAD as found:
            return _unusable(partition, file, _first_line(found))
    return f"The hours of {partition.source} on {partition.day} can't be made: {_first_line(error)}."


def _unusable(partition: Partition, file: File, reason: str) -> str:
    return (
        f"{file.path} can't be used: {reason}. Delete it, and load {partition.source} again if it comes from a loader. "
        f"Until then {partition.day} stays as it was."
    )


@contextmanager
def _parted(con: duckdb.DuckDBPyConnection, parts: int) -> Iterator[Sequence[str]]:
    """Where the readings of one part of the sensors after another are: each is written once, however many parts."""
    if parts == 1:
        yield ["numbered"]
        return
    with tempfile.TemporaryDirectory(prefix="buurtbeeld-parts-") as folder:
        con.execute(
            f"COPY (SELECT *, hash(sensor) % {parts} AS part FROM numbered) TO {_text(folder)} "
            "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (part), OVERWRITE_OR_IGNORE)"
        )
        found = sorted(path for path in Path(folder).iterdir() if path.is_dir())
        yield [f"read_parquet({_text(str(path))} || '/*.parquet', can_have_nan = true)" for path in found]


@contextmanager
def _connection(place: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, which works in the thread that asks, in the one database of this process.

    A new database takes longer than a small day.
    """
    with _ONE_BY_ONE:
        database = _database()
        storage.register(database, place)
    with database.cursor() as con:
        yield con


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """An empty database without threads of its own; what doesn't fit in memory goes to a folder that goes with it."""
    spill = tempfile.mkdtemp(prefix="buurtbeeld-")
    atexit.register(shutil.rmtree, spill, ignore_errors=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": MEMORY,
        "temp_directory": spill,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(config=config)


def _read(paths: Iterable[str]) -> str:
    # The extremes that a file gives of its values leave out what is no number.
    options = "filename = true, file_row_number = true, union_by_name = true, can_have_nan = true"
    return f"read_parquet({_texts(paths)}, {options})"


def _write(con: duckdb.DuckDBPyConnection, path: str, query: str) -> None:
    storage.write(path, lambda to: con.execute(f"COPY ({query}) TO {_text(to)} (FORMAT parquet, COMPRESSION zstd)"))


def _table(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    con.register("given", pa.Table.from_pylist(rows, schema=schema))
    con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM given")
    con.unregister("given")


def _set(con: duckdb.DuckDBPyConnection, variables: Mapping[str, Any]) -> None:
    for name, value in variables.items():
        con.execute(f"SET VARIABLE {name} = ?", [value])


@cache
def _sql(name: str) -> str:
    return (Path(__file__).with_name("sql") / f"{name}.sql").read_text(encoding="utf-8")


def _sign(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _texts(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _first_line(error: object) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
