"""What a rerun of a page costs: bytes over the websocket and CPU of the server, beside the same page drawn plainly.

A client without a browser makes one choice after another, as a visitor would: choices that nobody made before, and a
few that come back again and again. What the server's process spent on each is read from the operating system. All
servers run in the same minutes on the same machine, one at a time.
"""

import contextlib
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Origin, Subprotocol
from websockets.sync.client import ClientConnection, connect

from buurtbeeld import queries
from buurtbeeld.addresses import PAGES
from buurtbeeld.store import Mart

PROJECT = Path(__file__).resolve().parents[2]
INDICATORS = ("home_value", "residents", "good_health", "household_size", "crimes", "loneliness")
# As somebody puts an area together: one buurt more each time.
OWN = [",".join(f"BU034401{end}" for end in (11, 12, 13, 14, 21, 22)[:count]) for count in range(1, 7)]
RERUNS = 24  # of the choices that come back
NEW = 60
WARM = 10  # choices before those that count: what all pages need is made once
BARE, PLAIN, EMPTY = "plain map and table", "plain page with charts", "empty page"
LIMIT_BYTES, LIMIT_MAP_BYTES, LIMIT_MS = 24_500, 2_000, 15  # of /kaart: most, most, median
LIMIT_ANY_MS = 30  # of any page, median
EMPTY_MS = 2.5  # of the empty page, on the machine that the limits were set on


@dataclass(frozen=True)
class Cost:
    """Of one rerun: bytes received (median and most), bytes of the map's own message (most), CPU in ms (medians).

    new_ms: for a choice that nobody made before, among which are pages with two maps. The rest is of choices that come
    back; the bytes of every figure are in tests/server/test_reruns.py.
    """

    bytes: int
    most_bytes: int
    most_map_bytes: int
    new_ms: float
    again_ms: float


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


def measure(pid: int, host: str, page: str, again: Sequence[str], new: Sequence[str]) -> Cost:
    """The cost of choosing on `page`: each of `new` once, the first few to warm up; `again` after all were seen."""
    with _visitor(host) as socket_:
        for query in new[:WARM]:
            _rerun(socket_, page, query)
        first = [_timed(pid, socket_, page, query) for query in new[WARM:]]
        for query in again:
            _rerun(socket_, page, query)
        more = [_timed(pid, socket_, page, again[turn % len(again)]) for turn in range(RERUNS)]
    sizes, maps, _ = zip(*more, strict=True)
    new_ms, again_ms = (statistics.median(ms for *_, ms in each) for each in (first, more))
    return Cost(round(statistics.median(sizes)), max(sizes), max(maps), new_ms, again_ms)


def choices(mart: Mart, page: str, count: int = NEW + WARM) -> list[str]:
    """Choices as somebody makes them who looks around: each another figure and other areas, the same in every run."""
    chance = random.Random(page)  # noqa: S311  choices, not secrets
    figures = sorted({held.indicator for held in mart.ask(queries.held)})
    sensors = sorted(mart.ask(queries.sensor_kinds))
    areas: dict[str, list[str]] = {}
    for area in mart.ask(queries.areas):
        areas.setdefault(area.level, []).append(area.code)
    found = []
    for turn in range(count):
        level = ("buurt", "buurt", "wijk")[turn % 3]
        codes = chance.sample(areas[level], 1 if page in ("kaart", "profiel") else 1 + turn % 4)
        query = f"indicator={chance.choice(figures)}&niveau={level}&gebied={','.join(codes)}"
        query += f"&eigen={','.join(chance.sample(areas['buurt'], 1 + turn % 6))}"
        query += f"&naast={chance.choice(figures)}" if turn % 4 == 3 else ""
        found.append(query + (f"&sensor={quote(chance.choice(sensors))}" if sensors and page == "nu" else ""))
    return found


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


def _timed(pid: int, socket_: ClientConnection, page: str, query: str) -> tuple[int, int, float]:
    """What `_rerun` gives, and the milliseconds of CPU that the server's process used for it, all threads."""
    clock = (~pid << 3) | 2  # the clock of another process, as clock_getcpuclockid(3) makes it
    before = time.clock_gettime(clock)
    size, own = _rerun(socket_, page, query)
    return size, own, (time.clock_gettime(clock) - before) * 1000


def run(data_dir: Path) -> list[tuple[str, Cost]]:
    """(name, cost) of each page of ours, of the map drawn plainly, and of a page without anything.

    `data_dir` holds a mart.
    """
    link = data_dir / "dashboard.duckdb"
    mart = Mart(link.resolve())
    again = [f"indicator={name}&gebied=BU03440131&eigen={own}" for name, own in zip(INDICATORS, OWN, strict=True)]
    with server("dashboard.py", {"DATA_DIR": str(data_dir)}) as (pid, host):
        costs = [
            (f"/{page.segment}", measure(pid, host, page.segment, again, choices(mart, page.segment))) for page in PAGES
        ]
    for name, charts in ((BARE, "0"), (PLAIN, "1")):
        with server("tests/bench/plain_page.py", {"PLAIN_MART": str(mart.path), "PLAIN_CHARTS": charts}) as (pid, host):
            costs.append((name, measure(pid, host, "", again, choices(mart, "kaart"))))
    with server("tests/bench/empty_page.py", {}) as (pid, host):
        costs.append((EMPTY, measure(pid, host, "", again, choices(mart, ""))))
    return costs


def report(costs: list[tuple[str, Cost]]) -> str:
    """The costs as a table, and whether they stay below the limits; the ratio of the map to the plain map is the claim.

    The empty page tells how fast this machine is at this moment: what a page costs on the machine that the limits were
    set on is what it costs here, divided by that.
    """
    found = dict(costs)
    slower = found[EMPTY].again_ms / EMPTY_MS
    lines = [f"{'page':22} {'bytes':>8} {'most':>8} {'map most':>9} {'new ms':>8} {'again ms':>9} {'new, scaled':>12}"]
    lines += [
        f"{name:22} {cost.bytes:8} {cost.most_bytes:8} {cost.most_map_bytes:9} {cost.new_ms:8.1f} {cost.again_ms:9.1f} "
        f"{cost.new_ms / slower:12.1f}"
        for name, cost in costs
    ]
    ours = found["/kaart"]
    for name in (BARE, PLAIN):
        plain = found[name]
        lines.append(
            f"/kaart against the {name}: {plain.bytes / ours.bytes:.1f} times fewer bytes, "
            f"{plain.new_ms / ours.new_ms:.1f} times less CPU for a new choice, "
            f"{plain.again_ms / ours.again_ms:.1f} times for one that comes back."
        )
    lines.append(
        f"This machine takes {slower:.1f} times as long for an empty page as the one that the limits were set on."
    )
    pages = {name: cost for name, cost in costs if name.startswith("/")}
    over = [name for name, cost in pages.items() if cost.new_ms > LIMIT_ANY_MS]
    scaled = [name for name, cost in pages.items() if cost.new_ms / slower > LIMIT_ANY_MS]
    lines += [
        f"/kaart: at most {LIMIT_BYTES} bytes ({_held(ours.most_bytes <= LIMIT_BYTES)}), {LIMIT_MAP_BYTES} of them the "
        f"map ({_held(ours.most_map_bytes <= LIMIT_MAP_BYTES)}), {LIMIT_MS} ms of CPU for a choice that comes back "
        f"({_held(ours.again_ms <= LIMIT_MS)} here, {_held(ours.again_ms / slower <= LIMIT_MS)} scaled).",
        f"Any page, any choice: at most {LIMIT_ANY_MS} ms at the median. Over it here: {', '.join(over) or 'none'}; "
        f"scaled: {', '.join(scaled) or 'none'}.",
    ]
    return "\n".join(lines)


def _held(holds: bool) -> str:
    return "holds" if holds else "does not hold"
