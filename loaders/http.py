"""Asking a publisher: one client for all loaders, that is patient, polite and believes nothing.

A 200 proves nothing: publishers answer it with maintenance pages, with errors in JSON, and with half an answer. So
every answer is kept as received before anything reads it, and `Answer.json()` refuses what is not data.
"""

from __future__ import annotations

import hashlib
import json
import re
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Any, NoReturn
from urllib.parse import quote

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from buurtbeeld import __version__
from loaders import LoadError

RETRIED = frozenset({429, 502, 503, 504})
_PLAIN = "(),':/"  # marks that need no escape in a query, and are easier to read without
ERROR_MEMBERS = ("error", "errors", "odata.error", "exception", "exceptions")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long and how much. Seconds and bytes."""

    attempts: int = 4
    timeout: float = 30
    """For one step: connecting, or the next piece of an answer."""
    longest_answer: float = 300
    """For a whole answer: a server that drips is not waited for without end."""
    longest_wait: float = 120
    """A `Retry-After` beyond this is not slept through: the load ends and says when to come back."""
    max_bytes: int = 200_000_000
    """After unpacking. The largest honest answer known, 10,000 rows of key figures, is some 40 MB."""


class UnreachableError(LoadError):
    """No usable answer after every attempt."""


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


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer, as received."""

    host: str
    url: str
    """After redirects, without any password."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    retrieved_at: datetime
    """UTC, with zone."""
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def json(self) -> dict[str, Any]:
        """The answer as a JSON object. Raises LoadError for everything that only looks like one."""
        if "json" not in self.content_type.lower():
            kind = self.content_type.partition(";")[0] or "something without a type"
            raise self.problem(f"sent {kind} where JSON was expected: {said(self)}")
        try:
            value = json.loads(self.body, parse_constant=_no_constant)
        except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
            raise self.problem(f"sent JSON that can't be read, perhaps half of it ({error}): {said(self)}") from error
        if not isinstance(value, dict):
            raise self.problem(f"sent JSON that is no object: {said(self)}")
        if any(value.get(member) for member in ERROR_MEMBERS):
            raise self.problem(f"sent an error with status 200: {said(self)}")
        return value

    def problem(self, what: str) -> LoadError:
        """The error to raise: this host `what`, with the address and what to do."""
        return LoadError(f"{self.host} {what} ({self.url}). Open that address to see why, or load again later.")


class Http:
    """The client. Use it in a `with` block.

    `keep(label, answer)` gets every answer that is not asked again, whatever its status, before anything reads it.
    `say` gets one line about what happens now. `sleep` is there for tests.
    """

    def __init__(
        self,
        base_urls: Mapping[str, str],
        *,
        keep: Callable[[str, Answer], None] = lambda _label, _answer: None,
        say: Callable[[str], None] = lambda _text: None,
        sleep: Callable[[float], None] = time.sleep,
        limits: Limits | None = None,
        gemeente: str = "",
    ) -> None:
        self._base_urls = base_urls
        self._keep = keep
        self._say = say
        self._sleep = sleep
        self._limits = limits or Limits()
        # A publisher who wonders who is asking finds the product, its version and the gemeente it asks for.
        contact = f"+neighbourhood dashboard of {gemeente}" if gemeente else "+neighbourhood dashboard"
        self._client = httpx.Client(
            verify=_tls(),
            follow_redirects=True,
            timeout=self._limits.timeout,
            headers={"User-Agent": f"Buurtbeeld/{__version__} ({contact})"},
        )

    def __enter__(self) -> Http:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, host: str, path: str, params: Mapping[str, str] | None = None, *, label: str) -> Answer:
        """The answer of `host` (a name of BASE_URL_…) to `path` and `params`, kept under `label`.

        Raises UnreachableError, NotThereError, RefusedError or plain LoadError.
        """
        return self._get(host, self._url(host, path, params), label)

    def address(self, host: str, path: str, params: Mapping[str, str] | None = None) -> str:
        """The address that `get` asks, to be shown."""
        return _shown(self._url(host, path, params))

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
        return self._get(answer.host, str(url), label)

    def _url(self, host: str, path: str, params: Mapping[str, str] | None) -> str:
        # Built by hand: the dialects want `$` as it is and a space as %20, not as +.
        query = "&".join(f"{key}={quote(value, safe=_PLAIN)}" for key, value in (params or {}).items())
        return self._base_urls[host] + path + (f"?{query}" if query else "")

    def _get(self, host: str, url: str, label: str) -> Answer:
        self._say(f"{host}: {httpx.URL(url).path}")
        attempts = Retrying(
            retry=retry_if_exception_type(_AgainError),
            stop=stop_after_attempt(self._limits.attempts),
            wait=_wait,
            sleep=self._sleep,
            before_sleep=self._say_waiting,
            reraise=True,
        )
        try:
            answer = attempts(self._once, host, url)
        except _AgainError as error:
            raise UnreachableError(
                f"{error}, {self._limits.attempts} times in a row. Check the network and BASE_URL_{host}, "
                "or load again later."
            ) from error
        self._keep(label, answer)
        if answer.status in (404, 410):
            raise NotThereError(f"{host} has nothing at {answer.url} ({answer.status}). Look whether it moved.", answer)
        if answer.status != 200:
            raise RefusedError(f"{host} answered {answer.status} to {answer.url}: {said(answer)}.", answer)
        return answer

    def _once(self, host: str, url: str) -> Answer:
        """One attempt. Raises _AgainError for what may pass, LoadError for what will not."""
        try:
            with self._client.stream("GET", url) as response:
                if response.status_code in RETRIED:
                    raise _AgainError(
                        f"{host} answered {response.status_code} to {_shown(url)}", self._asked_wait(host, response)
                    )
                return Answer(
                    host=host,
                    url=_shown(str(response.url)),
                    status=response.status_code,
                    headers=dict(response.headers),
                    retrieved_at=datetime.now(UTC),
                    body=self._read(host, response),
                )
        except (httpx.UnsupportedProtocol, httpx.TooManyRedirects, httpx.InvalidURL) as error:
            raise LoadError(f"{host} leads to an address that can't be used, from {_shown(url)} ({error})") from error
        except httpx.RequestError as error:  # no connection, a time-out, a connection cut in the middle, broken packing
            raise _AgainError(f"{host} could not be reached at {_shown(url)} ({_reason(error)})") from error

    def _read(self, host: str, response: httpx.Response) -> bytes:
        limits, body, began = self._limits, bytearray(), time.monotonic()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > limits.max_bytes:
                raise LoadError(
                    f"{host} sends more than {limits.max_bytes:,} bytes from {_shown(str(response.url))}; that is no "
                    "answer to this question. Nothing of it is used."
                )
            if time.monotonic() - began > limits.longest_answer:
                raise LoadError(
                    f"{host} took more than {limits.longest_answer:g} seconds over {_shown(str(response.url))}. "
                    "Load again later."
                )
        return bytes(body)

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
    """What a publisher says in an answer that is no data: its message, title or start, in at most 200 characters."""
    text = answer.body[:20_000].decode("utf-8", errors="replace")
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    try:
        message = " ".join(_strings(json.loads(text)))
    except ValueError:
        message = title[1] if title else text
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


def _shown(url: str) -> str:
    """The address without a user name or password: it is shown, stored and published."""
    return str(httpx.URL(url).copy_with(userinfo=b""))


def _reason(error: httpx.RequestError) -> str:
    return str(error) or type(error).__name__


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
