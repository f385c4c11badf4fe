"""Goals and measures among the lines: everything that was filled in is there, and no data is hidden. All made up."""

import json
from datetime import date
from itertools import pairwise

import altair as alt
import pytest

from buurtbeeld.catalogue import Measure, Target, load
from buurtbeeld.charts import goals
from buurtbeeld.charts.goals import INK
from buurtbeeld.charts.series import Series
from buurtbeeld.charts.trend import lines
from buurtbeeld.texts import words
from tests.eyes import contrast
from tests.figures import HOSTILE, figure, indicator

HEIGHT, WIDE, NARROW = 340, 30, 10
LINK = "https://example.org/test"
FIGURES = [figure(70.0 + year % 7, code=code, name=code, period=date(year, 1, 1)) for code in ("GM0344", "BU1")
           for year in (2012, 2016, 2020, 2024)]  # fmt: skip
NAMES = {"GM0344": "Utrecht", "BU1": "Een lange naam van een buurt"}


def target(value, year=2030, code="GM0344"):
    return Target("good_health", code, year, value, "TEST", LINK)


def measure(begin, end=None, title="TEST"):
    return Measure("GM0344", begin, end, title, LINK)


def drawn(targets=(), measures=(), characters=WIDE, figures=FIGURES):
    about, say, catalogue = indicator("good_health"), words("nl"), load()
    also = goals.layers(targets, measures, figures, NAMES, about, say, catalogue, HEIGHT, characters)
    return lines(Series("waarde", tuple(figures)), NAMES, "GM0344", about, say, catalogue, HEIGHT, characters, also)


def seen(measures, targets=(), figures=FIGURES, id="good_health"):
    return goals.seen(measures, figures, indicator(id), load(), targets)


def marks(spec, *kinds):
    """(mark, its rows, its encoding) of every layer whose mark is of these kinds."""
    for layer in spec["layer"]:
        if layer["mark"]["type"] in kinds:
            yield layer["mark"], layer["data"]["values"], layer["encoding"]


def labels(spec):
    """What the marks of goals say, from low to high."""
    own = [rows for mark, rows, _ in marks(spec, "text") if mark.get("align") == "right" and "stroke" not in mark]
    return [row["label"] for rows in own for row in rows]


def points(spec, *shapes):
    return [row for mark, rows, _ in marks(spec, "point") if mark.get("shape") in shapes for row in rows]


def time_of(spec):
    """The encoding of the points of the lines, which have the axis of time."""
    return next(encoding for _, _, encoding in marks(spec, "point") if "axis" in encoding["x"])


MANY = [measure(date(2012 + n, 6, 1), date(2013 + n, 6, 1)) for n in range(9)]


@pytest.mark.parametrize("characters", [WIDE, NARROW])
@pytest.mark.parametrize(
    ("targets", "measures"),
    [([], []), ([target(80)], []), ([], MANY), ([target(80), target(75, 2026, "BU1"), target(0, 2022)], MANY)],
)
def test_the_chart_is_valid_vega_lite(targets, measures, characters):
    spec = drawn(targets, measures, characters)
    alt.Chart.from_dict(spec)
    assert json.loads(json.dumps(spec)) == spec


def test_without_goals_and_measures_the_chart_is_as_it_was():
    about, say = indicator("good_health"), words("nl")
    assert drawn() == lines(Series("waarde", tuple(FIGURES)), NAMES, "GM0344", about, say, load(), HEIGHT)


@pytest.mark.parametrize("figures", [[], [figure(None)]])
def test_a_chart_without_a_line_has_no_marks_that_break(figures):
    alt.Chart.from_dict(drawn([target(80)], MANY, figures=figures))


def test_a_goal_is_a_point_at_its_year_with_a_broken_line_to_it_and_words():
    spec = drawn([target(80.0)])
    [row] = points(spec, "diamond")
    assert (row["begin"][:10], row["period"][:10], row["value"]) == ("2012-01-01", "2030-01-01", 80.0)
    [(rule, rows, encoding)] = marks(spec, "rule")
    assert rule["strokeDash"] and rows == [row] and encoding["y"]["field"] == "value"
    assert labels(spec) == ["doel 2030: 80%"]


def test_the_year_of_a_goal_stands_on_the_axis():
    encoding = time_of(drawn([target(80.0)]))
    assert [day[:4] for day in encoding["x"]["axis"]["values"]] == ["2012", "2016", "2020", "2024", "2030"]


def test_a_goal_far_away_does_not_press_the_figures_together():
    spec = drawn([target(80.0, 2050)])
    assert points(spec, "diamond") == [] and labels(spec) == ["doel 2050: 80%"]
    # The chart is half as long again as the figures are.
    assert [row["period"][:7] for row in points(spec, "triangle-right")] == ["2029-12"]
    encoding = time_of(spec)
    assert [day[:4] for day in encoding["x"]["axis"]["values"]] == ["2012", "2016", "2020", "2024"]


def test_goals_of_several_areas_say_whose_they_are_and_on_a_phone_their_value():
    both = [target(80.0), target(75.5, 2028, "BU1")]
    assert labels(drawn(both)) == ["doel Een lange naam… 2028: 75,5%", "doel Utrecht 2030: 80%"]
    assert labels(drawn(both, characters=NARROW)) == ["75,5%", "80%"]
    assert labels(drawn(both[:1], characters=NARROW)) == ["doel 2030: 80%"]


def test_words_of_goals_and_names_of_lines_keep_clear_of_each_other():
    spec = drawn([target(value) for value in (70.0, 70.1, 70.2, 71.0)])
    places = [row["place"] for mark, rows, _ in marks(spec, "text") if "stroke" not in mark for row in rows]
    places.sort()
    assert len(places) == 7 and min(b - a for a, b in pairwise(places)) > 3


def test_words_that_are_years_apart_stand_at_their_goal():
    made = drawn([target(95.0, 2030), target(95.5, 2016, "BU1")])
    places = {row["label"]: row["place"] for _, rows, _ in marks(made, "text") for row in rows}
    assert places["doel Utrecht 2030: 95%"] == 95.0 and places["doel Een lange naam… 2016: 95,5%"] == 95.5


def test_no_halo_lies_over_a_line_of_figures():
    kinds = [layer["mark"] for layer in drawn([target(80.0)], MANY)["layer"]]
    line = next(place for place, mark in enumerate(kinds) if mark["type"] == "line")
    assert all("stroke" not in mark or mark["type"] == "point" for mark in kinds[line:])


def test_a_goal_is_within_the_axis_of_values():
    spec = drawn([target(100.0)])
    assert [row["place"] for mark, rows, _ in marks(spec, "text") for row in rows if "code" not in row][:1] == [100.0]


# --- measures


def test_a_measure_is_a_numbered_bar_above_the_chart_as_long_as_it_took():
    spec = drawn(measures=[measure(date(2014, 3, 1), date(2016, 2, 1), "TEST één")])
    [(_, rows, encoding)] = [each for each in marks(spec, "rule") if each[0]["strokeWidth"] > 2]
    assert [(row["number"], row["begin"][:10], row["end"][:10]) for row in rows] == [(1, "2014-03-01", "2016-02-01")]
    assert encoding["y"]["value"] < 0
    [(_, _, number)] = [each for each in marks(spec, "text") if each[2]["text"]["field"] == "number"]
    assert number["y"] == encoding["y"]
    assert points(spec, "circle")[0]["text"] == "TEST één"


@pytest.mark.parametrize(
    ("begin", "end", "drawn_from", "drawn_to"),
    [
        (date(2010, 1, 1), date(2013, 1, 1), "2012", "2013"),
        (date(2020, 6, 1), None, "2020", "2024"),
        (date(2020, 6, 1), date(2040, 1, 1), "2020", "2024"),
        (date(2020, 6, 1), date(2020, 6, 1), "2020", "2020"),
    ],
)
def test_a_measure_is_drawn_as_far_as_there_are_figures(begin, end, drawn_from, drawn_to):
    [row] = points(drawn(measures=[measure(begin, end)]), "circle")
    assert (row["begin"][:4], row["end"][:4]) == (drawn_from, drawn_to)


def test_what_lies_outside_the_figures_is_not_seen():
    before, after = measure(date(2010, 1, 1), date(2011, 12, 31)), measure(date(2024, 1, 2))
    inside, over = measure(date(2024, 1, 1)), measure(date(2000, 1, 1))
    assert seen([before, over, inside, after]) == (over, inside)
    assert seen([inside], figures=[]) == ()


def test_goals_stand_in_the_order_of_their_years_however_far_away():
    spec = drawn([target(80, 2026), target(75, 2035), target(70, 2050), target(60, 2036)])
    near, far = points(spec, "diamond"), points(spec, "triangle-right")
    assert [row["period"][:4] for row in near] == ["2026", "2035", "2036"]
    assert len({row["period"] for row in far}) == 1 and min(row["period"] for row in far) > "2036-06"


def test_a_measure_beside_what_is_counted_over_a_year_stands_as_the_middle_of_a_year_does():
    """A year's count stands at its first day on the axis; what was done on 1 July is in the middle of that year."""
    counts = [figure(100.0 + year % 7, indicator="crimes", period=date(year, 1, 1)) for year in (2021, 2022, 2023)]
    in_july, at_the_end = measure(date(2022, 7, 2), date(2022, 7, 2)), measure(date(2023, 6, 1))
    about, say, catalogue = indicator("crimes"), words("nl"), load()
    assert seen([in_july, at_the_end], figures=counts, id="crimes") == (in_july, at_the_end)
    also = goals.layers([], [in_july], counts, NAMES, about, say, catalogue, HEIGHT, WIDE)
    [begin] = {row["begin"][:10] for layer in also.layers for row in layer["data"]["values"] if "begin" in row}
    assert begin in ("2021-12-31", "2022-01-01")


def test_a_measure_is_drawn_up_to_the_last_goal_of_the_chart():
    late, goal = measure(date(2025, 3, 1)), target(80.0, 2030)
    assert seen([late]) == () and seen([late], [goal]) == (late,)
    spec = drawn([goal], [late, measure(date(2015, 1, 1))])
    bars = [row for mark, rows, _ in marks(spec, "rule") if mark["strokeWidth"] > 2 for row in rows]
    assert {row["end"][:10] for row in bars} == {"2030-01-01"}


def test_numbers_do_not_lie_on_each_other():
    close = [measure(date(2020, 1, n), date(2020, 2, n)) for n in range(1, 5)] + [measure(date(2012, 2, 1))]
    spec = drawn(measures=sorted(close, key=lambda each: each.begin))
    rows = [
        (encoding["y"]["value"], rows) for mark, rows, encoding in marks(spec, "point") if mark.get("shape") == "circle"
    ]
    assert sorted(row["number"] for _, each in rows for row in each) == [1, 2, 3, 4, 5]
    assert len({place for place, _ in rows}) == len(rows) == 5


def test_measures_one_after_the_other_share_a_row():
    spec = drawn(measures=[measure(date(2012, 2, 1), date(2014, 1, 1)), measure(date(2018, 1, 1), date(2019, 1, 1))])
    assert [len(rows) for mark, rows, _ in marks(spec, "point") if mark.get("shape") == "circle"] == [2]


@pytest.mark.parametrize("colour", [INK, goals.BAR])
def test_marks_can_be_seen_on_white(colour):
    assert contrast(colour) >= 4.5


@pytest.mark.parametrize("title", HOSTILE)
def test_any_title_is_data_and_nothing_more(title):
    assert points(drawn(measures=[measure(date(2014, 1, 1), title=title)]), "circle")[0]["text"] == title
