"""What can't be true of any load is refused, and said in one sentence."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from loaders import Edition
from loaders.believe import KEYS, doubts
from tests.loaders.test_http import SOURCE

GOOD = {
    "area": {"area_code": "BU03440111", "period": date(2024, 1, 1), "edition": 2024},
    "outline": {
        "code": "GM0344",
        "level": "gemeente",
        "name": "Utrecht",
        "parent_code": None,
        "edition": 2024,
        "changed": None,
        "geometry": b"",
    },
    "point": {"id": "a", "kind": "school", "name": "A", "lon": 5.1, "lat": 52.1},
    "reading": {"sensor": "a", "quantity": "no2", "time": datetime(2026, 1, 1), "value": -0.9, "unit": "µg/m³"},
    "list": {"id": "a", "title": "A", "link": "https://example.org/a", "date": None},
}


def edition(shape, *rows):
    return Edition(
        edition="2024",
        table=pa.Table.from_pylist(list(rows), schema=KEYS[shape]),
        url="https://example.org",
        shape=shape,
    )


def found(shape, *changes):
    return doubts(edition(shape, *(GOOD[shape] | change for change in changes)), SOURCE, "GM0344")


@pytest.mark.parametrize("shape", GOOD)
def test_what_can_be_true_raises_no_doubt(shape):
    assert found(shape, {}) == []


@pytest.mark.parametrize("shape", GOOD)
def test_the_same_row_twice_is_doubted(shape):
    assert "1 rows more than once" in " ".join(found(shape, {}, {}))


@pytest.mark.parametrize("shape", GOOD)
def test_nothing_at_all_is_doubted(shape):
    assert found(shape) == ["Edition 2024 of made_up has no rows."]


@pytest.mark.parametrize("shape", GOOD)
def test_a_key_column_that_is_not_there_is_named(shape):
    whole = edition(shape, GOOD[shape])
    first = KEYS[shape].names[0]
    without = Edition(edition="2024", table=whole.table.drop_columns([first]), url=whole.url, shape=shape)
    assert doubts(without, SOURCE, "GM0344") == [f"Edition 2024 of made_up should have a column {first} of string."]


@pytest.mark.parametrize(("kind", "said"), [(pa.int8(), []), (pa.string(), ["should have a column stars of int8."])])
def test_stars_need_not_be_there_and_are_numbers_where_they_are(kind, said):
    plain = edition("reading", GOOD["reading"])
    starred = Edition(
        edition="2024", table=plain.table.append_column("stars", pa.nulls(1, kind)), url=plain.url, shape="reading"
    )
    assert doubts(starred, SOURCE, "GM0344") == [f"Edition 2024 of made_up {each}" for each in said]


@pytest.mark.parametrize(
    ("shape", "change", "said"),
    [
        ("area", {"area_code": "BU03630111"}, "rows of “BU03630111”, which is not GM0344"),
        ("area", {"area_code": "BU0344011"}, "“BU0344011”"),
        ("area", {"area_code": None}, "“None”"),
        ("outline", {"code": "GM0363"}, "does not hold GM0344"),
        ("point", {"lon": 52.1, "lat": 5.1}, "not in the Netherlands: “a”"),
        ("point", {"lon": 0.0, "lat": 0.0}, "not in the Netherlands: “a”"),
        ("point", {"lon": None}, "not in the Netherlands: “a”"),
        ("reading", {"time": None}, "without a sensor or a time"),
        ("list", {"title": "  "}, "without a title: “a”"),
        ("list", {"link": "javascript:alert(1)"}, "links that are no addresses"),
    ],
)
def test_what_can_not_be_true_is_said(shape, change, said):
    assert said in " ".join(found(shape, change))
