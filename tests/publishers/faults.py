"""What can go wrong with any answer, whoever gives it: `server.fault("/pdok/", maintenance)`."""

import json
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
