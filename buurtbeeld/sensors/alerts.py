"""Which alerts there are and were: values that passed a threshold, and sensors that said nothing.

`step` and `settle` are the whole of the rule for a value, `quiet` that of silence; the rest feeds them the hours of the
rollups, day by day, and keeps where they had come:

    data/rollups/alert/<as the day's hours>.parquet     what was opened and closed by that day, and how all stood then

A file knows the sign of what it was made from: its hours, the rules, and the file of the day before. So after a change
only days from the first changed one on are stepped again, and what comes out is the same as when all were stepped at
once. A file appears when it is whole. Late data can undo an alert: then it is not there any more, and whoever told of
it has to tell that too (deliver.py).

Only whole hours that have passed count, and of these only the ones with status ok: others neither open nor close.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from buurtbeeld.catalogue import Catalogue, Signal, load
from buurtbeeld.sensors import storage

HOME = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)
EARLIEST = datetime(2010, 1, 1)  # noqa: DTZ001  the mart keeps UTC without a zone
"""A clock without a battery begins in 1970, 1980 or 2000; no sensor that is asked now was there before this."""
ALERT = pa.schema(
    [
        ("id", pa.string()),
        ("rule", pa.string()),
        ("source", pa.string()),
        ("sensor", pa.string()),
        ("code", pa.string()),
        ("quantity", pa.string()),
        ("threshold", pa.float64()),
        ("value", pa.float64()),
        ("opened_at", pa.timestamp("us")),
        ("closed_at", pa.timestamp("us")),
        ("is_sample", pa.bool_()),
        ("is_simulated", pa.bool_()),
    ]
)
_KEPT = pa.schema(
    [
        ("what", pa.string()),  # sensor, state, opened or closed
        ("rule", pa.string()),
        ("source", pa.string()),
        ("sensor", pa.string()),
        ("kind", pa.string()),
        ("opened_at", pa.timestamp("us")),
        ("at", pa.timestamp("us")),
        ("last", pa.timestamp("us")),
        ("hours", pa.int32()),
        ("value", pa.float64()),
    ]
)
_SIGN = b"buurtbeeld"
_VERSION = 3  # of the rules in this file: another one steps all days again

Sensor = tuple[str, str]
"""Its source and its id there."""


class State(NamedTuple):
    """How a sensor stands under a rule about its value.

    open: when the alert that is open began; None when none is. since, hours, last, value: of the run of values that may
    turn it over: when it began, its hours, the newest of these, the value it began with.
    """

    open: datetime | None = None
    since: datetime | None = None
    hours: int = 0
    last: datetime | None = None
    value: float | None = None


class Turn(NamedTuple):
    """An alert opened (closed_at is None) or closed."""

    opened_at: datetime
    closed_at: datetime | None
    value: float | None


class Message(NamedTuple):
    """An hour in which a sensor said anything at all, and when the first of it came."""

    hour: datetime
    at: datetime


def step(rule: Signal, state: State, at: datetime, value: float, *, events: bool) -> tuple[State, list[Turn]]:
    """How it stands after a value that is believed.

    events: the value stands until the next one comes, so a run lasts as long as the clock says. Others count measured
    hours: a run with a hole longer than it has to last begins anew.
    """
    state, turns = settle(rule, state, at, events=events)
    if not _turns(rule, state, value):
        return State(state.open), turns
    needed = _needed(rule, state)
    broken = state.last is not None and not events and at - state.last - HOUR > needed * HOUR
    if state.since is None or broken:
        state = State(state.open, at, 1, at, value)
    else:
        state = state._replace(hours=state.hours + 1, last=at)
    if events or state.hours < needed:
        return state, turns
    state, turn = _turned(state)
    return state, [*turns, turn]


def settle(rule: Signal, state: State, until: datetime, *, events: bool) -> tuple[State, list[Turn]]:
    """How it stands at `until`, when nothing came since: only what is sent as it happens goes on by itself."""
    if not events or state.since is None or until - state.since < _needed(rule, state) * HOUR:
        return state, []
    state, turn = _turned(state)
    return state, [turn]


def quiet(hours: int, heard: datetime | None, message: Message) -> list[Turn]:
    """The silence that a message ends, opened and closed; heard: when the message before came.

    It has to last until the hour of the message: what an hour may still bring is waited for, so nothing is undone.
    """
    if heard is None or heard + hours * HOUR > message.hour:
        return []
    opened = heard + hours * HOUR
    return [Turn(opened, None, None), Turn(opened, message.at, None)]


def silent_after(rule: Signal, kind: str, catalogue: Catalogue) -> int:
    """Hours without a message after which a sensor of `kind` is silent under `rule`."""
    return max(rule.silent or 0, catalogue.sensor_kinds[kind].silent)


def alert_id(rule: str, source: str, sensor: str, opened_at: datetime) -> str:
    """The same for the same alert at every build; its sixteen signs tell nothing else."""
    said = "\n".join([rule, source, sensor, opened_at.isoformat()])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def update(
    data_dir: Path,
    rules: Iterable[Signal],
    hours_files: Sequence[Path],
    sensors: pa.Table,
    now: datetime,
    catalogue: Catalogue | None = None,
) -> pa.Table:
    """All alerts of `hours_files` at `now` (UTC without zone), with the columns of the mart's table `alert`.

    hours_files: of the rollups, one for each local day, named after it (`2026-11-23.parquet`, or with a sign of its
    content, `2026-11-23@1f3a.parquet`), with the columns of `reading_hour`.
    sensors: source, sensor, kind, code, last_at, first_at (of the hour of last_at), is_sample, is_simulated; what isn't
    in it has no alerts.

    Steps only what changed since the last call, and writes below `data_dir`/rollups/alert. Raises OSError and
    duckdb.Error; what was written before that stays good.
    """
    past = _Past(tuple(rule for rule in rules if rule.on), sensors, now, catalogue or load())
    folder = data_dir / "rollups" / "alert"
    folder.mkdir(parents=True, exist_ok=True)
    days = _days(hours_files, past.sign, now)
    kept = {folder / file.name for _, file in days}
    for left in folder.iterdir():
        if left not in kept:
            left.unlink()
    made = _made(folder, days, past)
    standing = _read(folder / days[made - 1][1].name) if made else _Standing()
    with duckdb.connect() as con:
        for sign, file in days[made:]:
            standing.turns = []
            past.day(con, file, standing)
            _write(folder / file.name, standing, sign)
    return past.alerts(sorted(kept), standing)


@dataclass
class _Standing:
    """How all sensors stand at the end of a day, and what was opened and closed by that day."""

    heard: dict[Sensor, datetime] = field(default_factory=dict)
    kinds: dict[Sensor, str] = field(default_factory=dict)
    states: dict[tuple[str, str, str], State] = field(default_factory=dict)
    turns: list[tuple[str, str, str, Turn]] = field(default_factory=list)


class _Past:
    """The rules, the sensors and the clock of one update."""

    def __init__(self, rules: tuple[Signal, ...], sensors: pa.Table, now: datetime, catalogue: Catalogue) -> None:
        self.now = now
        self.whole = now.replace(minute=0, second=0, microsecond=0)
        self.catalogue = catalogue
        self.rules = {rule.id: rule for rule in rules}
        self.sensors: dict[Sensor, dict[str, Any]] = {
            (row["source"], row["sensor"]): row for row in sensors.to_pylist() if row["kind"] in catalogue.sensor_kinds
        }
        self._table = pa.table(
            {
                "source": pa.array([source for source, _ in self.sensors], pa.string()),
                "sensor": pa.array([sensor for _, sensor in self.sensors], pa.string()),
                "kind": pa.array([row["kind"] for row in self.sensors.values()], pa.string()),
            }
        )
        meaning = [rule.model_dump(exclude={"title", "description", "on"}) for rule in rules]
        silent = {kind.id: kind.silent for kind in catalogue.sensor_kinds.values()}
        events = sorted(quantity.id for quantity in catalogue.quantities.values() if quantity.events)
        self.sign = hashlib.sha256(json.dumps([_VERSION, meaning, silent, events]).encode()).hexdigest()

    def kind(self, sensor: Sensor) -> str:
        return str(self.sensors[sensor]["kind"]) if sensor in self.sensors else ""

    def events(self, rule: Signal) -> bool:
        return self.catalogue.quantities[rule.quantity or ""].events

    def day(self, con: duckdb.DuckDBPyConnection, file: Path, standing: _Standing) -> None:
        """Steps the hours of one day; changes `standing`."""
        con.register("known", self._table)
        con.execute(
            """CREATE OR REPLACE TEMP TABLE hours AS
               SELECT source, sensor, quantity, hour, median, n, CAST(status AS VARCHAR) AS status,
                      first_at, last_at, last_value, last_reason
               FROM read_parquet(?) WHERE hour >= ? AND hour + INTERVAL 1 HOUR <= ?""",
            [str(file), EARLIEST, self.now],
        )
        for rule in self.rules.values():
            if rule.quantity is not None:
                self._values(con, rule, standing)
        self._messages(con, standing)

    def _values(self, con: duckdb.DuckDBPyConnection, rule: Signal, standing: _Standing) -> None:
        events = self.events(rule)
        # What is sent as it happens has the value that came last, from when it came; of others an hour has its median.
        rows = con.execute(
            """SELECT source, sensor, CASE WHEN newest THEN last_at ELSE hour END,
                      CASE WHEN newest THEN last_value ELSE median END AS value
               FROM (SELECT *, $events AND last_reason IS NULL AND last_value IS NOT NULL AS newest FROM hours)
               JOIN known USING (source, sensor)
               WHERE quantity = $quantity AND list_contains($kinds, kind) AND status = 'ok' AND isfinite(value)
               ORDER BY source, sensor, hour""",
            {"events": events, "quantity": rule.quantity, "kinds": list(rule.kinds)},
        )
        for source, sensor, at, value in _rows(rows):
            key = (rule.id, source, sensor)
            state, turns = step(rule, standing.states.get(key, State()), at, value, events=events)
            standing.states[key] = state
            standing.kinds[(source, sensor)] = self.kind((source, sensor))
            standing.turns += [(*key, turn) for turn in turns]

    def _messages(self, con: duckdb.DuckDBPyConnection, standing: _Standing) -> None:
        # Of the hours of a day only those after a hole can end a silence, and the first, which may end one of before.
        rows = con.execute(
            """WITH said AS (
                   SELECT source, sensor, hour, min(first_at) AS first, max(last_at) AS came FROM hours
                   WHERE n > 0 AND last_at IS NOT NULL GROUP BY source, sensor, hour
               )
               SELECT source, sensor, hour, first, lag(came) OVER one AS before,
                      max(came) OVER (PARTITION BY source, sensor) AS latest
               FROM said
               WINDOW one AS (PARTITION BY source, sensor ORDER BY hour)
               QUALIFY before IS NULL OR before + INTERVAL 1 HOUR <= hour
               ORDER BY source, sensor, hour"""
        )
        for source, sensor, hour, at, before, latest in _rows(rows):
            one = (source, sensor)
            standing.kinds[one] = self.kind(one)
            standing.turns += self._silences(one, before or standing.heard.get(one), Message(hour, at))
            standing.heard[one] = latest

    def _silences(self, one: Sensor, heard: datetime | None, message: Message) -> Iterator[tuple[str, str, str, Turn]]:
        kind = self.kind(one)
        for rule in self.rules.values():
            if rule.silent is not None and kind in rule.kinds:
                for turn in quiet(silent_after(rule, kind, self.catalogue), heard, message):
                    yield (rule.id, *one, turn)

    def alerts(self, files: Sequence[Path], standing: _Standing) -> pa.Table:
        """All alerts of all days, with what the clock alone opened or closed since."""
        found: dict[tuple[str, str, str, datetime], tuple[float | None, datetime | None]] = {}
        for rule, source, sensor, turn in (*_turns_of(files), *self._since(standing)):
            key = (rule, source, sensor, turn.opened_at)
            value, _ = found.get(key, (turn.value, None))
            found[key] = (value, turn.closed_at)
        rows = [
            self._row(*key, value, closed_at)
            for key, (value, closed_at) in sorted(found.items(), key=lambda item: (item[0][3], item[0]))
        ]
        return pa.Table.from_pylist(rows, schema=ALERT)

    def _since(self, standing: _Standing) -> Iterator[tuple[str, str, str, Turn]]:
        for (id, source, sensor), state in standing.states.items():
            rule = self.rules[id]
            for turn in settle(rule, state, self.whole, events=self.events(rule))[1]:
                yield (id, source, sensor, turn)
        for one, row in self.sensors.items():
            heard, newest = standing.heard.get(one), row["last_at"]
            # What came in this hour is not in the whole hours; a time still to come is that of a wrong clock.
            if newest is not None and EARLIEST <= newest <= self.now and (heard is None or newest > heard):
                yield from self._silences(one, heard, Message(_hour(newest), row["first_at"] or newest))
                heard = newest
            if heard is not None:
                for id, source, sensor, turn in self._silences(one, heard, Message(self.whole, self.whole)):
                    if turn.closed_at is None:
                        yield (id, source, sensor, turn)

    def _row(
        self, rule: str, source: str, sensor: str, opened_at: datetime, value: float | None, closed_at: datetime | None
    ) -> dict[str, Any]:
        about = self.sensors[(source, sensor)]
        one = self.rules[rule]
        silent = one.silent is not None
        return {
            "id": alert_id(rule, source, sensor, opened_at),
            "rule": rule,
            "source": source,
            "sensor": sensor,
            "code": about["code"],
            "quantity": one.quantity,
            "threshold": float(silent_after(one, about["kind"], self.catalogue)) if silent else one.threshold,
            "value": value,
            "opened_at": opened_at,
            "closed_at": closed_at,
            "is_sample": about["is_sample"],
            "is_simulated": about["is_simulated"],
        }


def _turns(rule: Signal, state: State, value: float) -> bool:
    """Whether a value is one that opens what is closed, or closes what is open."""
    assert rule.threshold is not None and rule.closes is not None
    if state.open is not None:
        return value > rule.closes if rule.when == "below" else value < rule.closes
    if rule.when == "below":
        return value < rule.threshold
    return value > rule.threshold if rule.when == "above" else value >= rule.threshold


def _needed(rule: Signal, state: State) -> int:
    return rule.opens_after if state.open is None else rule.closes_after


def _turned(state: State) -> tuple[State, Turn]:
    assert state.since is not None
    if state.open is None:
        return State(state.since), Turn(state.since, None, state.value)
    return State(), Turn(state.open, state.since, None)


def _hour(at: datetime) -> datetime:
    """The beginning of the hour that a time is of: a time on the hour ends one."""
    return (at - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)


def _days(files: Sequence[Path], sign: str, now: datetime) -> list[tuple[str, Path]]:
    """The days that can have passed hours, oldest first, each with the sign of all that came of it and before it.

    sign: of what is the same for all days.
    """
    found = []
    for file in sorted(files, key=lambda file: file.name):
        day = date.fromisoformat(file.stem.partition("@")[0])
        begin, end = _midnight(day), _midnight(day + timedelta(days=1))
        if end <= EARLIEST or begin > now:
            continue
        # Of a day that is not over, more hours have passed at the next update.
        passed = now.replace(minute=0, second=0, microsecond=0).isoformat() if now < end else "all"
        sign = hashlib.sha256(f"{sign} {_content_of(file)} {passed}".encode()).hexdigest()
        found.append((sign, file))
    return found


def _content_of(file: Path) -> str:
    """What is another when the file is: a name with a sign in it tells enough, and stays when data is moved."""
    if "@" in file.stem:
        return file.name
    about = file.stat()
    return f"{file.name} {about.st_size} {about.st_mtime_ns} {about.st_ino}"


def _midnight(day: date) -> datetime:
    """When a day begins in the Netherlands, in UTC without zone."""
    return datetime.combine(day, time(), HOME).astimezone(UTC).replace(tzinfo=None)


def _made(folder: Path, days: Sequence[tuple[str, Path]], past: _Past) -> int:
    """How many days, from the first, need not be stepped again."""
    made = 0
    for sign, file in days:
        if _sign_of(folder / file.name) != sign:
            break
        made += 1
    # A sensor that is now of another kind, or only now of any, has other rules, and had them all along.
    if made and any(past.kind(one) != kind for one, kind in _read(folder / days[made - 1][1].name).kinds.items()):
        return 0
    return made


def _sign_of(file: Path) -> str | None:
    try:
        metadata = pq.read_schema(file).metadata or {}
    except (OSError, pa.ArrowException):
        return None
    return str(metadata.get(_SIGN, b"").decode())


def _read(file: Path) -> _Standing:
    standing = _Standing()
    for row in pq.read_table(file, filters=[("what", "in", ["sensor", "state"])]).to_pylist():
        one = (row["source"], row["sensor"])
        if row["what"] == "sensor":
            standing.kinds[one] = row["kind"]
            if row["at"] is not None:
                standing.heard[one] = row["at"]
        else:
            state = State(row["opened_at"], row["at"], row["hours"], row["last"], row["value"])
            standing.states[(row["rule"], *one)] = state
    return standing


def _write(file: Path, standing: _Standing, sign: str) -> None:
    """Puts a day in its place, whole and on disk."""
    rows: list[dict[str, Any]] = [
        {"what": "sensor", "source": one[0], "sensor": one[1], "kind": kind, "at": standing.heard.get(one)}
        for one, kind in standing.kinds.items()
    ]
    rows += [
        {
            "what": "state",
            "rule": rule,
            "source": source,
            "sensor": sensor,
            "opened_at": state.open,
            "at": state.since,
            "last": state.last,
            "hours": state.hours,
            "value": state.value,
        }
        for (rule, source, sensor), state in standing.states.items()
        if state != State()
    ]
    rows += [
        {
            "what": "closed" if turn.closed_at else "opened",
            "rule": rule,
            "source": source,
            "sensor": sensor,
            "opened_at": turn.opened_at,
            "at": turn.closed_at,
            "value": turn.value,
        }
        for rule, source, sensor, turn in standing.turns
    ]
    table = pa.Table.from_pylist(rows, schema=_KEPT.with_metadata({_SIGN: sign}))
    storage.write(str(file), lambda path: pq.write_table(table, path, compression="zstd"))


def _turns_of(files: Sequence[Path]) -> Iterator[tuple[str, str, str, Turn]]:
    """What was opened and closed, day by day."""
    for file in files:
        for row in pq.read_table(file, filters=[("what", "in", ["opened", "closed"])]).to_pylist():
            turn = Turn(row["opened_at"], row["at"], row["value"])
            yield (row["rule"], row["source"], row["sensor"], turn)


def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while some := found.fetchmany(10_000):
        yield from some
