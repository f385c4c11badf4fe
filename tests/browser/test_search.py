"""Searching by keyboard alone: what is found comes while one types, is read aloud, and leads to the right page."""

import pytest
from playwright.sync_api import expect

from buurtbeeld.texts import LANGUAGES
from tests.browser import looks
from tests.browser.test_every_page import DUTCH_WORDS, ENGLISH, ENGLISH_WORDS, NARROW

pytestmark = pytest.mark.browser

THEIRS = ("Clear entry", *(entry.what for entry in ENGLISH))  # Streamlit's own words; the first is that of the cross


@pytest.mark.parametrize("address", ["/", "/zoeken"])
def test_a_search_by_keyboard_leads_to_the_map_of_that_figure_with_that_area(visit, address):
    visitor = visit(address)
    field = visitor.page.get_by_role("searchbox", name=visitor.words.t("search.label"))
    field.focus()
    field.press_sequentially("huisatrs overvegt", delay=30)
    told = visitor.page.get_by_role("status").filter(has_text="huisatrs overvegt")
    expect(told).to_have_text(visitor.words.t("search.guess", text="huisatrs overvegt"))
    expect(visitor.main.get_by_role("link").filter(has_text="Overvecht").first).to_be_visible()
    visitor.page.keyboard.press("Tab")
    first = visitor.page.locator(":focus")
    expect(first).to_contain_text("Overvecht")
    first.press("Enter")
    visitor.wait_for_params(indicator="distance_gp", gebied="WK034403", niveau="wijk")
    visitor.settle()
    assert visitor.page.url.partition("?")[0].endswith("/kaart")
    expect(visitor.areas("wijk")).to_have_value("Overvecht")
    assert not any("overvegt" in url for url in visitor.requests)
    assert "overvegt" not in visitor.served.printed()
    visitor.page.go_back()
    expect(field).to_have_value("")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_results_can_be_read_by_everyone(visit, lang):
    visitor = visit(f"/zoeken?taal={lang}", lang)
    results = visitor.page.locator(".st-key-links a")
    themes = results.count()
    visitor.page.get_by_role("searchbox").press_sequentially("noord 3532 kempisplantsoen inbraak", delay=5)
    expect(results).not_to_have_count(themes)
    visitor.settle()
    said = [text for text in looks.words_on(visitor.page) if not text.startswith(THEIRS)]
    assert looks.having(said, ENGLISH_WORDS if lang == "nl" else DUTCH_WORDS) == []
    assert looks.breaches(visitor.page) == []
    assert all(result.bounding_box()["height"] >= 24 for result in results.all())
    visitor.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    visitor.page.wait_for_timeout(500)
    assert looks.sticking_out(visitor.page) == []
