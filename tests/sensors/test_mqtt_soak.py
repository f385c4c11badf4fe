"""The highest rate of readings that holds for ten minutes, within a gigabyte, and what limits it.

`SOAK_SECONDS` makes it shorter. What it prints is the result; it fails when a reading is lost or counted twice, or when
the service needs more memory.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from buurtbeeld.sensors.landing import files_of
from tests.sensors import flood
from tests.sensors.broker import Broker, needs_mosquitto, until
from tests.sensors.test_mqtt import PROJECT, Running, configured

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]

SECONDS = float(os.environ.get("SOAK_SECONDS") or 600)
GIGABYTE = 1_000_000_000
MANY = """
[feeds.many]
title = "Vloed"
publisher = "Gemeente Voorbeeld"
page = "https://example.org"
licence = "cc0"
attribution = "Bron: Gemeente Voorbeeld"
openness = "rows"
kind = "waste_container"
topic = "many/+"
format = "json"
sensor = "s"
value = "v"
time = "t"
epoch = "us"
quantities = { level = "fill" }
"""


def used(pid):
    """Seconds of processor of a process so far, and the most memory that it had, in bytes."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) * 1024


def told(what, sent, seconds, processes):
    """Prints the rate, and how much of a core each process took."""
    cores = ", ".join(f"{name} {spent / seconds:.2f}" for name, (spent, _) in processes.items())
    peak = processes["service"][1]
    print(
        f"\n{what}: {sent / seconds * 60:,.0f} readings a minute over {seconds:.0f} s, {sent:,} in all; "
        f"cores: {cores} of {os.cpu_count()}; the service at most {peak / 1e6:.0f} MB"
    )
    assert peak < GIGABYTE


def flooded(*words):
    """Readings sent, and what sending them took: seconds of processor, and bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.sensors.flood", *map(str, words)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    sent, seconds, peak = json.loads(done.stdout)
    return sent, (seconds, peak)


def check(folder, sent):
    """Every reading is there, and once: their times are successive microseconds, and are too many to hold in memory."""
    files = [str(path) for day in folder.glob("????-??-??") for path in files_of(day)]
    with duckdb.connect() as con:
        there = con.execute(
            "SELECT count(*), min(us), max(us), bit_xor(hash(us)) "
            "FROM (SELECT epoch_us(time) AS us FROM read_parquet(?))",
            [files],
        ).fetchall()
        rows, first, last, hashed = there[0]
        assert (rows, last - first + 1) == (sent, sent)
        assert con.execute("SELECT bit_xor(hash(range)) FROM range(?, ?)", [first, last + 1]).fetchall() == [(hashed,)]


@needs_mosquitto
@pytest.mark.parametrize(("each", "source"), [(1, "bins"), (500, "many")])
def test_messages(tmp_path, each, source):
    folder = tmp_path / "broker"
    folder.mkdir()
    with Broker(folder) as broker:
        data_dir = configured(tmp_path, broker.port)
        config = data_dir / "city" / "mqtt.toml"
        text = config.read_text(encoding="utf-8").replace('time = "t"', 'time = "t"\nepoch = "us"')
        config.write_text(text + MANY, encoding="utf-8")
        with Running(data_dir) as service:
            service.waits_for("Connected")
            target = data_dir / "raw" / source
            began, before = time.monotonic(), [used(pid)[0] for pid in (service.process.pid, broker.pid)]
            sent, publisher = flooded("messages", target, SECONDS, broker.port, each)
            until(lambda: flood.landed(target) >= sent, 600, "the rest")
            seconds = time.monotonic() - began
            now = [used(pid) for pid in (service.process.pid, broker.pid)]
            spent = [(after[0] - start, after[1]) for after, start in zip(now, before, strict=True)]
            assert service.ends(signal.SIGTERM) == 0
        check(target, sent)
    told(f"{each} in a message", sent, seconds, {"service": spent[0], "broker": spent[1], "publisher": publisher})


def test_files(tmp_path):
    began = time.monotonic()
    sent, spent = flooded("files", tmp_path, SECONDS)
    seconds = time.monotonic() - began
    check(tmp_path / flood.SOURCE.id, sent)
    told("files", sent, seconds, {"service": spent})
