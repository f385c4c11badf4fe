"""`python -m buurtbeeld.sensors.deliver`: tells the targets of city/signals.toml what opened, closed, or never was.

    data/signals/delivered.jsonl     what was taken by a target, a line for each; on disk before the next is sent
    data/signals/undelivered.jsonl   what a target refused, or did not take in `ATTEMPTS` times; --retry sends it again
    data/signals/waiting.json        how often the rest was tried, and until when a target is left alone

A kill between sending and writing makes that a message is sent once more, never that it is lost; it then has the same
id, so that a receiver can tell. Samples and what is simulated are told to nobody. What could be told late is told late,
but an alert that was over for a day before it could be told is not told any more.
"""

import argparse
import fcntl
import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import duckdb

from buurtbeeld.catalogue import Catalogue, CatalogueError, load
from buurtbeeld.sensors import storage, targets
from buurtbeeld.sensors.messages import Message, Told, What, code_of, letter, together, told
from buurtbeeld.sensors.signals import Signals, SignalsError, Target, read, unsafe
from buurtbeeld.sensors.targets import RefusedError, UnreachedError
from buurtbeeld.settings import Settings, SettingsError
from buurtbeeld.settings import read as read_settings

ATTEMPTS = 10
HOUR = timedelta(hours=1)
NEWS = timedelta(days=1)
"""After which what is over is no news any more."""
WITHDRAWN = timedelta(days=31)
"""Longer ago than this nothing is withdrawn: a history that was thrown away is no proof that it never was."""
LONGEST_REST = timedelta(days=1)
_KEYS = {"id", "alert", "what", "target", "at", "built_at", "about"}
_OPEN = "sensor.source IN (SELECT id FROM source WHERE openness = 'rows')"  # of others nothing is told sensor by sensor
_UNITS = {"m": 60, "h": 3600, "d": 86_400}


class DeliveryError(Exception):
    """Nothing can be delivered. The text is a sentence with what to do."""


@dataclass(frozen=True)
class Mart:
    """What a mart has to tell. alerts: of real sensors of which everybody may have the readings. sensors: (source, id)
    of these. built_at: UTC without zone.
    """

    built_at: datetime
    alerts: Mapping[str, Told]
    sensors: frozenset[tuple[str, str]]

    @cached_property
    def known(self) -> frozenset[tuple[str, str]]:
        """Its sensors in each way that a message may name them."""
        return self.sensors | {(source, code_of(source, sensor)) for source, sensor in self.sensors}


@dataclass
class Line:
    """What came of one target in one turn. why: of the last message that did not arrive."""

    target: str
    sent: int = 0
    refused: int = 0
    waiting: int = 0
    why: str = ""

    def __str__(self) -> str:
        counts = f"{self.target}: {self.sent} delivered, {self.waiting} waiting, {self.refused} refused"
        return f"{counts}. {self.why}" if self.why else f"{counts}."


class Journal:
    """A file of JSON lines that only grows. A line is there when it is whole: what a kill left of one is cut off."""

    def __init__(self, path: Path) -> None:
        """Raises DeliveryError for a line in it that can't be read."""
        self.path = path
        self.lines: list[dict[str, Any]] = []
        if path.exists():
            content = path.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            if whole != content:
                os.truncate(path, len(whole))
            self.lines = [self._line(number, line) for number, line in enumerate(whole.splitlines(), 1)]

    def _line(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            found = json.loads(line)
            if isinstance(found, dict) and found.keys() >= _KEYS:
                return found
        except ValueError:
            pass
        raise DeliveryError(f"Line {number} of {self.path} can't be read. Take it out, or put back a copy of the file.")

    def add(self, lines: Sequence[dict[str, Any]]) -> None:
        """Lines that are on disk when this returns."""
        new = not self.path.exists()
        with self.path.open("ab") as file:
            file.write(b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        if new:
            storage.sync(self.path.parent)
        self.lines += lines

    def keep(self, lines: Sequence[dict[str, Any]]) -> None:
        """Makes these its lines, all at once."""
        _replace(self.path, b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines))
        self.lines = list(lines)


@dataclass
class Waiting:
    """How often each message was tried, and how long a target is left alone; losing it only makes a try come sooner."""

    attempts: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    until: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Waiting":
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(Counter(kept["attempts"]), Counter(kept["failures"]), dict(kept["until"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def forget(self, target: str, messages: Iterable[Message]) -> None:
        """Leaves out what a target need not be told any more."""
        still = {f"{target} {message.id}" for message in messages}
        for key in [key for key in self.attempts if key.startswith(f"{target} ") and key not in still]:
            del self.attempts[key]

    def write(self, path: Path) -> None:
        said = {"attempts": self.attempts, "failures": self.failures, "until": self.until}
        _replace(path, json.dumps(said, indent=1).encode())


def due(
    mart: Mart, target: Target, signals: Signals, catalogue: Catalogue, before: Iterable[dict[str, Any]], now: datetime
) -> list[Message]:
    """What a target is still to be told, oldest first. before: the lines of what it was told or refused, as they came.

    An alert is told when it opens and when it closes. One that was told and is gone is withdrawn: late data showed that
    it never was, or the rule is another one. One that comes back after that, or is still open after all, opens again.
    """
    last: dict[str, dict[str, Any]] = {}
    times: Counter[tuple[str, str]] = Counter()
    for line in before:
        last[line["alert"]] = line
        times[(line["alert"], line["what"])] += 1
    found: list[tuple[datetime, str, Told, What]] = []
    for alert in mart.alerts.values():
        if alert.kind not in catalogue.sensor_kinds or not _wanted(target, signals, alert.rule):
            continue
        if what := _next(alert, last.get(alert.id), now):
            at = alert.closed_at if what == "closed" and alert.closed_at else alert.opened_at
            found.append((at, alert.id, alert, what))
    for id, line in last.items():
        if id not in mart.alerts and _undone(line, mart, signals, target, now):
            found.append((now, id, _as_told(line["about"]), "withdrawn"))
    found.sort(key=lambda each: each[:2])
    return [told(alert, what, times[(id, what)], signals, catalogue) for _, id, alert, what in found]


def _wanted(target: Target, signals: Signals, rule: str) -> bool:
    return rule in signals.rules and signals.rules[rule].on and (target.rules is None or rule in target.rules)


def _next(alert: Told, last: dict[str, Any] | None, now: datetime) -> What | None:
    """What is to be told of an alert after what was told of it last."""
    if last is not None and last["refused"]:
        return None
    match last["what"] if last else None:
        case None | "withdrawn":
            return "opened" if alert.closed_at is None or alert.closed_at > now - NEWS else None
        case "opened":
            return "closed" if alert.closed_at is not None else None
        case "closed":
            return "opened" if alert.closed_at is None else None
    return None


def _undone(line: dict[str, Any], mart: Mart, signals: Signals, target: Target, now: datetime) -> bool:
    """Whether what was told last of an alert that is not in the mart has to be taken back.

    Not by a mart that is older than the one it was told from, nor when the whole sensor is not there.
    """
    about = line["about"]
    return (
        not line["refused"]
        and line["what"] != "withdrawn"
        and _wanted(target, signals, about["rule"])
        and (about["source"], about["sensor"]) in mart.known
        and mart.built_at > datetime.fromisoformat(line["built_at"])
        and now - WITHDRAWN < _time(about["opened_at"]) <= now
    )


def _as_told(about: Mapping[str, Any]) -> Told:
    """An alert as it was told."""
    return Told(
        id=about["alert"],
        rule=about["rule"],
        source=about["source"],
        sensor=about["sensor"],
        code=about["area"],
        quantity=about["quantity"],
        threshold=about["threshold"],
        value=about["value"],
        opened_at=_time(about["opened_at"]),
        closed_at=_time(about["closed_at"]) if about["closed_at"] else None,
        kind=about["kind"],
        place=None,
        area=None,
        where=about["place"],
    )


class Turn:
    """One time round all targets, of whoever holds the lock.

    secrets: by the name of a variable. said: what was tried, per target.
    """

    def __init__(
        self,
        folder: Path,
        signals: Signals,
        catalogue: Catalogue,
        mart: Mart,
        secrets: Mapping[str, str],
        now: Callable[[], datetime],
        seconds: float = targets.SECONDS,
    ) -> None:
        self.signals = signals
        self.catalogue = catalogue
        self.mart = mart
        self.secrets = secrets
        self.now = now
        self.seconds = seconds
        self.delivered = Journal(folder / "delivered.jsonl")
        self.undelivered = Journal(folder / "undelivered.jsonl")
        self._waiting = folder / "waiting.json"
        self.waiting = Waiting.read(self._waiting)

    def all(self, stop: Event, *, retry: bool = False) -> list[Line]:
        """Tell every target what it is due. retry: first what could not be delivered before."""
        lines = [self._target(target, stop, retry=retry) for target in self.signals.targets.values()]
        if retry:
            taken = self._taken()
            left = {_key(line): line for line in self.undelivered.lines if _key(line) not in taken}
            self.undelivered.keep(list(left.values()))
        return lines

    def _target(self, target: Target, stop: Event, *, retry: bool) -> Line:
        line = Line(target.id)
        if retry:
            self.waiting.until.pop(target.id, None)
            messages = self._dead(target)
        else:
            messages = due(self.mart, target, self.signals, self.catalogue, self._before(target), self.now())
        line.waiting = len(messages)
        self.waiting.forget(target.id, messages)
        until = self.waiting.until.get(target.id)
        # A time further off was set by a clock that was wrong.
        if until and self.now() < datetime.fromisoformat(until) <= self.now() + LONGEST_REST:
            line.why = f"It is left alone until {until} UTC." if messages else ""
            return line
        # One that fails again and again is not to keep the others waiting.
        messages.sort(key=lambda message: self.waiting.attempts[f"{target.id} {message.id}"])
        if messages:
            self.waiting.write(self._waiting)  # what can't be written down afterwards is not sent
        for some, summary in self._portions(target, messages):
            if stop.is_set() or not self._send(target, some, line, summary=summary):
                break
        self.waiting.write(self._waiting)
        return line

    def _portions(self, target: Target, messages: Sequence[Message]) -> Iterator[tuple[list[Message], bool]]:
        """What goes in one message each: one by one up to so many an hour, the others together (true), once an hour."""
        since = self.now() - HOUR
        lines = [line for line in self.delivered.lines if line["target"] == target.id]
        recent = [line for line in lines if since < datetime.fromisoformat(line["at"]) <= self.now()]
        alone = max(0, target.per_hour - sum(line["summary"] is None for line in recent))
        yield from (([message], False) for message in messages[:alone])
        rest = list(messages[alone:])
        if rest and not any(line["summary"] for line in recent):
            yield rest, True

    def _send(self, target: Target, some: list[Message], line: Line, *, summary: bool) -> bool:
        """Sends one, or several as one, and writes what came of it; false when the target is to be left alone."""
        message = together(some, self.signals) if summary else some[0]
        keys = [f"{target.id} {each.id}" for each in some]
        try:
            self._hand(target, message)
        except RefusedError as error:
            self._give_up(target, some, str(error))
            line.refused, line.waiting, line.why = line.refused + len(some), line.waiting - len(some), str(error)
        except UnreachedError as error:
            self._rest(target.id, error.wait)
            self.waiting.attempts.update(keys)
            lost = [each for each, key in zip(some, keys, strict=True) if self.waiting.attempts[key] >= ATTEMPTS]
            self._give_up(target, lost, f"{error} It was tried {ATTEMPTS} times.")
            line.refused, line.waiting, line.why = line.refused + len(lost), line.waiting - len(lost), str(error)
            return False
        else:
            within = message.id if summary else None
            self.delivered.add([self._said(target, each) | {"summary": within} for each in some])
            self.waiting.failures.pop(target.id, None)
            self.waiting.until.pop(target.id, None)
            line.sent, line.waiting = line.sent + len(some), line.waiting - len(some)
        for key in keys:
            self.waiting.attempts.pop(key, None)
        return True

    def _hand(self, target: Target, message: Message) -> None:
        now = self.now()
        if target.mail is not None:
            server = self.signals.mail
            assert server is not None
            password = self.secrets[server.password_from] if server.password_from else None
            text = letter(message, self.signals)
            targets.mail(server, password, target.mail, message, text, now, self.seconds)
        else:
            address = target.webhook or self.secrets[target.webhook_from or ""]
            headers = {name: self.secrets[variable] for name, variable in target.headers.items()}
            targets.post(address, headers, message, now, self.seconds)

    def _rest(self, target: str, wait: float | None) -> None:
        """Leaves a target alone: twice as long after each failure, up to an hour, or as long as it asks."""
        self.waiting.failures[target] += 1
        minutes = min(60, 2 ** min(6, self.waiting.failures[target] - 1))
        seconds = min(max(60.0 * minutes, wait or 0.0), LONGEST_REST.total_seconds())
        self.waiting.until[target] = (self.now() + timedelta(seconds=seconds)).isoformat(timespec="seconds")

    def _give_up(self, target: Target, messages: Sequence[Message], reason: str) -> None:
        if messages:
            self.undelivered.add([self._said(target, each) | {"reason": reason} for each in messages])
        for message in messages:
            self.waiting.attempts.pop(f"{target.id} {message.id}", None)

    def _said(self, target: Target, message: Message) -> dict[str, Any]:
        return {
            "id": message.id,
            "alert": message.about["alert"],
            "what": message.about["what"],
            "target": target.id,
            "at": self.now().isoformat(timespec="seconds"),
            "built_at": self.mart.built_at.isoformat(),
            "about": message.about,
        }

    def _taken(self) -> set[tuple[str, str]]:
        return {_key(line) for line in self.delivered.lines}

    def _before(self, target: Target) -> Iterator[dict[str, Any]]:
        taken = self._taken()
        for line in self.delivered.lines:
            if line["target"] == target.id:
                yield line | {"refused": False}
        for line in self.undelivered.lines:
            if line["target"] == target.id and _key(line) not in taken:
                yield line | {"refused": True}

    def _dead(self, target: Target) -> list[Message]:
        taken = self._taken()
        lines = [line for line in self.undelivered.lines if line["target"] == target.id and _key(line) not in taken]
        return list({line["id"]: Message(line["id"], line["about"]) for line in lines}.values())


def _key(line: Mapping[str, Any]) -> tuple[str, str]:
    return str(line["target"]), str(line["id"])


def look(link: Path) -> Mart:
    """What the published mart has to tell. Raises DeliveryError."""
    try:
        with duckdb.connect(link.resolve(strict=True), read_only=True) as con:
            [(built_at,)] = con.execute("SELECT built_at FROM build").fetchall()
            rows = con.execute(
                f"""SELECT alert.id, rule, alert.source, alert.sensor, alert.code, quantity, threshold, alert.value,
                          opened_at, closed_at, sensor.kind, sensor.name, area_now.name
                   FROM alert JOIN sensor ON sensor.source = alert.source AND sensor.id = alert.sensor
                   LEFT JOIN area_now ON area_now.code = alert.code
                   WHERE {_OPEN}
                     AND NOT (alert.is_sample OR alert.is_simulated OR sensor.is_sample OR sensor.is_simulated)
                   ORDER BY opened_at, alert.id"""
            ).fetchall()
            real = f"SELECT source, id FROM sensor WHERE {_OPEN} AND NOT (is_sample OR is_simulated)"
            return Mart(built_at, {row[0]: Told(*row) for row in rows}, frozenset(con.execute(real).fetchall()))
    except (OSError, duckdb.Error, ValueError) as error:
        raise DeliveryError(f"There is no mart at {link} that can be read. Make it: `make mart`.") from error


def secrets_of(signals: Signals, environ: Mapping[str, str]) -> tuple[Signals, dict[str, str], list[str]]:
    """The targets that nothing lacks, the secrets they need, and a sentence for each that lacks something."""
    secrets: dict[str, str] = {}
    problems: list[str] = []
    usable: dict[str, Target] = {}
    for target in signals.targets.values():
        needed = [*target.headers.values(), *([target.webhook_from] if target.webhook_from else [])]
        if target.mail is not None and signals.mail is not None and signals.mail.password_from:
            needed.append(signals.mail.password_from)
        wrong = [f"the environment has no {name}" for name in dict.fromkeys(needed) if not environ.get(name)]
        if not wrong and target.webhook_from and (reason := unsafe(environ[target.webhook_from])):
            wrong = [f"of {target.webhook_from}: {reason.rstrip('.')}"]
        problems += [f"Target {target.id} is left out; {reason}." for reason in wrong]
        if not wrong:
            usable[target.id] = target
            secrets |= {name: environ[name] for name in needed}
    kept = Signals(
        rules=signals.rules, targets=usable, mail=signals.mail, language=signals.language, base_url=signals.base_url
    )
    return kept, secrets, problems


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one that delivers from here. The lock goes with the process. Raises DeliveryError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w", encoding="utf-8")
    except OSError as error:
        raise DeliveryError(f"{folder} can't be written ({error.strerror}). Mend it, or set DATA_DIR.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DeliveryError("Another process is delivering; this turn is left out.") from None
        yield


def turn(
    settings: Settings,
    environ: Mapping[str, str],
    now: Callable[[], datetime],
    stop: Event,
    *,
    retry: bool = False,
    seconds: float = targets.SECONDS,
) -> bool:
    """One time round, printed. True when nothing went wrong."""
    try:
        catalogue = load()
        signals, secrets, problems = secrets_of(read(settings.city_dir, catalogue), environ)
        for problem in problems:
            print(problem, file=sys.stderr)
        if not signals.targets and not problems:
            print("There is nobody to tell: city/signals.toml has no targets.")
            return True
        folder = settings.data_dir / "signals"
        with alone(folder):
            mart = look(settings.mart_link)
            lines = Turn(folder, signals, catalogue, mart, secrets, now, seconds).all(stop, retry=retry)
    except (DeliveryError, SignalsError, CatalogueError) as error:
        print(error, file=sys.stderr)
        return False
    except OSError as error:
        print(f"What was delivered can't be written down ({error.strerror}), so nothing more is sent.", file=sys.stderr)
        return False
    for line in lines:
        if line.sent or line.waiting or line.refused:
            print(line)
    return not problems and not any(line.why for line in lines)


def every(seconds: float, one: Callable[[], object], stop: Event) -> int:
    """Again and again, until the process is asked to stop; what is being sent is finished first."""

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
    while not stop.is_set():
        one()
        sys.stdout.flush()
        stop.wait(seconds)
    return 0


def interval(text: str) -> float:
    """Seconds of "5m". Raises ArgumentTypeError for what is no time of a minute or more."""
    found = re.fullmatch(r"([1-9]\d{0,4})([mhd])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no time of a minute or more, such as 5m, 1h or 1d")
    return float(int(found[1]) * _UNITS[found[2]])


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Deliver once, or with --every as long as it runs. 0 when nothing went wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m buurtbeeld.sensors.deliver", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--every", type=interval, metavar="TIME", help="keep running, and look again every 5m, 1h, …")
    parser.add_argument(
        "--retry", action="store_true", help="send again what is in undelivered.jsonl, and nothing else"
    )
    asked = parser.parse_args(argv)
    if asked.every and asked.retry:
        parser.error("--retry is done once, so it can't go with --every")
    try:
        settings = read_settings(environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    stop = Event()

    def one() -> bool:
        return turn(settings, environ, _now, stop, retry=asked.retry)

    return every(asked.every, one, stop) if asked.every else int(not one())


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _time(text: str) -> datetime:
    """What `utc` wrote, without its zone."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _replace(path: Path, content: bytes) -> None:
    """Puts a file in its place, whole and on disk."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    storage.sync(path.parent)


if __name__ == "__main__":
    sys.exit(main())
