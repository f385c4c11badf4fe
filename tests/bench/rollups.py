"""Rollups of readings beside a plain scan of the same files, beside pandas and polars, and how they grow.

Readings are drawn: a sensor has one a minute of two quantities, of which one in ten thousand is far off. Every
measurement is a process of its own, so that its memory is its own; its time is without starting it. pandas and polars
do the work that they can do in one expression: hours of a sensor with range and spikes, days of these, and the hours of
areas. They have no stuck values, drift or damp, keep nothing that is rejected, and write nothing.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from buurtbeeld.catalogue import load
from buurtbeeld.sensors import rollup

PROJECT = Path(__file__).parents[2]
FIRST = date(2026, 1, 5)  # winter, so that a day of the Netherlands is that of UTC but for one hour
QUANTITIES = ("no2", "pm25")
SOURCE = "feed"


@dataclass(frozen=True)
class Size:
    """Days and sensors; each has two readings a minute."""

    days: int = 174
    few_days: int = 17
    sensors: int = 208

    @property
    def a_day(self) -> int:
        """Readings of a day."""
        return self.sensors * len(QUANTITIES) * 24 * 60


class Took(NamedTuple):
    """One measurement: readings, seconds by the clock and of CPU, and the most memory its process had, in MB.

    CPU is of all threads, and says more on a busy machine.
    """

    name: str
    readings: int
    seconds: float
    cpu: float
    memory: float

    @property
    def rate(self) -> float:
        """Readings a second."""
        return self.readings / self.seconds


def run(folder: Path, size: Size = Size()) -> list[Took]:  # it does not change
    """Draws readings and measures over them: scan and rollup, one day more, few readings on one day, and others."""
    every, few, crowded = folder / "every", folder / "few", folder / "crowded"
    draw(folder, size)
    crowd = replace(size, sensors=size.sensors * size.few_days)
    draw_day(crowded, 0, crowd)
    many, less = size.days * size.a_day, size.few_days * size.a_day
    took = [
        measured("scan", every, size, many),
        measured("scan", few, size, less),
        measured("rollup", every, size, many),
        measured("rollup", few, size, less),
    ]
    draw_day(every, size.days, size)
    took.append(measured("rollup", every, size, size.a_day, "one day more"))
    took.append(measured("rollup", crowded, crowd, less, "few on one day"))
    took += [measured(name, few, size, less) for name in ("pandas", "polars")]
    return took


def report(took: list[Took]) -> str:
    """As a table, and what the numbers say of each other."""
    lines = [f"{'':14} {'readings':>12} {'s':>8} {'CPU s':>8} {'M/s':>8} {'MB':>7}"]
    lines += [
        f"{name:14} {readings:12,} {seconds:8.2f} {cpu:8.2f} {readings / seconds / 1e6:8.2f} {memory:7,.0f}"
        for name, readings, seconds, cpu, memory in took
    ]
    scan, few_scan, every, few, day, crowded, *others = took
    lines += [
        f"Rate of the rollup beside the scan: {every.rate / scan.rate:.1%} by the clock, {scan.cpu / every.cpu:.1%} of "
        f"CPU; of few readings {few.rate / few_scan.rate:.1%} and {few_scan.cpu / few.cpu:.1%}.",
        f"{every.readings / few.readings:.1f} times the readings: {every.seconds / few.seconds:.1f} times the time, "
        f"{every.cpu / few.cpu:.1f} times the CPU, {every.memory / few.memory:.2f} times the memory.",
        f"One day more takes 1/{every.seconds / day.seconds:.0f} of the time of all days, 1/{every.cpu / day.cpu:.0f} "
        "of their CPU.",
        f"Few readings on one day instead of many take {crowded.cpu / few.cpu:.1f} times the CPU and "
        f"{crowded.memory / few.memory:.2f} times the memory.",
        *(
            f"Of few, {other.name} takes {other.seconds / few.seconds:.1f} times the time, {other.cpu / few.cpu:.1f} "
            f"times the CPU and {other.memory / few.memory:.1f} times the memory of the rollup."
            for other in others
        ),
    ]
    return "\n".join(lines)


def draw(folder: Path, size: Size) -> None:
    """The readings of all days, and of few."""
    for name, days in (("every", size.days), ("few", size.few_days)):
        for nr in range(days):
            draw_day(folder / name, nr, size)


def draw_day(data_dir: Path, nr: int, size: Size) -> None:
    """Writes the readings of a day of UTC as a loader would, the same at every run."""
    random = np.random.default_rng(nr)
    day = FIRST + timedelta(days=nr)
    begin = np.datetime64(day.isoformat(), "us")
    times = np.repeat(begin + np.arange(1, 24 * 60 + 1) * np.timedelta64(60_000_000, "us"), size.sensors * 2)
    rows = len(times)
    wave = 20 + 10 * np.sin(np.arange(rows) / rows * 2 * np.pi)
    values = np.round(wave + random.normal(0, 3, rows) + 400 * (random.random(rows) < 0.0001), 2)
    ids = np.array([f"sensor-{id:05}" for id in range(size.sensors)])
    table = pa.table(
        {
            "sensor": np.tile(np.repeat(ids, 2), 24 * 60),
            "quantity": np.tile(np.array(QUANTITIES), rows // 2),
            "time": times,
            "value": values,
            "unit": pa.nulls(rows, pa.string()),
        }
    )
    path = data_dir / "raw" / SOURCE / f"{day}@20260901T000000Z.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps({"source": {"id": SOURCE, "shape": "reading"}, "is_simulated": True})
    pq.write_table(table.replace_schema_metadata({b"buurtbeeld": said}), path, compression="zstd")


@cache
def areas(size: Size) -> pa.Table:
    """Ten sensors to a buurt, all in one gemeente."""
    rows = [
        {"source": SOURCE, "sensor": f"sensor-{id:05}", "kind": "air_sensor", "code": code}
        for id in range(size.sensors)
        for code in (f"BU{id // 10:08}", f"WK{id // 100:06}", "GM0344")
    ]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([(n, pa.string()) for n in ("source", "sensor", "kind", "code")])
    )


def scan(data_dir: Path, size: Size) -> object:
    """Every value of four columns, read and looked at, and nothing more."""
    with duckdb.connect() as con:
        files = str(data_dir / "raw" / SOURCE / "*.parquet")
        query = "SELECT max(sensor), max(quantity), max(time), max(value) FROM read_parquet(?)"
        return con.execute(query, [files]).fetchall()


def roll(data_dir: Path, size: Size) -> object:
    """What the warehouse does."""
    catalogue = load()
    made = rollup.update(data_dir, catalogue.quantities, catalogue.sensor_kinds, areas(size))
    if made.problems:
        raise ValueError(made.problems)
    return made


def with_pandas(data_dir: Path, size: Size) -> list[tuple[object, ...]]:
    """Hours of sensors: sensor, quantity, hour, n, valid, median and p95. Days and areas are made, and thrown away."""
    import pandas as pd

    readings = pd.read_parquet(data_dir / "raw" / SOURCE, columns=["sensor", "quantity", "time", "value"])
    rules = {id: load().quantities[id] for id in QUANTITIES}
    readings["hour"] = (readings["time"] - pd.Timedelta(microseconds=1)).dt.floor("h")
    low, high, jump = (
        readings["quantity"].map({id: getattr(rules[id], name) for id in rules}) for name in ("low", "high", "jump")
    )
    keys = ["sensor", "quantity", "hour"]
    inside = readings["value"].where(readings["value"].between(low, high))
    by_hour = inside.groupby([readings[key] for key in keys])
    spike = ((inside - by_hour.transform("median")).abs() > jump) & (by_hour.transform("count") >= 5)
    good = inside.mask(spike)
    grouped = good.groupby([readings[key] for key in keys])
    hours = pd.DataFrame(
        {"n": grouped.size(), "valid": grouped.count(), "median": grouped.median(), "p95": grouped.quantile(0.95)}
    )
    hours = hours.reset_index()
    ok = hours[hours["valid"] >= 0.75 * hours["n"]]
    local = ok["hour"].dt.tz_localize("UTC").dt.tz_convert("Europe/Amsterdam").dt.date
    ok.groupby(["sensor", "quantity", local])["median"].quantile([0.5, 0.95])
    inside_areas = ok.merge(areas(size).to_pandas()[["sensor", "code"]], on="sensor")
    inside_areas.groupby(["code", "quantity", "hour"])["median"].quantile([0.5, 0.95])
    return list(hours.sort_values(keys).itertuples(index=False, name=None))


def with_polars(data_dir: Path, size: Size) -> list[tuple[object, ...]]:
    """As `with_pandas`."""
    import polars as pl

    rules = [load().quantities[id] for id in QUANTITIES]
    bounds = pl.LazyFrame({name: [getattr(rule, name) for rule in rules] for name in ("id", "low", "high", "jump")})
    keys = ["sensor", "quantity", "hour"]
    value, good = pl.col("value"), pl.col("good")
    is_spike = (good.count() >= 5) & ((good - good.median()).abs() > pl.col("jump"))
    hours = (
        pl.scan_parquet(data_dir / "raw" / SOURCE / "*.parquet")
        .join(bounds, left_on="quantity", right_on="id")
        .with_columns(hour=(pl.col("time") - pl.duration(microseconds=1)).dt.truncate("1h"))
        .with_columns(good=pl.when(value.is_between(pl.col("low"), pl.col("high"))).then(value))
        .group_by(keys)
        .agg(n=pl.len(), good=pl.when(is_spike).then(None).otherwise(good))
        .with_columns(
            valid=good.list.drop_nulls().list.len(),
            median=good.list.median(),
            p95=good.list.eval(pl.element().quantile(0.95, "linear")).list.first(),
        )
        .drop("good")
        .collect()
    )
    ok = hours.filter(pl.col("valid") >= 0.75 * pl.col("n"))
    local = pl.col("hour").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Amsterdam").dt.date()
    both = [pl.col("median").median().alias("middle"), pl.col("median").quantile(0.95, "linear").alias("p")]
    ok.group_by("sensor", "quantity", local).agg(both)
    named = pl.DataFrame(areas(size).select(["sensor", "code"]).to_pydict())
    ok.join(named, on="sensor").group_by("code", "quantity", "hour").agg(both)
    return list(hours.select(*keys, "n", "valid", "median", "p95").sort(keys).iter_rows())


WORK = {"scan": scan, "rollup": roll, "pandas": with_pandas, "polars": with_polars}


def measured(work: str, data_dir: Path, size: Size, readings: int, name: str = "") -> Took:
    """What a piece of work takes in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.rollups", work, str(data_dir), str(size.sensors)]
    said = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    return Took(name or work, readings, *json.loads(said))


def main(work: str, data_dir: str, sensors: str) -> None:
    """Does one piece of work and prints what it took."""
    size = Size(sensors=int(sensors))
    # What whoever asks has already; and pyarrow imports pandas when it is given lists.
    load()
    areas(size)
    began = time.perf_counter(), time.process_time()
    WORK[work](Path(data_dir), size)
    took = time.perf_counter() - began[0], time.process_time() - began[1]
    print(json.dumps([*took, _most_memory()]))


def _most_memory() -> float:
    """The most memory this program had, in MB. In getrusage the one that started it counts too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(*sys.argv[1:])
