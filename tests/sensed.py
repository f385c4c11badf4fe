"""A town that is measured: places and readings as loaders and streams leave them, all made up."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from buurtbeeld.catalogue import load
from buurtbeeld.settings import PROJECT
from buurtbeeld.warehouse.build import build
from tests.warehouse.town import BUURTEN, Town

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
READING = pa.schema(
    [
        ("sensor", pa.string()),
        ("quantity", pa.string()),
        ("time", pa.timestamp("us")),
        ("value", pa.float64()),
        ("unit", pa.string()),
    ]
)
Row = tuple[str, str, datetime, float]
BUILD = """
import sys
from tests.sensed import NOW, built
built(sys.argv[1])
"""


class Measured(Town):
    """The town of the warehouse's tests, with the project's whole catalogue, and sensors in it."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.catalogue = load()
        self.outlines()

    def places(
        self, source: str, kind: str, where: Mapping[str, str | None], stamp: str = "20261101T000000Z", **said: Any
    ) -> None:
        """Sensors by the buurt that each stands in; None is far away."""
        middle = {code: (5 + (3 + BUURTEN.index(code) + 0.5) / 64, 52 + 0.5 / 128) for code in BUURTEN}
        names = ("id", "kind", "name", "lon", "lat")
        rows = [
            dict(zip(names, (id, kind, id, *(middle[code] if code else (6.5, 53.2))), strict=True))
            for id, code in where.items()
        ]
        self.write(source, "places", pa.Table.from_pylist(rows), shape="point", stamp=stamp, said=said)  # type: ignore[arg-type]

    def readings(self, source: str, rows: Iterable[Row], stamp: str = "20261123T110000Z", **said: Any) -> list[Path]:
        """One copy per day of UTC, as a loader writes them; gives their files."""
        days: dict[date, list[dict[str, object]]] = {}
        for row in rows:
            held = dict(zip(("sensor", "quantity", "time", "value"), row, strict=True)) | {"unit": None}
            days.setdefault((row[2] - timedelta(microseconds=1)).date(), []).append(held)
        return [self.day(source, day, held, stamp, **said) for day, held in sorted(days.items())]

    def day(
        self, source: str, day: date, rows: list[dict[str, object]], stamp: str = "20261123T110000Z", **said: Any
    ) -> Path:
        """One copy of one day, which may be empty."""
        table = pa.Table.from_pylist(rows, schema=READING)
        return self.write(source, day.isoformat(), table, shape="reading", stamp=stamp, said=said)  # type: ignore[arg-type]

    def batch(self, source: str, day: date, name: str, rows: Iterable[Row], **said: Any) -> Path:
        """A batch of a stream, beside the copies of the day."""
        held = [dict(zip(("sensor", "quantity", "time", "value"), row, strict=True)) | {"unit": None} for row in rows]
        written = self.day(source, day, held, "20000101T000000Z", **said)
        path = written.parent / day.isoformat() / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        return written.rename(path)

    def mart(self) -> dict[str, list[Any]]:
        """Every row of every table of the published mart, but for the name of the build."""
        with duckdb.connect(self.settings.mart_link.resolve(), read_only=True) as con:
            tables = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
            without = {"mart_build": "* EXCLUDE (id)"}
            return {
                name: sorted(map(repr, con.execute(f'SELECT {without.get(name, "*")} FROM "{name}"').fetchall()))
                for name in tables
            }

    def started(self, **words: Any) -> "subprocess.Popen[str]":
        """The command that builds it, at `NOW`, as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", BUILD, str(self.settings.data_dir)],
            cwd=PROJECT, env=dict(os.environ), stderr=subprocess.PIPE, text=True, **words,
        )  # fmt: skip


def built(data_dir: str) -> None:
    """What the process does."""
    from tests.warehouse.town import Town

    town = Town(Path(data_dir))
    try:
        for warning in build(town.settings, load(), NOW).warnings:
            sys.stderr.write(f"{warning}\n")
    except Exception as error:  # noqa: BLE001  what the command says as sentences
        sys.exit(f"{type(error).__name__}: {error}")


def hours(
    sensor: str, quantity: str, first: datetime, count: int, value: float, step: float = 1, minute: int = 60
) -> list[Row]:
    """A reading in each of some hours, `minute` minutes after it began, around `value`."""
    return [
        (sensor, quantity, first + HOUR * nr + timedelta(minutes=minute), value + step * (nr % 3 - 1))
        for nr in range(count)
    ]
