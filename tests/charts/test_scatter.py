"""The picture of two figures: circles by residents, chosen areas by shape, names apart, a line only with its band."""

import math
from itertools import combinations

import altair as alt
import pytest

from buurtbeeld.catalogue import load
from buurtbeeld.charts import scatter
from buurtbeeld.charts.scatter import HEIGHT, LABEL_PX, SHAPES, Point, along, spec, stretched
from buurtbeeld.statistics.association import Line
from buurtbeeld.texts import words
from tests.eyes import contrast
from tests.figures import HOSTILE, indicator

POINTS = [Point(f"BU{n}", f"Buurt {n}", 60 + n % 7, 300_000 + n * 10_000, 500 * n + 20) for n in range(30)]
LINE = Line((60.0, 63.0, 66.0), (3e5, 4e5, 5e5), (2e5, 3.5e5, 4e5), (4e5, 4.5e5, 6e5))


def drawn(points=POINTS, chosen=(), outliers=(), fitted=None, lang="nl"):
    axes = indicator("good_health"), indicator("home_value")
    return spec(points, axes, chosen, outliers, fitted, words(lang), load())


@pytest.mark.parametrize("fitted", [None, LINE])
def test_it_is_a_chart_by_the_schema(fitted):
    made = drawn(chosen=("BU1", "BU2"), outliers=("BU3",), fitted=fitted)
    alt.Chart.from_dict(made)
    with pytest.raises(Exception, match="'high' is not of type 'number'"):
        alt.Chart.from_dict(made | {"height": "high"})


def rows(layer):
    return layer["data"]["values"]


def layers(made, kind, **has):
    marks = [layer for layer in made["layer"] if layer["mark"]["type"] == kind]
    return [layer for layer in marks if all(layer["mark"].get(key) == value for key, value in has.items())]


def names(made):
    return [row for layer in layers(made, "text") if "color" in layer["encoding"] for row in rows(layer)]


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("points", [POINTS, POINTS[:1], []], ids=["many", "one", "none"])
def test_the_picture_is_valid_vega_lite(points, lang):
    alt.Chart.from_dict(drawn(points, chosen=["BU0"], outliers=["BU3"], fitted=LINE, lang=lang))


def test_the_surface_of_a_circle_goes_with_the_residents():
    made = drawn()
    circles = layers(made, "point")[0]
    scale = circles["encoding"]["size"]["scale"]
    assert scale["domain"] == [0, max(point.residents for point in POINTS)] and scale["range"][0] == 0
    assert scale.get("type", "linear") == "linear"  # a size in Vega is a surface
    assert {row["residents"] for row in rows(circles)} == {point.residents for point in POINTS}


def test_the_legend_has_round_numbers_that_occur():
    legend = layers(drawn(), "point")[0]["encoding"]["size"]["legend"]
    assert legend["values"] == [1_000, 10_000] and legend["title"] == "Inwoners"
    assert layers(drawn(POINTS[:1]), "point")[0]["encoding"]["size"]["legend"]["values"] == [2, 20]


def test_a_chosen_area_has_a_shape_a_colour_and_its_name():
    chosen = ["BU3", "BU9", "BU5", "BU7"]
    made = drawn(chosen=chosen)
    others, mine = layers(made, "point")
    assert {row["text"].split(" · ")[0] for row in rows(others)}.isdisjoint({f"Buurt {c[2:]}" for c in chosen})
    assert {row["shape"] for row in rows(mine)} == set(SHAPES)
    assert len({row["colour"] for row in rows(mine)}) == 4
    assert {row["label"] for row in names(made)} == {"Buurt 3", "Buurt 9", "Buurt 5", "Buurt 7"}
    assert all(contrast(row["colour"]) >= 4.5 for row in names(made))


def test_an_area_that_is_not_in_the_picture_is_left_out():
    assert names(drawn(chosen=["BU99"], outliers=["BU98"])) == []


def test_who_stands_apart_is_named():
    assert [row["label"] for row in names(drawn(outliers=["BU4"]))] == ["Buurt 4"]


@pytest.mark.parametrize("far", [1, 100])
def test_names_do_not_lie_on_each_other(far):
    points = [*POINTS, *(Point(f"X{n}", "Lange naam", 62, 400_000 * (far if n > 3 else 1) + n, 100) for n in range(6))]
    found = scatter._labels([p for p in points if p.code[0] == "X"], points)
    gaps = [abs(one["height"] - other["height"]) for one, other in combinations(found, 2)]
    assert min(gaps) >= LABEL_PX / HEIGHT * 0.999


def test_a_name_stands_where_there_is_room():
    left, right = Point("L", "L", 1, 5, 9), Point("R", "R", 9, 5, 9)
    found = {row["code"]: row["before"] for row in scatter._labels([left, right], [left, right])}
    assert found == {"L": False, "R": True}


def test_a_name_never_leaves_the_picture():
    """It stands in the half where there is room, and takes no more than that half."""
    limits = [layer["mark"]["limit"] for layer in layers(drawn(outliers=["BU4"]), "text")]
    assert limits == [{"expr": "width / 2 - 13"}] * 4


def test_the_name_of_an_axis_fits_on_a_phone():
    axes = indicator("population_density"), indicator("anxiety_depression_risk")
    made = spec(POINTS, axes, (), (), None, words("nl"), load())
    for channel in ("x", "y"):
        title = layers(made, "point")[0]["encoding"][channel]["axis"]["title"]
        assert all(len(line) <= scatter.TITLE for line in title)
    assert " ".join(title) == "Volwassenen met kans op angst of depressie (procent, schatting)"


def test_a_line_is_drawn_with_its_band_or_not_at_all():
    assert layers(drawn(), "line") == layers(drawn(), "area") == []
    made = drawn(fitted=LINE)
    (band,), (line,) = layers(made, "area"), layers(made, "line")
    assert [(row["low"], row["high"]) for row in rows(band)] == list(zip(LINE.low, LINE.high, strict=True))
    assert [row["y"] for row in rows(line)] == list(LINE.y)


def scales(values, fitted=None):
    points = [Point(str(n), "x", value, value, 100) for n, value in enumerate(values)]
    encoding = layers(drawn(points, fitted=fitted), "point")[0]["encoding"]
    return [(encoding[channel]["scale"].get("domain"), encoding[channel]["axis"].get("offset")) for channel in "xy"]


@pytest.mark.parametrize(
    ("values", "most"), [([0, 5_000, 20_000], 20_800), ([150, 9_000, 11_000, 20_000], 20_800), ([0, 0], 1)]
)
def test_room_for_circles_takes_no_axis_below_nothing(values, most):
    """Where it would, the axis starts at 0, with room at the other end."""
    assert scales(values) == [([0, most], scatter.ROOM)] * 2
    encoding = layers(drawn([Point("BU1", "x", value, value, 9) for value in values]), "point")[0]["encoding"]
    assert not any("padding" in encoding[channel]["scale"] for channel in "xy")  # Vega pads after all else


@pytest.mark.parametrize("values", [[-3, 5, 20], [60, 70, 80], []])
def test_an_axis_that_lies_elsewhere_keeps_its_room(values):
    assert scales(values) == [(None, None)] * 2


def test_numbers_stand_aside_for_circles_at_the_other_axis():
    points = [Point(str(n), "x", value, 60 + value, 100) for n, value in enumerate([0, 1, 2])]
    encoding = layers(drawn(points), "point")[0]["encoding"]
    assert [encoding[channel]["axis"].get("offset") for channel in "xy"] == [None, scatter.ROOM]


def test_neither_does_the_band_of_a_line():
    across, along = scales([60.0, 63, 66], Line((60.0, 66.0), (50.0, 70.0), (-20.0, 40.0), (90.0, 100.0)))
    assert across == (None, scatter.ROOM) and along == ([0, 104], None)


def test_a_name_moved_up_has_room_too():
    points = [Point(f"BU{n}", "Lange naam", 1, 1_000, 9) for n in range(9)] + [Point("BU9", "x", 0, 0, 9)]
    made = drawn(points, chosen=["BU0", "BU1", "BU2", "BU3"])
    highest = max(row["y"] for row in names(made))
    assert highest > 1_000
    assert layers(made, "point")[0]["encoding"]["y"]["scale"]["domain"][1] > highest


def test_a_few_far_values_make_an_axis_of_ratios():
    values = [20.0, 30, 40, 50, 60, 1_400]
    assert stretched(values) and not stretched(values[:-1]) and not stretched([0.0, *values]) and not stretched([])
    points = [Point(str(n), "x", 62 + n, value, 100) for n, value in enumerate(values)]
    y = layers(drawn(points, fitted=Line((62, 67), (-5, 9), (-50, 1), (40, 20))), "point")[0]["encoding"]["y"]
    assert y["scale"]["type"] == "log" and y["scale"]["domain"] == [20, 1_400]
    assert y["axis"]["values"] == [20, 50, 100, 200, 500, 1_000]


def test_an_axis_of_ratios_holds_no_number_that_it_can_not_draw():
    points = [Point(str(n), "x", 62 + n, value, 100) for n, value in enumerate([20.0, 30, 40, 1_400])]
    made = drawn(points, fitted=Line((62, 67), (-5, 9), (-50, 1), (40, 20)))
    drawn_rows = rows(layers(made, "area")[0])
    assert all(value > 0 and math.isfinite(value) for row in drawn_rows for value in row.values())


def test_numbers_are_written_as_the_language_does():
    text = rows(layers(drawn(), "point")[0])[3]["text"].replace("\xa0", " ")
    assert text == "Buurt 3 · Waarde van een woning: € 330.000 · Goede gezondheid: 63,0% · 1.520 inwoners"
    assert "63.0%" in rows(layers(drawn(lang="en"), "point")[0])[3]["text"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_words(text):
    made = drawn([Point("BU1", text, 62, 4e5, 9)], outliers=["BU1"])
    assert rows(layers(made, "point")[0])[0]["text"].startswith(text)


@pytest.mark.parametrize(("colour", "least"), [(scatter.EDGE, 3), (scatter.GREY, 4.5)])
def test_lines_and_words_stand_out_from_white(colour, least):
    assert contrast(colour) >= least


def test_values_lie_along_their_axis_as_it_is_drawn():
    assert along([1, 2, 3]) == [1, 2, 3] and along([]) == []
    assert along([1, 1, 1, 100]) == [0, 0, 0, math.log(100)]
