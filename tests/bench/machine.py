"""The machine that was measured on, and how a time is taken."""

import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

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


class Spent(NamedTuple):
    """Medians in milliseconds: by the clock, and of CPU in all threads, which says more on a busy machine."""

    clock: float
    cpu: float


def spent(*actions: Callable[[], object], times: int = 15) -> list[Spent]:
    """What it takes to do each action: some times, by turns, so that what else the machine does troubles them alike."""
    clocks: list[list[float]] = [[] for _ in actions]
    cpus: list[list[float]] = [[] for _ in actions]
    for turn in range(times + 1):
        for action, clock, cpu in zip(actions, clocks, cpus, strict=True):
            started = time.perf_counter(), time.process_time()
            action()
            if turn:  # the first does not count: it reads the file
                clock.append((time.perf_counter() - started[0]) * 1000)
                cpu.append((time.process_time() - started[1]) * 1000)
    return [Spent(statistics.median(clock), statistics.median(cpu)) for clock, cpu in zip(clocks, cpus, strict=True)]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
