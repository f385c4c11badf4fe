"""What can't be true of names of areas, whoever publishes them."""

import pyarrow as pa
import pytest

from loaders import Edition
from loaders.believe import doubts
from tests.warehouse.town import source

SOURCE = source("made_up", "name")


def said(*rows):
    """What is doubted about names: (area_code, name)."""
    table = pa.table({"area_code": [code for code, _ in rows], "name": [name for _, name in rows]})
    return doubts(Edition(edition="2026", table=table, url="https://example.org"), SOURCE, "GM0344")


def test_a_name_may_be_of_several_areas_and_an_area_have_several():
    assert said(("BU03440111", "Kerkstraat"), ("BU03440112", "Kerkstraat"), ("BU03440112", "Dorpsstraat")) == []


@pytest.mark.parametrize(
    ("rows", "doubt"),
    [
        ([("BU03440111", "Kerkstraat")] * 2, "1 rows more than once, such as BU03440111 Kerkstraat"),
        ([("BU03630111", "Kerkstraat")], "rows of “BU03630111”, which is not GM0344"),
        ([("BU03440111", " ")], "names that are empty, of “BU03440111”"),
    ],
)
def test_what_can_not_be_is_doubted(rows, doubt):
    [sentence] = said(*rows)
    assert doubt in sentence
