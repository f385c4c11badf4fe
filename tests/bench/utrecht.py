"""How long it takes to build the mart of Utrecht from the sample, as a command: start of Python and imports too."""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.machine import Spent

PROJECT = Path(__file__).resolve().parents[2]
BUILDS = 5


@dataclass(frozen=True)
class Built:
    """What the command takes, and its imports alone (medians), and the size of the mart in bytes."""

    whole: Spent
    imports: Spent
    size: int


def run(data_dir: Path, builds: int = BUILDS) -> Built:
    """Builds in `data_dir` some times."""
    environ = os.environ | {"DATA_DIR": str(data_dir)}
    whole = _spent(["-m", "buurtbeeld.warehouse"], environ, builds)
    # pandas too: pyarrow brings it in when it is given lists.
    imports = _spent(["-c", "import buurtbeeld.warehouse.build, pandas"], environ, builds)
    return Built(whole, imports, (data_dir / "dashboard.duckdb").stat().st_size)


def report(built: Built) -> str:
    """In one sentence."""
    return (
        f"{built.whole.clock / 1000:.2f} s from command to published mart ({built.whole.cpu / 1000:.2f} s of CPU), "
        f"{built.imports.clock / 1000:.2f} s of it to start Python and import; {built.size / 1e6:.1f} MB."
    )


def _spent(arguments: list[str], environ: dict[str, str], times: int) -> Spent:
    clock, cpu = [], []
    for _ in range(times):
        started, before = time.perf_counter(), os.times()
        subprocess.run([sys.executable, *arguments], cwd=PROJECT, env=environ, check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        clock.append((time.perf_counter() - started) * 1000)
        used = after.children_user + after.children_system - before.children_user - before.children_system
        cpu.append(used * 1000)
    return Spent(statistics.median(clock), statistics.median(cpu))
