"""Asking a publisher: one client for all loaders, that is patient, polite and believes nothing.

A 200 proves nothing: publishers answer it with maintenance pages, with errors in JSON, and with half an answer. So
every answer is kept as received before anything reads it, and `Answer.json()` refuses what is not data.

What was received before is asked for with its `ETag` or `Last-Modified`; a 304 gives the kept bytes again. Of one
publisher only one thing is asked at a time, and no more often than it allows (`PACES`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import ssl
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NoReturn
from urllib.parse import quote

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential_jitter

from buurtbeeld import __version__
from loaders import LoadError

PIECE = 65_536  # bytes; also of what was packed, so that a little that unpacks to very much is noticed on its way
RETRIED = frozenset({429, 502, 503, 504})
_PLAIN = "(),':/"  # marks that need no escape in a query, and are easier to read without
ERROR_MEMBERS = ("error", "errors", "odata.error", "exception", "exceptions")
LEAST_KEY = 4  # letters; what is shorter is no key, and would only make holes in what a publisher says

logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells every address in full


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long and how much. Seconds and bytes."""

    attempts: int = 4
    timeout: float | None = None
    """For one step: connecting, or the next piece of an answer. None for what its publisher needs (`PACES`)."""
    longest_answer: float = 300
    """For a whole answer: a server that drips is not waited for without end."""
    longest_file: float = 3600
    """For a whole download."""
    longest_wait: float = 120
    """A `Retry-After` beyond this is not slept through: the load ends and says when to come back."""
    max_bytes: int = 100_000_000
    """Of an answer in memory, after unpacking. The largest honest one known, 10,000 rows of key figures, is 40 MB."""
    max_file: int = 1_000_000_000
    """Of a download, on disk. The largest honest one known, all outlines of a year, is some 220 MB."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What a publisher asks of who calls it: patience, and at most `most` requests in `per` seconds (0: any number)."""

    timeout: float = 30
    most: int = 0
    per: float = 0


PACES = {
    "CBS_DERDEN": Pace(timeout=90),
    "SAMEN_METEN": Pace(timeout=45),  # it answers 504 after 30 s to what has no rows
    "LUCHTMEETNET": Pace(most=100, per=300),
    "SENSOR_COMMUNITY": Pace(most=1, per=300),
    "ALGORITMEREGISTER": Pace(most=25, per=60),
}


class Gate:
    """Lets one request at a time through to each publisher, at its pace. Shared by all sources of a run."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._asked: dict[str, deque[float]] = defaultdict(deque)
        self._guard = threading.Lock()

    @contextmanager
    def passing(self, host: str) -> Iterator[None]:
        """Hold the way to `host`."""
        with self._guard:
            lock = self._locks[host]
        with lock:
            yield

    def wait(self, host: str) -> None:
        """Wait until `host` may be asked once more."""
        pace = PACES.get(host, Pace())
        if not pace.most:
            return
        asked, now = self._asked[host], time.monotonic()
        if len(asked) >= pace.most and (rest := asked.popleft() + pace.per - now) > 0:
            self._sleep(rest)
            now += rest
        asked.append(now)


class UnreachableError(LoadError):
    """No usable answer after every attempt."""


class NothingError(LoadError):
    """The publisher says, in its own way, that there is nothing."""


class RefusedError(LoadError):
    """An answer with another status than 200."""

    def __init__(self, text: str, answer: Answer) -> None:
        super().__init__(text)
        self.answer = answer


class NotThereError(RefusedError):
    """404 or 410: the publisher does not have it."""


class _AgainError(Exception):
    """Worth another attempt. `wait` is what the server asked for, in seconds."""

    def __init__(self, text: str, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class _PerhapsNothingError(_AgainError):
    """A failure by which this server also says that there is nothing."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer, as received."""

    host: str
    url: str
    """After redirects, as it may be shown: without any password, or what else may be a key (`Http.at`)."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    retrieved_at: datetime
    """UTC, with zone: when these bytes came."""
    body: bytes
    """Empty for a download, which is in `file`."""
    asked: str = ""
    """The address before redirects, where it was another."""
    file: Path | None = None
    kept: Path | None = None
    """Where these very bytes are already, when the publisher says that nothing changed."""
    keys: tuple[str, ...] = field(default=(), repr=False)
    """What in the question may be a key: whoever was asked may say it again, and `said` does not."""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @cached_property
    def sha256(self) -> str:
        if self.file is None:
            return hashlib.sha256(self.body).hexdigest()
        with self.file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def text(self) -> str:
        """The answer as text: UTF-8, with or without a mark in front, else the old Windows code page (cp1252)."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.body.decode("cp1252", errors="replace")

    def json(self) -> dict[str, Any]:
        """The answer as a JSON object. Raises LoadError for everything that only looks like one."""
        value = self._value()
        if not isinstance(value, dict):
            raise self.problem(f"sent JSON that is no object: {said(self)}")
        return value

    def rows(self) -> list[dict[str, Any]]:
        """The answer as a JSON list of objects. Raises LoadError for everything that only looks like one."""
        value = self._value()
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.problem(f"sent JSON that is no list of objects: {said(self)}")
        return value

    def _value(self) -> object:
        if "json" not in self.content_type.lower():
            kind = self.content_type.partition(";")[0] or "something without a type"
            raise self.problem(f"sent {kind} where JSON was expected: {said(self)}")
        try:
            value: object = json.loads(self.text(), parse_constant=_no_constant)
        except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
            raise self.problem(f"sent JSON that can't be read, perhaps half of it ({error}): {said(self)}") from error
        if isinstance(value, dict) and any(value.get(member) for member in ERROR_MEMBERS):
            raise self.problem(f"sent an error with status 200: {said(self)}")
        return value

    def problem(self, what: str) -> LoadError:
        """The error to raise: this host `what`, with the address and what to do."""
        return LoadError(f"{self.host} {what} ({self.url}). Open that address to see why, or load again later.")


@dataclass(frozen=True, kw_only=True)
class Known:
    """An answer of a former load: what to ask the publisher with, and where its bytes are."""

    headers: Mapping[str, str]
    """Those of that answer, names in lower case; `etag`, `last-modified` or both are among them."""
    retrieved_at: datetime
    file: Path
    read: Callable[[], bytes]
    """Raises OSError when the file is damaged."""


@dataclass(frozen=True, kw_only=True)
class _Request:
    """What is asked, once or again."""

    host: str
    url: str
    json: object = None
    """Sent as the body of a POST; None for a GET."""
    known: Known | None = None
    to_disk: bool = False
    peek: bool = False
    nothing: int | None = None
    check: Callable[[Answer], object] = field(default=lambda _answer: None)

    @property
    def headers(self) -> dict[str, str]:
        """What makes a publisher answer 304 when nothing changed."""
        if not self.known:
            return {}
        given = self.known.headers
        names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
        return {names[name]: given[name] for name in names if name in given}


@dataclass(frozen=True)
class _Part:
    """A download under way, and beside it by what its publisher would know whether it is still the same file."""

    path: Path

    @classmethod
    def of(cls, folder: Path, url: str) -> _Part:
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder / f"{hashlib.sha256(_shown(url).encode()).hexdigest()[:16]}.part")

    @property
    def _mark(self) -> Path:
        return self.path.with_suffix(".mark")

    def headers(self) -> dict[str, str]:
        """Ask for what is not there yet, as long as it is the same file; never packed, so that bytes can be counted."""
        plain = {"Accept-Encoding": "identity"}
        if not (self.path.exists() and self._mark.exists()):
            return plain
        return plain | {"Range": f"bytes={self.path.stat().st_size}-", "If-Range": self._mark.read_text()}

    def opened(self, response: httpx.Response) -> BinaryIO:
        """The file to write the answer to: after what is there, or anew. Raises _AgainError when neither can be."""
        if response.status_code == 200:
            etag = response.headers.get("etag", "")
            mark = "" if etag.startswith("W/") else etag or response.headers.get("last-modified", "")
            self._mark.unlink(missing_ok=True)
            file = self.path.open("wb")
            if mark:
                self._mark.write_text(mark)
            return file
        begin = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
        if response.status_code == 206 and begin and int(begin[1]) == self.path.stat().st_size:
            return self.path.open("ab")
        self.path.unlink(missing_ok=True)
        raise _AgainError(f"{_shown(str(response.url), to_path=True)} did not go on where it was cut off")

    def total(self, response: httpx.Response) -> int | None:
        """How many bytes the publisher says the whole file has."""
        if response.status_code == 206:
            said = re.search(r"/(\d+)$", response.headers.get("content-range", ""))
            return int(said[1]) if said else None
        length = response.headers.get("content-length", "")
        return int(length) if length.isdecimal() else None


class Http:
    """The client. Use it in a `with` block.

    `keep(label, answer)` gets every answer that is not asked again, whatever its status, before anything reads it; it
    returns where a download is from then on. `known(address)` finds the same answer of a former load. `parts` is where
    downloads grow; without it there are none. `say` gets one line about what happens now. `sleep` is there for tests.
    """

    def __init__(
        self,
        base_urls: Mapping[str, str],
        *,
        keep: Callable[[str, Answer], Path | None] = lambda _label, _answer: None,
        known: Callable[[str], Known | None] = lambda _address: None,
        parts: Path | None = None,
        say: Callable[[str], None] = lambda _text: None,
        sleep: Callable[[float], None] = time.sleep,
        gate: Gate | None = None,
        limits: Limits | None = None,
        gemeente: str = "",
    ) -> None:
        self._base_urls = base_urls
        self._named: dict[str, str] = {}
        self._keep = keep
        self._known = known
        self._parts = parts
        self._say = say
        self._sleep = sleep
        self._gate = gate or Gate(sleep)
        self._limits = limits or Limits()
        # A publisher who wonders who is asking finds the product, its version and the gemeente it asks for.
        contact = f"+neighbourhood dashboard of {gemeente}" if gemeente else "+neighbourhood dashboard"
        self._client = httpx.Client(
            verify=_tls(),
            follow_redirects=True,
            headers={"User-Agent": f"Buurtbeeld/{__version__} ({contact})"},
        )

    def __enter__(self) -> Http:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(
        self,
        host: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        label: str,
        nothing: int | None = None,
        check: Callable[[Answer], object] = lambda _answer: None,
    ) -> Answer:
        """The answer of `host` (a name of BASE_URL_…) to `path` and `params`, kept under `label`.

        nothing: the status of a failure by which this server also says that there is nothing; when it comes twice it
        means that. check: looks at an answer before it is kept, and raises when it may not be on this disk at all.

        Raises NothingError, UnreachableError, NotThereError, RefusedError or plain LoadError.
        """
        url = self._url(host, path, params)
        return self._ask(_Request(host=host, url=url, nothing=nothing, check=check), label)

    def at(self, host: str, url: str, said: str) -> None:
        """From now on `host` is at `url`: for a feed that no setting knows. `said` is where a person names it.

        Such an address may hold a key. So of what is asked there only scheme, host and path are ever told.
        """
        self._base_urls = {**self._base_urls, host: url}
        self._named[host] = said

    def post(self, host: str, path: str, json: object, *, label: str) -> Answer:
        """The answer to `json` as the body of a POST; for the rest as `get`."""
        return self._ask(_Request(host=host, url=self._url(host, path, None), json=json), label)

    def download(self, host: str, path: str, params: Mapping[str, str] | None = None, *, label: str) -> Answer:
        """As `get` for a large file: it goes to the disk, in `Answer.file`, and goes on where it was cut off."""
        return self._ask(_Request(host=host, url=self._url(host, path, params), to_disk=True), label)

    def peek(self, host: str, path: str, params: Mapping[str, str] | None = None, *, label: str) -> Answer:
        """As `get`, but only whether it is there: nothing of the body is read."""
        return self._ask(_Request(host=host, url=self._url(host, path, params), peek=True), label)

    def address(self, host: str, path: str, params: Mapping[str, str] | None = None) -> str:
        """The address that `get` asks, to be shown."""
        return self._shown(host, self._url(host, path, params))

    def _shown(self, host: str, url: str) -> str:
        """An address as it is told, stored and published; of a host that a person named (`at`) up to its path."""
        return _shown(url, to_path=host in self._named)

    def _keys(self, host: str, url: str) -> tuple[str, ...]:
        """What of an address may be a key, also as it is written in it; the longest first."""
        if host not in self._named:
            return ()
        parts = httpx.URL(url)
        plain = [parts.username, parts.password, *(value for _, value in parts.params.multi_items())]
        long = [each for each in plain if len(each) >= LEAST_KEY]
        found = {*long, *(quote(each, safe=safe) for each in long for safe in ("", _PLAIN))}
        return tuple(sorted(found, key=lambda each: (-len(each), each)))

    def follow(self, answer: Answer, link: str, *, label: str) -> Answer:
        """The next page, by the link the publisher gave. It may not lead to another server."""
        base = httpx.URL(self._base_urls[answer.host])
        try:
            url = httpx.URL(answer.url).join(link)
        except httpx.InvalidURL as error:
            raise answer.problem(f"gives an address for its next page that can't be used ({error})") from error
        if url.netloc == base.netloc:
            url = url.copy_with(userinfo=base.userinfo)
        elif url.netloc != httpx.URL(answer.url).netloc:
            raise answer.problem(
                f"says its next page is at another server, {url.host}; if that is right, set BASE_URL_{answer.host}"
            )
        return self._ask(_Request(host=answer.host, url=str(url)), label)

    def _url(self, host: str, path: str, params: Mapping[str, str] | None) -> str:
        # Built by hand: the dialects want `$` as it is and a space as %20, not as +.
        query = "&".join(f"{key}={quote(value, safe=_PLAIN)}" for key, value in (params or {}).items())
        return self._base_urls[host] + path + (f"?{query}" if query else "")

    def _ask(self, request: _Request, label: str) -> Answer:
        host = request.host
        # What is kept under a part of an address may be the answer to another question.
        if request.json is None and not request.peek and host not in self._named:
            request = replace(request, known=self._known(self._shown(host, request.url)))
        perhaps = 0

        def enough(state: RetryCallState) -> bool:
            nonlocal perhaps
            perhaps += isinstance(state.outcome and state.outcome.exception(), _PerhapsNothingError)
            return perhaps > 1 or state.attempt_number >= self._limits.attempts

        attempts = Retrying(
            retry=retry_if_exception_type(_AgainError),
            stop=enough,
            wait=_wait,
            sleep=self._sleep,
            before_sleep=self._say_waiting,
            reraise=True,
        )
        with self._gate.passing(host):
            self._say(f"{host}: {httpx.URL(request.url).path}")
            try:
                answer = attempts(self._once, request)
            except _AgainError as error:
                if perhaps > 1:
                    raise NothingError(f"{error}, twice: there is nothing.") from error
                raise UnreachableError(
                    f"{error}, {self._limits.attempts} times in a row. Check the network and "
                    f"{self._named.get(host, f'BASE_URL_{host}')}, or load again later."
                ) from error
        request.check(answer)
        if file := self._keep(label, answer):
            answer = replace(answer, file=file)
        if answer.status in (404, 410):
            raise NotThereError(f"{host} has nothing at {answer.url} ({answer.status}). Look whether it moved.", answer)
        if answer.status != 200:
            raise RefusedError(f"{host} answered {answer.status} to {answer.url}: {said(answer)}.", answer)
        return answer

    def _once(self, request: _Request) -> Answer:
        """One attempt. Raises _AgainError for what may pass, LoadError for what will not."""
        host, url = request.host, request.url
        part = _Part.of(self._parts, url) if request.to_disk and self._parts else None
        headers = request.headers | (part.headers() if part else {}) | ({"Range": "bytes=0-0"} if request.peek else {})
        method = "GET" if request.json is None else "POST"
        timeout = self._limits.timeout or PACES.get(host, Pace()).timeout
        self._gate.wait(host)
        try:
            with self._client.stream(method, url, json=request.json, headers=headers, timeout=timeout) as response:
                if response.status_code in RETRIED:
                    kind = _PerhapsNothingError if response.status_code == request.nothing else _AgainError
                    raise kind(
                        f"{host} answered {response.status_code} to {self._shown(host, url)}",
                        self._asked_wait(host, response),
                    )
                if response.status_code == 304 and request.known:
                    return self._as_before(request, request.known)
                asked, shown = self._shown(host, url), self._shown(host, str(response.url))
                answer = Answer(
                    host=host,
                    url=shown,
                    asked=asked if asked != shown else "",
                    keys=self._keys(host, url),
                    status=response.status_code,
                    headers=dict(response.headers),
                    retrieved_at=datetime.now(UTC),
                    body=b"",
                )
                if request.peek and response.status_code in (200, 206):
                    return replace(answer, status=200)
                if part and response.status_code in (200, 206, 416):
                    self._grow(host, response, part)
                    return replace(answer, status=200, file=part.path)
                return replace(answer, body=self._read(host, response))
        except (httpx.UnsupportedProtocol, httpx.TooManyRedirects, httpx.InvalidURL) as error:
            raise LoadError(
                f"{host} leads to an address that can't be used, from {self._shown(host, url)} ({error})"
            ) from error
        except httpx.RequestError as error:  # no connection, a time-out, a connection cut in the middle, broken packing
            raise _AgainError(f"{host} could not be reached at {self._shown(host, url)} ({_reason(error)})") from error

    def _as_before(self, request: _Request, known: Known) -> Answer:
        """The answer of a former load once more; asked anew when its file is damaged."""
        try:
            body = b"" if request.to_disk else known.read()
        except (OSError, EOFError):
            return self._once(replace(request, known=None))
        return Answer(
            host=request.host,
            url=self._shown(request.host, request.url),
            status=200,
            headers=known.headers,
            retrieved_at=known.retrieved_at,
            body=body,
            file=known.file if request.to_disk else None,
            kept=known.file,
        )

    def _read(self, host: str, response: httpx.Response) -> bytes:
        body = bytearray()
        for piece in self._pieces(host, response, self._limits.max_bytes, self._limits.longest_answer):
            body += piece
        return bytes(body)

    def _grow(self, host: str, response: httpx.Response, part: _Part) -> None:
        """Add to a download what was not there yet. Raises _AgainError when it is not whole at the end."""
        try:
            with part.opened(response) as file:
                limits, there = self._limits, file.tell()
                for piece in self._pieces(host, response, limits.max_file - there, limits.longest_file):
                    file.write(piece)
        except LoadError:
            if part.path.stat().st_size > self._limits.max_file - PIECE:
                part.path.unlink()  # there is nothing to go on with
            raise
        except OSError as error:
            raise LoadError(
                f"{part.path.parent} could not be written ({error.strerror or error}). Make room or mend the rights, "
                "then load again."
            ) from error
        size, total = part.path.stat().st_size, part.total(response)
        if total is not None and size != total:
            part.path.unlink()
            shown = self._shown(host, str(response.url))
            raise _AgainError(f"{host} sent {size:,} of {total:,} bytes from {shown}")

    def _pieces(self, host: str, response: httpx.Response, most: int, longest: float) -> Iterator[bytes]:
        """An answer piece by piece. Raises LoadError when it is too large or takes too long."""
        size, began, shown = 0, time.monotonic(), self._shown(host, str(response.url))
        for piece in response.iter_bytes(PIECE):
            size += len(piece)
            if size > most:
                raise LoadError(
                    f"{host} sends more than {most:,} bytes from {shown}; that is no answer to this question. "
                    "Nothing of it is used."
                )
            if time.monotonic() - began > longest:
                raise LoadError(f"{host} took more than {longest:g} seconds over {shown}. Load again later.")
            yield piece

    def _asked_wait(self, host: str, response: httpx.Response) -> float | None:
        wait = retry_after(response.headers)
        if wait is not None and wait > self._limits.longest_wait:
            raise LoadError(
                f"{host} answered {response.status_code} and asks to be left alone for {wait:.0f} seconds. "
                "Load again after that."
            )
        return wait

    def _say_waiting(self, state: RetryCallState) -> None:
        if state.outcome and state.next_action:
            self._say(f"{state.outcome.exception()}; waiting {state.next_action.sleep:.0f} s")


@cache
def _tls() -> ssl.SSLContext:
    """Read once for all clients: it is by far the slowest part of making one."""
    return httpx.create_ssl_context()


def said(answer: Answer) -> str:
    """What a publisher says in an answer that is no data: its message, title or start, in at most 200 characters.

    Without the keys that it was asked with.
    """
    text = answer.body[:20_000].decode("utf-8", errors="replace")
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    try:
        message = " ".join(_strings(json.loads(text)))
    except ValueError:
        message = title[1] if title else text
    for key in answer.keys:
        message = message.replace(key, "…")
    # No control characters: this ends up in a terminal.
    clean = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return f"“{clean[:200]}”" if clean else "an empty answer"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds a server asks to wait, from either form of `Retry-After`; None when it does not say, or not clearly."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        # The server's own clock, when it shows it: ours may be minutes off.
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC)
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):  # no date, or one with and one without a zone
        return None


_backoff = wait_exponential_jitter(initial=1, max=30)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.wait if isinstance(error, _AgainError) and error.wait is not None else _backoff(state)


def _strings(value: object) -> Iterable[str]:
    """Every text inside a JSON value, from the outside in."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _shown(url: str, *, to_path: bool = False) -> str:
    """An address without a user name or password; to_path: nor anything after its path."""
    shown = httpx.URL(url).copy_with(userinfo=b"")
    return str(shown.copy_with(query=None, fragment=None) if to_path else shown)


def _reason(error: httpx.RequestError) -> str:
    return str(error) or type(error).__name__


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
