"""The log holds what was asked and how it went, and nothing about who asked."""

import asyncio
import logging
import re

import pytest

from buurtbeeld.server import log

TYPED = "what a visitor typed"


@pytest.fixture
def lines(monkeypatch):
    """What our two logs write, line by line."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record):
            written.extend(self.format(record).splitlines())

    handler = Kept()
    handler.addFilter(log._without_values)
    for name in ("access", "error"):
        monkeypatch.setattr(logging.getLogger(f"buurtbeeld.{name}"), "handlers", [handler])
        logging.getLogger(f"buurtbeeld.{name}").setLevel(logging.INFO)
    return written


def test_one_line_per_request_without_the_question(client, lines):
    client.ask("/api/v1/figures?indicator=residents&gebied=mine", User_Agent="mybrowser", Referer="http://elsewhere")
    assert len(lines) == 1
    assert re.fullmatch(r"GET /api/v1/figures \d+ \d+ ms", lines[0])


@pytest.mark.parametrize(
    ("path", "method", "line"),
    [
        ("/nosuch", "GET", r"GET /nosuch 404 \d+ ms"),
        ("/kaart", "POST", r"POST /kaart 405 \d+ ms"),
        ("/kaart", "HEAD", r"HEAD /kaart 200 \d+ ms"),
        ("/a%0aGET%20/forged%20200", "GET", r"GET /a%0AGET%20/forged%20200 404 \d+ ms"),
        ("/" + "a" * 900, "GET", r"GET /a{199} 404 \d+ ms"),
    ],
)
def test_the_line_is_what_happened_and_always_one(client, lines, path, method, line):
    client.ask(path, method)
    assert len(lines) == 1
    assert re.fullmatch(line, lines[0])


def run(app, scope):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    whole = {"path": "/x", "headers": [], "query_string": b"", "method": "GET", **scope}
    asyncio.run(log.Log(app)(whole, receive, send))
    return sent


async def broken(*_):
    try:
        int(TYPED)
    except ValueError as error:
        raise KeyError(TYPED) from error


def test_a_mistake_is_answered_and_logged_with_its_place_and_not_its_values(lines):
    sent = run(broken, {"type": "http"})
    assert sent[0]["status"] == 500
    assert {"builtins.KeyError", "builtins.ValueError"} <= set(lines)
    assert any("test_log.py" in line for line in lines)
    assert TYPED not in "".join(lines)


def test_a_socket_has_its_line_when_it_opens(lines):
    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        assert re.fullmatch(r"GET /x 101 \d+ ms", lines[0])

    run(app, {"type": "websocket"})
    assert len(lines) == 1


def test_a_socket_that_breaks_is_closed(lines):
    assert [message["type"] for message in run(broken, {"type": "websocket"})] == ["websocket.close"]


@pytest.mark.parametrize(
    ("message", "level", "kept"),
    [
        ('%s - "WebSocket %s" [accepted]', logging.INFO, False),
        ("connection open", logging.INFO, False),
        ("Application startup complete.", logging.INFO, True),
        ("Exception in ASGI application", logging.ERROR, True),
    ],
)
def test_of_uvicorns_lines_those_with_visitors_are_dropped(message, level, kept):
    args = ("1.2.3.4:5", "/_stcore/stream?x=1") if "%s" in message else ()
    record = logging.LogRecord("uvicorn.error", level, "", 0, message, args, None)
    assert log._without_visitors(record) is kept


def test_whatever_else_of_ours_logs_leaves_values_out_too(capsys):
    log.start()
    try:
        raise KeyError(TYPED)
    except KeyError:
        logging.getLogger("buurtbeeld.widgets.frame").exception("A page could not be drawn.")
    said = capsys.readouterr().err
    assert "A page could not be drawn." in said and "test_log.py" in said and TYPED not in said
