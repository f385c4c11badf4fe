"""Points are where the exact test of every point with every outline says they are."""

import geopandas
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld.statistics import within
from buurtbeeld.statistics.within import NOWHERE, codes, index

LEFT, RIGHT = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
HOLE = shapely.Polygon(shapely.box(3, 0, 6, 3).exterior, [shapely.box(4, 1, 5, 2).exterior])
numbers = st.one_of(st.floats(-0.5, 6.5), st.sampled_from([0, 0.5, 1, 1.5, 2, 3, 4, 5, 6]))


def numbered(shapes):
    return {f"{number}": shape for number, shape in enumerate(shapes)}


def one_by_one(lon, lat, shapes):
    """The first of the shapes that each point touches, each point and shape by itself."""
    return [
        next((n for n, shape in enumerate(shapes) if shape and shape.intersects(shapely.Point(x, y))), NOWHERE)
        for x, y in zip(lon, lat, strict=True)
    ]


def test_names_are_those_of_the_areas_and_none_outside():
    assert codes([0.5, 1.5, 9], [0.5, 0.5, 9], {"a": LEFT, "b": RIGHT}).tolist() == ["a", "b", None]


def test_on_a_border_the_first_counts():
    assert index([1, 1, 2], [0.5, 1, 1], {"b": RIGHT, "a": LEFT}).tolist() == [0, 0, 0]
    assert index([1, 1, 2], [0.5, 1, 1], {"a": LEFT, "b": RIGHT}).tolist() == [0, 0, 1]
    for areas in ({"b": RIGHT, "a": LEFT}, {"a": LEFT, "b": RIGHT}):
        assert codes([1, 1, 2], [0.5, 1, 1], areas).tolist() == ["a", "a", "b"]


def test_what_is_no_place_is_nowhere():
    strange = [np.nan, np.inf, -np.inf, 0.5, 1e300]
    assert index(strange, [0.5] * 5, {"a": LEFT}).tolist() == [NOWHERE, NOWHERE, NOWHERE, 0, NOWHERE]
    assert index([0.5] * 5, strange, {"a": LEFT}).tolist() == [NOWHERE, NOWHERE, NOWHERE, 0, NOWHERE]


def test_no_points_and_no_areas_are_no_failure():
    assert codes([], [], {"a": LEFT}).tolist() == []
    assert codes([0.5], [0.5], {}).tolist() == [None]
    assert codes([0.5], [0.5], {"a": None, "b": shapely.Polygon()}).tolist() == [None]
    assert codes([0.5, 9], [0.5, 9], {"a": None, "b": LEFT}).tolist() == ["b", None]


def test_of_areas_that_overlap_the_first_counts_also_deep_inside_the_other():
    both = {"inner": shapely.box(0.4, 0.4, 0.6, 0.6), "outer": LEFT}
    lon, lat = np.random.default_rng(1).uniform(0, 1, (2, 4000))
    inner = (np.abs(lon - 0.5) <= 0.1) & (np.abs(lat - 0.5) <= 0.1)
    assert np.array_equal(codes(lon, lat, both), np.where(inner, "inner", "outer"))


@given(st.lists(st.tuples(numbers, numbers), max_size=40), st.permutations([LEFT, RIGHT, HOLE, None]))
@settings(max_examples=100)
def test_answers_are_those_of_the_exact_test(points, shapes):
    lon, lat = np.array(points).reshape(-1, 2).T
    assert index(lon, lat, numbered(shapes)).tolist() == one_by_one(lon, lat, shapes)


@given(st.integers(0, 10_000), st.integers(1, 3000), st.integers(2, 12))
@settings(max_examples=30, deadline=None)
def test_any_coverage_gives_each_point_one_area(seed, many, cells):
    random = np.random.default_rng(seed)
    parts = shapely.voronoi_polygons(shapely.multipoints(random.uniform(0, 1, (cells, 2))))
    shapes = list(parts.geoms)
    corners = shapely.get_coordinates(parts)
    lon, lat = np.concatenate((random.uniform(-0.2, 1.2, (many, 2)), corners)).T  # corners are on borders
    found = index(lon, lat, numbered(shapes))
    assert found.tolist() == one_by_one(lon, lat, shapes)


def test_chunks_and_depth_make_no_difference(monkeypatch):
    shapes = numbered([LEFT.buffer(0.2), RIGHT, HOLE])
    lon, lat = np.random.default_rng(2).uniform(-0.5, 6.5, (2, 5000))
    found = index(lon, lat, shapes)
    for chunk, deepest in ((7, 0), (1000, 3), (5000, 9)):
        monkeypatch.setattr(within, "_CHUNK", chunk)
        monkeypatch.setattr(within, "_DEEPEST", deepest)
        assert np.array_equal(index(lon, lat, shapes), found)


def test_points_beside_the_edges_of_cells_are_where_they_lie():
    """The areas meet at an edge of cells of every size, and points lie as near to it as numbers can."""
    edge = np.nextafter(1.0, [0, 2])
    lon = np.tile(np.concatenate((edge, [1.0])), 1000)
    lat = np.random.default_rng(3).uniform(0, 1, len(lon))
    found = index(lon, lat, {"a": LEFT, "b": RIGHT})
    assert found.tolist() == [0, 1, 0] * 1000


def test_utrechts_buurten_in_full_detail(realdata):
    frame = geopandas.read_parquet(realdata / "utrecht_municipal_boundaries_2015" / "buurten_2015_wgs84.parquet")
    shapes = list(frame.to_crs(4326).geometry)
    west, south, east, north = shapely.total_bounds(shapes)
    random = np.random.default_rng(4)
    corners = shapely.get_coordinates(shapes)
    lon = np.concatenate((random.uniform(west, east, 20_000), corners[:, 0]))
    lat = np.concatenate((random.uniform(south, north, 20_000), corners[:, 1]))
    tree_point, tree_area = shapely.STRtree(shapes).query(shapely.points(lon, lat), predicate="intersects")
    first = np.full(len(lon), len(shapes))
    np.minimum.at(first, tree_point, tree_area)
    assert np.array_equal(index(lon, lat, numbered(shapes)), np.where(first == len(shapes), NOWHERE, first))
