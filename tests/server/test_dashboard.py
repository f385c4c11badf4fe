"""The dashboard as it is started: `streamlit run dashboard.py`, on a free port, with the sample."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

PROJECT = Path(__file__).parent.parent.parent


class Running(NamedTuple):
    port: int
    log: Path

    def ask(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=30)

    def logged(self, part: str) -> str:
        """The log, once `part` stands in it."""
        end = time.monotonic() + 10
        while part not in (text := self.log.read_text()) and time.monotonic() < end:
            time.sleep(0.05)
        return text


@pytest.fixture(scope="module")
def running(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("log") / "log"
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", f"--server.port={port}"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=PROJECT, env={**os.environ, "DATA_DIR": str(sample)}, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _wait_for(port, process)
            yield Running(port, log)
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the dashboard did not start")


def test_a_deep_link_is_answered_by_a_fresh_server(running):
    answer = running.ask("/kaart?taal=en&indicator=home_value")
    assert answer.status_code == 200
    assert '<html lang="en">' in answer.text


def test_what_streamlits_front_end_needs_is_there(running):
    assert running.ask("/_stcore/health").text == "ok"
    assert running.ask("/_stcore/host-config").status_code == 200
    for path in re.findall(r'(?:src|href)="\./(static/[^"]+)"', running.ask("/").text)[:10]:
        assert running.ask(f"/{path}").status_code == 200


@pytest.mark.parametrize("path", ["metrics", "agent/openapi.json", "agent/mcp", "upload_file/a/b"])
def test_what_nobody_needs_is_closed(running, path):
    assert running.ask(f"/_stcore/{path}").status_code == 404


def test_the_socket_opens_for_its_own_page_and_no_other(running):
    own, address = f"127.0.0.1:{running.port}", f"ws://127.0.0.1:{running.port}/_stcore/stream"
    with connect(f"{address}?asked=mine", origin=Origin(f"http://{own}")):
        pass
    for wrong, origin in ((address, "http://example.org"), (address.replace("_stcore", "kaart"), f"http://{own}")):
        with pytest.raises(InvalidStatus), connect(wrong, origin=Origin(origin)):
            pass


def test_maps_api_and_health_are_served_too(running):
    build = running.ask("/healthz").json()["build"]
    assert running.ask("/api/v1/build").json()["id"] == build
    assert running.ask(f"/map/{build}/borders/wijk.geojson").headers["content-encoding"] == "gzip"
    assert running.ask("/api/v1/figures?indicator=residents").headers["content-encoding"] == "gzip"


def test_a_missing_download_is_our_404(running):
    answer = running.ask("/media/nosuch.csv")
    assert answer.status_code == 404 and "Buurtbeeld" in answer.text


def test_a_visitor_gets_no_cookie(running):
    for path in ("/", "/_stcore/health", "/_stcore/host-config"):
        assert "set-cookie" not in running.ask(path).headers


def test_the_log_has_no_visitors_in_it(running):
    running.ask("/last?asked=mine", User_Agent="mybrowser")
    log = running.logged("GET /last 404")
    assert re.search(r"^\S+Z GET /_stcore/stream 101 \d+ ms$", log, re.MULTILINE)
    for trace in ("asked", "mybrowser", "[accepted]", "connection open", "127.0.0.1:"):
        assert trace not in log.replace(f"127.0.0.1:{running.port}", "")
    assert "Traceback" not in log
