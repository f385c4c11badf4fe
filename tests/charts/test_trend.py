"""Lines through time: what is drawn is the series, names do not lie on each other, axes say what they count."""

import json
import re
from dataclasses import replace
from datetime import date
from itertools import pairwise

import altair as alt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld.catalogue import Status, load
from buurtbeeld.charts.series import Cut, Series
from buurtbeeld.charts.trend import (
    BAND,
    CHARACTERS,
    CITY,
    COLOURS,
    HOLLOW,
    INK,
    LINE_PX,
    SHAPES,
    Also,
    beyond,
    lines,
    local,
    round_up,
    span,
    wrapped,
)
from buurtbeeld.charts.vega import layer
from buurtbeeld.texts import words
from tests.eyes import contrast
from tests.figures import HOSTILE, figure, indicator

HEIGHT = 340
AREAS = ("BU1", "BU2", "BU3", "BU4")


def point(code, year, value, status=None, **more):
    return figure(value, status, code=code, name=code, period=date(year, 1, 1), **more)


def drawn(shown, names=None, id="good_health", lang="nl", height=HEIGHT, **more):
    shown = shown if isinstance(shown, Series) else Series("waarde", tuple(shown))
    names = {f.code: f.name for f in shown.figures} if names is None else names
    return lines(shown, names, "GM0344", indicator(id), words(lang), load(), height, **more)


def layers(spec, mark):
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == mark]


def rows(spec, mark="point"):
    """The rows of every layer of a mark."""
    return [row for each in layers(spec, mark) for row in each["data"]["values"]]


def encoded(spec, channel):
    return layers(spec, "point")[0]["encoding"][channel]


def scale(spec, channel):
    said = encoded(spec, channel)["scale"]
    return dict(zip(said["domain"], said["range"], strict=True))


SERIES = [point(code, year, 70.0 + year % 7) for code in ("GM0344", *AREAS) for year in (2012, 2016, 2020)]
SURE = [point("BU1", year, 70.0, low=60.0, high=80.0) for year in (2012, 2013, 2020)]


@pytest.mark.parametrize(("way", "lang"), [("waarde", "nl"), ("waarde", "en"), ("index", "nl"), ("verschil", "nl")])
@pytest.mark.parametrize(
    "figures",
    [SERIES, SERIES[:1], SURE, [], [point("BU1", 2020, None)], [point("BU1", 2020, 1.0, provisional=True)]],
    ids=["many", "one", "sure", "no", "hidden", "provisional"],
)
def test_the_chart_is_valid_vega_lite(figures, way, lang):
    cuts = (Cut("BU1", date(2012, 1, 1), date(2016, 1, 1), "border"),)
    alt.Chart.from_dict(drawn(Series(way, tuple(figures), cuts, date(2012, 1, 1)), lang=lang))


def test_an_invalid_chart_would_be_found():
    with pytest.raises(Exception, match="'high' is not of type 'number'"):
        alt.Chart.from_dict(drawn(SERIES) | {"height": "high"})


@pytest.mark.parametrize("status", [Status.REASON_UNKNOWN, Status.SECRET])
def test_a_period_without_a_value_stays_in_as_a_gap(status):
    spec = drawn([point("BU1", 2012, 70.0), point("BU1", 2013, None, status), point("BU1", 2014, 72.0)])
    assert [row["value"] for row in rows(spec)] == [70, None, 72]
    assert rows(spec, "line") == []


def test_what_is_drawn_are_the_pieces_of_the_line_each_in_its_style():
    known = [point("BU1", year, 70.0, provisional=year == 2021) for year in (2012, 2013, 2020, 2021)]
    spec = drawn(known)
    dashes = [layer["mark"]["strokeDash"] for layer in layers(spec, "line")]
    assert len(dashes) == 3 and len({tuple(dash) for dash in dashes}) == 3
    assert len(rows(spec, "line")) == 6
    assert [row.get("hollow", False) for row in rows(spec)] == [False, False, False, True]
    assert encoded(spec, "fill")["condition"]["test"] == "datum.hollow"


def test_lines_of_two_areas_are_never_joined():
    spec = drawn([point(code, year, 70.0) for code in ("BU1", "BU2") for year in (2012, 2013)])
    assert {(row["code"], row["piece"]) for row in rows(spec, "line")} == {("BU1", 0), ("BU2", 1)}


def test_margins_are_a_band_along_the_line_and_an_upright_line_at_a_point_alone():
    spec = drawn(SURE)
    assert [(row["low"], row["high"]) for row in rows(spec, "area")] == [(60, 80)] * 2
    assert [row["period"][:4] for row in rows(spec, "rule")] == ["2020"]
    assert rows(drawn(SERIES), "area") == []


def test_of_two_areas_both_margins_are_drawn_and_of_more_that_of_the_last_chosen():
    def shaded(*codes):
        figures = [point(code, year, 70.0, low=60.0, high=80.0) for code in codes for year in (2012, 2013)]
        spec = drawn(figures, {code: code for code in codes})
        assert {layer["mark"]["opacity"] for layer in layers(spec, "area")} == {BAND}
        return {row["code"] for row in rows(spec, "area")}

    assert shaded("BU1", "BU2") == {"BU1", "BU2"}
    assert shaded("BU1", "BU3", "BU2") == {"BU2"}
    assert shaded("BU1", "BU2", "GM0344") == {"BU2"}


def test_a_margin_beyond_the_axis_is_found():
    figures = [point("BU1", 2019, 100.0, low=100.0, high=100.0), point("BU1", 2020, 110.0, low=5.0, high=2000.0)]
    shown = Series("index", tuple(figures), (), date(2019, 1, 1))
    assert beyond(shown, figures, indicator("crimes")) == ("BU1",)
    assert beyond(shown, [replace(figure, low=90.0, high=120.0) for figure in figures], indicator("crimes")) == ()


def test_towards_a_provisional_figure_the_line_is_dashed_and_its_point_open():
    figures = [point("BU1", year, 50.0 + year % 7, provisional=year == 2021) for year in (2019, 2020, 2021)]
    spec = drawn(figures, id="crimes")
    styles = [(layer["mark"]["strokeDash"], layer["mark"]["strokeWidth"]) for layer in layers(spec, "line")]
    assert styles == [([1, 0], 2.5), ([7, 4], 2.5)]
    assert [row["period"][:4] for row in rows(spec, "line")] == ["2019", "2020", "2020", "2021"]
    assert encoded(spec, "fill")["condition"] == {"test": "datum.hollow", "value": HOLLOW}


def test_the_noise_of_rounding_is_shaded_around_the_line():
    figures = [point("BU1", year, value, low=value - 4, high=value + 4) for year, value in ((2019, 25.0), (2020, 30.0))]
    spec = drawn(figures, id="residents")
    (layer,) = layers(spec, "area")
    assert layer["mark"] == {"type": "area", "aria": False, "clip": True, "opacity": 0.16}
    assert (layer["encoding"]["y"]["field"], layer["encoding"]["y2"]["field"]) == ("low", "high")
    assert [(row["low"], row["high"]) for row in rows(spec, "area")] == [(21, 29), (26, 34)]


def test_a_cut_has_a_line_and_a_word_halfway_once_for_all_areas():
    starts = zip(AREAS, (2012, 2012, 2014, 2013), strict=True)  # one of them lacks no figure just before the break
    cuts = tuple(Cut(code, date(y, 1, 1), date(2016, 1, 1), "definition", date(2015, 1, 1)) for code, y in starts)
    spec = drawn(Series("waarde", tuple(SERIES), cuts))
    labels = [row for row in rows(spec, "text") if "at" in row]
    assert [(row["at"][:10], row["label"]) for row in labels] == [("2015-01-01", "andere definitie")]


def test_in_a_low_chart_the_word_for_a_cut_stands_below_it():
    cuts = (Cut("BU1", date(2012, 1, 1), date(2016, 1, 1), "definition", date(2015, 1, 1)),)
    spec = drawn(Series("waarde", tuple(SERIES), cuts), height=170)
    assert len(rows(spec, "rule")) == 1 and not any("at" in row for row in rows(spec, "text"))


def test_a_border_is_that_of_one_area_and_named():
    periods = [(date(2012, 1, 1), date(2016, 1, 1)), (date(2016, 1, 1), date(2020, 1, 1))]
    cuts = tuple(Cut(code, *span, "border") for code in ("BU1", "BU9") for span in periods)
    spec = drawn(Series("waarde", tuple(SERIES), cuts), {"BU1": "Lange Elisabethstraat"}, characters=10)
    assert [row["label"] for row in rows(spec, "text") if "at" in row] == ["andere grens: Lange Eli…"] * 2
    assert len({row["at"] for row in rows(spec, "rule")}) == 2


def test_an_area_without_any_value_has_no_line():
    spec = drawn([point("BU1", 2020, 70.0), point("BU2", 2020, None)])
    assert {row["code"] for row in rows(spec)} == {"BU1"} == set(scale(spec, "color"))


def test_what_is_drawn_is_the_figure_with_its_words():
    (row,) = rows(drawn([point("BU1", 2020, 70.25, low=66.0, high=74.0)]))
    assert row["value"] == 70.25 and row["period"].startswith("2020-01-01")
    assert row["text"] == "BU1, 2020: 70,2% (tussen 66,0% en 74,0%)"


def test_only_named_areas_are_drawn():
    assert {row["code"] for row in rows(drawn(SERIES, {"BU2": "Twee"}))} == {"BU2"}


def test_every_area_has_a_colour_and_a_shape_of_its_own():
    colours, shapes = scale(drawn(SERIES), "color"), scale(drawn(SERIES), "shape")
    assert [colours[code] for code in AREAS] == list(COLOURS)
    assert [shapes[code] for code in AREAS] == list(SHAPES)
    assert len(set(shapes.values())) == 5
    labels = [row["label"][0] for row in rows(drawn(SERIES), "text")]
    assert len(set(labels)) == 5  # the same shape before each name


@pytest.mark.parametrize("order", [("GM0344", "BU1"), ("BU1", "GM0344")])
def test_the_city_is_grey_and_takes_no_colour_from_the_areas(order):
    colours = scale(drawn(SERIES, {code: code for code in order}), "color")
    assert colours == {"GM0344": CITY, "BU1": COLOURS[0]}


@pytest.mark.parametrize("colour", [*COLOURS, CITY, INK])
def test_names_in_their_colour_can_be_read_on_white(colour):
    assert contrast(colour) >= 4.5


# Axes


@pytest.mark.parametrize("id", ["good_health", "crimes", "home_value"])
def test_the_axis_of_the_figures_themselves_starts_at_zero(id):
    spec = drawn([point("BU1", 2019, 200.0), point("BU1", 2020, 300.0)], id=id)
    assert encoded(spec, "y")["scale"]["zero"] is True and "domain" not in encoded(spec, "y")["scale"]


def axis(way, *values, id="good_health", **more):
    shown = Series(
        way, tuple(point("BU1", 2019 + i, value, **more) for i, value in enumerate(values)), (), date(2019, 1, 1)
    )
    names = {"BU1": "BU1", "GM0344": "Utrecht"}
    spec = drawn(shown, names, id=id)
    assert encoded(spec, "y")["scale"]["zero"] is False
    return encoded(spec, "y")["scale"]["domain"], spec["title"]["text"]


def test_the_axis_of_an_index_lies_around_100_and_says_where_it_starts():
    assert axis("index", 100.0, 117.0) == ([80, 120], "index: 2019 = 100, de as begint bij 80")
    assert axis("index", 100.0, 156.0) == ([0, 160], "index: 2019 = 100")
    assert axis("index", 100.0, 250.0) == ([0, 250], "index: 2019 = 100")


def test_a_margin_stretches_the_axis_of_an_index_no_further_than_to_twice_the_base():
    assert axis("index", 100.0, 110.0, low=95.0, high=140.0)[0] == [60, 140]
    assert axis("index", 100.0, 110.0, low=5.0, high=2000.0)[0] == [0, 200]


def test_the_axis_of_differences_has_the_city_in_the_middle():
    assert axis("verschil", -3.0, 1.0) == ([-3, 3], "verschil met Utrecht, in procentpunt")
    assert axis("verschil", 0.0, 0.0)[0] == [-0.1, 0.1]


def test_of_differences_the_city_is_the_line_at_zero_with_its_name():
    shown = Series("verschil", (point("BU1", 2019, -3.0), point("BU1", 2020, 1.0)))
    spec = drawn(shown, {"BU1": "BU1", "GM0344": "Utrecht"})
    assert rows(spec, "rule") == [{"base": 0.0}]
    assert [(row["place"], row["label"]) for row in rows(spec, "text")] == [(0, "✚ Utrecht"), (1, "● BU1 +1,0")]


def test_there_is_a_line_at_zero_above_negative_values():
    assert rows(drawn([point("BU1", 2019, -3.0)]), "rule") == [{"base": 0.0}]
    assert rows(drawn([point("BU1", 2019, 3.0)]), "rule") == []


@given(st.floats(1e-6, 1e9))
def test_an_end_of_an_axis_is_round_and_near(size):
    end = round_up(size)
    assert size * (1 - 1e-9) <= end <= size * 1.5 + 1e-6
    assert float(f"{end:.1e}".split("e")[0]) in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), st.sampled_from(["waarde", "index", "verschil"]))
def test_every_value_lies_on_the_axis(values, way):
    values = [abs(value) for value in values] if way == "index" else values
    figures = [point("BU1", 2000 + place, value) for place, value in enumerate(values)]
    low, high = span(Series(way, tuple(figures)), figures, indicator("good_health"))
    assert low - 1e-6 <= min(values) and max(values) <= high * (1 + 1e-6) + 1e-6 and low <= high
    assert low <= (100 if way == "index" else 0) <= high


@pytest.mark.parametrize(("id", "step"), [("distance_gp", 0.1), ("crimes", 1.0)])
def test_no_tick_is_finer_than_the_figures(id, step):
    spec = drawn([point("BU1", 2019, 0.6), point("BU1", 2020, 0.7)], id=id)
    assert encoded(spec, "y")["axis"]["tickMinStep"] == pytest.approx(step)


@pytest.mark.parametrize(
    ("grain", "days", "written"),
    [
        ("year", [date(2023, 1, 1), date(2024, 1, 1)], ["2023", "2024"]),
        ("month", [date(2024, 2, 1), date(2024, 3, 1)], ["februari 2024", "maart 2024"]),
        ("day", [date(2024, 3, 4), date(2024, 3, 5)], ["4 maart 2024", "5 maart 2024"]),
    ],
)
def test_the_axis_of_time_names_periods_as_the_language_does(grain, days, written):
    spec = drawn([replace(point("BU1", 2020, 70.0), period=day, grain=grain) for day in days])
    time = encoded(spec, "x")["axis"]
    assert time["values"] == [local(day) for day in days]
    assert time["labelExpr"] == (
        f"{json.dumps(written)}[indexof({json.dumps([str(day) for day in days])}, timeFormat(datum.value, '%Y-%m-%d'))]"
    )


def test_a_period_without_any_figure_is_not_named():
    spec = drawn([point("BU1", 2012, None), point("BU1", 2016, 1.0), point("BU2", 2020, 2.0)])
    assert encoded(spec, "x")["axis"]["values"] == [local(date(year, 1, 1)) for year in (2016, 2020)]


def test_a_low_chart_names_the_first_and_the_last_period_only():
    assert len(encoded(drawn(SERIES, height=170), "x")["axis"]["values"]) == 2


def test_other_layers_are_drawn_below_the_lines_and_add_their_days():
    below = layer("rule", [{"at": local(date(2030, 1, 1)), "value": 5}], {"color": "red"}, x="at:T")
    spec = drawn(SERIES, also=Also((below,), (), (date(2030, 1, 1),)))
    order = [layer["mark"].get("color", layer["mark"]["type"]) for layer in spec["layer"]]
    assert order.index("red") < order.index("line") < order.index("point")
    assert encoded(spec, "x")["axis"]["values"][-1] == "2030-01-01T00:00:00"
    alt.Chart.from_dict(spec)


# Names


values = st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 1)), min_size=1, max_size=5)


@settings(max_examples=30)
@given(values, st.sampled_from(["waarde", "verschil"]))
def test_names_at_the_ends_are_at_least_a_line_apart(ends, way):
    figures = tuple(point(f"BU{place}", 2020, value) for place, value in enumerate(ends))
    spec = drawn(Series(way, figures))
    places = sorted(row["place"] for row in rows(spec, "text"))
    low, high = span(Series(way, figures), figures, indicator("good_health"))
    assert len(places) == len(ends)
    assert all(above - below >= 0.999 * (high - low) * LINE_PX / HEIGHT for below, above in pairwise(places))


def test_a_name_stands_at_the_newest_value():
    spec = drawn([point("BU1", 2012, 70.0), point("BU1", 2016, 71.0), point("BU1", 2020, None)])
    (end,) = rows(spec, "text")
    assert (end["period"][:4], end["place"], end["label"]) == ("2016", 71, "● BU1 71,0%")


LONG = "Lange Elisabethstraat, Mariaplaats en omgeving"


@pytest.mark.parametrize(
    ("characters", "written"),
    [
        (CHARACTERS, ["● Lange Elisabethstraat,", "Mariaplaats en omgeving 70,0%"]),
        (16, ["● Lange", "Elisabethstraat,", "Mariaplaats en…", "70,0%"]),
    ],
    ids=["wide", "phone"],
)
def test_a_long_name_is_broken_over_lines(characters, written):
    spec = drawn([point("BU1", 2020, 70.0)], {"BU1": LONG}, characters=characters)
    found = rows(spec, "text")
    assert [row["label"] for row in found] == written
    places = [row["place"] for row in found]
    assert places == sorted(places, reverse=True) and sum(places) / len(places) == pytest.approx(70)


def test_a_word_that_fits_on_no_line_is_cut():
    assert wrapped("Donaudampfschifffahrt", 10) == ["Donaudamp…"]


@given(st.text(max_size=80), st.integers(5, 30))
def test_no_line_of_a_name_is_longer_than_there_is_room(name, characters):
    lines = wrapped(name, characters)
    assert 1 <= len(lines) <= 3 and all(len(line) <= characters for line in lines)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_data_and_nothing_more(name):
    cut = Cut("BU03440111", date(2023, 1, 1), date(2024, 1, 1), "border")
    spec = drawn(Series("waarde", (figure(1.0, name=name),), (cut,)))
    assert json.loads(json.dumps(spec)) == spec
    assert rows(spec)[0]["text"].startswith(name)


@pytest.mark.parametrize(("lang", "written"), [("nl", "1.234.567,5"), ("en", "1,234,567.5")])
def test_ticks_are_written_as_the_language_does(lang, written):
    expression = encoded(drawn(SERIES, lang=lang), "y")["axis"]["labelExpr"]
    assert "format(datum.value, ',')" in expression
    text = "1,234,567.5"  # what `format` makes of it
    for old, new in re.findall(r", (/.+?/g|'.'), '(.)'\)", expression):
        text = text.replace(old.removesuffix("/g").strip("/'"), new)
    assert text == written


def test_ticks_of_differences_have_a_sign():
    shown = Series("verschil", tuple(SERIES))
    assert "format(datum.value, '+,')" in encoded(drawn(shown), "y")["axis"]["labelExpr"]


def test_nothing_comes_from_elsewhere():
    spec = drawn(SERIES)
    assert spec.pop("$schema").startswith("https://vega.github.io/schema/vega-lite/")  # a name, nobody fetches it
    assert "//" not in json.dumps(spec)
