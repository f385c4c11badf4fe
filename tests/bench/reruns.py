"""What a rerun of a page costs: bytes over the websocket and CPU of the server, beside the same page drawn plainly.

A client without a browser asks for another indicator again and again, as a visitor would; what the server's process
spent on it is read from the operating system. Both servers run in the same minute on the same machine, one at a time.
"""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Origin, Subprotocol
from websockets.sync.client import ClientConnection, connect

from buurtbeeld.addresses import PAGES

PROJECT = Path(__file__).resolve().parents[2]
INDICATORS = ("home_value", "residents", "good_health", "household_size", "crimes", "loneliness")
# As somebody puts an area together: one buurt more each time.
OWN = [",".join(f"BU034401{end}" for end in (11, 12, 13, 14, 21, 22)[:count]) for count in range(1, 7)]
ROUNDS, RERUNS = 7, 24
BARE, PLAIN = "plain map and table", "plain page with charts"
LIMIT_BYTES, LIMIT_MAP_BYTES, LIMIT_MS = 24_000, 2_000, 15  # of /kaart: most, most, median
LIMIT_ANY_MS = 30  # of any page, median
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Of one rerun: bytes received (median and most), bytes of the map's own message (most), CPU in ms (median)."""

    bytes: int
    most_bytes: int
    most_map_bytes: int
    cpu_ms: float


@contextlib.contextmanager
def server(script: str, environ: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Serves a Streamlit script on a free port; gives its process id and address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    process = subprocess.Popen(
        command, cwd=PROJECT, env=os.environ | environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise RuntimeError(f"{script} did not start") from None
                time.sleep(0.2)
        yield process.pid, f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def measure(pid: int, host: str, page: str, queries: list[str], rounds: int = ROUNDS, reruns: int = RERUNS) -> Cost:
    """The cost of choosing one of `queries` after another on `page`, once everything has been seen."""
    with _visitor(host) as socket_:
        for query in queries * 2:
            _rerun(socket_, page, query)
        sizes, maps, spent = [], [], []
        for _ in range(rounds):
            before = _cpu(pid)
            for turn in range(reruns):
                size, own = _rerun(socket_, page, queries[turn % len(queries)])
                sizes.append(size)
                maps.append(own)
            spent.append((_cpu(pid) - before) * 1000 / reruns)
    return Cost(round(statistics.median(sizes)), max(sizes), max(maps), statistics.median(spent))


def walk(host: str, page: str, queries: list[str]) -> list[tuple[int, int]]:
    """Asks a page for one of `queries` after another, as one visitor; gives the bytes of each, and of its map."""
    with _visitor(host) as socket_:
        return [_rerun(socket_, page, query) for query in queries]


def _visitor(host: str) -> ClientConnection:
    """A connection as a browser makes it."""
    origin, protocol = Origin(f"http://{host}"), Subprotocol("streamlit")
    return connect(f"ws://{host}/_stcore/stream", subprotocols=[protocol], origin=origin, max_size=None)


def _rerun(socket_: ClientConnection, page: str, query: str) -> tuple[int, int]:
    """Bytes received until the page is drawn, and those of the map's message."""
    asked = BackMsg()
    asked.rerun_script.query_string = query
    asked.rerun_script.page_name = page
    socket_.send(asked.SerializeToString())
    total = own = 0
    while True:
        data = socket_.recv(timeout=30)
        assert isinstance(data, bytes)
        total += len(data)
        message = ForwardMsg()
        message.ParseFromString(data)
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.new_element.WhichOneof("type") == "deck_gl_json_chart":
            own = max(own, len(data))
        if kind == "script_finished":
            return total, own


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def run(data_dir: Path, rounds: int = ROUNDS, reruns: int = RERUNS) -> list[tuple[str, Cost]]:
    """(name, cost) of each page of ours, and of the map drawn plainly. `data_dir` holds a mart."""
    with server("dashboard.py", {"DATA_DIR": str(data_dir)}) as (pid, host):
        choices = [f"indicator={name}&gebied=BU03440131&eigen={own}" for name, own in zip(INDICATORS, OWN, strict=True)]
        costs = [(f"/{page.segment}", measure(pid, host, page.segment, choices, rounds, reruns)) for page in PAGES]
    mart = str((data_dir / "dashboard.duckdb").resolve())
    choices = [f"indicator={name}" for name in INDICATORS]
    for name, charts in ((BARE, "0"), (PLAIN, "1")):
        with server("tests/bench/plain_page.py", {"PLAIN_MART": mart, "PLAIN_CHARTS": charts}) as (pid, host):
            costs.append((name, measure(pid, host, "", choices, rounds, reruns)))
    with server("tests/bench/empty_page.py", {}) as (pid, host):
        costs.append(("empty page", measure(pid, host, "", choices, rounds, reruns)))
    return costs


def report(costs: list[tuple[str, Cost]]) -> str:
    """The costs as a table; the ratio of the map to the plain map is the claim.

    The empty page tells how fast this machine is at this moment: the design measured 2.5 ms of CPU for it.
    """
    lines = [f"{'page':22} {'bytes':>8} {'most':>8} {'map most':>9} {'CPU ms':>8}"]
    lines += [
        f"{name:22} {cost.bytes:8} {cost.most_bytes:8} {cost.most_map_bytes:9} {cost.cpu_ms:8.1f}"
        for name, cost in costs
    ]
    ours = dict(costs)["/kaart"]
    for name in (BARE, PLAIN):
        plain = dict(costs)[name]
        lines.append(
            f"/kaart against the {name}: {plain.bytes / ours.bytes:.1f} times fewer bytes, "
            f"{plain.cpu_ms / ours.cpu_ms:.1f} times less CPU."
        )
    lines.append(f"/kaart may take {LIMIT_BYTES} bytes, {LIMIT_MAP_BYTES} of them the map, and {LIMIT_MS} ms of CPU.")
    lines.append(f"Any page may take {LIMIT_ANY_MS} ms.")
    return "\n".join(lines)
