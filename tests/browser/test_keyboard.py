"""Everything on the map's page can be reached and done with the keyboard, and one sees where one is."""

import io
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import FloatRect, expect

from tests.browser.visitor import LAPTOP, Visitor

pytestmark = pytest.mark.browser

EDGE = 6  # pixels around an element in which its focus may show
_FOCUSED = """() => {
    const element = document.activeElement, box = element.getBoundingClientRect()
    const name = element.getAttribute("aria-label") || element.innerText || ""
    return [name.trim(), element.getAttribute("role") || element.tagName, box.x, box.y, box.width, box.height]
}"""


class Stop(NamedTuple):
    """Where the Tab key halted: the name and role of the element, and how many pixels show that it did."""

    name: str
    role: str
    shown: int


@pytest.fixture(scope="module")
def visitor(arrive) -> Iterator[Visitor]:
    """Somebody without a mouse. On the map of wijken, for that is a short page."""
    with arrive() as visitor:
        visitor.open("/kaart?niveau=wijk&gebied=WK034401")
        height = visitor.main.evaluate("main => main.scrollHeight")
        visitor.page.set_viewport_size({"width": LAPTOP[0], "height": height})  # so that nothing scrolls
        visitor.page.wait_for_timeout(1_000)
        yield visitor


@pytest.fixture(scope="module")
def stops(visitor: Visitor) -> list[Stop]:
    """Every stop of the Tab key, from the top of the page until it leaves it."""
    before = _picture(visitor)
    found: list[Stop] = []
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        name, role, *box = visitor.page.evaluate(_FOCUSED)
        if role == "BODY":
            break
        found.append(Stop(name, role, _changed(visitor, before, *box)))
    return found


def test_the_tab_key_comes_by_everything_one_can_choose(stops, visitor):
    say = visitor.words
    names = [stop.name for stop in stops]
    wanted = [
        say.t("page.map"),
        say.t("pick.theme"),
        say.t("pick.indicator"),
        say.t("pick.year"),
        say.t("pick.area", level="wijk"),
        say.t("go.profile"),
        say.t("tab.table"),
        say.t("table.order.naam"),
    ]
    places = [names.index(name) for name in wanted]
    assert places == sorted(places)
    assert any(stop.role == "radio" for stop in stops[: names.index(say.t("tab.table"))]), "the level"


def test_one_sees_where_the_tab_key_is(stops):
    # Streamlit's own and out of our reach: the button on a map or chart, and the map itself, which has no name.
    ours = [stop for stop in stops if stop.name and not stop.name.startswith("Fullscreen") and stop.role != "MAIN"]
    unseen = [f"{stop.name} ({stop.role})" for stop in ours if stop.shown < 30]
    assert unseen == [], "\n".join(unseen)


def test_the_file_is_reached_by_keyboard_alone(visitor):
    visitor.page.get_by_role("tab", name=visitor.words.t("tab.table")).focus()
    visitor.page.keyboard.press("ArrowRight")
    visitor.page.keyboard.press("ArrowRight")
    file = visitor.page.get_by_role("link", name=visitor.words.t("share.csv"))
    expect(file).to_be_visible()
    for _ in range(5):
        visitor.page.keyboard.press("Tab")
        if file.evaluate("link => link === document.activeElement"):
            return
    raise AssertionError("Tab does not come by the file")


def test_the_level_is_chosen_by_keyboard_alone(visitor):
    visitor.page.get_by_role("radio", name="Wijk", exact=True).first.focus()
    visitor.page.keyboard.press("ArrowRight")
    visitor.page.keyboard.press("Space")
    visitor.wait_for_params(niveau="buurt")
    expect(visitor.areas("buurt")).to_be_visible()
    visitor.settle()
    assert sum(visitor.legend().values()) == 111


def _picture(visitor: Visitor, clip: FloatRect | None = None) -> Image.Image:
    return Image.open(io.BytesIO(visitor.page.screenshot(clip=clip, caret="hide"))).convert("RGB")


def _changed(visitor: Visitor, before: Image.Image, x: float, y: float, width: float, height: float) -> int:
    """How many pixels in and around a box are clearly another colour than before."""
    left, top = max(0, int(x) - EDGE), max(0, int(y) - EDGE)
    right, bottom = (min(int(a + b) + EDGE, c) for a, b, c in ((x, width, before.width), (y, height, before.height)))
    now = _picture(visitor, {"x": left, "y": top, "width": right - left, "height": bottom - top})
    difference = ImageChops.difference(now, before.crop((left, top, right, bottom))).convert("L")
    return sum(difference.histogram()[25:])
