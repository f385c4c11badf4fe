"""kill -9 at any moment of an update: the next one completes, and gives what it would have given without the kill."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime

import pytest

from buurtbeeld.catalogue import load
from buurtbeeld.sensors.alerts import update
from buurtbeeld.settings import PROJECT
from tests.sensors.rolled import HOUR, hour, sensor, sensors, write

BEGIN = datetime(2026, 5, 1)
DAYS = 30
NOW = BEGIN + DAYS * 24 * HOUR
KNOWN = sensors(*(sensor(f"S{n}") for n in range(20)))
UPDATE = """
import sys
from pathlib import Path
from tests.sensors.test_alerts_kills import updated
updated(Path(sys.argv[1]))
"""


def updated(data_dir):
    """The alerts of the hours in `data_dir`."""
    files = sorted((data_dir / "rollups" / "reading_hour").glob("*.parquet"))
    return update(data_dir, load().signals.values(), files, KNOWN, NOW)


def rows(seed):
    chance = random.Random(seed)  # noqa: S311  no secret depends on it
    return [
        hour(BEGIN + n * HOUR, chance.choice([20.0, 150.0, 250.0]), sensor=f"S{each}")
        for n in range(DAYS * 24)
        for each in range(20)
        if n // 30 % 5 != each % 5
    ]


@pytest.mark.parametrize("seed", range(3))
def test_an_update_that_is_killed_is_completed_by_the_next(tmp_path, seed):
    write(tmp_path / "clean" / "rollups" / "reading_hour", rows(seed))
    wanted = updated(tmp_path / "clean")
    killed = tmp_path / "killed"
    write(killed / "rollups" / "reading_hour", rows(seed + 100))
    updated(killed)  # what was there before, of other hours
    write(killed / "rollups" / "reading_hour", rows(seed))
    kept = killed / "rollups" / "alert"
    before = {file.name: file.stat().st_mtime_ns for file in kept.iterdir()}
    chance = random.Random(seed)  # noqa: S311  no secret depends on it
    for goal in (chance.randrange(1, 10), chance.randrange(10, 25)):
        process = subprocess.Popen([sys.executable, "-c", UPDATE, str(killed)], cwd=PROJECT, env=dict(os.environ))
        while process.poll() is None and changed(kept, before) < goal:
            time.sleep(0.001)
        assert process.poll() is None, "it was done before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 0 < changed(kept, before) < DAYS
    assert updated(killed).equals(wanted)
    assert {file.name for file in kept.iterdir()} == {
        f"{day.name}" for day in (killed / "rollups" / "reading_hour").iterdir()
    }


def changed(folder, before):
    count = 0
    for file in folder.glob("*.parquet"):
        try:
            count += before.get(file.name) != file.stat().st_mtime_ns
        except FileNotFoundError:  # it is being replaced
            continue
    return count
