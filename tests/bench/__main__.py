"""`python -m tests.bench [name …]` measures and prints; without names everything. What it makes is thrown away."""

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from buurtbeeld.sensors import simulate
from buurtbeeld.settings import read
from buurtbeeld.store import Store
from tests.bench import claims, country, loading, national, points, reruns, rollups, search, utrecht, whole
from tests.bench.machine import machine


def _utrecht(folder: Path) -> str:
    return utrecht.report(utrecht.run(folder))


def _national(folder: Path) -> str:
    return national.report(national.run(folder))


def _reruns(folder: Path) -> str:
    # As `make run` does where nothing real was read.
    simulate.refresh(read({"DATA_DIR": str(folder)}), datetime.now(UTC))
    utrecht.run(folder, 1)
    return reruns.report(reruns.run(folder))


def _claims(folder: Path) -> str:
    utrecht.run(folder, 1)
    return claims.report(claims.series(Store(read({"DATA_DIR": str(folder)})).current()))


def _country(folder: Path) -> str:
    return country.report(*country.run(folder))


def _loading(folder: Path) -> str:
    return loading.report(loading.run(folder))


def _whole(folder: Path) -> str:
    return whole.report(whole.run(folder))


def _points(folder: Path) -> str:
    return points.report(points.run(folder))


def _search(folder: Path) -> str:
    utrecht.run(folder, 1)
    return search.report(search.run(folder))


def _rollups(folder: Path) -> str:
    return rollups.report(rollups.run(folder))


PARTS: dict[str, tuple[str, Callable[[Path], str]]] = {
    "utrecht": ("Building the mart of Utrecht", _utrecht),
    "national": ("The mart of a whole country", _national),
    "claims": ("How often a claim of change is right", _claims),
    "points": ("In which buurt each of ten million points lies", _points),
    "search": ("What a search takes", _search),
    "reruns": ("What a rerun of a page costs", _reruns),
    "loading": ("Loading all sources of Utrecht", _loading),
    "whole": ("Building the mart of a gemeente as large as the country", _whole),
    "rollups": ("Hours and days of readings", _rollups),
    "country": ("The pages over a mart of a whole country", _country),
}
"""Name -> title, and what measures in an empty folder of its own and gives its table."""


def main(names: list[str]) -> int:
    """Runs the parts that are named, else all. 2 when there is no such part."""
    if unknown := [name for name in names if name not in PARTS]:
        print(f"There is no {', '.join(unknown)}; there are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    print(machine(), flush=True)
    for title, measure in (PARTS[name] for name in names or PARTS):
        with tempfile.TemporaryDirectory(prefix="buurtbeeld-bench-") as folder:
            print(f"\n{title}\n{'-' * len(title)}\n{measure(Path(folder))}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
