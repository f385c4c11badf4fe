"""One line per request, and nothing about who asked: no address, no query string, no browser."""

import logging
import sys
import time
import traceback
from urllib.parse import quote

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from buurtbeeld.server.plain import problem

_LOG = logging.getLogger("buurtbeeld.access")
_ERRORS = logging.getLogger("buurtbeeld.error")
_OURS = logging.getLogger("buurtbeeld")  # takes what every other log of ours is told, that of errors too
_LONGEST = 200  # of a path
_STATUS = {"websocket.accept": 101, "websocket.close": 403}
# Where others log an exception that a request or a page raised.
_OTHERS = ("streamlit.error_util", "streamlit.runtime.app_session", "streamlit.runtime.scriptrunner.script_runner")


def start() -> None:
    """Starts our log, and keeps visitors out of the logs of Streamlit and uvicorn."""
    for log, stream in ((_LOG, sys.stdout), (_OURS, sys.stderr)):
        handler = logging.StreamHandler(stream)
        formatter = logging.Formatter("%(asctime)sZ %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
        handler.addFilter(_without_values)
        log.handlers = [handler]
        log.setLevel(logging.INFO)
        log.propagate = False
    for name in _OTHERS:
        logging.getLogger(name).addFilter(_without_values)
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("uvicorn.error").addFilter(_without_values)
    logging.getLogger("uvicorn.error").addFilter(_without_visitors)


class Log:
    """Writes the line when the answer has been sent, and answers itself when the inside fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if not status:
                status = _STATUS.get(message["type"]) or message["status"]
                if scope["type"] == "websocket":  # it stays open, and how long is the visitor's own affair
                    _note(scope, status, began)
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:  # noqa: BLE001  # whatever it is, it is logged, and the visitor gets an answer
            _ERRORS.exception("Failed: %s", _path(scope))
            if not status:
                await _failed(scope, receive, noting)
        if scope["type"] == "http":
            _note(scope, status, began)


async def _failed(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1011})
    else:
        await problem(Request(scope, receive), 500)(scope, receive, send)


def _note(scope: Scope, status: int, began: float) -> None:
    milliseconds = (time.perf_counter() - began) * 1000
    _LOG.info("%s %s %d %.0f ms", scope.get("method", "GET")[:20], _path(scope), status, milliseconds)


def _path(scope: Scope) -> str:
    """Quoted, so that no address can write a line of its own into the log."""
    return quote(scope["path"], safe="/:@!$&'()*+,;=~")[:_LONGEST]


def _without_values(record: logging.LogRecord) -> bool:
    """Keeps where an exception came from, and leaves out its message: that may quote what a visitor asked."""
    if record.exc_info and record.exc_info[1]:
        record.exc_text = "".join(_places(record.exc_info[1]))
    return True


def _places(error: BaseException) -> list[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    earlier = [*_places(before), "which led to\n"] if before else []
    return [
        *earlier,
        *traceback.format_tb(error.__traceback__),
        f"{type(error).__module__}.{type(error).__qualname__}\n",
    ]


def _without_visitors(record: logging.LogRecord) -> bool:
    """Drops uvicorn's lines about each connection, which hold the visitor's address and query string."""
    message = record.getMessage()
    return record.levelno > logging.INFO or not ("WebSocket" in message or message.startswith("connection "))
