"""One server on this machine for any number of publishers, each under the name of its setting: /pdok/…, /rdw/…

What HTTP itself asks is done here: a publisher that gives an `ETag` gets 304 right, and one of files can go on where a
download was cut off. What a publisher says is in its own file beside this one.
"""

import hashlib
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    """A question. `path` is without the name of the publisher, `query` holds the last value of each parameter."""

    path: str
    query: Mapping[str, str]
    body: bytes
    address: str
    """Of this publisher here, for the links in its answers."""


@dataclass(frozen=True)
class Response:
    """An answer on its way out.

    `claimed` is the length it says it has; `pause` comes before every piece; `tagged` answers have an `ETag`; of a file
    (`ranged`) a part can be asked; the body is sent `repeated` times.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    claimed: int | None = None
    pause: float = 0
    dropped: bool = False
    tagged: bool = False
    ranged: bool = False
    repeated: int = 1


Fault = Callable[[Response], Response]


class Publisher(Protocol):
    """`hosts` are the names of the settings that lead to it."""

    @property
    def hosts(self) -> tuple[str, ...]: ...

    def answer(self, host: str, request: Request) -> Response:
        """What is sent."""


class Fixed:
    """A publisher that has an answer for each path, and 404 for others. `answers` may change while it serves."""

    def __init__(self, host: str, answers: Mapping[str, Response]) -> None:
        self.hosts = (host,)
        self.answers = dict(answers)

    def answer(self, host: str, request: Request) -> Response:
        """The answer of that path."""
        return self.answers.get(request.path, Response(404, host.encode(), "text/plain"))


class Server:
    """Serve publishers in a `with` block.

    `asked` holds every address asked, `sent` the status of each answer, `bytes_sent` how much their bodies were.
    """

    def __init__(self, *publishers: Publisher) -> None:
        self._publishers = {host: publisher for publisher in publishers for host in publisher.hosts}
        self.asked: list[str] = []
        self.sent: list[int] = []
        self.bytes_sent = 0
        self.agents: set[str] = set()
        self._faults: list[tuple[str, Fault, list[None]]] = []
        self._server = _HTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"here": self}))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def base_urls(self) -> dict[str, str]:
        """By host, where it is here."""
        return {host: f"{self.address}/{host.lower()}" for host in self._publishers}

    @property
    def environ(self) -> dict[str, str]:
        """The settings that lead here."""
        return {f"BASE_URL_{host}": url for host, url in self.base_urls.items()}

    def fault(self, part: str, fault: Fault, times: int = 1_000_000) -> None:
        """Spoil the next `times` answers to addresses that hold `part`; the newest fault goes first."""
        self._faults.insert(0, (part, fault, [None] * times))

    def well(self) -> None:
        """No faults any more."""
        self._faults.clear()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """What is sent to a path with its query."""
        self.asked.append(target)
        url = urlsplit(target)
        host, _, path = url.path.removeprefix("/").partition("/")
        publisher = self._publishers.get(host.upper())
        if publisher is None:
            return Response(404, b"nobody", "text/plain")
        query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        request = Request(f"/{unquote(path)}", query, body, f"{self.address}/{host}")
        response = _tagged(publisher.answer(host.upper(), request))
        for part, fault, left in self._faults:
            if part in target and left:
                left.pop()
                return fault(response)
        return _as_asked(response, headers)


def _tagged(response: Response) -> Response:
    """With the `ETag` that belongs to the body, where the publisher gives one."""
    if response.status != 200 or not (response.tagged or response.ranged):
        return response
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:16]}"'
    return replace(response, headers={**response.headers, "ETag": tag})


def _as_asked(response: Response, headers: Mapping[str, str]) -> Response:
    """304 for what is known already, 206 for the rest of a file."""
    tag = response.headers.get("ETag")
    if not tag:
        return response
    if headers.get("If-None-Match") == tag:
        return replace(response, status=304, body=b"")
    begin = re.fullmatch(r"bytes=(\d+)-(\d*)", headers.get("Range", ""))
    if not (response.ranged and begin) or headers.get("If-Range", tag) != tag:
        return response
    if int(begin[1]) >= len(response.body):
        return replace(response, status=416, body=b"")
    end = min(int(begin[2] or len(response.body)), len(response.body) - 1)
    span = f"bytes {begin[1]}-{end}/{len(response.body)}"
    rest = response.body[int(begin[1]) : end + 1]
    return replace(response, status=206, body=rest, headers={**response.headers, "Content-Range": span})


class _HTTPServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about; a mistake of this server is not."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    disable_nagle_algorithm = True  # or every answer waits 40 ms
    here: Server

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        self.here.agents.add(self.headers["User-Agent"])
        response = self.here.answer(self.path, dict(self.headers), body)
        if response.dropped:
            self.close_connection = True
            return
        self.here.sent.append(response.status)
        self.here.bytes_sent += len(response.body) * response.repeated
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        for name, value in response.headers.items():
            self.send_header(name, value)
        size = len(response.body) * response.repeated
        length = size if response.claimed is None else response.claimed
        if response.status != 304:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.close_connection = self.close_connection or length != size
        step = 100 if response.pause else 1_000_000
        try:
            for start in [*range(0, len(response.body), step)] * response.repeated:
                time.sleep(response.pause)
                self.wfile.write(response.body[start : start + step])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client had enough of it

    def log_message(self, *_: object) -> None:
        """Nothing: tests talk for themselves."""
