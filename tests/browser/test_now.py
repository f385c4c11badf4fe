"""The page of now in a window: it refreshes itself without moving anything, and every sensor can be chosen."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from buurtbeeld.widgets import now as widgets
from tests import marts
from tests.browser import looks
from tests.browser.served import Served
from tests.browser.visitor import PHONE
from tests.measuring import FEW, SENSORS

pytestmark = pytest.mark.browser

SOON = (widgets.EVERY_S * 2 + 20) * 1_000  # ms in which the page has refreshed itself, on a busy machine
SENSOR = "sensor_d"
_AT = "document.querySelector('[data-testid=stMain]').scrollTop"


@pytest.fixture(scope="module")
def own(start, sample, tmp_path_factory) -> Served:
    """A dashboard over sensors that were heard just now, and whose mart these tests may replace."""
    folder = marts.own(sample, tmp_path_factory.mktemp("now"))
    marts.measured(folder, clock(), build="first")
    served = start(folder)
    assert isinstance(served, Served)
    return served


def clock() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def test_the_age_goes_on_though_nothing_new_comes(visit, own):
    # So that a minute is full when the page has been there for a little while.
    marts.measured(own.data_dir, clock() - timedelta(seconds=35), build="ages")
    visitor = visit("/nu?deel=fietsen", "nl", own)
    told = visitor.page.get_by_text(re.compile("Fietsenstallingen: [56] minuten geleden gemeten"))
    first = told.inner_text()
    expect(visitor.page.get_by_text(first)).to_have_count(0, timeout=SOON + 60_000)
    expect(visitor.page.get_by_text(re.compile("Fietsenstallingen: [67] minuten geleden gemeten"))).to_be_visible()


def test_a_new_build_is_shown_and_nothing_moves(visit, own):
    marts.measured(own.data_dir, clock(), build="before")
    visitor = visit("/nu", "nl", own)
    expect(visitor.map).to_be_visible()
    switch = visitor.page.get_by_role("switch").or_(visitor.page.get_by_role("checkbox")).first
    switch.focus()
    visitor.page.evaluate(f"{_AT} = 200")
    with visitor.page.expect_response("**/map/after/nl/nu/lucht/**", timeout=SOON + 30_000):
        marts.changed(
            own.data_dir,
            "after",
            """UPDATE reading_hour SET last_value = 77 WHERE sensor = 'station_one' AND quantity = 'o3';
               UPDATE mart_build SET id = 'after'""",
        )
    expect(visitor.page.get_by_text("77\N{NO-BREAK SPACE}µg/m³").first).to_be_visible(timeout=SOON)
    visitor.settle()
    expect(switch).to_be_focused()
    assert visitor.page.evaluate(_AT) == 200
    views = {view for deck in visitor.decks() for view in re.findall(rb'"initialViewState":\s*(\{.*?\})', deck)}
    assert len(views) == 1


def test_when_it_is_switched_off_nothing_comes(visit, own):
    visitor = visit("/nu?ververs=nee", "nl", own)
    came = len(visitor.frames)
    visitor.page.wait_for_timeout((widgets.EVERY_S + 5) * 1_000)
    assert len(visitor.frames) == came


def test_a_sensor_is_chosen_on_the_map_and_from_a_list(visit, own):
    visitor = visit("/nu", "nl", own)
    lon, lat = SENSORS[SENSOR][2]
    assert "TEST sensor d" in visitor.point(lon, lat)
    visitor.click(lon, lat)
    visitor.wait_for_params(sensor=f"test_feed%2F{SENSOR}")
    visitor.settle()
    card = visitor.page.get_by_text("Stikstofdioxide (NO₂): 26").first
    expect(card).to_be_visible()
    picker = visitor.picker("now.pick.sensor")
    visitor.choose(picker, "TEST sensor away · buiten Utrecht")
    visitor.wait_for_params(sensor="test_feed%2Fsensor_away")


def test_a_buurt_is_chosen_on_the_map(visit, own, places):
    visitor = visit("/nu", "nl", own)
    visitor.click(places["BU03440711"]["lon"], places["BU03440711"]["lat"])
    visitor.wait_for_params(gebied="BU03440711")
    visitor.settle()
    expect(visitor.page.get_by_text("niemand meet hier").first).to_be_visible()


@pytest.mark.parametrize(("part", "lang"), [("lucht", "en"), ("containers", "nl"), ("parkeren", "nl")])
def test_axe_finds_nothing_and_nothing_sticks_out(visit, own, part, lang):
    visitor = visit(f"/nu?deel={part}&taal={lang}&gebied={FEW}", lang, own)
    page = visitor.page
    height = page.get_by_role("main").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": 1280, "height": height})
    for summary in page.locator("details > summary").all():
        summary.click()
    found = looks.breaches(page)
    page.get_by_role("tab").nth(1).click()
    expect(page.get_by_text(visitor.words.t("now.answers"))).to_be_visible()
    found += looks.breaches(page)
    assert [str(each) for each in found] == []
    for width in (320, PHONE[0]):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(1_500)
        assert looks.sticking_out(page) == []
        sizes = looks.buttons_on_pictures(page)
        assert sizes and min(sizes) >= looks.TARGET
