"""Small charts side by side: one scale for all, everything in words, and nothing of a name that is more than a name."""

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.charts.multiples import FONT, HEIGHT, WIDTH, Panel, Scale, html
from buurtbeeld.charts.series import Cut
from buurtbeeld.charts.trend import COLOURS
from tests.figures import HOSTILE, figure

SCALE = Scale(0, 100, 0, date(2020, 1, 1), date(2024, 1, 1))


def line(*values, code="BU1", **more):
    return tuple(
        figure(value, code=code, name=code, period=date(2020 + place, 1, 1), **more)
        for place, value in enumerate(values)
    )


def panel(*values, name="BU1", **more):
    return Panel(name, line(*values, code=name, **more), "van 1 naar 2", "1 in 2020, 2 in 2021")


def drawings(text):
    """The images of the page, as trees."""
    images = re.findall(r'<img src="data:image/svg\+xml,([^"]*)"', text)
    return [ElementTree.fromstring(unquote(image)) for image in images]  # noqa: S314  our own


def named(tree, tag):
    return [each for each in tree.iter() if each.tag.endswith(f"}}{tag}")]


def draw(panels, beside=(), cuts=(), scale=SCALE):
    return drawings(html(panels, beside, cuts, scale))


def test_every_area_has_a_chart_with_its_name_its_ends_and_all_of_it_in_words():
    text = html([panel(1, 2), panel(3, 4, name="BU2")], (), (), SCALE)
    assert text.count("<figure") == text.count("<figcaption") == len(drawings(text)) == 2
    assert ">BU2</div>" in text and ">van 1 naar 2</div>" in text and 'alt="1 in 2020, 2 in 2021"' in text


def test_all_charts_have_one_scale():
    (low, high) = draw([panel(10, 10), panel(10, 90, name="BU2")])
    heights = [[float(point.get("cy")) for point in named(tree, "circle")] for tree in (low, high)]
    assert heights[0][0] == heights[0][1] == heights[1][0] > heights[1][1]


@given(st.lists(st.floats(-50, 200), min_size=1, max_size=5))
def test_nothing_is_drawn_outside_its_chart(values):
    (tree,) = draw([panel(*values, low=-1e6, high=1e6)])
    numbers = [
        float(point.get(side)) / size
        for point in named(tree, "circle")
        for side, size in (("cx", WIDTH), ("cy", HEIGHT))
    ]
    assert all(0 <= number <= 1 for number in numbers)


def test_one_period_and_no_period_are_charts_too():
    (one,) = draw([panel(5)], scale=replace(SCALE, last=SCALE.first))
    assert len(named(one, "circle")) == 1
    (none,) = draw([panel(None, None)])
    assert named(none, "circle") == []


def test_the_city_stands_behind_every_line():
    city = line(50, 60, code="GM0344")
    for tree in draw([panel(1, 2), panel(3, 4, name="BU2")], beside=city):
        assert [point.get("stroke") for point in named(tree, "circle")] == ["#4A5763"] * 2 + ["#0B5A7D"] * 2


def test_a_cut_line_is_two_pieces_with_an_upright_line_between_in_that_area_only():
    cut = Cut("BU1", date(2021, 1, 1), date(2022, 1, 1), "method")
    own, other = draw([panel(1, 2, 3, 4), panel(1, 2, 3, 4, name="BU2")], cuts=[cut])
    assert len(named(own, "path")) == len(named(other, "path")) + 2


@pytest.mark.parametrize(("more", "shades"), [({"low": 0.5, "high": 9.5}, 1), ({}, 0)])
def test_margins_are_shaded(more, shades):
    (tree,) = draw([panel(1, 2, **more)])
    assert sum(path.get("fill-opacity") is not None for path in named(tree, "path")) == shades


def test_a_provisional_point_is_open():
    (tree,) = draw([panel(1, 2, provisional=True)])
    assert {point.get("fill") for point in named(tree, "circle")} == {"#FFFFFF"}


# Words in the drawing


def words(tree):
    return [(text.text, float(text.get("x")), float(text.get("y"))) for text in named(tree, "text")]


def test_the_ends_of_both_axes_are_written_beside_every_chart():
    days = (SCALE.first, "2020"), (SCALE.last, "2024")
    scale = replace(SCALE, amounts=((0.0, "0"), (100.0, "1.000")), days=days)
    for tree in draw([panel(1, 2), panel(3, 4, name="BU2")], scale=scale):
        (low, high, first, last) = words(tree)
        assert [low[0], high[0], first[0], last[0]] == ["0", "1.000", "2020", "2024"]
        assert low[2] > high[2] and first[1] < last[1] and first[2] == last[2] > low[2]
        assert min(float(point.get("cx")) for point in named(tree, "circle")) > low[1]  # numbers lie beside the line


def test_names_and_values_stand_at_the_ends_of_lines_and_not_on_each_other():
    own = replace(panel(50, 51), ends=(("Lange Elisabethstraat en omgeving", "51%"), ("Utrecht", "50%")))
    (tree,) = draw([own], beside=line(49, 50, code="GM0344"))
    told = words(tree)
    assert [text for text, _, _ in told] == ["Lange", "Elisabethstraat", "en omgeving 51%", "Utrecht 50%"]
    assert all(below[2] - above[2] >= FONT for above, below in pairwise(told))
    assert min(x for _, x, _ in told) > max(float(point.get("cx")) for point in named(tree, "circle"))


@given(st.floats(0, 100), st.floats(0, 100))
def test_words_at_the_ends_of_lines_stay_within_the_chart(own, whole):
    shown = replace(panel(own), ends=(("Lange Elisabethstraat en omgeving", "1%"), ("Utrecht", "1%")))
    (tree,) = draw([shown], beside=line(whole, code="GM0344"))
    assert all(0 < y <= HEIGHT for _, _, y in words(tree))


def test_a_line_between_years_that_were_not_measured_can_be_seen():
    figures = tuple(figure(value, code="BU1", period=date(year, 1, 1)) for value, year in ((10, 2020), (20, 2024)))
    (tree,) = draw([Panel("BU1", figures, "", "")])
    (between,) = (path for path in named(tree, "path") if path.get("stroke") == COLOURS[0])
    dash, gap = map(int, between.get("stroke-dasharray").split())
    assert dash >= 2 and gap <= 3 and float(between.get("stroke-width")) >= 1.5


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_text_and_nothing_more(name):
    text = html([Panel(name, line(1), name, name, ((name, name),))], (), (), SCALE)
    assert "<script" not in text and "onerror=" not in re.sub(r'(alt|src)="[^"]*"|>[^<]*<', "", text)
    assert len(drawings(text)) == 1
