"""The histogram of a legend: every area in a bar of its colour, breaks where the classes part."""

import re
from collections import Counter
from html import unescape
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
    (picture,) = [found for tag, found in Tags(whole(marks, bounds, axis, city, ends, text)).found if tag == "img"]
    return ElementTree.fromstring(unquote(picture["src"].partition(",")[2]))  # noqa: S314  our own drawing


def whole(marks=MARKS, bounds=(30, 110), axis=(10, 110), city=None, ends=("10", "110"), text="alt"):
    return histogram.html(marks, bounds, axis, city, ends, text)


def written(html):
    return [unescape(text) for text in re.split(r"<[^>]*>", html) if text]


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
    assert written(whole(city=(110.0, "Utrecht"))) == ["Utrecht", "10", "110"]
    assert f"M{WIDTH - SIDE} 2V" in ElementTree.tostring(drawing(city=(110.0, "Utrecht")), encoding="unicode")


def test_the_name_of_the_city_stands_where_there_is_room():
    left, right = (re.findall("<b style=.(.*?):", whole(city=(value, "Utrecht"))) for value in (20.0, 100.0))
    assert (left, right) == (["left"], ["right"])


def test_a_break_is_seen_over_a_dark_bar():
    halo, line = drawing().findall(f"{SVG}path")[:2]
    assert halo.get("d") == line.get("d") and halo.get("stroke") == "#FFFFFF"
    assert float(halo.get("stroke-width")) > 2


@pytest.mark.parametrize(
    ("fences", "span", "expected"),
    [((0, 34), (0, 34.5), (0, 34.5)), ((0, 34), (-0.9, 36), (-0.9, 34)), ((0, 34), (-5, 99), (0, 34))],
)
def test_an_axis_ends_where_the_values_do_when_less_than_a_bar_would_be_cut(fences, span, expected):
    assert histogram.axis(fences, span) == expected


def test_a_city_outside_the_axis_is_not_drawn():
    assert written(whole(city=(111.0, "Utrecht"))) == ["10", "110"]


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


def test_a_class_for_each_value_needs_no_picture():
    marks = [(float(value), LOW) for value in (1, 2, 3, 4, 5)] * 3
    assert histogram.html(marks, (1, 2, 3, 4, 5), (1, 5), None, ("", ""), "") == ""


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
    attacked = whole(city=(50.0, hostile), ends=(hostile, hostile), text=hostile)
    assert written(attacked) == [hostile] * 3
    assert [tag for tag, _ in Tags(attacked).found] == [tag for tag, _ in Tags(whole(city=(50.0, "a"))).found]
