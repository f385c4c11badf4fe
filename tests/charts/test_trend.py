"""Lines through time: gaps stay gaps, names do not lie on each other, numbers as the language writes them."""

import json
import re
from datetime import date
from itertools import pairwise

import altair as alt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld.catalogue import Status, load
from buurtbeeld.charts.trend import CHARACTERS, CITY, COLOURS, LINE_PX, lines
from buurtbeeld.texts import words
from tests.eyes import contrast
from tests.figures import HOSTILE, figure, indicator

HEIGHT = 340
AREAS = ("BU1", "BU2", "BU3", "BU4")


def point(code, year, value, status=None):
    return figure(value, status, code=code, name=code, period=date(year, 1, 1))


def drawn(figures, names=None, id="good_health", lang="nl", height=HEIGHT, **more):
    names = {f.code: f.name for f in figures} if names is None else names
    return lines(figures, names, "GM0344", indicator(id), words(lang), load(), height, **more)


def rows(spec, layer=0):
    data = spec["layer"][layer]["data"]
    return data["values"] if "values" in data else spec["datasets"][data["name"]]


def scale(spec, channel):
    said = spec["layer"][0]["encoding"][channel]["scale"]
    return dict(zip(said["domain"], said["range"], strict=True))


SERIES = [point(code, year, 70.0 + year % 7) for code in ("GM0344", *AREAS) for year in (2012, 2016, 2020)]


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize(
    "figures", [SERIES, SERIES[:1], [], [point("BU1", 2020, None)]], ids=["many", "one", "no", "hidden"]
)
def test_the_chart_is_valid_vega_lite(figures, lang):
    alt.Chart.from_dict(drawn(figures, lang=lang))


def test_an_invalid_chart_would_be_found():
    with pytest.raises(Exception, match="'high' is not of type 'number'"):
        alt.Chart.from_dict(drawn(SERIES) | {"height": "high"})


@pytest.mark.parametrize("status", [Status.REASON_UNKNOWN, Status.SECRET])
def test_a_period_without_a_value_stays_in_as_a_gap(status):
    spec = drawn([point("BU1", 2012, 70.0), point("BU1", 2016, None, status), point("BU1", 2020, 72.0)])
    assert [row["value"] for row in rows(spec)] == [70, None, 72]


def test_an_area_without_any_value_has_no_line():
    spec = drawn([point("BU1", 2020, 70.0), point("BU2", 2020, None)])
    assert {row["code"] for row in rows(spec)} == {"BU1"} == set(scale(spec, "color"))


def test_what_is_drawn_is_the_figure_with_its_words():
    (row,) = rows(drawn([point("BU1", 2020, 70.25)]))
    assert row["value"] == 70.25 and row["period"].startswith("2020-01-01")
    assert row["text"] == "BU1, 2020: 70,2%"


def test_only_named_areas_are_drawn():
    assert {row["code"] for row in rows(drawn(SERIES, {"BU2": "Twee"}))} == {"BU2"}


def test_every_area_has_a_colour_and_a_dash_of_its_own():
    colours, dashes = scale(drawn(SERIES), "color"), scale(drawn(SERIES), "strokeDash")
    assert [colours[code] for code in AREAS] == list(COLOURS)
    assert len({tuple(dashes[code]) for code in AREAS}) == 4


@pytest.mark.parametrize("order", [("GM0344", "BU1"), ("BU1", "GM0344")])
def test_the_city_is_grey_and_takes_no_colour_from_the_areas(order):
    colours = scale(drawn(SERIES, {code: code for code in order}), "color")
    assert colours == {"GM0344": CITY, "BU1": COLOURS[0]}


@pytest.mark.parametrize("colour", [*COLOURS, CITY])
def test_names_in_their_colour_can_be_read_on_white(colour):
    assert contrast(colour) >= 4.5


@pytest.mark.parametrize("id", ["good_health", "crimes", "home_value"])
def test_the_axis_starts_at_zero(id):
    spec = drawn([point("BU1", 2019, 200.0), point("BU1", 2020, 300.0)], id=id)
    assert spec["layer"][0]["encoding"]["y"]["scale"]["zero"] is True


@pytest.mark.parametrize(("id", "step"), [("distance_gp", 0.1), ("crimes", 1.0)])
def test_no_tick_is_finer_than_the_figures(id, step):
    spec = drawn([point("BU1", 2019, 0.6), point("BU1", 2020, 0.7)], id=id)
    assert spec["layer"][0]["encoding"]["y"]["axis"]["tickMinStep"] == pytest.approx(step)


values = st.lists(st.floats(0, 1e6).map(lambda value: round(value, 1)), min_size=1, max_size=5)


@settings(max_examples=20)
@given(values, st.sampled_from(["good_health", "home_value"]))
def test_names_at_the_ends_are_at_least_a_line_apart(ends, id):
    spec = drawn([point(f"BU{place}", 2020, value) for place, value in enumerate(ends)], id=id)
    places = sorted(row["place"] for row in rows(spec, 2))
    span = (max(ends) - (0 if id == "good_health" else min(ends))) or 1
    assert len(places) == len(ends)
    assert all(above - below >= 0.999 * span * LINE_PX / HEIGHT for below, above in pairwise(places))


def test_a_name_stands_at_the_newest_value():
    spec = drawn([point("BU1", 2012, 70.0), point("BU1", 2016, 71.0), point("BU1", 2020, None)])
    (end,) = rows(spec, 2)
    assert (end["period"][:4], end["place"], end["label"]) == ("2016", 71, "BU1 71,0%")


def test_a_long_name_is_cut():
    spec = drawn([point("BU1", 2020, 70.0)], {"BU1": "Lange Elisabethstraat, Mariaplaats en omgeving"})
    name = rows(spec, 2)[0]["label"].removesuffix(" 70,0%")
    assert len(name) <= CHARACTERS and name.endswith("…")


def test_on_a_phone_a_name_leaves_room_for_its_line():
    spec = drawn([point("BU1", 2020, 49.0)], {"BU1": "Lange Elisabethstraat"}, id="crimes_per_1000", characters=10)
    assert rows(spec, 2)[0]["label"] == "Lange Eli… 49"


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_data_and_nothing_more(name):
    spec = drawn([figure(1.0, name=name)])
    assert json.loads(json.dumps(spec)) == spec
    assert rows(spec)[0]["text"].startswith(name)


@pytest.mark.parametrize(("lang", "written"), [("nl", "1.234.567,5"), ("en", "1,234,567.5")])
def test_ticks_are_written_as_the_language_does(lang, written):
    expression = drawn(SERIES, lang=lang)["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]
    assert "format(datum.value, ',')" in expression
    text = "1,234,567.5"  # what `format` makes of it
    for old, new in re.findall(r", (/.+?/g|'.'), '(.)'\)", expression):
        text = text.replace(old.removesuffix("/g").strip("/'"), new)
    assert text == written


def test_nothing_comes_from_elsewhere():
    spec = drawn(SERIES)
    assert spec.pop("$schema").startswith("https://vega.github.io/schema/vega-lite/")  # a name, nobody fetches it
    assert "//" not in json.dumps(spec)
