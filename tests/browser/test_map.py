"""The map in a window: all of it is seen, it can be moved without a mouse, and what is pressed keeps its place."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser import looks
from tests.browser.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser

AREA = "BU03440113"  # in the middle
_MAPS = """charts => charts.map(chart => {
    const box = chart.querySelector("canvas").getBoundingClientRect()
    let zoom = 1
    for (let each = chart; each; each = each.parentElement) zoom *= getComputedStyle(each).zoom
    return [box.width / zoom, box.height / zoom]
})"""


def maps(visitor: Visitor) -> list[tuple[float, float]]:
    """Width and height of each map in the pixels in which it is drawn, whatever size those have on the screen."""
    expect(visitor.map).to_be_visible()
    return list(visitor.page.get_by_test_id("stDeckGlJsonChart").evaluate_all(_MAPS))


def views(visitor: Visitor) -> list[dict[str, float]]:
    """Longitude, latitude and zoom that maps were sent with, the newest last."""
    return [
        json.loads(found) for deck in visitor.decks() for found in re.findall(rb'"initialViewState":\s*(\{.*?\})', deck)
    ]


@pytest.mark.parametrize("address", ["/kaart", "/kaart?naast=good_health"])
def test_all_of_the_city_lies_inside_the_map(visit, places, address):
    visitor = visit(address)
    for width in (1280, 1024, 768, 641, 320):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        visitor.page.wait_for_timeout(500)
        for view, size in zip(views(visitor), maps(visitor), strict=True):
            _holds(view, size, places)


def _holds(view, size, places):
    lons, lats = ([place[axis] for place in places.values()] for axis in ("lon", "lat"))
    across = 2 ** view["zoom"] * 512 / 360
    along = across / 0.614  # a degree of latitude is longer by the cosine of 52.1 degrees
    assert max(abs(lon - view["longitude"]) for lon in lons) * across < size[0] / 2
    assert max(abs(lat - view["latitude"]) for lat in lats) * along < size[1] / 2


@pytest.mark.parametrize("address", ["/", "/kaart", "/trends?indicator=crimes", "/eigen-gebied"])
def test_on_a_phone_every_map_is_as_wide_as_the_window_and_holds_all_of_the_city(visit, places, address):
    visitor = visit(address, phone=True)
    # The page learns how wide the window is only after its first run; how long that takes is not what is tried here.
    for _ in range(40):
        box = visitor.map.bounding_box()
        if box and min(box["width"], box["height"]) > 0.85 * PHONE[0]:
            break
        visitor.page.wait_for_timeout(250)
    assert box and min(box["width"], box["height"]) > 0.85 * PHONE[0]
    visitor.page.wait_for_timeout(500)
    _holds(views(visitor)[-1], maps(visitor)[0], places)


def test_on_a_phone_a_touch_adds_a_buurt_to_an_area_of_ones_own(visit):
    visitor = visit("/eigen-gebied", phone=True)
    visitor.page.wait_for_timeout(1_000)
    box = visitor.map.bounding_box()
    assert box
    visitor.page.touchscreen.tap(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.5)
    expect(visitor.page).to_have_url(re.compile("[?&]eigen=BU0344"))


@pytest.mark.parametrize("address", ["/kaart", "/trends?indicator=crimes"])
def test_a_finger_that_goes_up_over_a_map_moves_the_page(visit, address):
    visitor = visit(address, phone=True)
    visitor.map.scroll_into_view_if_needed()
    visitor.page.wait_for_timeout(500)
    box = visitor.map.bounding_box()
    assert box
    finger = visitor.page.context.new_cdp_session(visitor.page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 15 * step}]})
        visitor.page.wait_for_timeout(25)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    visitor.page.wait_for_timeout(500)
    moved = visitor.map.bounding_box()
    assert moved and moved["y"] < box["y"] - 100


@pytest.mark.parametrize("address", ["/kaart?niveau=buurt", "/trends?indicator=crimes"])
def test_a_second_click_on_an_area_lets_it_go(visit, places, address):
    visitor = visit(address)
    visitor.click(places[AREA]["lon"], places[AREA]["lat"])
    visitor.wait_for_params(gebied=AREA)
    visitor.settle()
    visitor.click(places[AREA]["lon"], places[AREA]["lat"])
    visitor.wait_for_params(gebied=None)


def test_buttons_zoom_and_their_step_is_in_the_address(visit, places):
    visitor = visit(f"/kaart?gebied={AREA}")
    whole = views(visitor)[-1]
    visitor.page.get_by_role("button", name=visitor.words.t("zoom.in")).click()
    visitor.wait_for_params(zoom="1")
    visitor.settle()
    near = views(visitor)[-1]
    assert near["zoom"] - whole["zoom"] == pytest.approx(1, abs=0.01)
    assert near["longitude"] == pytest.approx(places[AREA]["lon"], abs=0.001)
    visitor.page.get_by_role("button", name=visitor.words.t("zoom.city")).click()
    visitor.wait_for_params(zoom=None)
    visitor.settle()
    assert views(visitor)[-1] == pytest.approx(whole, abs=0.001)


def test_the_wheel_over_the_map_scrolls_the_page(visit):
    visitor = visit("/kaart")
    box = visitor.map.bounding_box()
    assert box
    visitor.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visitor.page.mouse.wheel(0, 300)
    visitor.page.wait_for_timeout(1_000)
    moved = visitor.map.bounding_box()
    assert moved and moved["y"] < box["y"] - 100


def test_two_maps_show_the_same_place(visit):
    visitor = visit(f"/kaart?naast=good_health&zoom=2&gebied={AREA}")
    one, other = views(visitor)
    assert one == other


def test_the_way_of_classing_is_chosen_by_keyboard_and_stays_at_hand(visit):
    visitor = visit("/kaart")
    opener = visitor.page.locator("summary", has_text=visitor.words.t("classes.button"))
    opener.focus()
    visitor.page.keyboard.press("Enter")
    chosen = visitor.page.get_by_role("radio", name=visitor.words.t("classes.rounded"))
    expect(chosen).to_be_visible()
    visitor.page.keyboard.press("Tab")
    expect(chosen).to_be_focused()
    visitor.page.keyboard.press("ArrowDown")
    visitor.wait_for_params(klassen="quantiles")
    visitor.settle()
    expect(visitor.page.get_by_role("radio", name=visitor.words.t("classes.quantiles"))).to_be_focused()


@pytest.mark.parametrize("address", ["/kaart", "/kaart?naast=good_health", "/trends?indicator=crimes"])
def test_the_buttons_on_a_map_are_large_enough_to_hit(visit, address):
    visitor = visit(address)
    expect(visitor.map).to_be_visible()
    for width in (320, 700, 1280, 1920):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        visitor.page.wait_for_timeout(500)
        sizes = looks.buttons_on_pictures(visitor.page)
        assert sizes and min(sizes) >= looks.TARGET, width


def test_what_the_map_says_at_its_edge_is_not_cut(visit, places):
    visitor = visit("/kaart")
    east = max(places.values(), key=lambda place: place["lon"])
    visitor.point(east["lon"], east["lat"])
    seen = visitor.page.locator(".deck-tooltip").evaluate(
        """tooltip => {
            const box = tooltip.getBoundingClientRect()
            for (let each = tooltip.parentElement; !each.matches(".stDeckGlJsonChart"); each = each.parentElement)
                if (getComputedStyle(each).overflow !== "visible") return false
            return box.right < document.documentElement.clientWidth
        }"""
    )
    assert seen
