"""The sizes of circles: as large as on the map, labels that do not lie on one another."""

from itertools import pairwise
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from buurtbeeld.charts import sizes
from tests.charts.test_strip import Tags

SVG = "{http://www.w3.org/2000/svg}"


def drawing(circles, text="alt"):
    ((_, attributes),) = Tags(sizes.html(circles, text)).found
    assert attributes["alt"] == text
    return ElementTree.fromstring(unquote(attributes["src"].partition(",")[2]))  # noqa: S314  our own drawing


def test_circles_are_as_large_as_they_are_asked_and_stand_on_one_line():
    found = list(drawing([(30, "5.000"), (13.4, "1.000"), (6, "200")]).iter(f"{SVG}circle"))
    assert [float(circle.get("r")) for circle in found] == [30, 13.4, 6]
    assert len({round(float(circle.get("cy")) + float(circle.get("r")), 1) for circle in found}) == 1


@pytest.mark.parametrize("circles", [[(30, "a"), (13, "b"), (6, "c")], [(3, "a"), (1, "b"), (0.5, "c")], [(40, "a")]])
def test_every_label_can_be_read(circles):
    svg = drawing(circles)
    labels = [(float(text.get("y")), text.text) for text in svg.iter(f"{SVG}text")]
    assert [text for _, text in labels] == [text for _, text in circles]
    places = [y for y, _ in labels]
    assert all(below - above >= 13 for above, below in pairwise(places))
    assert places[0] > 10 and places[-1] < float(svg.get("viewBox").split()[3])


def test_nothing_to_measure_is_no_picture():
    assert sizes.html([], "x") == ""
