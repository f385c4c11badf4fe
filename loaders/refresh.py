"""`--every 10m`: keep running, load what is due, and have the mart built when something is new."""

import argparse
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import FrameType

from buurtbeeld.settings import PROJECT
from loaders import Loader
from loaders.http import Gate
from loaders.run import BusyError, Line, Run, alone, load

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
HOURLY = "hourly"
HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)
AGAIN = timedelta(hours=1)
"""After which a source that failed is tried again, when it is loaded once a day."""


def interval(text: str) -> float:
    """Seconds of "10m". Raises ArgumentTypeError for what is no time of at least a minute."""
    found = re.fullmatch(r"(\d+)([smhd])", text)
    seconds = int(found[1]) * UNITS[found[2]] if found else 0
    if seconds < 60:
        raise argparse.ArgumentTypeError(f"{text!r} is no time of a minute or more, such as 10m, 1h or 1d")
    return seconds


def every(seconds: float, run: Run, loaders: Sequence[Loader], show: Callable[[list[Line]], None]) -> int:
    """Load what is due, again and again, until the process is asked to stop. Returns the exit code."""
    stop = run.stop

    def wait(seconds: float) -> None:
        """Wait, but not when the process was asked to stop."""
        stop.wait(seconds)

    run = replace(run, sleep=wait, gate=Gate(wait))

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
    tried: dict[str, tuple[datetime, bool]] = {}
    while not stop.is_set():
        turn(run, loaders, tried, show)
        wait(seconds)
    return 0


def turn(
    run: Run, loaders: Sequence[Loader], tried: dict[str, tuple[datetime, bool]], show: Callable[[list[Line]], None]
) -> None:
    """One time round: load what is due, say what came of it, and have the mart built when it is not of now.

    tried: when each source was last tried, and whether it failed; this adds to it.
    """
    now = run.now()
    chosen = [loader for loader in loaders if due(loader, tried.get(loader.source.id), now)]
    if chosen:
        try:
            with alone(run.settings.raw_dir):
                lines = load(run, chosen)
        except BusyError as error:
            run.console.print(f"Another load is running ({error}); this turn is left out.", markup=False)
            return
        failed = {line.source for line in lines if line.failed}
        tried |= {loader.source.id: (now, loader.source.id in failed) for loader in chosen}
        show(lines)
    if not run.stop.is_set():
        # Another process: the loaders know nothing of the warehouse, and what it needs of memory is given back. It
        # builds only when something changed, also by what else writes readings; so a build that failed is tried again.
        subprocess.run([sys.executable, "-m", "buurtbeeld.warehouse", "--changed"], cwd=PROJECT, check=False)


def due(loader: Loader, tried: tuple[datetime, bool] | None, now: datetime) -> bool:
    """What changes by the hour is due twice an hour; the rest once a day, and after a failure once an hour."""
    if tried is None:
        return True
    at, failed = tried
    return now - at >= (HALF_HOUR if loader.source.refreshed == HOURLY else AGAIN if failed else DAY)
