"""The legend: every area counted once, labels in both languages, change the same up and down."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld import queries
from buurtbeeld.catalogue import Status, load
from buurtbeeld.maps import palettes
from buurtbeeld.maps.shading import Row, by_change, by_class, change_text, change_unit, changes, samples
from buurtbeeld.statistics.classes import CLASSES, METHODS, SPLITS
from buurtbeeld.texts import words
from buurtbeeld.verdicts import Change
from tests.figures import HIDDEN, city, figure, indicator, mart_of, series

NL, EN = words("nl"), words("en")
numbers = st.floats(-1e6, 1e6).map(lambda value: round(value, 6))
some = st.lists(st.one_of(numbers, st.sampled_from(HIDDEN)), max_size=40)


def classed(values, id="home_value", say=NL, method="rounded", k=5):
    return by_class(series(values), indicator(id), say, load(), method, k)


def changed(values, id="home_value", say=NL):
    return by_change(series(values), indicator(id), say, load())


def labels(shading):
    return [row.label for row in shading.rows]


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        (NL, ["100.000 of minder", "100.000 – 300.000", "meer dan 300.000"]),
        (EN, ["100,000 or less", "100,000 – 300,000", "more than 300,000"]),
    ],
    ids=["nl", "en"],
)
def test_classes_read_as_first_middle_last(say, expected):
    assert labels(classed([1e5, 3e5, 4e5], say=say)) == expected


def test_a_bound_shows_as_many_decimals_as_it_needs():
    assert labels(classed([0.4, 0.6, 1], "distance_gp")) == ["0,4 of minder", "0,4 – 0,6", "meer dan 0,6"]
    assert labels(classed([7.5, 10, 12], "residents_65plus_share"))[0] == "7,5 of minder"


def test_a_bound_between_whole_numbers_is_written_as_the_whole_number_below_it():
    made = classed(list(range(10, 31)), "crimes", method="quantiles")
    assert made.bounds[:-1] == (14, 18, 22, 26)
    made = classed([1, 2, 4, 8, 16, 32, 64], "crimes", method="equal", k=4)
    assert made.bounds[0] == pytest.approx(16.75)
    assert labels(made) == ["16 of minder", "16 – 32", "meer dan 32"]


def test_one_value_is_its_own_label():
    assert labels(classed([5e5, 5e5])) == ["500.000"]
    assert classed([5e5, 5e5]).rows[0] == Row("500.000", palettes.SEQUENTIAL[2], 2)


def test_one_class_of_several_values_does_not_say_that_all_are_equal():
    assert labels(classed([1, 2, 3, 4, 5] + [6] * 1000, "residents", method="quantiles")) == ["6 of minder"]


def test_classes_of_a_publisher_are_named_one_by_one():
    assert labels(classed([1, 2, 3, 4, 5], "urbanity_class")) == ["1", "2", "3", "4", "5"]


def test_classes_of_a_publisher_that_were_put_together_say_so():
    many = [1] * 40 + [2] * 40 + [3] * 16 + [4, 5, 6, 7]
    assert labels(classed(many, "urbanity_class")) == ["1 of minder", "1 – 2", "meer dan 2"]


@pytest.mark.parametrize("method", METHODS)
def test_a_figure_that_is_a_class_keeps_its_classes_whatever_the_method(method):
    assert labels(classed([1, 2, 3, 4, 5, 5], "urbanity_class", method=method, k=3)) == ["1", "2", "3", "4", "5"]


def test_missing_areas_are_the_last_rows_without_a_colour():
    rows = classed([1e5, Status.SECRET, None, Status.SECRET]).rows
    assert rows[-2:] == (Row("niet bekend", None, 1, "reason_unknown"), Row("geheim", None, 2, "secret"))
    assert rows[0].colour


def test_uncertain_areas_have_a_row_of_their_own_and_are_in_no_class():
    figures = (*series([1e5, 2e5, None]), figure(1e5, Status.UNRELIABLE))
    rows = by_class(figures, indicator(), NL, load(), "rounded", 5).rows
    assert [(row.label, row.count, row.pattern) for row in rows] == [
        ("100.000 of minder", 1, ""),
        ("meer dan 100.000", 1, ""),
        ("onzeker, in de lichte kleur van de klasse", 1, "unreliable"),
        ("niet bekend", 1, "reason_unknown"),
    ]


def test_distance_from_the_city_has_a_colour_for_each_side():
    made = by_class(series([80, 95, 105, 120]), indicator("good_health"), NL, load(), "city", 3, city(100.0))
    assert [row.colour for row in made.rows] == list(palettes.ramp(3, palettes.AROUND))
    assert labels(made) == ["meer dan 10 onder de stad", "tot 10 verschil met de stad", "meer dan 10 boven de stad"]
    assert [row.count for row in made.rows] == [1, 2, 1]
    assert made.unit == "procentpunt"


@pytest.mark.parametrize(
    ("k", "expected"),
    [
        (4, ["meer dan 200 onder", "tot 200 onder", "tot 200 boven", "meer dan 200 boven"]),
        (5, ["meer dan 300 onder", "100 – 300 onder", "tot 100 verschil met", "100 – 300 boven", "meer dan 300 boven"]),
    ],
)
def test_a_class_by_distance_says_the_distance_and_on_which_side(k, expected):
    made = by_class(series([300, 480, 540, 700]), indicator("home_value"), NL, load(), "city", k, city(500.0))
    assert labels(made) == [f"{label} de stad" for label in expected]


def test_a_class_by_distance_in_which_nothing_can_be_is_left_out_and_colours_stay():
    made = by_class(series([1, 2, 3, 9]), indicator("good_health"), NL, load(), "city", 5, city(2.0))
    assert labels(made)[0] == "tot 2 verschil met de stad"  # below the city's 2% by 2 to 6: less than nothing
    assert [(row.colour, row.count) for row in made.rows] == list(zip(palettes.AROUND[2:], (3, 0, 1), strict=True))


def test_below_circles_every_hatch_lies_on_the_colour_of_the_areas():
    figures = (*series([1.0, 2.0, None]), figure(1.0, Status.UNRELIABLE))
    rows = by_class(figures, indicator("residents"), NL, load(), "rounded", 5).rows
    assert {row.colour for row in rows if row.pattern} == {palettes.GROUND}


@pytest.mark.parametrize("whole", [None, city(None)])
def test_there_is_no_distance_from_a_city_without_a_value(whole):
    with pytest.raises(ValueError, match="a city without a value"):
        by_class(series([1.0]), indicator(), NL, load(), "city", 5, whole)


def test_a_count_has_no_distance_from_the_city():
    with pytest.raises(ValueError, match="to compare with"):
        by_class(series([1.0]), indicator("residents"), NL, load(), "city", 5, city(100.0))


@pytest.mark.parametrize("method", SPLITS)
def test_classes_of_all_periods_mean_the_same_in_each(method):
    periods = [series([float(value * step) for value in range(1, 30)]) for step in (1, 2, 5)]
    every = [(period, None) for period in periods]
    made = [by_class(period, indicator(), NL, load(), method, 5, every=every) for period in periods]
    assert len({shading.bounds for shading in made}) == 1
    assert len({tuple(labels(shading)) for shading in made}) == 1
    assert all(sum(row.count for row in shading.rows) == 29 for shading in made)
    assert list(made[0].span) == [1, 145]
    assert 0 in [row.count for row in made[0].rows] or method != "equal"  # nothing is that high in the first period


def test_the_distance_from_the_city_keeps_its_step_and_moves_with_the_city():
    periods = [(series([90.0, 110.0]), city(100.0)), (series([40.0, 60.0]), city(50.0))]
    bounds = [
        by_class(figures, indicator("good_health"), NL, load(), "city", 5, whole, periods).bounds[:-1]
        for figures, whole in periods
    ]
    assert bounds == [(85, 95, 105, 115), (35, 45, 55, 65)]


@pytest.mark.parametrize(
    ("largest", "expected"),
    [(9210, (5000, 1000, 200)), (10, (10, 2, 0.5)), (0.3, (0.2, 0.05, 0.01)), (1, (1, 0.2, 0.05))],
)
def test_the_circles_of_a_legend_are_round_numbers(largest, expected):
    assert samples(largest) == pytest.approx(expected)


def test_a_sample_that_would_be_written_as_nothing_is_left_out():
    assert samples(1, least=1) == (1,)
    assert samples(12, least=1) == pytest.approx((10, 2))
    assert samples(12) == pytest.approx((10, 2, 0.5))


def test_a_map_without_any_value_is_only_a_legend_of_reasons():
    assert classed([None, Status.LATER]).rows == (
        Row("volgt later", None, 1, "later"),
        Row("niet bekend", None, 1, "reason_unknown"),
    )
    assert classed([]).rows == ()


@given(some, st.sampled_from(SPLITS), st.sampled_from(CLASSES))
def test_a_legend_counts_every_area_once(values, method, k):
    shading = classed(values, method=method, k=k)
    assert sum(row.count for row in shading.rows) == len(values)
    drawn = Counter(shading.colour(value) for value in values if isinstance(value, float))
    assert drawn == {row.colour: row.count for row in shading.rows if row.colour}


def test_every_map_of_the_sample_counts_all_its_areas(sample):
    mart, catalogue = mart_of(sample), load()
    for held in mart.ask(queries.held):
        figures = mart.ask(queries.figures, held.indicator, held.level, held.periods[-1])
        whole = next(iter(mart.ask(queries.figures, held.indicator, "gemeente", held.periods[-1])), None)
        able = whole and whole.value is not None and indicator(held.indicator).beside_city
        for method in METHODS if able else SPLITS:
            rows = by_class(figures, indicator(held.indicator), NL, catalogue, method, 5, whole).rows
            assert sum(row.count for row in rows) == {"gemeente": 1, "wijk": 10, "buurt": 111}[held.level]
            assert len({row.label for row in rows}) == len(rows), (held, method)


def test_the_unit_is_a_word():
    assert (classed([1]).unit, classed([1], say=EN).unit) == ("euro", "euros")


@given(st.lists(numbers, max_size=30))
def test_change_up_and_down_are_mirror_images(values):
    up, down = changed(values).rows[:5], changed([-value for value in values]).rows[:5]
    assert [row.count for row in up] == [row.count for row in down][::-1]
    assert labels(changed(values)) == labels(changed([-value for value in values]))
    shading = changed(values)
    mirror = dict(zip(palettes.DIVERGING, palettes.DIVERGING[::-1], strict=True))
    assert all(shading.colour(-value) == mirror[shading.colour(value)] for value in values)


@given(some)
def test_a_legend_of_change_counts_every_area_once(values):
    assert sum(row.count for row in changed(values).rows) == len(values)


@pytest.mark.parametrize("values", [[], [0.0] * 111, [None] * 111, [0.0] * 100 + [5e3] * 11, [1e-6] + [0.0] * 6])
def test_change_that_is_nothing_nearly_everywhere_has_a_legend(values):
    shading = changed(values)
    assert sum(row.count for row in shading.rows) == len(values)
    small = sum(value is not None and abs(value) < 1000 for value in values)  # euros: it is published in thousands
    assert shading.rows[2].count == small
    assert shading.colour(0.0) == palettes.DIVERGING[2]


def test_the_legend_of_change_in_words():
    values = [-2, -1.2, -0.4, 0, 0.1, 0.4, 0.9, 1.5, 2]
    assert [(row.label, row.count) for row in changed(values, "good_health").rows] == [
        ("2,0 of meer omlaag", 1),
        ("0,4 – 2,0 omlaag", 2),
        ("minder dan 0,4 verschil", 2),
        ("0,4 – 2,0 omhoog", 3),
        ("2,0 of meer omhoog", 1),
    ]


@pytest.mark.parametrize(
    ("unit", "id"), [(0.1, "good_health"), (0.1, "distance_gp"), (1, "crimes"), (1e4, "home_value")]
)
def test_a_change_as_large_as_a_step_belongs_to_the_outer_class(unit, id):
    sizes = [round(unit * size, 6) for size in (0, 1, 1, 5, 5, 5)]
    assert [row.count for row in changed(sizes, id).rows] == [0, 0, 1, 2, 3]
    assert [row.count for row in changed([-size for size in sizes], id).rows] == [3, 2, 1, 0, 0]


@given(st.lists(st.floats(0.1, 1e3), min_size=1, max_size=120), st.sampled_from(["good_health", "crimes"]))
def test_where_all_changed_at_most_a_third_reads_as_little_difference(sizes, id):
    sizes = [round(max(size, indicator(id).step), 1) for size in sizes]
    assert changed(sizes, id).rows[2].count <= len(sizes) / 3


@pytest.mark.parametrize(
    ("sizes", "small", "large"),
    [
        ([2.0, 2.1, 2.3, 2.3, 2.6, 2.7, 3.0, 3.1, 3.3, 3.5], "2", "3"),  # a whole city that got lonelier
        ([0.1, 0.2, 0.2, 0.3], "0,2", "0,3"),
        ([0.5, 1.7, 1.8, 6.6, 7.0, 9.0], "1,5", "8,0"),
    ],
)
def test_a_step_of_change_is_a_round_number_below_it(sizes, small, large):
    assert labels(changed(sizes, "good_health"))[2:5] == [
        f"minder dan {small} verschil", f"{small} – {large} omhoog", f"{large} of meer omhoog",
    ]  # fmt: skip


def judged(*verdicts):
    """A verdict for each area that `series` makes."""
    return {f"BU0344{place:04}": verdict for place, verdict in enumerate(verdicts, start=1)}


def test_a_change_that_can_be_chance_is_in_no_class():
    figures, found = series([5.0, 0.3, -5.0, None]), judged(Change.UP, Change.UNCLEAR, Change.DOWN)
    shading = by_change(figures, indicator("good_health"), NL, load(), found)
    assert [(row.label, row.count, row.pattern) for row in shading.rows if row.count] == [
        ("5 – 10 omlaag", 1, ""),
        ("5 – 10 omhoog", 1, ""),
        ("geen duidelijke verandering", 1, "not_clear"),
        ("niet bekend", 1, "reason_unknown"),
    ]
    assert [shading.fill(figure) for figure in figures] == [
        palettes.DIVERGING[3],
        palettes.UNCLEAR,
        palettes.DIVERGING[1],
        None,
    ]
    assert [shading.pattern(figure) for figure in figures] == ["", "not_clear", "", "reason_unknown"]


def test_a_circle_of_a_change_that_can_be_chance_is_white_without_a_hatch():
    figures = series([5.0, 0.3])
    shading = by_change(figures, indicator("crimes"), NL, load(), judged(Change.UP, Change.UNCLEAR))
    assert [shading.pattern(figure) for figure in figures] == ["", ""]
    assert shading.fill(figures[1]) == palettes.WHITE
    assert Row("geen duidelijke verandering", palettes.WHITE, 1) in shading.rows
    assert shading.rows[2].colour == palettes.SLIGHT


@pytest.mark.parametrize("verdict", [Change.BORDER, Change.BREAK])
def test_what_can_not_be_compared_has_no_colour_and_says_so(verdict):
    (figure,) = figures = series([5.0])
    shading = by_change(figures, indicator(), NL, load(), judged(verdict))
    assert (shading.fill(figure), shading.pattern(figure)) == (None, "moved")
    assert [row.label for row in shading.rows if row.count] == [NL.t(f"trend.verdict.{verdict}")]
    assert change_text(figure, indicator(), NL, load(), verdict) == NL.t(f"trend.verdict.{verdict}")


def test_what_nobody_can_test_is_drawn_by_its_size_in_light_colours():
    figures = series([5.0, 0.3])
    tested, untested = (
        by_change(figures, indicator(), NL, load(), found) for found in (judged(), judged(*[Change.UNTESTED] * 2))
    )
    assert [(row.label, row.count) for row in tested.rows] == [(row.label, row.count) for row in untested.rows]
    assert [row.colour for row in untested.rows] == list(palettes.UNTESTED)
    assert untested.fill(figures[0]) in palettes.UNTESTED
    told = change_text(figures[0], indicator("good_health"), NL, load(), Change.UNTESTED)
    assert told == "+5,0 procentpunt (marge niet bekend)"
    told = change_text(figures[0], indicator("good_health"), NL, load(), Change.UNCLEAR)
    assert told == "+5,0 procentpunt (geen duidelijke verandering)"


@given(some, st.lists(st.sampled_from(Change), max_size=40))
def test_a_legend_of_judged_change_counts_every_area_once(values, verdicts):
    figures = series(values)
    found = {f.code: verdict for f, verdict in zip(figures, verdicts, strict=False) if f.value is not None}
    shading = by_change(figures, indicator(), NL, load(), found)
    assert sum(row.count for row in shading.rows) == len(values)
    looks = Counter((shading.fill(figure), shading.pattern(figure)) for figure in figures)
    counted: Counter[tuple[str | None, str]] = Counter()
    for row in shading.rows:
        counted[row.colour, row.pattern] += row.count
    assert looks == +counted


@pytest.mark.parametrize("ends", [(Status.OK, Status.UNRELIABLE), (Status.UNRELIABLE, Status.OK)])
def test_a_change_from_or_to_an_uncertain_value_is_uncertain(ends):
    now, then = (figure(value, status) for value, status in zip((5.0, 3.0), ends, strict=True))
    assert changes([now], [then])[0].status == Status.UNRELIABLE


def test_a_change_is_now_less_then():
    now, then = series([10.0, 5.0, 0.3]), series([4.0, 5.0, 0.1], period=date(2020, 1, 1))
    made = changes(now, then)
    assert [change.value for change in made] == [6, 0, 0.2]
    assert all(change.period == date(2024, 1, 1) for change in made)


@pytest.mark.parametrize("status", HIDDEN)
def test_a_change_is_missing_where_either_end_is(status):
    known, hidden = series([1.0]), series([status])
    assert [change.status for change in changes(known, hidden)] == [status]
    assert [change.status for change in changes(hidden, known)] == [status]
    assert changes(known, hidden)[0].value is None


def test_an_area_that_was_not_there_then_has_no_change():
    assert changes(series([1.0]), ()) == series([None])


def test_the_interval_of_the_later_figure_is_not_that_of_a_change():
    now = figure(5.0, low=4.0, high=6.0, n=100)
    assert changes([now], [figure(1.0)])[0] == figure(4.0)


@pytest.mark.parametrize(
    ("id", "value", "dutch", "english"),
    [
        ("good_health", 3.2, "+3,2 procentpunt", "+3.2 percentage points"),
        ("good_health", -3.24, "−3,2 procentpunt", "−3.2 percentage points"),
        ("good_health", 0.04, "0,0 procentpunt", "0.0 percentage points"),
        ("good_health", -0.04, "0,0 procentpunt", "0.0 percentage points"),
        ("home_value", 12000, "€\u00a0+12.000", "€+12,000"),
        ("distance_gp", -0.1, "−0,1\u00a0km", "−0.1\u00a0km"),
        ("residents", 0, "0", "0"),
    ],
)
def test_a_change_has_its_sign_and_unit(id, value, dutch, english):
    assert change_text(figure(value), indicator(id), NL, load()) == dutch
    assert change_text(figure(value), indicator(id), EN, load()) == english


def test_a_missing_change_says_why():
    assert change_text(figure(None, Status.STOPPED), indicator(), NL, load()) == "gestopt"


def test_a_share_changes_by_percentage_points():
    assert change_unit(indicator("good_health"), NL, load()) == "procentpunt"
    assert change_unit(indicator("distance_gp"), EN, load()) == "kilometres"
