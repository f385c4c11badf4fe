"""Building the mart of a made-up gemeente as large as the country: 18,000 areas x 100 figures x 12 editions.

Every edition is a raw file as a loader would keep it: a column per figure, with holes and with numbers behind the
names. The clock and the memory are those of the whole command.
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from buurtbeeld.catalogue import load
from buurtbeeld.settings import PROJECT, read
from loaders import discover

WIJKEN, BUURTEN, COLUMNS, EDITIONS = 1_200, 16_800, 100, 12
NEWEST = 2026
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GEMEENTE = "GM9999"


@dataclass(frozen=True)
class Whole:
    """What the command took: seconds, and megabytes at its largest; and how many figures and bytes it made."""

    seconds: float
    most_mb: float
    said: str
    size: int


def run(folder: Path, wijken: int = WIJKEN, buurten: int = BUURTEN, editions: int = EDITIONS) -> Whole:
    """Makes the raw files in `folder` and builds."""
    codes, parents = _codes(wijken, buurten)
    years = range(NEWEST - editions + 1, NEWEST + 1)
    for year in years:
        _write(folder, "cbs_key_figures", year, _figures(codes, year))
    _write(folder, "pdok_areas", NEWEST, _outlines(codes, parents))
    seconds, most_mb, said = _build(folder)
    return Whole(seconds, most_mb, said, read({"DATA_DIR": str(folder)}).mart_link.stat().st_size)


def report(whole: Whole) -> str:
    """In two lines."""
    size = f"{whole.size / 1e6:.0f} MB on disk"
    return f"{whole.said}\n{whole.seconds:.0f} s for the command, {whole.most_mb:,.0f} MB at most; {size}."


def _codes(wijken: int, buurten: int) -> tuple[list[str], dict[str, str | None]]:
    """Codes of every area from large to small, and what each lies in."""
    parents: dict[str, str | None] = {GEMEENTE: None}
    names = [f"WK{GEMEENTE[2:]}{_digits(number)}" for number in range(wijken)]
    parents |= dict.fromkeys(names, GEMEENTE)
    for number in range(buurten):
        wijk = names[number % wijken]
        parents[f"BU{wijk[2:]}{_digits(number // wijken)}"] = wijk
    return list(parents), parents


def _digits(number: int) -> str:
    return DIGITS[number // 36] + DIGITS[number % 36]


def _figures(codes: list[str], year: int) -> pa.Table:
    """One edition of key figures: those that the catalogue reads, and others to make up the number."""
    random = np.random.default_rng(year)
    indicators = load().indicators
    asked = [each for each in indicators.values() if each.source == "cbs_key_figures" and each.column]
    names = list(dict.fromkeys(each.column for each in asked))[:COLUMNS]
    names += [f"Other{number}" for number in range(COLUMNS - len(names))]
    shares = {each.column for each in asked if each.kind == "share"}
    wholes = {indicators[each.denominator].column for each in indicators.values() if each.denominator}
    columns: dict[str, pa.Array] = {
        "area_code": pa.array(codes),
        "period": pa.array([date(year, 1, 1)] * len(codes)),
        "edition": pa.array([year] * len(codes), pa.int32()),
    }
    for number, name in enumerate(names, start=1):
        least, most = (5_000, 10_000) if name in wholes else (0, 100 if name in shares else 5_000)
        values = random.integers(least, most, len(codes))
        columns[f"{name}_{number + year % 3}"] = pa.array(values, mask=random.random(len(codes)) < 0.05)
    return pa.table(columns)


def _outlines(codes: list[str], parents: dict[str, str | None]) -> pa.Table:
    """Squares of some 70 m in a grid, all of them within the Netherlands."""
    buurten = [code for code in codes if code.startswith("BU")]
    number = np.arange(len(buurten))
    west, south = 4.5 + (number % 140) * 0.001, 51.5 + (number // 140) * 0.001
    squares = dict(zip(buurten, shapely.to_wkb(shapely.box(west, south, west + 0.001, south + 0.001)), strict=True))
    levels = {"GM": "gemeente", "WK": "wijk", "BU": "buurt"}
    return pa.table(
        {
            "code": codes,
            "level": [levels[code[:2]] for code in codes],
            "name": [f"Area {code}" for code in codes],
            "parent_code": [parents[code] for code in codes],
            "edition": pa.array([NEWEST] * len(codes), pa.int32()),
            "changed": pa.array([1] * len(codes), pa.int32()),
            "geometry": pa.array([squares.get(code) for code in codes], pa.binary()),
        }
    )


def _write(folder: Path, source: str, year: int, table: pa.Table) -> None:
    said = {
        "source": discover()[source].source.as_dict(),
        "edition": str(year),
        "url": "https://example.org",
        "retrieved_at": f"{NEWEST}-11-28T12:00:00Z",
        "sha256": "0" * 64,
        "rows": table.num_rows,
        "is_simulated": False,
        "gemeente": GEMEENTE,
    }
    path = folder / "raw" / source / f"{year}@{NEWEST}1128T120000Z.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata({"buurtbeeld": json.dumps(said)}), path)


def _build(folder: Path) -> tuple[float, float, str]:
    """Seconds, megabytes at most, and what it said. Raises OSError when it was refused."""
    started, said = time.perf_counter(), folder / "said.txt"
    environ = {**os.environ, "DATA_DIR": str(folder), "GEMEENTE": GEMEENTE}
    with said.open("w") as out:
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, out.fileno(), 2)]
        words = [sys.executable, "-m", "buurtbeeld.warehouse"]
        os.chdir(PROJECT)
        child = os.posix_spawn(sys.executable, words, environ, file_actions=actions)
        _, status, used = os.wait4(child, 0)
    text = said.read_text().strip()
    if status:
        raise OSError(text)
    return time.perf_counter() - started, used.ru_maxrss / 1024, text
