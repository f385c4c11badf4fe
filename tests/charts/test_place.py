"""The small picture of where an area lies: its form, its words, and that it stays small."""

import re
from urllib.parse import unquote

import pytest
import shapely

from buurtbeeld.charts import place
from buurtbeeld.charts.place import HEIGHT, SIDE, WIDTH
from tests.charts.test_strip import Tags
from tests.figures import HOSTILE

WEST, EAST = (shapely.box(left, 52.0, left + 0.1, 52.1) for left in (5.0, 5.1))
HOLED = shapely.box(5.0, 52.0, 5.05, 52.1) - shapely.box(5.01, 52.02, 5.02, 52.03)


def image(*args):
    ((tag, attributes),) = Tags(place.html(*args)).found
    assert tag == "img"
    return attributes


def points(svg):
    return [tuple(map(float, found)) for found in re.findall(r"(-?[\d.]+) (-?[\d.]+)(?=[LZ])", svg)]


def wkb(*shapes):
    return [shapely.to_wkb(shape) for shape in shapes]


def drawing(*args):
    return unquote(image(*args, "")["src"])


def test_everything_lies_inside_the_picture_and_fills_it():
    found = points(drawing(wkb(WEST, EAST), wkb(HOLED), *wkb(WEST)))
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in found)
    assert (min(y for _, y in found), max(y for _, y in found)) == (SIDE, HEIGHT - SIDE)


def test_north_is_up_and_a_city_keeps_its_form():
    xs, ys = zip(*points(drawing(wkb(WEST), [], None)), strict=True)
    assert (max(xs) - min(xs)) / (max(ys) - min(ys)) == pytest.approx(0.615, abs=0.01)  # cos 52° of a square in degrees


def test_an_area_of_several_parts_with_a_hole_is_drawn_whole():
    several = shapely.union_all([HOLED, shapely.box(5.18, 52, 5.2, 52.02)])
    whole = drawing(wkb(WEST, EAST), [], *wkb(several))
    marked = re.search(r"d='([^']*)' fill='#8A0F5C'", whole)
    assert marked and marked[1].count("M") == 3


def test_without_outlines_there_is_no_picture():
    assert place.html([], [], None, "x") == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text):
    assert image(wkb(WEST), [], None, text)["alt"] == text
