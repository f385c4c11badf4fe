"""The only DuckDB connection and the only cache.

A page takes one `Mart` at the start of a rerun and asks it everything: it sees one build, also when a new one is
published meanwhile. Answers are kept per build, question and arguments; a failed question is not kept.
"""

import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from buurtbeeld import decisions, loads, queries
from buurtbeeld.decisions import Decisions
from buurtbeeld.loads import Load
from buurtbeeld.settings import Settings, read

Answer = TypeVar("Answer")

ANSWERS_KEPT = 1_000  # per build; an answer is 10 to 100 kB
MARTS_OPEN = 3  # a page that was drawn from the last build still asks for its map


class NoMart(Exception):
    """There is no mart that can be read. `reason` is missing, damaged, or other: it is of another gemeente."""

    def __init__(self, reason: str, path: Path) -> None:
        self.reason = reason
        self.path = path
        super().__init__(f"{reason}: {path}")


class Mart:
    """One build, open for reading; safe for many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Never reach for the network, and read nothing but this file.
            self._connection = duckdb.connect(
                path,
                read_only=True,
                config={
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                    "enable_external_access": "false",
                    "threads": "2",
                },
            )
            self.build = queries.build(self._connection.cursor())
            self._keys = queries.keys(self._connection.cursor())
        except FileNotFoundError as error:
            raise NoMart("missing", path) from error
        except (duckdb.Error, LookupError, OSError) as error:
            raise NoMart("damaged" if path.exists() else "missing", path) from error
        self._answers: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, question: Callable[..., Answer], *args: Any) -> Answer:
        """The answer of a function of `queries` to `args`. Raises NoMart when the file turns out to be damaged."""
        return self.keep((question, *args), lambda: self.read(question, *args))

    def read(self, question: Callable[..., Answer], *args: Any) -> Answer:
        """Like `ask`, but the answer is not kept: for what is large, or so free that nobody will ask it again."""
        try:
            with self._connection.cursor() as cursor:
                return question(queries.Reader(cursor, self._keys), *args)
        except duckdb.Error as error:
            raise NoMart("damaged", self.path) from error

    def keep(self, key: tuple[Any, ...], make: Callable[[], Answer]) -> Answer:
        """What `make` gives, made once for each key in this build: for maps and charts drawn from figures."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                kept: Answer = self._answers[key]
                return kept
        made = make()
        with self._lock:
            self._answers[key] = made
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return made


class Store:
    """Finds the published mart, and opens each build once."""

    def __init__(self, settings: Settings) -> None:
        self._link = settings.mart_link
        self._gemeente = settings.gemeente
        self._raw_dir = settings.raw_dir
        self._city_dir = settings.city_dir
        self._open: OrderedDict[Path, tuple[tuple[int, int], Mart]] = OrderedDict()
        self._lock = threading.Lock()

    def current(self) -> Mart:
        """The published mart. Raises NoMart when there is none that can be read."""
        path = Path(os.path.realpath(self._link))
        try:
            status = path.stat()
        except OSError as error:
            raise NoMart("missing", self._link) from error
        mark = (status.st_ino, status.st_mtime_ns)  # a file put in its place by hand is another file
        with self._lock:
            if path in self._open:
                self._let_go(path, mark)
            if path not in self._open:
                self._open[path] = (mark, Mart(path))
            self._open.move_to_end(path)
            while len(self._open) > MARTS_OPEN:
                self._open.popitem(last=False)
            mart = self._open[path][1]
        if mart.build.gemeente != self._gemeente:
            raise NoMart("other", path)
        return mart

    def _let_go(self, path: Path, mark: tuple[int, int]) -> None:
        """Forgets a mart in whose place another file was put, unless somebody is still reading it.

        Asked for a path it has open, DuckDB answers from the old file, so that one stays until its last reader is done.
        """
        was, mart = self._open[path]
        if was == mark:
            return
        held = weakref.ref(mart)
        del mart, self._open[path]
        if (busy := held()) is not None:
            self._open[path] = was, busy

    def loads(self) -> dict[str, Load]:
        """What came of the last load of each source: no part of any build, so it is read each time."""
        return loads.last(self._raw_dir, self._gemeente)

    def decisions(self, kinds: Collection[str]) -> Decisions:
        """What the gemeente answers about its kinds of sensors; read each time, like the loads."""
        return decisions.read(self._city_dir, kinds)

    def of_build(self, build: str) -> Mart | None:
        """The mart of that build, when it is the published one or was a moment ago; else None."""
        current = self.current()
        if current.build.id == build:
            return current
        with self._lock:
            return next((mart for _, mart in self._open.values() if mart.build.id == build), None)


@cache
def shared() -> Store:
    """The store of this process, by the environment's settings."""
    return Store(read())
