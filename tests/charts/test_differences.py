"""The table of differences: heads, bars on one scale, and words that stay words."""

import re
from html.parser import HTMLParser

import pytest

from buurtbeeld.charts.differences import Cell, Line, html
from tests.eyes import contrast
from tests.figures import HOSTILE

PLAIN = Cell("44%", True, "", "", "", None)
FAR = Cell("51%", True, "tussen 50 en 52", "duidelijk hoger", "+7 (tussen +6 en +8)", (0.5, 0.25, 0.75))


def made(*cells, title="Koopwoningen", groups=None):
    lines = [Line(title, "2024", cells or (PLAIN, FAR))]
    return html("Verschillen", [("Cijfer", ""), ("West", "wijk"), ("Zuid", "buurt")], groups or [("", lines)])


class Tags(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def test_every_cell_has_a_head_in_both_directions():
    tags = Tags(made()).tags
    scopes = [attrs.get("scope") for tag, attrs in tags if tag == "th"]
    assert scopes == ["col", "col", "col", "row"] and sum(tag == "td" for tag, _ in tags) == 2


def test_a_table_that_is_too_wide_can_be_moved_by_keyboard():
    (region,) = [attrs for tag, attrs in Tags(made()).tags if attrs.get("role") == "region"]
    assert region["tabindex"] == "0" and region["aria-label"] == "Verschillen"


def test_a_theme_heads_its_lines():
    source = made(groups=[("Wonen", [Line("a", "2024", (PLAIN, FAR))]), ("Geld", [Line("b", "2024", (PLAIN, FAR))])])
    heads = [attrs for tag, attrs in Tags(source).tags if attrs.get("scope") == "rowgroup"]
    assert [head["colspan"] for head in heads] == ["3", "3"] and source.count("<tbody>") == 2


def test_the_bar_lies_where_the_numbers_are():
    """No difference is in the middle, the largest reach nearly at the edge; the interval lies around the dot."""
    styles = [attrs["style"] for tag, attrs in Tags(made()).tags if tag in ("i", "u")]
    numbers = [[float(n) for n in re.findall(r"[\d.]+", style)] for style in styles]
    assert numbers == [[61.5, 23.0], [73.0]]


def test_a_bar_is_not_read_aloud_since_the_words_say_the_same():
    bars = [attrs for tag, attrs in Tags(made()).tags if attrs.get("class") == "bar"]
    assert [bar["aria-hidden"] for bar in bars] == ["true"]
    assert "+7 (tussen +6 en +8)" in "".join(Tags(made()).text)


def test_what_is_not_known_is_no_number():
    source = made(PLAIN, Cell("geheim", False, "", "", "", None))
    assert "<b>44%</b>" in source and "<small>geheim</small>" in source


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text):
    cell = Cell(text, True, text, text, text, None)
    source = html(text, [(text, text)] * 3, [(text, [Line(text, text, (cell, cell))])])
    assert not {tag for tag, _ in Tags(source).tags} & {"script", "img"}
    assert all("onerror" not in attrs for _, attrs in Tags(source).tags)


@pytest.mark.parametrize(("colour", "least"), [("#4A5763", 4.5), ("#17212B", 4.5), ("#0B5A7D", 3), ("#78808A", 3)])
def test_colours_stand_out_from_white(colour, least):
    assert colour in made() and contrast(colour) >= least
