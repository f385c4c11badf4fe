"""A rollup that is killed, at whatever moment, is gone on with by the next; nothing is lost or counted twice."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from buurtbeeld.sensors import rollup, storage
from tests.sensors.rolling import everything, hourly, places, rolled, rows, write

PROJECT = Path(__file__).parents[2]
UPDATE = """
import sys
import pyarrow.parquet as pq
from buurtbeeld.catalogue import load
from buurtbeeld.sensors import rollup
catalogue, sensors = load(), pq.read_table(sys.argv[2])
print("go", flush=True)
made = rollup.update(sys.argv[1], catalogue.quantities, catalogue.sensor_kinds, sensors)
assert made.problems == (), made
"""
SOURCES = ("one", "two")
SENSORS = places(*[(source, id, "air_sensor") for source in SOURCES for id in "abcd"])


def readings(data_dir: Path, stamp: str, change: float) -> None:
    draw = np.random.default_rng(7)
    for source in SOURCES:
        values = {id: [draw.uniform(10, 40) + change for _ in range(24 * 4)] for id in "abcd"}
        write(
            data_dir,
            source,
            [r for id in "abcd" for r in hourly(id, "no2", "2026-03-27T00:00", values[id])],
            stamp=stamp,
        )


def started(data_dir: Path, sensors: Path) -> subprocess.Popen[str]:
    """An update, from the moment it begins."""
    update = subprocess.Popen(
        [sys.executable, "-c", UPDATE, data_dir, sensors], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    assert update.stdout and update.stdout.readline() == "go\n"
    return update


def killed(data_dir: Path, sensors: Path, written: int) -> bool:
    """Kills an update that has written so many files; whether it was still at work."""
    seen: set[str] = set(storage.listing(f"{data_dir}/rollups"))
    new = 0
    with started(data_dir, sensors) as update:
        while update.poll() is None and new < written:
            now = set(storage.listing(f"{data_dir}/rollups"))
            new, seen = new + len(now - seen), now
            time.sleep(0.001)
        update.send_signal(signal.SIGKILL)
    return update.returncode == -signal.SIGKILL


@pytest.mark.parametrize("written", [0, 1, 8, 16, 24])
def test_after_a_kill_the_next_update_makes_what_one_without_would(tmp_path, written):
    clean, other = tmp_path / "clean", tmp_path / "other"
    sensors = tmp_path / "sensors.parquet"
    pq.write_table(SENSORS, sensors)
    for folder in (clean, other):
        readings(folder, "20260401T000000Z", 0)
    rolled(clean, SENSORS)
    assert killed(other, sensors, written)
    rolled(other, SENSORS)
    assert everything(other) == everything(clean)
    # and once more, over what is there, with other sensors too
    for folder in (clean, other):
        readings(folder, "20260402T000000Z", 5)
    fewer = pa.concat_tables([SENSORS[:6], SENSORS[9:]])
    pq.write_table(fewer, sensors)
    rolled(clean, fewer)
    assert killed(other, sensors, written)
    rolled(other, fewer)
    assert everything(other) == everything(clean)
    assert rolled(other, fewer) == rollup.Rolled(0, 0, 0)
    assert len(rows(other, "reading_hour")) == 24 * 4 * 7
