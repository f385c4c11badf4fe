"""Real servers on this machine that take signals, or don't: over HTTP and over SMTP. And a mart that has some."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from buurtbeeld.settings import PROJECT, read
from tests.sensors.rolled import at

SENSOR_SQL = PROJECT / "buurtbeeld" / "warehouse" / "sql" / "sensor.sql"


class Receiver:
    """A webhook. script: what it does with the next requests: a status, headers, or something of its own; then 200."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.script: list[Any] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.paths.append(self.path)
                receiver.headers.append(dict(self.headers))
                does = receiver.script.pop(0) if receiver.script else 200
                status, *headers = does if isinstance(does, tuple) else (does,)
                if isinstance(status, Callable):  # type: ignore[arg-type]
                    status = status(self)
                if status is None:
                    return
                # Before the answer: who has that may look at once.
                if 200 <= status < 300:
                    receiver.taken.append(json.loads(body))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def ids(self) -> list[str]:
        return [body["id"] for body in self.taken]

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def slow(seconds: float):
    """Answers nothing for so long."""

    def wait(_: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)

    return wait


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Answers a letter at a time, and never an end."""
    try:
        for sign in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200:
            handler.wfile.write(bytes([sign]))
            time.sleep(0.02)
    except OSError:
        pass  # whoever asked has gone


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Closes the connection without a word."""
    handler.close_connection = True


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    Thread(target=receiver.serve, daemon=True).start()
    try:
        yield receiver
    finally:
        receiver.close()


class Post:
    """What a mail server does with letters: takes them, or answers `rcpt` or `data`."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.rcpt: str | None = None
        self.data: str | None = None

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options) -> str:  # noqa: N802  its name there
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802  its name there
        if self.data:
            return self.data
        self.letters.append(envelope)
        return "250 OK"


@contextmanager
def mailing(certificate: Path | None = None, password: str | None = None) -> Iterator[tuple[Post, int]]:
    """A mail server and its port; with a certificate it speaks STARTTLS, with a password it wants to see it."""
    post = Post()
    options: dict[str, Any] = {}
    if certificate:
        options["tls_context"] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        options["tls_context"].load_cert_chain(certificate)
        options["require_starttls"] = True
    if password:
        options["auth_required"] = True
        options["authenticator"] = lambda server, session, envelope, mechanism, data: AuthResult(
            success=data.password == password.encode(), handled=False
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port, ready_timeout=20, **options)
    controller.start()
    try:
        yield post, port
    finally:
        controller.stop()


def certificate(folder: Path) -> Path:
    """A certificate of this machine, signed by itself, with its key."""
    if not shutil.which("openssl"):
        missing = pytest.fail if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip
        missing("there is no openssl: apt-get install openssl")
    file = folder / "machine.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", file, "-out", folder / "public.pem"],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + (folder / "public.pem").read_text())
    return file


def alert(id="a1", rule="container_full", opened_at=None, **more):
    about = {
        "id": id,
        "rule": rule,
        "source": "waste_fill",
        "sensor": "C1",
        "code": "BU03440111",
        "quantity": None if rule == "silent" else "fill",
        "threshold": 24 if rule == "silent" else 80,
        "value": None if rule == "silent" else 85.4,
        "opened_at": opened_at or at(2, 8, 20),
        "closed_at": None,
        "is_sample": False,
        "is_simulated": False,
    }
    return {**about, **more}


def place(id="C1", source="waste_fill", kind="waste_container", name="Hoek 12", **more):
    about = {"id": id, "source": source, "kind": kind, "name": name, "is_sample": False, "is_simulated": False}
    return {**about, **more}


def publish(data_dir: Path, alerts, places, built_at: datetime, openness: str = "rows") -> None:
    """A mart that has these alerts and sensors, and nothing else. openness: of all their sources."""
    link = read({"DATA_DIR": str(data_dir)}).mart_link
    file = data_dir / f"mart-{time.monotonic_ns()}.duckdb"
    with duckdb.connect(file) as con:
        con.execute("CREATE TYPE status AS ENUM ('ok', 'unreliable', 'not_measured')")
        con.execute(SENSOR_SQL.read_text(encoding="utf-8"))
        con.execute("CREATE TABLE build AS SELECT ?::TIMESTAMP AS built_at", [built_at])
        con.execute("CREATE TABLE area_now AS SELECT 'BU03440111' AS code, 'Lombok' AS name")
        con.execute("CREATE TABLE source (id VARCHAR, openness VARCHAR)")
        con.executemany("INSERT INTO source VALUES (?, ?)", [[id, openness] for id in ("waste_fill", "samen_meten")])
        for table, rows in (("alert", alerts), ("sensor", places)):
            for row in rows:
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                con.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
    temporary = data_dir / ".link"
    temporary.symlink_to(file.name)
    temporary.replace(link)
