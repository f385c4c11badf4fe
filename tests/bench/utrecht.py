"""How long it takes to build the mart of Utrecht from the sample, as a command: start of Python and imports too."""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BUILDS = 5


@dataclass(frozen=True)
class Built:
    """Seconds (medians) of the command, of its imports alone, and the size of the mart in bytes."""

    seconds: float
    import_seconds: float
    size: int


def run(data_dir: Path, builds: int = BUILDS) -> Built:
    """Builds in `data_dir` some times."""
    environ = os.environ | {"DATA_DIR": str(data_dir)}
    command = _seconds(["-m", "buurtbeeld.warehouse"], environ, builds)
    imports = _seconds(["-c", "import buurtbeeld.warehouse.build, pandas"], environ, builds)
    return Built(command, imports, (data_dir / "dashboard.duckdb").stat().st_size)


def report(built: Built) -> str:
    """In one sentence."""
    return (
        f"{built.seconds:.2f} s from command to published mart, {built.import_seconds:.2f} s of it to start Python and "
        f"import; {built.size / 1e6:.1f} MB."
    )


def _seconds(arguments: list[str], environ: dict[str, str], times: int) -> float:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=PROJECT, env=environ, check=True, stdout=subprocess.DEVNULL)
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)
