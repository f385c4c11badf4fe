"""What can go wrong with any answer, whoever gives it: `server.fault("/pdok/", maintenance)`."""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.publishers.server import Fault, Response


def status(number: int, **headers: str) -> Fault:
    """Another status, with headers such as `retry_after="3"`."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return lambda _: Response(number, b"busy", "text/plain", named)


def maintenance(_: Response) -> Response:
    """A page for people, with status 200."""
    return Response(200, b"<!DOCTYPE html><html><title>Onderhoud</title><p>Even geduld.</html>", "text/html")


def disguised_maintenance(_: Response) -> Response:
    """The same page, that says it is JSON."""
    return replace(maintenance(_), content_type="application/json")


def json_error(_: Response) -> Response:
    """An error in JSON, with status 200."""
    return Response(200, b'{"error": {"code": 400, "message": "Invalid query"}}')


def half(response: Response) -> Response:
    """Half an answer, that says it is whole."""
    return replace(response, body=response.body[: len(response.body) // 2])


def cut_off(response: Response) -> Response:
    """Half an answer, cut off on the way."""
    return replace(half(response), claimed=len(response.body))


def too_large(response: Response) -> Response:
    """More than anybody asked for."""
    return replace(response, body=b'{"value": ["' + b"x" * 2_000_000 + b'"]}')


def dripping(response: Response) -> Response:
    """An answer that comes in drops."""
    return replace(response, pause=0.02)


def dropped(response: Response) -> Response:
    """A connection closed without an answer."""
    return replace(response, dropped=True)


def changed(change: Callable[[Any], object]) -> Fault:
    """The right answer with something changed in its JSON."""

    def fault(response: Response) -> Response:
        value = json.loads(response.body)
        change(value)
        return replace(response, body=json.dumps(value).encode())

    return fault


def silent(response: Response) -> Response:
    """Half an answer, and then nothing for longer than anyone waits."""
    return replace(response, claimed=len(response.body) + 1, pause=0.6)


def bomb(response: Response) -> Response:
    """A little that unpacks to a great deal."""
    return replace(response, body=_BOMB, headers={**response.headers, "Content-Encoding": "gzip"}, ranged=False)


def without_end(response: Response) -> Response:
    """3 GB."""
    return replace(response, body=b" " * 1_000_000, repeated=3_000)


def of_another(response: Response) -> Response:
    """The rows of another gemeente: GM0363 for GM0344, in each way that its code is written."""
    return replace(
        response, body=re.sub(rb"(?<![0-9A-Za-z.])((?:GM|WK|BU|gm)?0?)344(?=\D|\d{4}\b)", rb"\g<1>363", response.body)
    )


def doubled(response: Response) -> Response:
    """Every row twice."""

    def twice(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: twice(part) for name, part in value.items()}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return [twice(part) for part in value for _ in range(2)]
        return value

    try:
        return replace(response, body=json.dumps(twice(json.loads(response.body))).encode())
    except ValueError:
        head, _, rows = response.body.partition(b"\n")
        return replace(response, body=head + b"\n" + rows + rows)


def renamed(response: Response) -> Response:
    """Every column has another name."""

    def other(value: Any) -> Any:
        if isinstance(value, dict):
            return {f"{name}X" if name not in _FRAME else name: other(part) for name, part in value.items()}
        return [other(part) for part in value] if isinstance(value, list) else value

    try:
        return replace(response, body=json.dumps(other(json.loads(response.body))).encode())
    except ValueError:
        head, _, rows = response.body.partition(b"\n")
        return replace(response, body=re.sub(rb"(\w+)", rb"\1X", head) + b"\n" + rows)


_FRAME = frozenset({"value", "features", "properties", "data", "attributes", "result", "records", "results", "rows"})
_BOMB = gzip.compress(b" " * 200_000_000, compresslevel=9)

MENU: dict[str, Fault] = {
    "429": status(429, retry_after="1"),
    "504": status(504),
    "500": status(500),
    "gone": status(404),
    "maintenance": maintenance,
    "disguised maintenance": disguised_maintenance,
    "an error with 200": json_error,
    "half": half,
    "cut off": cut_off,
    "silent": silent,
    "no answer": dropped,
    "a bomb": bomb,
    "3 GB": without_end,
    "another gemeente": of_another,
    "rows twice": doubled,
    "renamed columns": renamed,
}
"""What any publisher may do on a bad day."""
