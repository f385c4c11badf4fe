"""The sizes of circles: as large as on the map, each with its value in the letters of the page."""

import re

import pytest

from buurtbeeld.charts import sizes
from tests.charts.test_strip import Tags
from tests.figures import HOSTILE

CIRCLES = [(26, "5.000"), (13.4, "1.000"), (6, "200")]


def test_circles_are_as_large_as_they_are_asked():
    styles = [attributes["style"] for tag, attributes in Tags(sizes.html(CIRCLES, "x")).found if tag == "i"]
    assert styles == [f"width:{2 * radius:g}px;height:{2 * radius:g}px" for radius, _ in CIRCLES]


def test_the_text_and_every_value_can_be_read():
    read = [text for text in re.split("<[^>]*>", sizes.html(CIRCLES, "Groter is meer")) if text]
    assert read == ["Groter is meer", "5.000", "1.000", "200"]


def test_a_map_that_is_drawn_at_another_size_has_a_class_for_it():
    assert Tags(sizes.html(CIRCLES, "x", "phone")).found[0] == ("p", {"class": "sizes phone"})


def test_nothing_to_measure_is_no_picture():
    assert sizes.html([], "x") == ""


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words(hostile):
    attacked, plain = sizes.html([(5, hostile)], hostile), sizes.html([(5, "a")], "b")
    assert Tags(attacked).found == Tags(plain).found
