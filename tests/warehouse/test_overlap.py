"""Outlines of two years: what is a change, what is only drawn differently, and how the pieces are measured."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyarrow import parquet

from buurtbeeld.warehouse.areas import to_metres
from buurtbeeld.warehouse.overlap import overlap
from tests.conftest import PROJECT


def boxes(**ends: tuple[float, float]) -> dict[str, shapely.Geometry]:
    """Strips of a kilometre high, in metres."""
    return {code: shapely.box(west, 0, east, 1000) for code, (west, east) in ends.items()}


def test_equal_outlines_have_nothing_to_convert():
    old = boxes(a=(0, 1000), b=(1000, 2000))
    assert overlap(old, old).new == ()


def test_pieces_are_measured_in_land():
    found = overlap(boxes(a=(0, 1000), b=(1000, 2000)), boxes(a=(0, 1250), b=(1250, 2000)))
    assert (found.old, found.new) == (("a", "b"), ("a", "b")) and found.covered.all() and not found.same.any()
    shares = {(o, n): share for o, n, share in zip(found.pieces.old, found.pieces.new, found.pieces.share, strict=True)}
    assert shares == {(0, 0): 1, (1, 0): pytest.approx(0.25), (1, 1): pytest.approx(0.75)}
    assert found.pieces.whole.tolist() == [old == 0 for old in found.pieces.old]


@pytest.mark.parametrize(
    ("metres", "moved", "found"),
    [(90, ("a",), ()), (110, (), ()), (110, ("b",), ("b",)), (110, ("a", "b"), ("a", "b")), (210, (), ("a", "b"))],
)
def test_a_small_change_is_one_when_the_publisher_says_so_too(metres, moved, found):
    old, new = boxes(a=(0, 2000), b=(2000, 4000)), boxes(a=(0, 2000 + metres), b=(2000 + metres, 4000))
    assert overlap(old, new, moved).new == found


def test_land_that_went_to_another_gemeente_goes_along_to_nobody():
    found = overlap(boxes(a=(0, 1000), b=(1000, 2000)), boxes(a=(0, 1000), b=(1000, 1500)))
    assert found.new == ("b",) and found.pieces.share.tolist() == [pytest.approx(0.5)]
    assert not found.pieces.whole.any() and not found.same.any()


def test_a_narrow_area_is_no_noise():
    found = overlap(boxes(a=(0, 1000), b=(1000, 1060)), boxes(c=(0, 1060)))
    assert found.pieces.whole.tolist() == [True, True] and found.covered.all()


def test_the_real_outlines_of_utrecht_are_the_same_although_no_two_editions_are_drawn_alike(realdata: Path):
    """The city's own of 2015, in full detail, and the sample's of 2024: up to a fifth of a buurt differs."""
    degrees = read(realdata / "utrecht_municipal_boundaries_2015" / "buurten_2015_wgs84.parquet", "buurtcode")
    old = dict(zip(degrees, to_metres(list(degrees.values())), strict=True))
    drawn = json.loads((PROJECT / "data" / "sample" / "outlines.geojson").read_text(encoding="utf-8"))["features"]
    outlines = to_metres([shapely.from_geojson(json.dumps(each["geometry"])) for each in drawn])
    new = dict(zip((each["properties"]["code"] for each in drawn), outlines, strict=True))
    assert old.keys() == new.keys() and len(new) == 111
    assert overlap(old, new).new == overlap(new, old).new == ()


def test_of_all_wijken_of_the_country_only_those_that_were_merged_are_found(realdata: Path):
    """Real outlines of 3,340 wijken, all drawn 20 m off, of which six are three."""
    old = read(realdata / "tmap_nl_wijken_2022" / "nl_wijken_2022_rd.parquet", "code")
    new = {code: shapely.transform(shape, lambda points: points + 20) for code, shape in old.items()}
    for one, other in (("WK034401", "WK034402"), ("WK034403", "WK034404"), ("WK001400", "WK001401")):
        new[f"{one}N"] = shapely.union(new.pop(one), new.pop(other))
    found = overlap(old, new)
    assert found.new == ("WK034401N", "WK034403N", "WK001400N")
    assert found.covered.all() and found.pieces.whole.all() and np.bincount(found.pieces.new).tolist() == [2, 2, 2]


def read(path: Path, key: str) -> dict[str, shapely.Geometry]:
    """The outlines in a file, by code."""
    table = parquet.read_table(path, columns=[key, "geometry"])
    shapes = shapely.make_valid(shapely.from_wkb(table["geometry"].to_numpy()))
    return dict(zip(table[key].to_pylist(), shapes, strict=True))
