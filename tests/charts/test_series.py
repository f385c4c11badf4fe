"""Figures through time in each way to show them: what is 100, what is left out and why, and where lines are cut."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.catalogue import Break, Status, Text, load
from buurtbeeld.charts import series
from buurtbeeld.charts.series import BETWEEN, DASHED, SOLID, Cut
from buurtbeeld.statistics.dispersion import Dispersion
from buurtbeeld.texts import words
from tests.figures import city, figure, indicator

EVERY = load()
NOISE = {"buurt": Dispersion(4.3, 0.0, 4.3)}
SECRET = Status.SECRET
RATE = "crimes_per_1000"


def line(*values, code="BU1", first=2020, **more):
    """A figure a year from `first`; None for a year that is missing, a status for one that is hidden."""
    return [
        figure(
            None if isinstance(value, Status) else value,
            value if isinstance(value, Status) else None,
            code=code,
            name=code,
            period=date(first + place, 1, 1),
            **more,
        )
        for place, value in enumerate(values)
    ]


def broken(year, kind="definition"):
    return Break(period=date(year, 1, 1), kind=kind, link="https://example.org", note=Text(nl="Anders.", en="Other."))


def values(found):
    return [(f.code, f.period.year, f.value) for f in found.figures]


# Where lines are cut


def test_a_break_cuts_every_line_between_the_figures_around_it():
    figures = [*line(1, 2, 3), *line(1, None, 3, code="BU2")]
    assert series.cuts(figures, [broken(2021)], {}) == (
        Cut("BU1", date(2020, 1, 1), date(2021, 1, 1), "definition", date(2021, 1, 1)),
        Cut("BU2", date(2020, 1, 1), date(2022, 1, 1), "definition", date(2021, 1, 1)),
    )


def test_a_break_before_the_first_figure_or_after_the_last_cuts_nothing():
    assert series.cuts(line(1, 2, 3), [broken(2020), broken(2023)], {}) == ()


def test_a_border_that_moved_cuts_the_line_of_that_area():
    figures = [f for code in ("BU1", "BU2") for y in (2022, 2023, 2024) for f in line(1, code=code, first=y, edition=y)]
    borders = {"BU1": {2023: 3, 2024: 1}, "BU2": {2023: 1, 2024: 2}}
    assert series.cuts(figures, [], borders) == (Cut("BU1", date(2022, 1, 1), date(2023, 1, 1), "border"),)


def test_a_figure_on_the_borders_of_now_can_be_compared_with_those_after_the_move_only():
    borders = {"BU1": {2022: 3, 2023: 1, 2024: 1}}
    converted = line(1, first=2020, edition=2024, converted=True)
    assert series.cuts([*converted, *line(2, first=2022, edition=2022)], [], borders) == ()
    assert series.cuts([*converted, *line(2, first=2021, edition=2021)], [], borders) == (
        Cut("BU1", date(2020, 1, 1), date(2021, 1, 1), "border"),
    )


def test_a_border_of_which_nothing_is_known_cuts_no_line_but_is_named():
    figures = [*line(1, edition=2022), *line(2, first=2021, edition=2024), *line(1, 2, code="BU2")]
    borders = {"BU1": {2024: 1}, "BU2": {}}
    assert series.cuts(figures, [], borders) == ()
    assert series.unknown_borders(figures, borders) == ("BU1",)
    assert series.unknown_borders(figures, {"BU1": {2023: 1, 2024: 3}}) == ()


def test_a_cut_lies_halfway():
    assert Cut("BU1", date(2020, 1, 1), date(2022, 1, 1), "border").middle == date(2020, 12, 31)


# Pieces of line


def drawn(figures, cuts=()):
    return [(piece.style, [f.period.year for f in piece.figures]) for piece in series.pieces(figures, cuts)]


def test_successive_periods_are_one_whole_line():
    assert drawn(line(1, 2, 3)) == [(SOLID, [2020, 2021, 2022])]


@pytest.mark.parametrize("gap", [SECRET, Status.REASON_UNKNOWN])
def test_a_figure_that_is_missing_cuts_the_line(gap):
    assert drawn(line(1, 2, gap, 4, 5)) == [(SOLID, [2020, 2021]), (SOLID, [2023, 2024])]
    assert drawn(line(1, gap, 3)) == []


def test_over_periods_of_which_there_is_no_row_there_are_dots():
    figures = [*line(1, 2, first=2012), *line(4, first=2016), *line(5, 6, first=2018)]
    assert drawn(figures) == [(SOLID, [2012, 2013]), (BETWEEN, [2013, 2016, 2018]), (SOLID, [2018, 2019])]


def test_towards_a_provisional_figure_there_are_dashes():
    figures = [*line(1, 2), *line(3, 4, first=2022, provisional=True)]
    assert drawn(figures) == [(SOLID, [2020, 2021]), (DASHED, [2021, 2022, 2023])]


def test_along_figures_that_were_converted_there_are_dashes():
    figures = [*line(1, 2, converted=True), *line(3, 4, first=2022)]
    assert drawn(figures) == [(DASHED, [2020, 2021, 2022]), (SOLID, [2022, 2023])]


def test_no_line_crosses_a_cut():
    figures = line(1, 2, 3, 4)
    cut = Cut("BU1", date(2021, 1, 1), date(2022, 1, 1), "method")
    assert drawn(figures, [cut]) == [(SOLID, [2020, 2021]), (SOLID, [2022, 2023])]
    assert drawn(figures, [replace(cut, code="BU2")]) == [(SOLID, [2020, 2021, 2022, 2023])]


@pytest.mark.parametrize(("grain", "step"), [("year", timedelta(366)), ("month", timedelta(31)), ("day", timedelta(1))])
def test_what_is_successive_depends_on_the_grain(grain, step):
    first = date(2024, 1, 1)
    near, far = (
        [replace(figure(1.0), grain=grain, period=day) for day in (first, later)]
        for later in (first + step, date(2026, 1, 1))
    )
    assert [piece.style for piece in series.pieces(near, ())] == [SOLID]
    assert [piece.style for piece in series.pieces(far, ())] == [BETWEEN]


kinds = st.lists(st.sampled_from(["ok", "missing", "provisional", "no row"]), max_size=12)


@given(kinds, st.sets(st.integers(2021, 2031)))
def test_every_link_between_known_neighbours_is_drawn_once_and_no_other(kinds, cut_at):
    figures = [
        found
        for place, kind in enumerate(kinds)
        if kind != "no row"
        for found in line(None if kind == "missing" else 1.0, first=2020 + place, provisional=kind == "provisional")
    ]
    known = [f for f in figures if f.value is not None]
    cuts = [Cut("BU1", a.period, b.period, "method") for a, b in pairwise(known) if b.period.year in cut_at]
    linked = [link for piece in series.pieces(figures, cuts) for link in pairwise(piece.figures)]
    ends = {cut.until for cut in cuts}
    wanted = [
        (a, b) for a, b in pairwise(figures) if a.value is not None and b.value is not None and b.period not in ends
    ]
    assert sorted(linked, key=lambda link: link[0].period) == wanted


def test_margins_are_bands_along_known_lines_and_upright_lines_elsewhere():
    sure = {"low": 0.5, "high": 9.5}
    figures = [*line(1, 2, **sure), *line(4, first=2024, **sure), *line(5, 6, code="BU2")]
    runs, apart = series.margins(figures, series.pieces(figures, ()))
    assert [[f.period.year for f in run] for run in runs] == [[2020, 2021]]
    assert [f.period.year for f in apart] == [2024]


# Index


def as_index(figures, cuts=(), id="home_value"):
    return series.as_index(figures, tuple(cuts), indicator(id), EVERY, NOISE)


def test_an_index_is_100_in_the_first_period_that_all_areas_have():
    found = as_index([*line(None, 200, 300), *line(50, 40, 60, code="BU2")])
    assert found.base == date(2021, 1, 1)
    assert values(found) == [
        ("BU1", 2020, None), ("BU2", 2020, 125), ("BU1", 2021, 100), ("BU2", 2021, 100), ("BU1", 2022, 150),
        ("BU2", 2022, 150),
    ]  # fmt: skip


def test_an_area_without_any_figure_does_not_count_for_the_base():
    assert as_index([*line(SECRET, SECRET), *line(50, 60, code="BU2")]).base == date(2020, 1, 1)


def test_without_a_period_that_all_areas_have_there_is_no_index():
    assert as_index([*line(1), *line(2, code="BU2", first=2021)]) is None
    assert as_index(line(SECRET)) is None
    assert as_index([]) is None


def test_a_base_of_zero_is_refused_by_name():
    found = as_index([*line(0, 5), *line(10, 20, code="BU2")])
    assert found.zero == ("BU1",)
    assert {code for code, *_ in values(found)} == {"BU2"}
    assert as_index(line(0, 5)) is None


def test_an_index_counts_from_the_last_break_only():
    cuts = [Cut("BU1", date(2020, 1, 1), date(2021, 1, 1), "definition")]
    found = as_index(line(100, 200, 300), cuts)
    assert (found.base, found.earlier) == (date(2021, 1, 1), True)
    assert values(found) == [("BU1", 2021, 100), ("BU1", 2022, 150)]


def test_what_is_hidden_stays_hidden_in_an_index():
    found = as_index(line(100, SECRET, 300))
    assert [f.status for f in found.figures] == [Status.OK, SECRET, Status.OK]


def test_the_margin_of_an_index_is_that_of_both_numbers_and_fans_out_from_100():
    first, second = line(100, low=80, high=125), line(200, first=2021, low=170, high=230)
    base, later = as_index([*first, *second], id="crimes").figures
    assert (base.low, base.high) == (100, 100)
    assert 100 < later.low < 200 < later.high and later.high - later.low > 2 * (230 - 170) / 2
    rounded = as_index([*line(100, low=96, high=104), *line(200, first=2021, low=196, high=204)], id="residents")
    assert rounded.figures[1].low == pytest.approx(100 * 196 / 104)
    homes = as_index(line(400_000, 404_000)).figures
    assert (homes[0].low, homes[0].high) == (100, 100) and homes[1].low < 101 < homes[1].high
    rates = as_index([*line(60, low=40, high=90, n=2000), *line(93, first=2021, low=64, high=131, n=2000)], id=RATE)
    assert rates.figures[1].low < 155 < rates.figures[1].high


@given(st.lists(st.floats(0.1, 1e6), min_size=2, max_size=8))
def test_an_index_keeps_every_ratio(numbers):
    found = [f.value for f in as_index(line(*numbers)).figures]
    assert found[0] == 100
    assert found == pytest.approx([100 * number / numbers[0] for number in numbers], rel=1e-6, abs=1e-6)


# Difference from the city


def as_difference(figures, id="good_health", cuts=()):
    return series.as_difference(figures, tuple(cuts), "GM0344", indicator(id), EVERY)


def of_city(value, year=2020, **more):
    return city(value, period=date(year, 1, 1), **more)


def test_a_difference_is_from_the_city_in_the_same_period():
    found = as_difference([*line(70, 75), of_city(72), of_city(73, 2021)])
    assert values(found) == [("BU1", 2020, -2), ("BU1", 2021, 2)]


def test_where_the_city_has_no_figure_there_is_no_difference_and_the_reason_is_the_citys():
    found = as_difference([*line(70, 75, 76), of_city(72), of_city(None, 2021, status=SECRET)])
    assert [(f.value, f.status) for f in found.figures[1:]] == [(None, SECRET), (None, Status.REASON_UNKNOWN)]


def test_the_city_alone_has_no_difference():
    assert as_difference([of_city(72), of_city(73, 2021)]) is None


def test_a_difference_takes_both_margins_along():
    found = as_difference([*line(70, low=66, high=74), of_city(72, low=69, high=75)])
    assert (found.figures[0].low, found.figures[0].high) == (-7, 3)
    assert as_difference([*line(70), of_city(72)]).figures[0].low is None
    alone = as_difference([*line(70, low=66, high=74), of_city(72)]).figures[0]  # the city has no margin of its own
    assert (alone.low, alone.high) == (pytest.approx(-6, abs=0.01), pytest.approx(2, abs=0.01))


def test_the_cuts_of_the_city_are_not_those_of_a_difference():
    cuts = [Cut(code, date(2020, 1, 1), date(2021, 1, 1), "method") for code in ("GM0344", "BU1")]
    found = as_difference([*line(70, 75), of_city(72), of_city(73, 2021)], cuts=cuts)
    assert [cut.code for cut in found.cuts] == ["BU1"]


# In words

SAID = [
    ("waarde", "crimes", figure(1234), "1.234", "1.234"),
    ("waarde", "crimes", figure(1234, low=1000, high=1500), "1.234 (tussen 1.000 en 1.500)", "1.234"),
    ("waarde", "good_health", figure(70.25, provisional=True), "70,2% (voorlopig)", "70,2%"),
    ("waarde", "good_health", figure(70.0, Status.UNRELIABLE), "70,0% (onzeker)", "70,0%"),
    ("waarde", "good_health", figure(None, SECRET, provisional=True), "geheim", "geheim"),
    ("index", "crimes", figure(126.4, low=98.7, high=160), "126 (tussen 99 en 160)", "126"),
    ("index", "crimes", figure(100, low=100, high=100), "100", "100"),
    ("index", "crimes", figure(None, SECRET), "geheim", "geheim"),
    (
        "verschil", "good_health", figure(3.0, low=-1.0, high=7.0),
        "+3,0 procentpunt (tussen −1,0 en +7,0)", "+3,0",
    ),
    ("verschil", "home_value", figure(-20_000), "€ −20.000", "−20.000"),
]  # fmt: skip


@pytest.mark.parametrize(("way", "id", "one", "told", "short"), SAID)
def test_a_figure_is_told_with_all_that_belongs_to_it(way, id, one, told, short):
    asked = (one, way, indicator(id), words("nl"), EVERY)
    said = [text.replace("\N{NO-BREAK SPACE}", " ") for text in (series.told(*asked), series.short(*asked))]
    assert said == [told, short]


def test_the_unit_says_what_the_axis_counts():
    def unit(way, id, base=None):
        made = series.Series(way, (), base=base)
        return series.unit(made, "Utrecht", indicator(id), words("nl"), EVERY)

    assert unit("waarde", "crimes") == "misdrijven"
    assert unit("index", "crimes", date(2021, 1, 1)) == "index: 2021 = 100"
    assert unit("verschil", "good_health") == "verschil met Utrecht, in procentpunt"
    assert unit("verschil", "home_value") == "verschil met Utrecht, in euro"
