"""A real server and a real browser. Software draws the maps, so a wait may be long; what is waited for is exact."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.served import Served
from tests.browser.visitor import LAPTOP, PHONE, TIMEOUT, Visitor
from tools import browser as finder

expect.set_options(timeout=TIMEOUT)

FLAGS = (
    "--no-sandbox",  # in a container there is none to be had
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    # The browser itself must not go out either, nor through a proxy.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

Arrive = Callable[..., Visitor]
Visit = Callable[..., Visitor]
Serve = Callable[[Path], Served]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: they are slow, and while Playwright runs no other test can have an event loop."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a browser, as `tools/browser.py` finds it."""
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else finder.installed()
    if found and finder.runs(found):
        return found
    reason = "no Chromium that runs: `make test` finds or installs one, or CHROMIUM=/path/to/chromium names it"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=FLAGS)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts a dashboard over a DATA_DIR; it runs until the last test is done."""
    with ExitStack() as stack:

        def serve(data_dir: Path) -> Served:
            return stack.enter_context(Served(data_dir, tmp_path_factory.mktemp("log") / "server.log"))

        yield serve


@pytest.fixture(scope="session")
def server(start: Serve, sample: Path) -> Iterator[Served]:
    """The dashboard over the sample. When all is over it must not have failed once."""
    served = start(sample)
    yield served
    assert "Traceback" not in served.printed(), served.printed()


@pytest.fixture(scope="session")
def arrive(browser: Browser, server: Served) -> Arrive:
    """Somebody new with a browser in their language, or with a phone: `arrive("en")`, `arrive(phone=True)`.

    Windows of one language share what the browser has fetched and compiled: otherwise that is most of the time. The
    dashboard keeps nothing in a browser, and gives every window a session of its own.
    """

    @cache
    def context(lang: str, phone: bool) -> BrowserContext:
        width, height = PHONE if phone else LAPTOP
        made = browser.new_context(
            locale={"nl": "nl-NL", "en": "en-GB"}[lang],
            viewport={"width": width, "height": height},
            user_agent="Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140 Mobile" if phone else None,
            is_mobile=phone,
            has_touch=phone,
        )
        made.set_default_timeout(TIMEOUT)
        return made

    return lambda lang="nl", served=server, phone=False: Visitor(context(lang, phone).new_page(), served, lang)


@pytest.fixture
def visit(arrive: Arrive) -> Iterator[Visit]:
    """Opens an address as somebody new: `visit("/kaart?taal=en", "en")`. What goes wrong on the way fails the test."""
    with ExitStack() as stack:

        def go(address: str, *who: Any, phone: bool = False) -> Visitor:
            visitor = stack.enter_context(arrive(*who, phone=phone))
            visitor.open(address)
            return visitor

        yield go


@pytest.fixture(scope="session")
def places(server: Served) -> dict[str, dict[str, Any]]:
    """Every buurt by code: what the API says of it, with a point inside it."""
    features = server.client.get("/api/v1/areas", params={"level": "buurt"}).json()["features"]
    return {feature["id"]: feature["properties"] for feature in features}
