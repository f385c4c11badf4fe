"""An area of one's own: a click, the list, a whole wijk and the address do the same, and Back undoes each step."""

import re

import pytest
from playwright.sync_api import expect

from buurtbeeld.catalogue import load
from buurtbeeld.combining import MOST_PARTS, PART_LEVEL

pytestmark = pytest.mark.browser

AREA, OTHER = "BU03440113", "BU03440121"


def buurten(visitor):
    levels = load().levels[PART_LEVEL].plural.get(visitor.words.lang)
    return visitor.picker("own.pick", levels=levels, count=MOST_PARTS)


def residents(visitor):
    """The cell of the area in the first line of figures."""
    return visitor.page.locator("tbody tr").nth(1).locator("td").nth(2)


def test_a_click_adds_a_buurt_and_another_click_takes_it_away(visit, places):
    visitor = visit(f"/eigen-gebied?eigen={OTHER}")
    with visitor.page.expect_response("**/own/0113_0121.geojson"):
        visitor.click(places[AREA]["lon"], places[AREA]["lat"])
    visitor.wait_for_params(eigen=f"{OTHER}%2C{AREA}")
    visitor.settle()
    visitor.click(places[AREA]["lon"], places[AREA]["lat"])
    visitor.wait_for_params(eigen=OTHER)
    visitor.page.go_back()
    visitor.wait_for_params(eigen=f"{OTHER}%2C{AREA}")


def test_the_lists_do_the_same_by_keyboard(visit, places):
    visitor = visit("/eigen-gebied")
    visitor.choose(buurten(visitor), places[AREA]["name"])
    visitor.wait_for_params(eigen=AREA)
    visitor.page.keyboard.press("Escape")
    visitor.settle()
    visitor.choose(visitor.picker("own.pick.wijk"), "Zuidwest")
    expect(visitor.page).to_have_url(re.compile(rf"{AREA}(%2CBU034408\d\d){{7}}$"))
    visitor.settle()
    expect(visitor.main.get_by_text(visitor.words.n("own.others", 5))).to_be_visible()
    visitor.page.get_by_role("button", name=visitor.words.t("own.clear")).click()
    visitor.wait_for_params(eigen=None)


def test_a_link_shows_the_area_and_its_file_holds_it(visit):
    visitor = visit(f"/eigen-gebied?eigen={AREA},{OTHER}&taal=en", "en")
    expect(residents(visitor)).to_contain_text("between")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name=visitor.words.t("own.file")).click()
    text = download.value.path().read_text(encoding="utf-8")
    assert f"{AREA} {OTHER}" in text and text.startswith("indicator,period,value,low,high")
