"""A click on the map, a name in the list and an address are the same act, and the browser's Back undoes it."""

import pytest

from buurtbeeld.addresses import PAGES
from buurtbeeld.texts import words

pytestmark = pytest.mark.browser

AREA = "BU03440113"  # in the middle, and large enough to hit
OTHER = "BU03440131"


def test_a_click_on_the_map_chooses_and_back_undoes_it(visit, places):
    visitor = visit("/kaart")
    assert visitor.point(places[AREA]["lon"], places[AREA]["lat"]).startswith(places[AREA]["name"])
    with visitor.page.expect_response(f"**/outline/{AREA}.geojson"):
        visitor.click(places[AREA]["lon"], places[AREA]["lat"])
    visitor.expect_chosen(AREA, places[AREA]["name"])
    visitor.page.go_back()
    visitor.expect_chosen(None, None)


def test_the_list_chooses_by_keyboard_and_back_undoes_each_choice(visit, places):
    visitor = visit("/kaart")
    visitor.choose(visitor.areas(), places[AREA]["name"])
    visitor.expect_chosen(AREA, places[AREA]["name"])
    visitor.choose(visitor.areas(), places[OTHER]["name"])
    visitor.expect_chosen(OTHER, places[OTHER]["name"])
    visitor.page.go_back()
    visitor.expect_chosen(AREA, places[AREA]["name"])
    visitor.page.go_back()
    visitor.expect_chosen(None, None)
    visitor.page.go_forward()
    visitor.expect_chosen(AREA, places[AREA]["name"])


def test_an_address_chooses_and_the_other_language_keeps_place_and_choice(visit, places):
    visitor = visit(f"/kaart?indicator=crimes&periode=2023&gebied={AREA}")
    visitor.expect_chosen(AREA, places[AREA]["name"])
    visitor.page.get_by_role("link", name=words("en").t("site.language")).click()
    visitor.wait_for_params(taal="en", indicator="crimes", periode="2023", gebied=AREA)
    visitor.words = words("en")
    visitor.settle()
    visitor.expect_chosen(AREA, places[AREA]["name"])
    assert visitor.page.locator("html").get_attribute("lang") == "en"


def test_the_menu_keeps_language_and_choice(visit):
    visitor = visit(f"/kaart?taal=en&indicator=crimes&gebied={AREA}", "en")
    for page in PAGES[::-1]:
        visitor.page.get_by_role("link", name=visitor.words.t(page.name), exact=True).first.click()
        visitor.page.wait_for_url(f"{visitor.served.url}/{page.segment}?**")
        visitor.settle()
        assert visitor.params() == {"taal": "en", "indicator": "crimes", "gebied": AREA}
        assert visitor.words.t(page.name) in visitor.page.title().split(" · ")


@pytest.mark.xfail(strict=True, reason="Streamlit gives a link to the start the address of the page it stands on")
def test_a_link_of_the_menu_is_the_address_of_its_page(visit):
    visitor = visit("/gegevens?taal=en", "en")
    links = visitor.page.get_by_role("link")
    for page in PAGES:
        link = links.filter(has_text=visitor.words.t(page.name)).first
        assert link.evaluate("link => link.href") == f"{visitor.served.url}/{page.segment}?taal=en"
