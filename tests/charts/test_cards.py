"""Cards: a heading for each, what is said in it, and nothing of it as HTML."""

import re

import pytest

from buurtbeeld.charts import cards
from buurtbeeld.charts.cards import Card, Group
from tests.charts.test_strip import Tags
from tests.figures import HOSTILE

CARD = Card("Eenzaam", "58,2%", ("duidelijk meer",), "", ("2020", "schatting"))


def words(html):
    return [text for text in re.split(r"<[^>]*>", html) if text.strip()]


def test_a_card_reads_from_its_name_to_its_small_print():
    assert words(cards.figures([CARD], "")) == ["Eenzaam", "58,2%", "duidelijk meer", "2020", "schatting"]


def test_the_line_that_explains_the_drawings_comes_first():
    assert words(cards.figures([CARD], "De stip is hier."))[0] == "De stip is hier."


def test_every_card_has_a_heading():
    tags = [tag for tag, _ in Tags(cards.figures([CARD, CARD], "")).found]
    assert tags.count("section") == tags.count("h3") == 2


def test_a_weak_value_is_grey_and_smaller():
    strong, weak = (cards.figures([Card("a", "b", (), "", (), weak)], "") for weak in (False, True))
    assert "font-size:2.1rem" in strong and "font-size:2.1rem" not in weak
    assert weak.count("#4A5763") > strong.count("#4A5763")


def test_a_group_without_a_sentence_is_not_there():
    shown = cards.groups([Group("Anders", ("a", "b"), "≠"), Group("Gelijk", ())])
    assert words(shown) == ["≠ ", "Anders", "a", "b"]
    assert ("span", {"aria-hidden": "true"}) in Tags(shown).found


def test_nothing_to_show_is_nothing():
    assert cards.figures([], "uitleg") == cards.groups([]) == cards.groups([Group("Gelijk", ())]) == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text):
    made = cards.figures([Card(text, text, (text,), "", (text,))], text) + cards.groups([Group(text, (text,), text)])
    assert {tag for tag, _ in Tags(made).found} <= {"div", "section", "h3", "p", "ul", "li", "span"}
