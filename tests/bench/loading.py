"""Loading all sources of Utrecht from publishers on this machine, once and once more, and building from it.

What the publishers take is in it too: they run in the same process. What is measured beside it is the second time: how
much is asked, and how many bytes come.
"""

import io
import os
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from buurtbeeld.catalogue import load
from buurtbeeld.settings import read
from buurtbeeld.warehouse.build import build, is_current
from loaders.__main__ import main
from tests.publishers import everybody
from tests.publishers.towns import utrecht

YEARS = range(2013, 2027)


@dataclass(frozen=True)
class Load:
    """One load: seconds, questions, answers without a body (304), bytes of the others, files that are new."""

    seconds: float
    asked: int
    unchanged: int
    sent: int
    new: int


@dataclass(frozen=True)
class Loading:
    """Two loads and the build after the first; whether anything was to be built after the second."""

    first: Load
    second: Load
    build: float
    current: bool


def run(folder: Path) -> Loading:
    """Loads in `folder`, builds, loads again."""
    os.environ["NO_PROXY"] = "127.0.0.1"
    with everybody(utrecht(), years=YEARS) as server:
        environ = {"DATA_DIR": str(folder), **server.environ}

        def once() -> Load:
            began, files = time.perf_counter(), set(folder.glob("raw/*/*.parquet"))
            asked, answers, sent = len(server.asked), len(server.sent), server.bytes_sent
            main([], environ=environ, sleep=lambda _: None, console=Console(file=io.StringIO()))
            return Load(
                time.perf_counter() - began,
                len(server.asked) - asked,
                server.sent[answers:].count(304),
                server.bytes_sent - sent,
                len(set(folder.glob("raw/*/*.parquet")) - files),
            )

        first = once()
        began = time.perf_counter()
        build(read(environ), load())
        took = time.perf_counter() - began
        second = once()
        return Loading(first, second, took, is_current(read(environ), load()))


def report(loading: Loading) -> str:
    """As a table, and a line on the build."""
    lines = [f"{'':8} {'s':>6} {'questions':>10} {'unchanged':>10} {'kB':>8} {'new files':>10}"]
    for name, each in (("first", loading.first), ("second", loading.second)):
        kilo = each.sent / 1000
        lines.append(f"{name:8} {each.seconds:6.1f} {each.asked:10} {each.unchanged:10} {kilo:8,.0f} {each.new:10}")
    after = "nothing to build" if loading.current else "something to build: what is hourly has new hours"
    return "\n".join([*lines, f"{loading.build:.1f} s to build; after the second load {after}."])
