"""What a page works with; and text that means nothing to Markdown."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from buurtbeeld import queries
from buurtbeeld.texts import words
from buurtbeeld.view import badges, plain
from tests.figures import HOSTILE, mart_of, view_of

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
JOINER = "\N{WORD JOINER}"
# What Streamlit's front end does to text after Markdown has taken the escapes away, as its own patterns have it.
LATER = re.compile(r"https?://|www\.|[-.\w+]@[-\w]|:(?:[a-z]+/)?[-+\w]+:", re.IGNORECASE)
SIGNS = "\\`*_{}[]()<>#+-.!|$~:&=@;/\"'^ \t\n\r12ax"
MARKUP = [
    *HOSTILE, "**b**", "_i_", "`c`", "~~s~~", "[x](https://evil.example)", "![x](https://evil.example/a.png)", "# kop",
    "- lijst", "+ lijst", "* lijst", "1. lijst", "1) lijst", "2024. Iets", "> citaat", "---", "===", "a\n===", "a\n\nb",
    "a  \nb", "    code", "\tcode", "```", "| a | b |\n|--|--|\n| c | d |", "&lt;b&gt;", "&copy;", "&#58;", "<b>x</b>",
    "<!-- x -->", "<https://evil.example>", "a@evil.example", "https://evil.example/x", "HTTP://evil.example",
    "[x]: /y", "www.evil.example", ":red[x]", ":material/home:", ":streamlit:", ":+1:", "$x^2$", "$$x$$", "a\\", "\\",
    "a\rb", "-", "",
]  # fmt: skip
anything = st.one_of(
    st.text(max_size=30),
    st.text(alphabet=SIGNS, max_size=20),
    st.lists(st.sampled_from(MARKUP), max_size=3).map(" ".join),
)


def shown(markdown):
    """What a reader sees, and the kinds of markup that were found in it."""
    tokens = MARKDOWN.parse(markdown)
    inline = [part for token in tokens for part in token.children or ()]
    kinds = {token.type for token in tokens} | {part.type for part in inline}
    return "".join(part.content for part in inline), kinds - {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "text_special",
    }


def on_one_line(text):
    return re.sub(r"\s*[\r\n]\s*", " ", text).strip().replace("\x00", "\ufffd")


@given(anything)
def test_plain_text_is_shown_as_it_is(text):
    said, markup = shown(plain(text))
    assert markup == set()
    assert said.replace(JOINER, "") == on_one_line(text).replace(JOINER, "")


@given(anything)
def test_nothing_in_plain_text_becomes_a_link_or_a_picture_later(text):
    assert not LATER.search(shown(plain(text))[0])


@given(anything)
def test_plain_text_stays_in_its_cell(text):
    html = MARKDOWN.render(f"| a | b |\n| :-- | --: |\n| {plain(text)} | z |\n")
    assert html.count("<tr>") == 2 and html.count("<td") == 2
    assert "z</td>" in html


@given(anything)
def test_plain_text_can_stand_inside_a_sentence(text):
    said, markup = shown(f'Het thema "{plain(text)}" kennen we niet. **{plain(text) or "x"}**')
    assert markup <= {"strong_open", "strong_close"}
    assert said.startswith(f'Het thema "{shown(plain(text))[0]}"') or not plain(text)


@pytest.mark.parametrize("text", MARKUP)
def test_known_markup_means_nothing(text):
    assert shown(plain(text))[1] == set()
    assert not LATER.search(shown(plain(text))[0])


@pytest.mark.parametrize(
    "text", ["€ 451.000", "−3,2 procentpunt", "65-plussers", "12,5%", "Één buurt", "Hoog Catharijne, NS en Jaarbeurs"]
)
def test_ordinary_words_are_left_alone(text):
    assert plain(text) == text


def test_these_tests_would_see_markup():
    assert shown("**b**")[1] and shown("- a")[1] and shown("a\n===")[1]
    assert LATER.search("see https://x") and LATER.search("a@b.nl") and LATER.search(":streamlit:")


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


def test_a_view_has_a_figure_for_every_area_and_one_of_the_city(mart):
    view = view_of(mart, indicator="residents", niveau="buurt")
    assert len(view.figures()) == 111
    assert [(f.code, f.value) for f in (view.city_figure(),) if f] == [(view.city.code, 374238)]


def test_a_period_without_a_figure_of_the_city_has_none(mart):
    view = view_of(mart, indicator="residents")
    long_ago = replace(view.choice, period=date(1900, 1, 1))
    assert replace(view, choice=long_ago).city_figure() is None
    assert replace(view, choice=long_ago).figures() == ()


def test_titles_and_words_are_of_the_language(mart):
    assert view_of(mart, taal="en").title("residents") == "Residents"
    assert view_of(mart).title("residents") == "Inwoners"


def test_what_is_made_once_is_made_once_per_language(mart):
    made = []
    for lang in ("nl", "nl", "en"):
        view_of(mart, taal=lang).once("test", lambda: made.append(1), "x")
    assert len(made) == 2


def test_a_source_wears_its_badges(mart):
    row = mart.ask(queries.sources)[0]
    assert badges(words("nl"), row) == " :gray-badge[voorbeelddata]"
    assert badges(words("en"), replace(row, is_simulated=True)).endswith(":gray-badge[SIMULATED]")
    assert badges(words("nl"), replace(row, is_sample=False)) == ""
