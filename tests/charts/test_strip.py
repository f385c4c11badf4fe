"""The strip: all areas, this one, the city, and the same in words."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.charts import strip
from buurtbeeld.charts.strip import HEIGHT, MIDDLE, MOST_RINGS, SIDE, WIDTH
from tests.figures import HOSTILE

numbers = st.floats(-1e9, 1e9)


class Tags(HTMLParser):
    """The tags of a piece of HTML, with their attributes as a browser reads them."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def image(*args):
    ((tag, attributes),) = Tags(strip.html(*args)).found
    assert tag == "img"
    return attributes


def drawing(*args):
    kind, _, svg = image(*args)["src"].partition(",")
    assert kind == "data:image/svg+xml"
    return ElementTree.fromstring(unquote(svg))  # noqa: S314  our own drawing


def circles(svg, radius):
    return [float(c.get("cx")) for c in svg.iter("{http://www.w3.org/2000/svg}circle") if c.get("r") == radius]


def test_the_words_are_the_alternative_of_the_picture():
    assert image([1, 2], 1, None, "Van 1 tot 2.")["alt"] == "Van 1 tot 2."


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text):
    assert image([1, 2], 1, 1.5, text)["alt"] == text


def test_without_values_there_is_no_picture():
    assert strip.html([], None, None, "x") == ""


def test_the_lowest_is_left_and_the_highest_right():
    assert circles(drawing([10, 20, 30], None, None, ""), "6") == [SIDE, WIDTH / 2, WIDTH - SIDE]


def test_this_area_is_a_dot_among_the_others():
    assert circles(drawing([10, 20, 30], 20, None, ""), "10") == [WIDTH / 2]
    assert circles(drawing([10, 20, 30], None, None, ""), "10") == []


def test_zero_is_a_place_and_missing_is_none():
    assert circles(drawing([0, 10], 0, None, ""), "10") == [SIDE]


def test_a_city_outside_the_range_of_its_areas_widens_the_line():
    svg = drawing([10, 20], 20, 30, "")
    assert circles(svg, "10") == [WIDTH / 2]
    assert f"M{float(WIDTH - SIDE)} 8V36" in ElementTree.tostring(svg, encoding="unicode")


def bar(svg):
    found = [path.get("d") for path in svg.iter("{http://www.w3.org/2000/svg}path") if path.get("stroke-width") == "3"]
    return [(float(low), float(high)) for d in found for low, high in [re.findall(r"M([\d.]+) 22H([\d.]+)", d)[0]]]


def test_the_margin_is_a_bar_around_the_dot():
    assert bar(drawing([0, 100], 50, None, "", (25, 75))) == [(SIDE + 79, WIDTH - SIDE - 79)]


def test_a_margin_wider_than_all_areas_widens_the_line():
    svg = drawing([40, 60], 50, None, "", (0, 100))
    assert bar(svg) == [(SIDE, WIDTH - SIDE)] and circles(svg, "10") == [WIDTH / 2]


def test_without_a_margin_or_a_value_there_is_no_bar():
    assert bar(drawing([0, 100], 50, None, "")) == bar(drawing([0, 100], None, None, "", (25, 75))) == []


def test_a_strip_in_a_table_is_smaller():
    assert image([1, 2], 1, None, "", None, 200)["style"] == "width:100%;max-width:200px"


def heights(svg):
    return [float(c.get("cy")) for c in svg.iter("{http://www.w3.org/2000/svg}circle") if c.get("r") == "6"]


def test_equal_values_are_a_pile_of_as_many_rings():
    svg = drawing([5, 5, 5], 5, 5, "")
    assert circles(svg, "6") == [WIDTH / 2] * 3
    assert heights(svg) == [MIDDLE + 5, MIDDLE, MIDDLE - 5]


def test_a_high_pile_stays_in_the_picture():
    found = heights(drawing([5] * 40, None, None, ""))
    assert len(found) == 40 and all(6 <= y <= HEIGHT - 6 for y in found)


def test_where_more_areas_are_the_stroke_is_longer():
    values = [*range(20), 7, 7]
    strokes = re.findall(
        r"M[\d.]+ [\d.]+v(\d+)", ElementTree.tostring(drawing(values, None, None, ""), encoding="unicode")
    )
    assert sorted(map(int, strokes))[-2:] == [14, 18]


def test_many_areas_are_strokes_and_stay_small():
    values = [value / 7 for value in range(111)]
    assert circles(drawing(values, 1, None, ""), "6") == []
    assert len(strip.html(values, 1, 2, "")) < 2_500


@given(st.lists(numbers, min_size=1, max_size=MOST_RINGS + 5), numbers)
def test_every_mark_lies_inside_the_picture(values, city):
    text = ElementTree.tostring(drawing(values, values[0], city, ""), encoding="unicode")
    places = [float(place) for place in re.findall(r'(?:cx="|M)(-?[\d.e+-]+)', text)]
    assert all(SIDE <= place <= WIDTH - SIDE for place in places)


def test_a_goal_is_a_diamond_at_its_value_also_outside_the_figures():
    without, with_goal = (strip.html([1.0, 2.0], 1.0, None, "x", goal=goal) for goal in (None, 4.0))
    assert "M328.0 1l6 7" in unquote(with_goal) and "l6 7" not in unquote(without)
