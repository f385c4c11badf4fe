"""Plain pages, without Streamlit and without script: what is not there, what went wrong, how to use the API."""

import logging
import re
from pathlib import Path
from typing import Any

import jinja2
import streamlit as st
from markupsafe import Markup, escape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from buurtbeeld.addresses import PAGES
from buurtbeeld.server.bodies import NEVER
from buurtbeeld.store import NoMart
from buurtbeeld.texts import LANGUAGES, words

STREAMLIT = Path(st.__file__).parent / "static"  # its own page and files
_ERRORS = logging.getLogger("buurtbeeld.error")
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["code"] = lambda text: Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped
_PROBLEMS = {404: "notfound", 405: "notallowed"}  # any other status: error
_FONT = next(f"/static/media/{path.name}" for path in (STREAMLIT / "static/media").glob("SourceSansVF-Upright*"))
# Colours and corners are the city's to replace, in .streamlit/config.toml.
_THEME = ("primaryColor", "backgroundColor", "secondaryBackgroundColor", "textColor", "borderColor", "baseRadius")


def language(request: Request) -> str:
    """The language of the address; Dutch unless it asks for another that we have."""
    asked = request.query_params.get("taal")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def theme() -> dict[str, str]:
    """Those of the city's colours that more than Streamlit needs, by their name in .streamlit/config.toml."""
    return {name: st.get_option(f"theme.{name}") for name in _THEME}


def page(template: str, lang: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Response:
    """A template filled in, never kept by a browser. Every template gets `words`, `theme` and `font`."""
    html = _TEMPLATES.get_template(template).render(words=words(lang), theme=theme(), font=_FONT, **values)
    return HTMLResponse(html, status, {**(headers or {}), "Cache-Control": NEVER})


def problem(
    request: Request, status: int, headers: dict[str, str] | None = None, key: str | None = None, text: str = "text"
) -> Response:
    """What is the matter, in both languages: a visitor who typed an address has not chosen one yet.

    The words are `key`.title and `key`.`text`; without a key those that go with the status.
    """
    first = language(request)
    key = key or _PROBLEMS.get(status, "error")
    return page(
        "problem.html",
        first,
        status,
        headers,
        title=f"{key}.title",
        text=f"{key}.{text}",
        languages=[words(lang) for lang in sorted(LANGUAGES, key=lambda lang: lang != first)],
        pages=PAGES,
    )


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Our own page in place of the framework's few English words."""
    assert isinstance(error, HTTPException)
    return problem(request, error.status_code, dict(error.headers or {}))


async def on_no_mart(request: Request, error: Exception) -> Response:
    """There are no figures to serve; the page says what to do about it."""
    assert isinstance(error, NoMart)
    key, _, text = why(error).partition(".")
    return problem(request, 503, key=key, text=text)


def why(error: NoMart) -> str:
    """The key of the words for the visitor; where it broke goes into the log, for it may be a mistake of ours."""
    if error.reason != "missing":
        _ERRORS.error("The mart can't be read", exc_info=error)
    return f"nomart.{error.reason}"


HANDLERS = {HTTPException: on_http_exception, NoMart: on_no_mart}
