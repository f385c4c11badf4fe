"""Rollups on workers of Dask are, to the last bit, those of this process, also when a worker dies half-way."""

import os
import signal
import sys
import threading
import time
from types import ModuleType

import numpy as np
import pytest

from buurtbeeld.sensors import storage
from tests.sensors.rolling import everything, hourly, places, rolled, update, write

distributed = pytest.importorskip("distributed")
SENSORS = places(*[("feed", f"s{nr}", "air_sensor") for nr in range(6)])


def test_a_cluster_of_which_a_worker_is_killed(tmp_path, monkeypatch):
    # A worker begins as its parent did; in a process that showed a page before, Streamlit says that this was the page.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    for folder in ("here", "there"):
        draw = np.random.default_rng(3)
        for nr in range(6):
            values = [draw.uniform(5, 45) if draw.random() < 0.99 else 2000.0 for _ in range(24 * 20)]
            write(
                tmp_path / folder,
                "feed",
                hourly(f"s{nr}", "no2", "2026-03-20T00:00", values),
                stamp=str(nr),
                batch=True,
            )
    rolled(tmp_path / "here", SENSORS)

    killed = []

    def kill(pid: int) -> None:
        """As soon as the cluster has made a third of the hours."""
        while len(storage.listing(f"{tmp_path}/there/rollups/hours")) < 7:
            time.sleep(0.002)
        os.kill(pid, signal.SIGKILL)
        killed.append(len(storage.listing(f"{tmp_path}/there/rollups/hours")))

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        victim = cluster.workers[0].pid
        watch = threading.Thread(target=kill, args=(victim,))
        watch.start()
        made = update(tmp_path / "there", SENSORS, scheduler=cluster.scheduler_address)
        watch.join()
    assert made.problems == () and (made.partitions, made.days) == (20, 21)
    assert killed[0] < 20
    assert everything(tmp_path / "there") == everything(tmp_path / "here")
    assert rolled(tmp_path / "there", SENSORS).partitions == 0
