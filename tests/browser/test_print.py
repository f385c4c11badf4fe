"""A page on paper: all of it, without what can be pressed, and with where it is from."""

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def paper(arrive):
    """The profile of Overvecht as a printer gets it."""
    with arrive() as visitor:
        visitor.open("/profiel?gebied=WK034403&thema=social")
        visitor.page.emulate_media(media="print")
        yield visitor


def test_nothing_is_left_to_scroll(paper):
    hidden = """() => [...document.querySelectorAll("main, main *")].filter(box =>
        ["auto", "scroll", "hidden"].includes(getComputedStyle(box).overflowY) && box.clientHeight > 40 &&
        box.scrollHeight > box.clientHeight + 1).map(box => box.outerHTML.slice(0, 100))"""
    assert paper.page.evaluate(hidden) == []


def test_all_of_it_comes_out_on_several_sheets(paper):
    sheets = re.findall(rb"/Type\s*/Page\b", paper.page.pdf(format="A4"))
    assert 3 <= len(sheets) <= 12


def test_what_can_be_pressed_stays_on_the_screen(paper):
    for name in ("page.map", "page.trends"):
        assert not paper.page.get_by_role("link", name=paper.words.t(name), exact=True).is_visible()
    assert not paper.page.get_by_role("combobox").first.is_visible()


def test_source_address_and_day_stand_below(paper):
    seen = paper.page.locator(".foot.on-paper").inner_text()
    assert re.search(r"/profiel\?thema=social&gebied=WK034403 · .+ \d{4}$", seen)
    assert "Bron: " in paper.main.inner_text()


def test_on_the_screen_the_address_is_not_there(paper):
    paper.page.emulate_media(media="screen")
    assert not any(each.is_visible() for each in paper.page.locator(".on-paper").all())
