"""The machine that was measured on, and how a time is taken."""

import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("duckdb", "pyarrow", "shapely", "streamlit")


def machine() -> str:
    """Cores, processor, memory and versions, in two lines. What else the machine was doing says its load."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{len(os.sched_getaffinity(0))} cores, {_processor()}, {memory:.0f} GB, {platform.system()} "
        f"{platform.release()}; load {load}\nPython {platform.python_version()}, {packages}"
    )


def milliseconds(*actions: Callable[[], object], times: int = 15) -> list[float]:
    """The median of doing each action some times: by turns, so that what else the machine does troubles them alike."""
    spent: list[list[float]] = [[] for _ in actions]
    for turn in range(times + 1):
        for action, own in zip(actions, spent, strict=True):
            started = time.perf_counter()
            action()
            if turn:  # the first does not count: it reads the file
                own.append((time.perf_counter() - started) * 1000)
    return [statistics.median(own) for own in spent]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
