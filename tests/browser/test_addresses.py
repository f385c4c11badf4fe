"""An address shows what it asks for, also to the first visitor of a fresh server, and a hostile one does no harm."""

from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import expect

from buurtbeeld.selection import PARAMS
from buurtbeeld.texts import LANGUAGES
from tests.browser import looks

pytestmark = pytest.mark.browser

SCRIPT = "<img src=x onerror=alert(1)><script>alert(1)</script>"
HOSTILE = {
    "script": "/kaart?" + urlencode(dict.fromkeys(PARAMS, SCRIPT)),
    "long": "/profiel?gebied=" + "BU" * 2_500,
    "unicode": "/trends?" + urlencode(dict.fromkeys(("gebied", "indicator", "periode"), "\u202e🏘️\u0000'\"%")),
    "markdown": "/gegevens?" + urlencode({"indicator": "[a](javascript:alert(1)) ![x](http://example.org/x.png) $x$"}),
    "prototype": "/gegevens?indicator=constructor&niveau=__proto__&periode=-1&klassen=rounded-99",
    "repeated": f"/gegevens?gebied=BU03440131&gebied={quote(SCRIPT)}&thema=a&thema=b",
}


def test_a_deep_link_is_the_first_request_of_a_fresh_server(visit, start, sample, places):
    code = "BU03440131"
    visitor = visit(f"/kaart?indicator=crimes&gebied={code}&taal=en", "en", start(sample))
    visitor.expect_chosen(code, places[code]["name"])
    assert visitor.page.locator("html").get_attribute("lang") == "en"
    assert visitor.picker("pick.indicator").input_value() == "Crimes"
    assert len(visitor.rows()) == len(places)


@pytest.mark.parametrize("address", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_address_gets_a_sentence(visit, address):
    visitor = visit(address)
    told = visitor.page.get_by_test_id("stAlert")
    expect(told).not_to_have_count(0)
    assert max(len(line) for text in told.all_inner_texts() for line in text.splitlines()) < 250
    assert visitor.page.get_by_role("heading", level=1).count() == 1
    assert not visitor.page.get_by_text(visitor.words.t("error.title")).count()


def test_the_page_is_in_the_language_that_it_says_when_asked_for_two(visit):
    visitor = visit("/gegevens?taal=nl&taal=en", "en")
    expect(visitor.page.get_by_text(visitor.words.t("data.title"))).to_be_visible()
    assert visitor.page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("address", ["/nergens", "/api/v1/docs"])
def test_our_plain_pages_are_as_careful(arrive, address, lang):
    visitor = arrive(lang)
    visitor.page.goto(f"{visitor.served.url}{address}?taal={lang}")
    assert visitor.page.locator("html").get_attribute("lang") == lang
    assert looks.breaches(visitor.page) == []
    # A browser reports the 404 of the page itself.
    assert [text for text in visitor.trouble() if "404 (Not Found)" not in text] == []
    visitor.page.close()
