"""What holds for every page in both languages. Each is opened once, looked at from all sides, and then judged."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page as Window

from buurtbeeld.addresses import PAGES, Page
from buurtbeeld.texts import LANGUAGES, words
from tests.browser import looks
from tests.browser.looks import Breach, Theirs
from tests.browser.visitor import LAPTOP, Visitor

pytestmark = pytest.mark.browser

AREA = "BU03440131"
OWN = "BU03440131,BU03440911"  # of the second little is known
NARROW = (320, 256)  # what is left of 1280 × 1024 at 400%
PHONE = (390, 844)
SIZES = (PHONE, LAPTOP, (1920, 1080), (3840, 2160))

# What axe finds and only Streamlit can mend.
BREACHES: tuple[Theirs, ...] = ()

# What Streamlit says in English in Dutch pages, at the beginning of a text.
ENGLISH: tuple[Theirs, ...] = (
    Theirs("Skip to main content", "[data-testid=stSkipToContent]", "the first link of every page"),
    Theirs("Fullscreen", "[data-testid=stElementToolbar]", "a button above every map and chart"),
    Theirs("Download as PNG", "[data-testid=stElementToolbar]", "a button above every chart"),
    Theirs("Copy Vega-Lite spec", "[data-testid=stElementToolbar]", "a button above every chart"),
    Theirs("Clear value", "[data-testid=stSelectbox]", "the cross in a list"),
    Theirs("Clear all", "[data-testid=stMultiSelect]", "the cross in a list of several"),
    Theirs("Remove ", "[data-testid=stMultiSelect]", "the cross of one chosen thing in such a list"),
)

# Words that are not Dutch too, and that pages of this kind are full of.
ENGLISH_WORDS = (
    "the and or with for to from on your this that are were has have no none yes choose show hide loading deploy "
    "running stop rerun settings skip main content search select selected close clear remove copy copied view "
    "press enter fullscreen value values scale axis period place error connecting available options results districts "
    "neighbourhoods figures"
).split()
DUTCH_WORDS = (
    "kies typ onderwerp niveau gemiddeld niet bekend tabel cijfer cijfers bekijk waarde volgorde woning woningen meer "
    "minder dan kaart gegevens verantwoording uitgave opgehaald naamsvermelding voorbeelddata"
).split()

_PASSED = """() => {
    const here = document.activeElement, menu = document.querySelector(".st-key-menu")
    const before = each => here.compareDocumentPosition(each) === Node.DOCUMENT_POSITION_PRECEDING
    const stops = [...document.querySelectorAll("main :is(a, button, input, summary, [tabindex='0'])")].filter(before)
    return [menu.contains(here), stops.filter(each => !menu.contains(each)).map(each => each.outerHTML.slice(0, 120))]
}"""


@dataclass
class Seen:
    """A page as it was when it was all there."""

    asked: Page
    lang: str
    lang_of_page: str | None
    title: str
    headings: list[str]
    words: list[str]
    breaches: list[Breach]
    sticking_out: list[str]
    first: str  # what the first link leads to
    in_menu: bool  # whether that, or the next stop of the Tab key, is in the menu
    passed: list[str]  # stops after the menu that it leads by
    trouble: list[str]


See = Callable[[Page, str], Seen]


@pytest.fixture(scope="session")
def see(arrive) -> See:
    """A page in a language; with an area chosen in Dutch, as one finds it in English."""

    @cache
    def look(page: Page, lang: str) -> Seen:
        visitor = arrive(lang)
        visitor.open(f"/{page.segment}?" + (f"gebied={AREA}&eigen={OWN}" if lang == "nl" else "taal=en"))
        seen = _look(visitor, page, lang)
        visitor.page.close()
        return seen

    return look


def _look(visitor: Visitor, asked: Page, lang: str) -> Seen:
    page = visitor.page
    # Axe judges the colour only of what is in sight, and Streamlit scrolls inside the window.
    height = page.get_by_role("main").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": LAPTOP[0], "height": height})
    for summary in page.locator("details > summary").all():
        if summary.locator("..").get_attribute("open") is None:
            summary.click()
    found, heard = looks.breaches(page, BREACHES), looks.words_on(page)
    for tab in page.get_by_role("tab").all()[1:]:
        tab.click()
        found += looks.breaches(page, BREACHES, "[role=tabpanel]")
        heard += looks.words_on(page)
    if asked.segment == "kaart":
        page.set_viewport_size({"width": PHONE[0], "height": height})
        found += looks.breaches(page, BREACHES)
    if folder := os.environ.get("SCREENSHOTS"):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(2_000)
            page.screenshot(path=Path(folder) / f"{asked.segment or 'start'}-{lang}-{width}.png")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    sticking_out = looks.sticking_out(page)
    for _ in range(10):  # charts follow the window a moment later
        if not sticking_out:
            break
        page.wait_for_timeout(300)
        sticking_out = looks.sticking_out(page)
    first, in_menu, passed = _skip(page)
    return Seen(
        asked=asked,
        lang=lang,
        lang_of_page=page.locator("html").get_attribute("lang"),
        title=page.title(),
        headings=page.get_by_role("heading", level=1).all_inner_texts(),
        words=heard,
        breaches=found,
        sticking_out=sticking_out,
        first=first,
        in_menu=in_menu,
        passed=passed,
        trouble=visitor.trouble(),
    )


def _skip(page: Window) -> tuple[str, bool, list[str]]:
    """What Enter on the first link leads to, whether that or the stop after it is in the menu, what it leads by."""
    page.get_by_test_id("stSkipToContent").focus()
    page.keyboard.press("Enter")
    first, (here, passed) = str(page.evaluate("document.activeElement.tagName")), page.evaluate(_PASSED)
    page.keyboard.press("Tab")
    return first, here or page.evaluate(_PASSED)[0], passed


@pytest.fixture(params=LANGUAGES)
def lang(request) -> str:
    return str(request.param)


@pytest.fixture(params=PAGES, ids=lambda page: page.segment or "start")
def seen(request, see: See, lang: str) -> Seen:
    """Every page in every language."""
    return see(request.param, lang)


def test_nothing_is_asked_of_others_and_nothing_fails(seen):
    assert seen.trouble == []


def test_a_page_says_which_language_it_is_in(seen):
    assert seen.lang_of_page == seen.lang


def test_a_page_has_a_name_and_one_first_heading(seen):
    say = words(seen.lang)
    assert say.t(seen.asked.name) in seen.title and say.t("site.name") in seen.title
    assert len(seen.headings) == 1


def test_a_page_speaks_one_language(seen):
    others = looks.having(seen.words, ENGLISH_WORDS if seen.lang == "nl" else DUTCH_WORDS)
    ours = [text for text in others if not any(text.startswith(entry.what) for entry in ENGLISH)]
    assert not ours, "\n".join(sorted(set(ours)))


def test_axe_finds_nothing_serious_of_ours(seen):
    ours = {str(breach) for breach in seen.breaches if breach.theirs < 0}
    assert not ours, "\n".join(sorted(ours))


def test_nothing_sticks_out_of_a_narrow_window(seen):
    assert not seen.sticking_out, "\n".join(seen.sticking_out[:12])


def test_the_first_link_skips_the_menu(seen):
    assert seen.first in ("H1", "INPUT")
    assert (seen.in_menu, seen.passed) == (False, [])


def test_every_exception_for_streamlit_is_still_needed(see):
    everything = [see(page, lang) for page in PAGES for lang in LANGUAGES]
    needed = {breach.theirs for seen in everything for breach in seen.breaches}
    assert set(range(len(BREACHES))) <= needed
    said = [text for seen in everything for text in seen.words]
    assert [entry for entry in ENGLISH if not any(text.startswith(entry.what) for text in said)] == []
