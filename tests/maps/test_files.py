"""The files a browser draws a map from: a feature for every area, the same values as everywhere, hatch for missing."""

import json
import math
from itertools import chain

import pytest
import shapely

from buurtbeeld import queries
from buurtbeeld.catalogue import Status, load
from buurtbeeld.maps import files, palettes
from buurtbeeld.maps.shading import by_class
from buurtbeeld.texts import words
from tests.figures import HIDDEN, HOSTILE, figure, indicator, mart_of, series

NL = words("nl")
SQUARE = shapely.box(5.1, 52.05, 5.123456789, 52.1)


def shaded(figures):
    return by_class(figures, indicator(), NL, load(), "rounded", 5)


def drawn(figures, outlines=None):
    """The features of the file, by code."""
    outlines = [(f.code, SQUARE.wkb) for f in figures] if outlines is None else outlines
    content = files.values(figures, outlines, shaded(figures), lambda f: NL.figure(f, indicator(), load()))
    return {feature["id"]: feature for feature in json.loads(content)["features"]}


def circled(figures, points=None, span_m=10_000):
    points = {f.code: (5.1234567, 52.09) for f in figures} if points is None else points
    return json.loads(files.circles(figures, points, shaded(figures)))["features"]


def decimals(number):
    return len(str(number).partition(".")[2])


def positions(geometry):
    rings = geometry["coordinates"] if geometry["type"] == "Polygon" else chain(*geometry["coordinates"])
    return list(chain(*rings))


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


@pytest.mark.parametrize("id", ["residents", "home_value", "income_per_resident", "good_health"])
def test_every_buurt_is_a_feature_with_the_value_of_its_figure(mart, id):
    held = next(h for h in mart.ask(queries.held) if (h.indicator, h.level) == (id, "buurt"))
    for period in held.periods:
        figures = mart.ask(queries.figures, id, "buurt", period)
        features = drawn(figures, mart.ask(queries.outlines, "buurt"))
        assert len(features) == 111
        assert all(features[f.code]["properties"]["value"] == f.value for f in figures)


def test_the_outlines_are_valid_with_at_most_five_decimals(mart):
    content = json.loads(files.borders(mart.ask(queries.outlines, "buurt")))
    for feature in content["features"]:
        assert shapely.from_geojson(json.dumps(feature["geometry"])).is_valid
        assert all(decimals(part) <= 5 for position in positions(feature["geometry"]) for part in position)
        assert feature["properties"] == {"code": feature["id"]}


def test_the_file_is_geojson_of_longitude_and_latitude(mart):
    content = json.loads(files.borders(mart.ask(queries.outlines, "gemeente")))
    assert content["type"] == "FeatureCollection"
    assert {feature["type"] for feature in content["features"]} == {"Feature"}
    assert all(3 < lon < 8 and 50 < lat < 54 for lon, lat in positions(content["features"][0]["geometry"]))


def test_a_value_is_filled_and_not_hatched():
    made = drawn(series([1e5, 2e5]))["BU03440002"]["properties"]
    assert made["fill"] == [*palettes.rgb(palettes.SEQUENTIAL[-1]), 255]
    assert made["hatch"] == [0, 0, 0, 0] and made["pattern"] == ""


@pytest.mark.parametrize("status", HIDDEN)
def test_missing_is_hatched_and_not_filled(status):
    made = drawn(series([1e5, status]))["BU03440002"]["properties"]
    assert made["fill"] == [0, 0, 0, 0]
    assert made["hatch"] == [*palettes.rgb(palettes.HATCH), 255]
    assert (made["value"], made["status"], made["text"]) == (None, status, NL.status(status))
    assert made["pattern"] == status and status in palettes.PATTERNS


def test_zero_is_a_value_with_a_colour():
    made = drawn(series([0.0, 1.0]))["BU03440001"]["properties"]
    assert made["value"] == 0 and made["fill"][3] == 255 and made["text"] == "€\u00a00"


def test_an_unreliable_value_is_shown_greyed_and_hatched():
    made = drawn([figure(3e5, Status.UNRELIABLE)])["BU03440111"]["properties"]
    assert (made["value"], made["status"], made["pattern"]) == (3e5, "unreliable", "unreliable")
    assert made["fill"] == [*palettes.rgb(palettes.pale(palettes.SEQUENTIAL[2])), 255]
    assert made["hatch"] == [*palettes.rgb(palettes.HATCH), 255]


def test_an_area_without_an_outline_stays_in_the_file():
    assert drawn(series([1e5, None]), outlines=[])["BU03440001"]["geometry"] is None


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_arrives_as_it_is(name):
    assert drawn([figure(1.0, name=name)])["BU03440111"]["properties"]["name"] == name


def test_a_number_that_is_none_never_gets_into_a_file():
    with pytest.raises(ValueError, match="finite"):
        drawn([figure(math.inf)])


def test_coordinates_are_rounded_and_height_is_left_out():
    high = shapely.force_3d(SQUARE, 12.3)
    geometry = drawn([figure(1.0)], [("BU03440111", high.wkb)])["BU03440111"]["geometry"]
    assert [5.12346, 52.1] in positions(geometry)
    assert all(len(position) == 2 for position in positions(geometry))


def test_the_surface_of_a_circle_follows_its_value():
    features = circled(series([100.0, 400.0, 2500.0, 10_000.0]))
    radii = {feature["id"]: feature["properties"]["radius"] for feature in features}
    largest = radii["BU03440004"]
    assert [radii[f"BU034400{n:02}"] / largest for n in (1, 2, 3)] == pytest.approx([0.1, 0.2, 0.5], abs=0.001)


@pytest.mark.parametrize(("areas", "widest"), [(1, 34), (10, 34), (111, 26), (400, 14)])
def test_the_largest_circle_leaves_room_for_the_others(areas, widest):
    assert files.radius_px(7, 7, areas) == pytest.approx(widest, abs=0.5)


def test_small_circles_lie_on_large_ones():
    assert [feature["id"][-1] for feature in circled(series([5.0, 1.0, 9.0]))] == ["3", "1", "2"]


def test_missing_has_no_circle():
    assert [feature["id"] for feature in circled(series([5.0, None, Status.SECRET]))] == ["BU03440001"]
    assert circled(series([None])) == []


def test_nothing_is_a_circle_without_surface():
    assert [feature["properties"]["radius"] for feature in circled(series([0.0, 0.0]))] == [0, 0]


def test_a_fall_is_as_large_as_a_rise():
    up, down = circled(series([50.0, -50.0]))
    assert up["properties"]["radius"] == down["properties"]["radius"] > 0


def test_a_circle_is_a_point_with_at_most_five_decimals_and_the_colour_of_its_class():
    (made,) = circled([figure(1.0)])
    assert made["geometry"] == {"type": "Point", "coordinates": [5.12346, 52.09]}
    assert made["properties"]["fill"][:3] == list(palettes.rgb(palettes.SEQUENTIAL[2]))
    assert made["properties"]["edge"] == [*palettes.rgb(palettes.EDGE), 255]


def test_an_area_without_a_point_has_no_circle():
    assert circled(series([1.0, 2.0]), points={"BU03440002": (5.1, 52.1)})[0]["id"] == "BU03440002"


def test_circles_of_several_periods_are_measured_by_the_largest_of_all():
    now, then = series([100.0, 25.0]), series([400.0, 10.0])
    every = [(now, None), (then, None)]
    shading = by_class(now, indicator(), NL, load(), "rounded", 5, every=every)
    points = {f.code: (5.1, 52.09) for f in now}
    radii = {f["id"]: f["properties"]["radius"] for f in json.loads(files.circles(now, points, shading))["features"]}
    assert radii["BU03440001"] == files.WIDEST_PX / 2


def test_the_frame_is_the_box_around_all(mart):
    frame = files.frame(mart.ask(queries.outlines, "buurt"))
    assert (frame.west, frame.south, frame.east, frame.north) == pytest.approx((4.97, 52.026, 5.195, 52.142), abs=0.005)


def test_places_have_names(mart):
    names = {area.code: area.name for area in mart.ask(queries.areas) if area.level == "wijk"}
    made = json.loads(files.places(mart.ask(queries.outlines, "wijk"), names))["features"]
    assert {each["id"]: each["properties"]["name"] for each in made} == names


def test_buurten_that_touch_become_one_shape_without_borders_inside(mart):
    """All buurten of a wijk together are the wijk."""
    outlines = dict(mart.ask(queries.outlines, "buurt"))
    [made] = json.loads(files.united([pair for pair in outlines.items() if pair[0].startswith("BU034401")]))["features"]
    whole = shapely.from_wkb(dict(mart.ask(queries.outlines, "wijk"))["WK034401"])
    shape = shapely.geometry.shape(made["geometry"])
    assert made["geometry"]["type"] == "Polygon"
    assert shape.symmetric_difference(whole).area < whole.area * 1e-4


def test_buurten_apart_stay_apart(mart):
    outlines = dict(mart.ask(queries.outlines, "buurt"))
    [made] = json.loads(files.united([(code, outlines[code]) for code in ("BU03440111", "BU03441011")]))["features"]
    assert made["geometry"]["type"] == "MultiPolygon"
