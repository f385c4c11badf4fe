"""A source survives the metadata of a raw file, and a wrong one is refused in a sentence."""

import json
from dataclasses import replace

import pytest

from buurtbeeld.catalogue import Source

SOURCE = Source(
    id="cbs_key_figures",
    publisher="CBS",
    title="Kerncijfers wijken en buurten",
    page="https://www.cbs.nl",
    licence="cc-by-4.0",
    attribution="Bron: CBS",
    shape="area",
    openness="rows",
    refreshed="yearly",
    hosts=("CBS_ODATA3",),
)


def test_a_source_survives_json() -> None:
    assert Source.from_dict(json.loads(json.dumps(SOURCE.as_dict()))) == SOURCE


def test_keys_about_one_copy_are_left_alone() -> None:
    assert Source.from_dict(SOURCE.as_dict() | {"edition": "2024", "url": "https://example.org"}) == SOURCE


def test_missing_keys_are_named_together() -> None:
    with pytest.raises(ValueError, match="Source 'x' lacks publisher, title, page, licence, attribution"):
        Source.from_dict({"id": "x", "shape": "area", "openness": "rows", "refreshed": "yearly"})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "CBS cijfers"}, "id 'CBS cijfers' is not in small letters, digits and underscores"),
        ({"shape": "cube"}, "shape 'cube' is not one of outline, area, name, point, reading, list"),
        ({"openness": "all"}, "openness 'all' is not one of rows, aggregate, none"),
        ({"page": "cbs.nl"}, "page 'cbs.nl' is not a web address"),
        ({"attribution": " "}, "attribution is empty"),
    ],
)
def test_a_wrong_source_is_refused(change: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(SOURCE, **change)  # type: ignore[arg-type]


def test_all_that_is_wrong_with_a_source_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"shape 'cube' .*; openness 'all' .*\."):
        replace(SOURCE, shape="cube", openness="all")  # type: ignore[arg-type]
