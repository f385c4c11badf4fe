"""The list of pages, in the menu and in the folder."""

import re
from pathlib import Path

from buurtbeeld.addresses import PAGES
from buurtbeeld.texts import LANGUAGES, words

FOLDER = Path(__file__).parent.parent / "pages"


def test_every_page_is_a_file_and_every_file_a_page():
    assert {page.file for page in PAGES} == {path.name for path in FOLDER.glob("*.py")} - {"frame.py"}


def test_the_start_comes_first():
    assert PAGES[0].segment == ""


def test_addresses_are_one_segment_of_words_in_small_letters_and_stand_once():
    segments = [page.segment for page in PAGES]
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", segment) for segment in segments[1:])
    assert len(set(segments)) == len(segments)


def test_every_page_has_a_name_of_its_own():
    for lang in LANGUAGES:
        assert len({words(lang).t(page.name) for page in PAGES}) == len(PAGES)
