"""What stands before every request: headers, the list of addresses, and Streamlit's files compressed.

Streamlit answers 200 with its own page to any address, so an address that is not in the list never reaches it.
"""

import mimetypes
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from buurtbeeld.server.bodies import FOREVER, Body, answer, pack
from buurtbeeld.server.plain import problem

# Of Streamlit itself only what its front end needs here. Closed are its metrics, the way to drive pages by program,
# uploads, components that bring their own files, and signing in.
_STREAMLIT = re.compile(r"/_stcore/(health|host-config)|/media/[\w.-]+")
_SOCKET = "/_stcore/stream"
# Every address of ours is written in these signs. One that isn't would still fit a route's pattern.
_ADDRESS = re.compile(r"(?!.*\.\.)[A-Za-z0-9/._-]+")
_CLOSED_ABILITIES = ("camera", "microphone", "geolocation", "payment", "usb", "serial", "midi", "display-capture")


def security(inline_scripts: Sequence[str]) -> dict[str, str]:
    """The headers of every answer. Nothing comes from, or goes to, another host."""
    policy = (
        "default-src 'self'",
        " ".join(("script-src 'self' 'wasm-unsafe-eval'", *inline_scripts)),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "object-src 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        # What a visitor chose stands in the address, so it goes to nobody else.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{ability}=()" for ability in _CLOSED_ABILITIES),
        "Cross-Origin-Opener-Policy": "same-origin",
    }


class Headers:
    """Puts the same headers on every answer, unless it has its own."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    present.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class HeadIsGet:
    """Answers HEAD as GET without the body, for an app that knows GET only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if scope["type"] == "http" and scope["method"] == "HEAD":
            await self.app({**scope, "method": "GET"}, receive, without_body)
        else:
            await self.app(scope, receive, send)


class Gate:
    """Lets through our routes and what Streamlit's front end needs. Anything else is a 404 of ours."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] != _SOCKET:
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if self._ours(scope) or _STREAMLIT.fullmatch(path):
            await self.app(scope, receive, send)
            return
        shorter = path.rstrip("/")
        if shorter and self._ours({**scope, "path": shorter}):
            query = scope["query_string"].decode("latin-1")
            response: Response = RedirectResponse(f"{shorter}?{query}" if query else shorter, 308)
        else:
            response = problem(Request(scope, receive), 404)
        await response(scope, receive, send)

    def _ours(self, scope: Scope) -> bool:
        fits = (route.matches(scope)[0] is not Match.NONE for route in self.routes)
        return bool(_ADDRESS.fullmatch(scope["path"])) and any(fits)


class StaticFiles:
    """Streamlit's own files under /static, each compressed once: its 3 MB map script travels as 0.8 MB."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.files = {f"/static/{path.relative_to(folder)}": path for path in folder.rglob("*") if path.is_file()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        path = self.files.get(scope["path"])
        if path is None:
            response = problem(request, 404)
        elif scope["method"] not in ("GET", "HEAD"):
            response = problem(request, 405, {"Allow": "GET, HEAD"})
        else:
            response = answer(request, await run_in_threadpool(file, path), FOREVER)
        await response(scope, receive, send)


@cache
def file(path: Path) -> Body:
    """A file of the project or of Streamlit, ready to be sent; read once."""
    return pack(path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream")
