"""The deck names addresses of our own and holds no shapes."""

import json
import math
import re

import pytest

from buurtbeeld.catalogue import load
from buurtbeeld.maps import decks, palettes
from buurtbeeld.maps.decks import Frame

BUILD = "20261123T194805Z-3749b8"
CITY = Frame(4.97, 52.026, 5.195, 52.142)
VIEW = CITY.view(760, 560)
FOUR = ("BU03440111", "BU03440112", "BU03440121", "WK034401")


PLACES = f"nl/places/{max(load().places, key=len)}.geojson"


def made(file="nl/buurt/home_value/2024/rounded-5.geojson", **options):
    return json.loads(decks.values(BUILD, file, VIEW, **options).to_json())


def layers(deck):
    return {layer["id"]: layer for layer in deck["layers"]}


@pytest.mark.parametrize("display", ["areas", "circles"])
def test_the_largest_message_is_small(display):
    id = max((i.id for i in load().indicators.values() if i.display == display), key=len)
    for series in (f"buurt/{id}/2024-12-31/quantiles-5-all", f"change/gemeente/{id}/2024-12-31/2025-12-31"):
        circles = f"circles/{series}.geojson" if display == "circles" else None
        deck = decks.values(
            BUILD, f"nl/{series}.geojson", VIEW, circles=circles, borders="wijk", marked=FOUR, places=PLACES
        )
        assert len(deck.to_json().encode()) < 2_000


@pytest.mark.parametrize(
    ("areas", "sensors", "hatched"),
    [("bekend/pm25", "lucht", True), ("buurten/containers", "containers", False)],
)
def test_the_largest_message_of_now_is_small_and_says_what_is_simulated(areas, sensors, hatched):
    deck = decks.now(
        BUILD,
        VIEW,
        f"nl/nu/{areas}.geojson",
        f"nl/nu/{sensors}/20261123T1945.geojson",
        borders="wijk",
        hatched=hatched,
        marked=FOUR[0],
        ring=(5.08123, 52.09123),
        badge="partly SIMULATED",
        height=560,
    )
    assert len(deck.to_json().encode()) < 2_000
    badge = layers(json.loads(deck.to_json()))["badge"]
    assert badge["data"][0]["text"] == "partly SIMULATED"
    assert badge["data"][0]["position"] == [VIEW.longitude, VIEW.latitude]


@pytest.mark.parametrize(
    "deck",
    [
        decks.values(
            BUILD, "nl/a.geojson", VIEW, circles="circles/a.geojson", borders="wijk", marked=FOUR, places=PLACES
        ),
        decks.own(BUILD, VIEW, "buurt", FOUR, borders="wijk"),
    ],
    ids=["values", "own"],
)
def test_nothing_comes_from_elsewhere(deck):
    text = deck.to_json()
    assert "//" not in text
    addresses = set(re.findall(r'"(/[^"]*)"', text))
    assert addresses == set(re.findall(r'"(?:data|fillPatternMapping)":\s*"([^"]*)"', text))
    assert deck.map_provider is None
    # What pydeck writes when no style was given; Streamlit draws no background for it, and fetches one for null.
    assert json.loads(text)["mapStyle"] == "__MAP_STYLE__"


def test_shapes_come_by_address_of_this_build():
    deck = made(circles="circles/x.geojson", borders="wijk", marked=FOUR[:1])
    assert all(layer["data"].startswith(f"/map/{BUILD}/") for layer in deck["layers"])


def test_areas_are_coloured_by_the_file():
    values = layers(made())["values"]
    assert values["getFillPatternBackgroundColor"] == "@@=properties.fill"


def test_below_circles_areas_have_no_colour_of_a_class():
    deck = layers(made(circles="circles/x.geojson"))
    assert deck["values"]["getFillPatternBackgroundColor"] == list(palettes.rgb(palettes.GROUND))
    assert deck["circles"]["getPointRadius"] == "@@=properties.radius"


def test_circles_are_measured_in_pixels_of_the_map():
    whole, half = (layers(made(circles="circles/x.geojson", scale=scale))["circles"] for scale in (1, 0.5))
    assert whole["pointRadiusUnits"] == half["pointRadiusUnits"] == "pixels"
    assert "pointRadiusScale" not in whole and half["pointRadiusScale"] == 0.5


def test_what_the_mouse_is_on_gets_no_colour_that_the_legend_lacks():
    assert all(not {"autoHighlight", "highlightColor"} & set(layer) for layer in made()["layers"])


def test_what_is_missing_is_hatched_by_the_list_that_the_legend_has_too():
    values = layers(made())["values"]
    assert values["fillPatternMapping"] == "/assets/hatch.json"
    assert values["extensions"] == [{"@@type": "FillStyleExtension", "proceduralPattern": True}]
    assert values["fillPatternSizeUnits"] == "pixels"
    assert (values["getFillPattern"], values["getFillColor"]) == ("@@=properties.pattern", "@@=properties.hatch")


def test_only_the_layer_on_top_can_be_clicked_and_its_name_changes_with_the_choice():
    one, two = made(marked=FOUR[:1]), made(marked=FOUR[:2])
    assert [layer["id"] for layer in one["layers"] if layer.get("pickable")] == [one["layers"][-1]["id"]]
    assert one["layers"][-1]["id"] != two["layers"][-1]["id"]


def test_places_lie_on_top_where_a_click_finds_them_and_let_go_of_it_with_the_choice():
    one, two = made(marked=FOUR[:1], places=PLACES), made(marked=FOUR[:2], places=PLACES)
    for deck in (one, two):
        assert deck["layers"][-1]["data"] == f"/map/{BUILD}/{PLACES}" and deck["layers"][-1]["pickable"]
    assert one["layers"][-1]["id"] != two["layers"][-1]["id"]
    assert layers(made(marked=FOUR)).keys() == {each["id"] for each in made(marked=FOUR, places=PLACES)["layers"][:-1]}


def test_every_layer_has_a_name_of_its_own():
    deck = made(circles="circles/x.geojson", borders="wijk", marked=FOUR)
    assert len(layers(deck)) == len(deck["layers"])


def test_chosen_areas_are_outlined_in_one_layer():
    assert layers(made(marked=FOUR))["marked"]["data"] == f"/map/{BUILD}/outline/{'_'.join(FOUR)}.geojson"
    assert "marked" not in layers(made())


@pytest.mark.parametrize(("width", "height"), [(760, 560), (350, 330), (200, 900), (1900, 300)])
def test_the_view_just_shows_the_whole_frame(width, height):
    def north(lat):
        return math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)

    view = CITY.view(width, height)
    world = 512 * 2**view.zoom
    across, along = (CITY.east - CITY.west) / 360 * world, (north(CITY.north) - north(CITY.south)) * world
    assert 0.9 < max(across / width, along / height) <= 1
    assert CITY.west < view.longitude < CITY.east and CITY.south < view.latitude < CITY.north


def test_a_step_in_draws_twice_as_large_around_the_chosen_place():
    whole, near = CITY.view(760, 560), CITY.view(760, 560, 2, (5.1, 52.09))
    assert near.zoom - whole.zoom == pytest.approx(2)
    assert (near.longitude, near.latitude) == (5.1, 52.09)
    assert CITY.view(760, 560, 1).longitude == whole.longitude


@pytest.mark.parametrize("moves", [decks.BUTTONS, decks.STILL])
def test_a_map_moves_by_hand_as_far_as_is_asked(moves):
    assert made(moves=moves)["views"] == [{"@@type": "MapView", "controller": moves}]
    assert decks.BUTTONS == {"scrollZoom": False, "doubleClickZoom": False}  # the wheel is the page's


# --- an area of one's own

FORTY = tuple(f"BU0344{n:04}" for n in range(1111, 1151))


def united(*codes):
    return layers(json.loads(decks.own(BUILD, VIEW, "buurt", codes, borders="wijk").to_json()))


def test_the_largest_area_of_ones_own_fits_in_the_message():
    assert len(decks.own(BUILD, VIEW, "buurt", FORTY, borders="wijk").to_json().encode()) < 2_000


def test_an_area_of_ones_own_is_one_outline_whatever_the_order_of_its_buurten():
    assert united("BU03440112", "BU03440111")["own"]["data"] == f"/map/{BUILD}/own/0111_0112.geojson"
    assert "own" not in united()


def test_a_click_on_an_area_of_ones_own_lands_in_a_layer_of_its_own():
    one, two = united(FORTY[0]), united(*FORTY[:2])
    clicked = [[id for id, layer in made.items() if layer.get("pickable")] for made in (one, two)]
    assert [len(each) for each in clicked] == [1, 1] and clicked[0] != clicked[1]
    assert "//" not in json.dumps(list(one.values()))
