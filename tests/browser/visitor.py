"""Somebody with a browser who has not been here before. The only place that knows how Streamlit builds a page."""

import json
import math
import re
from types import TracebackType
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, WebSocket, expect

from buurtbeeld.catalogue import load
from buurtbeeld.texts import words
from tests.browser.served import Served

TIMEOUT = 40_000  # ms; a map may take ten seconds to be drawn by software on a busy machine
LAPTOP = (1280, 800)
PHONE = (390, 844)
_DRAWN = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
_LISTEN = """addEventListener("securitypolicyviolation", event =>
    console.error(`not allowed by ${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}`))"""


class Chosen(NamedTuple):
    """Which area the address, the list and the card show; None for none."""

    address: str | None
    list: str | None
    card: str | None


class Visitor:
    """A new window. The `with` block closes it, and fails when something went wrong in it."""

    def __init__(self, window: Page, served: Served, lang: str) -> None:
        self.page = window
        self.served = served
        self.words = words(lang)
        self.main = window.get_by_role("main")
        self.requests: list[str] = []
        self.frames: list[bytes] = []  # what came over the websocket
        self._said: list[str] = []
        window.add_init_script(_LISTEN)
        window.on("request", lambda request: self.requests.append(request.url))
        window.on("console", self._hear)
        window.on("pageerror", lambda error: self._said.append(f"script: {error}"))
        window.on("websocket", self._watch)
        window.on("dialog", self._refuse)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        trouble = self.trouble()
        self.page.close()
        if kind is None:
            assert trouble == []

    # What goes wrong

    def trouble(self) -> list[str]:
        """What should never happen to a visitor: requests to others, errors of scripts, exceptions on the page."""
        ours = urlsplit(self.served.url).netloc
        away = [url for url in self.requests if urlsplit(url).scheme not in ("data", "blob")]
        found = [f"request to {url}" for url in away if urlsplit(url).netloc != ours]
        found += [f"exception: {text}" for text in self.page.get_by_test_id("stException").all_inner_texts()]
        return found + self._said

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._said.append(f"console: {message.text} ({message.location.get('url')})")

    def _watch(self, socket: WebSocket) -> None:
        self.requests.append(socket.url)
        socket.on("framereceived", lambda data: self.frames.append(data if isinstance(data, bytes) else data.encode()))

    def _refuse(self, dialog: Dialog) -> None:
        self._said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    # Going about

    def open(self, address: str) -> None:
        """Go to an address, as if it were typed."""
        self.page.goto(self.served.url + address)
        self.settle()

    def settle(self) -> None:
        """Wait until the page is all there. After a choice, wait first for what it should bring."""
        expect(self.page.locator(_DRAWN)).to_be_visible()
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)
        self.page.wait_for_load_state("networkidle")

    def params(self) -> dict[str, str]:
        """The parameters of the address."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.page.url).query).items()}

    def wait_for_params(self, **params: str | None) -> None:
        """Wait until these parameters of the address have these values; None: it is not there."""
        for name, value in params.items():
            there = re.compile(rf"[?&]{name}={'' if value is None else re.escape(value)}(&|$)")
            if value is None:
                there = re.compile(rf"^(?!.*[?&]{name}=)")
            expect(self.page).to_have_url(there)

    # Choosing

    def picker(self, key: str, **values: object) -> Locator:
        """A list to choose from, by the key of its label."""
        return self.page.get_by_role("combobox", name=self.words.t(key, **values), exact=True)

    def areas(self, level: str = "buurt") -> Locator:
        """The list of areas beside the map."""
        return self.picker("pick.area", level=load().levels[level].singular.get(self.words.lang))

    def choose(self, picker: Locator, text: str) -> None:
        """Choose `text` by keyboard: type it, go down to it, Enter."""
        picker.focus()
        picker.press_sequentially(text, delay=10)
        expect(self.page.get_by_role("option", name=text, exact=True)).to_be_visible()
        self.page.wait_for_timeout(200)  # as people do; an Enter at the speed of a machine finds the list of before
        for _ in range(5):
            active = picker.get_attribute("aria-activedescendant")
            if active and self.page.locator(f"[id='{active}']").inner_text() == text:
                picker.press("Enter")
                return
            picker.press("ArrowDown")
        raise AssertionError(f"the arrow does not come by {text!r}")

    def chosen(self) -> Chosen:
        """The area that is chosen on /kaart, three times."""
        card = self.page.get_by_test_id("stMetricLabel")
        return Chosen(
            self.params().get("gebied"),
            self.areas().input_value() or None,
            card.inner_text() if card.count() else None,
        )

    def expect_chosen(self, code: str | None, name: str | None) -> None:
        """Wait until the address, the list and the card show this area; None: none."""
        self.wait_for_params(gebied=code)
        expect(self.areas()).to_have_value(name or "")
        card = self.page.get_by_test_id("stMetricLabel")
        expect(card).to_have_text(name) if name else expect(card).to_have_count(0)
        self.settle()
        assert self.chosen() == (code, name, name)

    # Reading

    def rows(self) -> list[list[str]]:
        """The lines of the table that is open on /kaart, cell by cell."""
        lines = self.page.get_by_role("tabpanel").locator("tbody tr")
        return [line.split("\t") for line in lines.all_inner_texts()]

    def legend(self) -> dict[str, int]:
        """The legend: number of areas per class."""
        lines = self.page.locator("table:has(caption)").first.locator("tbody tr").all_inner_texts()
        return {label: int(count) for label, count in (line.split("\t") for line in lines)}

    # The map

    @property
    def map(self) -> Locator:
        """What the map is drawn on."""
        return self.page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first

    def decks(self, since: int = 0) -> list[bytes]:
        """The messages that brought a map, of the messages from number `since` on."""
        return [frame for frame in self.frames[since:] if b'"initialViewState"' in frame]

    def wait_for_map(self, since: int) -> None:
        """Wait until a map has come in the messages from number `since` on, and the page is all there."""
        for _ in range(200):
            if self.decks(since):
                self.settle()
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("no map came")

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point lies on the screen, in pixels, as long as nobody moved the map."""
        found = re.search(rb'"initialViewState":\s*(\{.*?\})', self.decks()[-1])
        box = self.map.bounding_box()
        assert found and box
        view = json.loads(found[1])
        world = 512 * 2 ** view["zoom"]  # pixels around the equator

        def north(latitude: float) -> float:
            return math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)) / (2 * math.pi)

        return (
            box["x"] + box["width"] / 2 + (lon - view["longitude"]) / 360 * world,
            box["y"] + box["height"] / 2 - (north(lat) - north(view["latitude"])) * world,
        )

    def point(self, lon: float, lat: float) -> str:
        """Rest the mouse on the map; gives what the tooltip says."""
        self.map.scroll_into_view_if_needed()
        x, y = self.place(lon, lat)
        tooltip = self.page.locator(".deck-tooltip")
        for _ in range(10):
            self.page.mouse.move(x - 3, y)  # the map looks again only when the mouse moves
            self.page.mouse.move(x, y)
            try:
                expect(tooltip.locator("b")).to_be_visible(timeout=4_000)
            except AssertionError:
                continue
            return tooltip.inner_text()
        raise AssertionError("the map shows no tooltip")

    def click(self, lon: float, lat: float) -> None:
        """Click on the map until the address changes: a press that is drawn too slowly is not a click to the map."""
        before = self.page.url
        for _ in range(6):
            self.point(lon, lat)
            self.page.wait_for_timeout(500)
            self.page.mouse.down()
            self.page.wait_for_timeout(60)
            self.page.mouse.up()
            try:
                expect(self.page).not_to_have_url(before, timeout=3_000)
            except AssertionError:
                continue
            return
        raise AssertionError("the map does not notice a click")
