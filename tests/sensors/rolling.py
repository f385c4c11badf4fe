"""Small readings by hand, and what the rollups make of them."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from buurtbeeld import catalogue
from buurtbeeld.sensors import rollup, storage
from buurtbeeld.sensors.rollup import Rolled

SCHEMA = pa.schema(
    [
        ("sensor", pa.string()),
        ("quantity", pa.string()),
        ("time", pa.timestamp("us")),
        ("value", pa.float64()),
        ("unit", pa.string()),
    ]
)
STARS = SCHEMA.append(pa.field("stars", pa.int8()))
load = cache(catalogue.load)
BUURT, WIJK, CITY = "BU03440511", "WK034405", "GM0344"
Row = tuple[str, str, datetime, float | None]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def write(
    data_dir: Path,
    source: str,
    rows: Iterable[Row | tuple[Any, ...]],
    *,
    stamp: str = "20260701T000000Z",
    batch: bool = False,
    simulated: bool = False,
) -> list[Path]:
    """Readings as a loader or a stream leaves them, in the partition of each."""
    days: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        days.setdefault((row[2] - timedelta(microseconds=1)).date().isoformat(), []).append(row)
    return [write_day(data_dir, source, day, mine, stamp, batch, simulated) for day, mine in days.items()]


def write_day(
    data_dir: Path,
    source: str,
    day: str,
    rows: Iterable[tuple[Any, ...]],
    stamp: str = "20260701T000000Z",
    batch: bool = False,
    simulated: bool = False,
) -> Path:
    """The readings in one file of `day`, whatever their time."""
    rows = list(rows)
    schema = STARS if rows and len(rows[0]) == 5 else SCHEMA
    table = pa.Table.from_pylist(
        [dict(zip(("sensor", "quantity", "time", "value", "stars"), row, strict=False)) for row in rows], schema=schema
    )
    folder = data_dir / "raw" / source
    path = folder / day / f"{stamp}.parquet" if batch else folder / f"{day}@{stamp}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps({"source": {"id": source, "shape": "reading"}, "is_simulated": simulated})
    pq.write_table(table.replace_schema_metadata({b"buurtbeeld": said}), path)
    return path


def places(*rows: tuple[str, str, str], codes: Iterable[str | None] = (BUURT, WIJK, CITY)) -> pa.Table:
    """(source, sensor, kind), each in the same areas."""
    return pa.Table.from_pylist(
        [
            {"source": source, "sensor": sensor, "kind": kind, "code": code}
            for source, sensor, kind in rows
            for code in codes
        ],
        schema=pa.schema([(name, pa.string()) for name in ("source", "sensor", "kind", "code")]),
    )


def update(data_dir: Path | str, sensors: pa.Table, rules: Mapping[str, Any] | None = None, **more: Any) -> Rolled:
    return rollup.update(data_dir, rules or load().quantities, load().sensor_kinds, sensors, **more)


def rolled(data_dir: Path, sensors: pa.Table, rules: Mapping[str, Any] | None = None) -> Rolled:
    """As `update`, of what there is nothing wrong with."""
    made = update(data_dir, sensors, rules)
    assert made.problems == ()
    return made


def rows(data_dir: Path, table: str, where: str = "true", columns: str = "*") -> list[Any]:
    """Rows of a table of the mart, in order; plain values when one column is asked."""
    paths = [str(path) for path in rollup.files(data_dir)[table]]
    with duckdb.connect() as con:
        found = con.execute(f"SELECT {columns} FROM read_parquet(?) WHERE {where} ORDER BY ALL", [paths])
        names = [column[0] for column in found.description or ()]
        values = found.fetchall()
    return [row[0] for row in values] if len(names) == 1 else [dict(zip(names, row, strict=True)) for row in values]


def rejected(data_dir: Path) -> list[tuple[Any, ...]]:
    paths = sorted(str(path) for path in (data_dir / "rollups" / "rejected").glob("*/*.parquet"))
    with duckdb.connect() as con:
        return con.execute("SELECT * FROM read_parquet(?) ORDER BY ALL", [paths]).fetchall()


def everything(data_dir: Path) -> dict[str, str]:
    """All rows of each file of the rollups, by its name, with every digit."""
    folder = f"{data_dir}/rollups"
    return {name: repr(pq.read_table(f"{folder}/{name}").to_pylist()) for name in storage.listing(folder)}


def hourly(sensor: str, quantity: str, begin: str, values: Iterable[float | None]) -> list[Row]:
    """A reading at the end of each hour from `begin` (UTC) on; None leaves one out."""
    first = at(begin)
    return [
        (sensor, quantity, first + timedelta(hours=nr + 1), value)
        for nr, value in enumerate(values)
        if value is not None
    ]
