"""Outlines of every level, made from those of the buurten."""

import pytest
import shapely

from buurtbeeld.warehouse import areas
from buurtbeeld.warehouse.areas import Named
from tests.marts import settings
from tests.warehouse.town import BUURTEN, changed
from tests.warehouse.town import areas as published

NAMES = [
    Named("GM1", "gemeente", "Town", None, None, None),
    Named("WK1", "wijk", "West", None, "GM1", None),
    Named("BU1", "buurt", "A", None, "WK1", None),
    Named("BU2", "buurt", "B", None, "WK1", 1),
]
WEST, EAST = shapely.box(5, 52, 5.01, 52.01), shapely.box(5.01, 52, 5.02, 52.01)


def built(names=NAMES, **outlines):
    rows = areas.build(names, outlines or {"BU1": WEST, "BU2": EAST}, 2024).to_pylist()
    return {row["code"]: row for row in rows}


def shape(row):
    return shapely.from_wkb(row["geometry"])


@pytest.fixture(scope="module")
def utrecht(unopened):
    """Every area of the sample's mart: (level, outline, lon, lat, area_ha)."""
    import duckdb

    with duckdb.connect(settings(unopened).mart_link.resolve(), read_only=True) as con:
        rows = con.execute("SELECT level, geometry, lon, lat, area_ha FROM area").fetchall()
    return [(level, shapely.from_wkb(bytes(wkb)), *rest) for level, wkb, *rest in rows]


def test_wijk_and_gemeente_are_their_buurten_together():
    rows = built()
    assert shape(rows["WK1"]).symmetric_difference(shape(rows["GM1"])).area == 0
    assert shape(rows["GM1"]).bounds == pytest.approx((5, 52, 5.02, 52.01))
    assert rows["GM1"]["area_ha"] == pytest.approx(rows["BU1"]["area_ha"] + rows["BU2"]["area_ha"], abs=0.02)


def test_area_is_in_hectares():
    assert built()["BU1"]["area_ha"] == pytest.approx(76.5, abs=1)  # 688 m x 1,112 m


def test_point_lies_inside():
    row = built()["BU2"]
    assert shape(row).contains(shapely.Point(row["lon"], row["lat"]))


def test_keys_are_kept():
    row = built()["BU2"]
    kept = [row[name] for name in ("level", "name", "parent_code", "edition", "changed")]
    assert kept == ["buurt", "B", "WK1", 2024, 1]


def test_what_overlaps_is_drawn_as_it_came():
    rows = built(BU1=WEST, BU2=shapely.box(5.005, 52, 5.02, 52.01))
    assert shape(rows["GM1"]).bounds == pytest.approx((5, 52, 5.02, 52.01), abs=1e-5)


@pytest.mark.parametrize(
    "outline",
    [
        None,
        shapely.Point(5, 52),
        shapely.Polygon(),
        shapely.Polygon([(5, 52), (5.1, 52.1), (5.1, 52), (5, 52.1)]),
        shapely.GeometryCollection([WEST]),
    ],
    ids=["none", "point", "empty", "crossing", "collection"],
)
def test_an_outline_that_is_no_surface_is_missing(outline):
    rows = built(BU1=WEST, BU2=outline)
    assert rows["BU2"]["geometry"] is None and rows["BU2"]["area_ha"] is None and rows["WK1"]["geometry"]


def test_areas_that_lie_in_each_other_come_to_an_end():
    names = [Named("BU1", "buurt", "A", None, "BU2", None), Named("BU2", "buurt", "B", None, "BU1", None)]
    assert set(built(names)) == {"BU1", "BU2"}


def test_neighbours_share_their_border_in_degrees(utrecht):
    for wanted in ("buurt", "wijk"):
        assert shapely.coverage_is_valid([outline for level, outline, *_ in utrecht if level == wanted])


def test_outlines_of_utrecht_are_valid_and_light(utrecht):
    assert len(utrecht) == 122 and all(outline.is_valid for _, outline, *_ in utrecht)
    assert sum(shapely.get_num_coordinates(outline) for level, outline, *_ in utrecht if level == "buurt") < 3000


def test_utrecht_is_as_large_as_its_buurten(utrecht):
    hectares = {level: sum(row[4] for row in utrecht if row[0] == level) for level in ("gemeente", "wijk", "buurt")}
    assert hectares["gemeente"] == pytest.approx(hectares["wijk"], abs=1) == pytest.approx(hectares["buurt"], abs=1)
    assert hectares["gemeente"] == pytest.approx(9935, rel=0.005)


@pytest.mark.parametrize("wkb", [None, b"", b"junk", shapely.to_wkb(shapely.Point(5, 52))])
def test_a_buurt_without_a_drawable_outline_is_refused_by_name(bare, wkb):
    bare.write("pdok_areas", 2024, changed(published(), "geometry", {BUURTEN[1]: wkb}), shape="outline")
    assert bare.problems() == f"Area {BUURTEN[1]} (2024) has no outline that can be drawn."


@pytest.mark.parametrize("column", ["code", "level", "name", "parent_code", "changed"])
def test_a_file_of_outlines_without_a_column_is_refused(bare, column):
    bare.write("pdok_areas", 2024, published().drop_columns([column]), shape="outline")
    assert f"should have one column {column}" in bare.problems()


def test_a_file_without_geometry_is_refused(bare):
    bare.write("pdok_areas", 2024, published().drop_columns(["geometry"]), shape="outline")
    assert "Area BU99990101 (2024) has no outline that can be drawn." in bare.problems()


def test_a_name_that_is_a_number_is_refused(bare):
    table = published()
    table = table.set_column(2, "name", [[1] * table.num_rows])
    bare.write("pdok_areas", 2024, table, shape="outline")
    assert "can't be used" in bare.problems()


def test_outlines_beyond_every_map_are_refused(bare):
    far = shapely.to_wkb(shapely.box(1e6, 52, 1e6 + 1, 53))
    bare.write("pdok_areas", 2024, changed(published(), "geometry", dict.fromkeys(BUURTEN, far)), shape="outline")
    assert bare.problems()


def test_outlines_outside_the_netherlands_are_refused(bare):
    paris = shapely.to_wkb(shapely.box(2.3, 48.8, 2.4, 48.9))
    bare.write("pdok_areas", 2024, changed(published(), "geometry", dict.fromkeys(BUURTEN, paris)), shape="outline")
    assert "not in the Netherlands" in bare.problems()
