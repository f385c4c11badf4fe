"""Colours that stay apart for every eye, computed."""

import pytest

from buurtbeeld.catalogue import Status
from buurtbeeld.maps import palettes
from buurtbeeld.maps.palettes import AROUND, DIVERGING, SEQUENTIAL, pale, ramp, rgb
from tests.eyes import KINDS, contrast, distance, lab, nearest

RED_TO_GREEN = ("#D7191C", "#FDAE61", "#FFFFBF", "#A6D96A", "#1A9641")
PALETTES = (SEQUENTIAL, AROUND, DIVERGING)
CIRCLES = (*DIVERGING[:2], palettes.SLIGHT, *DIVERGING[3:])
every_eye = pytest.mark.parametrize("kind", KINDS)


def test_the_eye_of_these_tests_knows_a_bad_palette():
    assert nearest(RED_TO_GREEN, "green-blind") == pytest.approx(6.2, abs=0.1)
    assert contrast("#666666") == pytest.approx(5.74, abs=0.01)


@every_eye
@pytest.mark.parametrize(
    "palette",
    [*PALETTES, palettes.UNTESTED, CIRCLES],
    ids=["sequential", "around", "diverging", "untested", "circles"],
)
def test_no_two_classes_look_alike(palette, kind):
    assert all(nearest(ramp(count, palette), kind) >= 10 for count in range(2, 6))


@every_eye
def test_the_chosen_area_stands_out_on_every_class(kind):
    assert all(
        distance(palettes.MARK, colour, kind) >= 10 for colour in (*SEQUENTIAL, *AROUND, *DIVERGING, palettes.GROUND)
    )


@pytest.mark.parametrize("colour", sorted({*SEQUENTIAL, *AROUND, *CIRCLES, *palettes.UNTESTED, palettes.WHITE}))
def test_every_circle_stands_out_on_its_ground_by_its_colour_or_its_edge(colour):
    edge = palettes.edge(colour)
    assert max(contrast(each, palettes.GROUND) for each in (colour, edge)) >= 3
    assert contrast(edge, colour) >= 1.5


@every_eye
def test_missing_looks_like_no_class(kind):
    assert all(distance(palettes.HATCH, colour, kind) >= 10 for colour in (*SEQUENTIAL, *AROUND, *DIVERGING))


def test_a_higher_class_is_darker():
    lightness = [lab(colour)[0] for colour in SEQUENTIAL]
    assert lightness == sorted(lightness, reverse=True)


@pytest.mark.parametrize("palette", [AROUND, DIVERGING], ids=["around", "diverging"])
def test_a_palette_of_two_sides_is_lightest_in_the_middle(palette):
    lightness = [lab(colour)[0] for colour in palette]
    assert max(lightness) == lightness[2] and lightness[1] > lightness[0] and lightness[3] > lightness[4]


@pytest.mark.parametrize("palette", PALETTES, ids=["sequential", "around", "diverging"])
def test_no_ramp_runs_from_red_to_green(palette):
    def red(colour):
        return rgb(colour)[0] > 1.5 * max(rgb(colour)[1:])

    def green(colour):
        return rgb(colour)[1] > 1.2 * max(rgb(colour)[0], rgb(colour)[2])

    assert red(RED_TO_GREEN[0]) and green(RED_TO_GREEN[-1])
    assert not (any(map(red, palette)) and any(map(green, palette)))


@pytest.mark.parametrize("name", ["EDGE", "OUTLINE", "HATCH", "MARK"])
def test_lines_can_be_seen_on_white(name):
    assert contrast(getattr(palettes, name)) >= 3


@every_eye
def test_a_change_that_can_be_chance_looks_like_no_other(kind):
    assert all(distance(palettes.UNCLEAR, colour, kind) >= 5 for colour in DIVERGING)
    assert all(distance(palettes.WHITE, colour, kind) >= 10 for colour in CIRCLES)


def test_what_nobody_can_test_is_lighter_than_the_same_change():
    pairs = zip(palettes.UNTESTED, DIVERGING, strict=True)
    assert all(lab(light)[0] > lab(full)[0] for light, full in pairs)


def test_missing_is_no_end_of_a_ramp_and_not_white_or_black():
    assert palettes.HATCH not in {*SEQUENTIAL, *AROUND, *DIVERGING, "#FFFFFF", "#000000"}


@pytest.mark.parametrize("palette", PALETTES, ids=["sequential", "around", "diverging"])
def test_an_uncertain_value_is_greyer_and_lighter_than_its_class_where_that_is_dark(palette):
    for colour in palette:
        grey, full = lab(pale(colour)), lab(colour)
        assert sum(grey[1:] ** 2) <= sum(full[1:] ** 2)
        assert full[0] > 60 or grey[0] > full[0]


def test_every_reason_has_a_hatch_of_its_own():
    wanted = {str(status) for status in Status if status != Status.OK} | {palettes.NOT_CLEAR, palettes.MOVED}
    assert set(palettes.PATTERNS) == wanted
    assert len({repr(pattern) for pattern in palettes.PATTERNS.values()}) == len(wanted)
    assert {pattern["type"] for pattern in palettes.PATTERNS.values()} == {"hatch", "cross-hatch", "dots"}


def test_a_ramp_spans_the_whole_palette():
    assert ramp(5) == SEQUENTIAL
    assert ramp(2) == (SEQUENTIAL[0], SEQUENTIAL[-1])
    assert ramp(3, DIVERGING) == (DIVERGING[0], DIVERGING[2], DIVERGING[4])
    assert ramp(1) == (SEQUENTIAL[2],)
    assert ramp(0) == ()


def test_more_classes_than_colours_are_refused():
    with pytest.raises(ValueError, match="6 classes, but only 5 colours"):
        ramp(6)
