"""The histogram of a legend: every area in a bar of its colour, breaks where the classes part."""

import re
from collections import Counter
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.charts import histogram
from buurtbeeld.charts.histogram import BAR, BINS, FOOT, HEIGHT, SIDE, TOP, WIDTH
from buurtbeeld.statistics.classes import fences
from tests.charts.test_strip import Tags
from tests.figures import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
LOW, HIGH = "#D7E8A8", "#0B1657"
MARKS = [(value, LOW if value <= 30 else HIGH) for value in (10, 20, 20, 30, 60, 110)]


def drawing(marks=MARKS, bounds=(30, 110), axis=(10, 110), city=None, ends=("10", "110"), text="alt"):
    ((tag, attributes),) = Tags(histogram.html(marks, bounds, axis, city, ends, text)).found
    assert tag == "img"
    return ElementTree.fromstring(unquote(attributes["src"].partition(",")[2]))  # noqa: S314  our own drawing


def bars(svg):
    """(colour, place, foot, height) of every bar."""
    for path in svg.find(f"{SVG}g"):
        for x, foot, tall in re.findall(r"M(\d+) ([\d.]+)v-([\d.]+)", path.get("d")):
            yield path.get("fill"), (int(x) - SIDE) // BAR, float(foot), float(tall)


def breaks(svg):
    return [float(x) for path in svg.iter(f"{SVG}path") if path.get("stroke-dasharray") for x in
            re.findall(r"M([\d.]+)", path.get("d"))]  # fmt: skip


def test_every_area_is_in_a_bar_of_its_colour():
    one = (HEIGHT - TOP - FOOT) / 2  # at most two areas in one bar
    counts: Counter[str] = Counter()
    for colour, _, _, tall in bars(drawing()):
        counts[colour] += round(tall / one)
    assert counts == Counter(colour for _, colour in MARKS)


def test_a_break_lies_where_its_value_is_and_the_last_bound_is_none():
    assert breaks(drawing()) == [SIDE + 0.2 * (WIDTH - 2 * SIDE)]
    assert breaks(drawing(bounds=(5, 30, 200))) == [SIDE + 0.2 * (WIDTH - 2 * SIDE)]  # one outside is not drawn


def test_a_bar_with_a_break_in_it_is_of_two_colours_that_stand_on_each_other():
    marks = [(0, LOW), (50, LOW), (50.1, HIGH), (100, HIGH)]
    found = bars(drawing(marks, (50, 100), (0, 100)))
    shared = sorted((foot, colour) for colour, bin, foot, _ in found if bin == BINS // 2)
    assert [colour for _, colour in shared] == [HIGH, LOW]  # the lower class below


def test_the_city_is_named():
    svg = drawing(city=(110.0, "Utrecht"))
    assert [text.text for text in svg.iter(f"{SVG}text")] == ["10", "110", "Utrecht"]
    assert f"M{WIDTH - SIDE} 2V" in ElementTree.tostring(svg, encoding="unicode")


def test_a_city_outside_the_axis_is_not_drawn():
    assert [text.text for text in drawing(city=(111.0, "Utrecht")).iter(f"{SVG}text")] == ["10", "110"]


def test_what_lies_outside_the_axis_is_in_the_outer_bars():
    svg = drawing([(-1000, LOW), *MARKS, (5000, HIGH)])
    assert {0, BINS - 1} <= {bin for _, bin, _, _ in bars(svg)}
    assert breaks(svg) == breaks(drawing())


def test_an_axis_makes_periods_comparable():
    now, then = drawing(axis=(0, 1000)), drawing([(900, HIGH), (950, HIGH), (20, LOW)], axis=(0, 1000))
    assert breaks(now) == breaks(then)
    assert max(bin for _, bin, _, _ in bars(now)) < 4


@pytest.mark.parametrize("marks", [[], [(5, LOW)], [(5, LOW)] * 9, [(1, LOW), (2, HIGH)]])
def test_one_or_two_values_need_no_picture(marks):
    assert histogram.html(marks, (1, 2), (1, 2), None, ("", ""), "") == ""


def test_an_axis_without_length_is_no_picture():
    assert histogram.html(MARKS, (30, 110), (5, 5), None, ("", ""), "") == ""


@given(st.lists(st.floats(-1e9, 1e9), min_size=6, max_size=80, unique=True), st.floats(-1e9, 1e9))
def test_every_bar_lies_inside_the_picture(values, city):
    marks = [(value, LOW) for value in values]
    axis = fences(values)
    if axis[0] < axis[1]:
        svg = drawing(marks, (max(values),), axis, (city, "x"))
        assert all(0 <= bin < BINS and foot - tall >= TOP - 0.2 for _, bin, foot, tall in bars(svg))


@pytest.mark.parametrize("hostile", [text for text in HOSTILE if "\x00" not in text])
def test_hostile_words_stay_words(hostile):
    svg = drawing(city=(50.0, hostile), ends=(hostile, hostile), text=hostile)
    assert [text.text for text in svg.iter(f"{SVG}text")] == [hostile] * 3
    assert {tag for tag, _ in Tags(histogram.html(MARKS, (30, 110), (10, 110), None, ("", ""), hostile)).found} == {
        "img"
    }
