"""Lines of the chosen areas in each way to show them, the verdict on what changed, and both as tables."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from buurtbeeld import trend
from buurtbeeld.charts import series
from buurtbeeld.charts.series import BETWEEN, BORDER
from buurtbeeld.server import maps
from buurtbeeld.verdicts import Change
from buurtbeeld.view import plain
from tests import marts
from tests.bench import claims
from tests.figures import mart_of, view_of

GAP, MOVED = "BU03440911", "BU03440131"
NAMES = {"BU03440111": "Welgelegen, Den Hommel"}
NUMBERS = re.compile(r"[−+]?\d[\d.]*")


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


@pytest.fixture(scope="module")
def unsettled(sample, tmp_path_factory):
    folder = marts.own(sample, tmp_path_factory.mktemp("unsettled"))
    marts.unsettled(folder)
    return mart_of(folder)


@pytest.fixture(scope="module")
def converted(sample, tmp_path_factory):
    folder = marts.own(sample, tmp_path_factory.mktemp("converted"))
    marts.converted(folder)
    return view_of(mart_of(folder), indicator="crimes", gebied=f"{marts.CONVERTED},{marts.UNCONVERTED}", taal="en")


@pytest.fixture
def health(mart):
    return view_of(mart, indicator="good_health", gebied="BU03440111,BU03440112", periode="2024", van="2012")


def shown(view):
    return trend.shown(view)[0]


def table(view):
    """The table without the line above it that says what it counts."""
    return trend.table(view, shown(view)).partition("\n\n")[2]


def cells(table):
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]


def test_the_city_is_always_there_and_never_twice(mart, health):
    assert trend.codes(health) == ("BU03440111", "BU03440112", "GM0344")
    assert trend.codes(view_of(mart, gebied="GM0344")) == ("GM0344",)
    assert trend.codes(view_of(mart)) == ("GM0344",)


def test_lines_hold_every_period_of_every_area(health):
    found = {(figure.code, figure.period.year) for figure in trend.lines(health)}
    assert found == {(code, year) for code in trend.codes(health) for year in (2012, 2016, 2020, 2022, 2024)}


@pytest.mark.parametrize(
    ("params", "several"),
    [
        ({"indicator": "good_health"}, True),
        ({"indicator": "residents"}, True),  # of the city alone there are more years
        ({"indicator": "income_per_resident"}, False),
    ],
)
def test_one_period_is_no_line(mart, params, several):
    assert trend.has_series(view_of(mart, **params)) is several


def test_areas_without_a_line_are_named_with_the_reason(mart):
    view = view_of(mart, indicator="residents", gebied=f"BU03440111,{GAP}")
    assert trend.gaps(view, trend.lines(view)) == [
        "Van dit cijfer is niets bekend voor: Bedrijventerrein De Wetering.",
        "Van Welgelegen, Den Hommel is er alleen een cijfer over 2024. Daarom ziet u daar een punt en geen lijn.",
    ]


def test_areas_with_a_line_need_no_words(health):
    assert trend.gaps(health, trend.lines(health)) == []


def test_the_table_of_lines_has_a_row_per_period_and_a_column_per_area(health):
    head, _, *lines = cells(table(health))
    assert head == ["Periode", *(health.offer.areas[code].name for code in trend.codes(health))]
    assert [line[0] for line in lines] == ["2012", "2016", "2020", "2022", "2024"]
    assert {len(line) for line in lines} == {4}


def test_the_table_of_lines_says_where_there_is_no_figure(mart):
    view = view_of(mart, indicator="residents", gebied=GAP)
    *_, newest = cells(table(view))
    assert newest == ["2024", "niet bekend", "374.238"]
    assert all(line[1] == "niet bekend" for line in cells(table(view))[2:])


def test_the_change_is_of_every_area_of_the_level(health):
    changes = trend.changes(health)
    assert len(changes) == 111
    now = {figure.code: figure.value for figure in health.figures()}
    assert all(change.value is None for change in changes if now[change.code] is None)


def test_the_table_of_change_has_every_area_by_name_with_its_sign_or_the_reason(health):
    head, _, *lines = cells(trend.change_table(health, trend.changes(health)))
    assert head == ["Buurt", "Verandering"]
    assert len(lines) == 111
    assert [line[0].casefold() for line in lines] == sorted(line[0].casefold() for line in lines)
    assert {text[0] for _, text in lines} <= set("\\−0n")
    assert sum(text == "niet bekend" for _, text in lines) == sum(c.value is None for c in trend.changes(health))


def test_names_mean_nothing_to_markdown(health):
    areas = dict(health.offer.areas)
    areas["BU03440111"] = replace(areas["BU03440111"], name="a | b **c** <i>")
    view = replace(health, offer=replace(health.offer, areas=areas))
    assert {len(line) for line in cells(table(view))} == {4}
    assert "**c**" not in table(view)


# Ways to show the lines


@pytest.mark.parametrize(
    ("params", "way", "why"),
    [
        ({"indicator": "crimes", "gebied": "BU03440111", "weergave": "index"}, "index", ""),
        ({"indicator": "good_health", "gebied": "BU03440111", "weergave": "verschil"}, "verschil", ""),
        ({"indicator": "good_health", "gebied": "BU03440111", "weergave": "index"}, "waarde", "past niet bij dit"),
        ({"indicator": "crimes", "gebied": "BU03440111", "weergave": "verschil"}, "waarde", "past niet bij dit"),
        ({"indicator": "good_health", "weergave": "verschil"}, "waarde", "Kies een wijk of buurt"),
        ({"indicator": "good_health", "gebied": "GM0344", "weergave": "verschil"}, "waarde", "Kies een wijk of buurt"),
        ({"indicator": "household_size", "gebied": GAP, "weergave": "verschil"}, "waarde", "kan hier niet"),
        ({"indicator": "home_value", "weergave": "index"}, "index", ""),
    ],
)
def test_lines_are_shown_in_the_way_asked_or_else_as_they_are_with_the_reason(mart, params, way, why):
    found, said = trend.shown(view_of(mart, **params))
    assert found.way == way
    assert why in said and bool(said) == bool(why)


def test_beside_its_parts_the_citys_count_stands_in_the_table_only(mart):
    view = view_of(mart, indicator="crimes", gebied="BU03440111,GM0344")
    assert list(trend.drawn(view, shown(view))) == ["BU03440111"]
    assert trend.notes(view, shown(view))[0].startswith("Utrecht als geheel staat alleen in de tabel")
    assert cells(table(view))[0] == ["Periode", NAMES["BU03440111"], "Utrecht"]


@pytest.mark.parametrize(
    "params",
    [
        {"indicator": "crimes", "gebied": "GM0344"},
        {"indicator": "crimes", "gebied": "BU03440111", "weergave": "index"},
        {"indicator": "good_health", "gebied": "BU03440111"},
        {"indicator": "good_health", "gebied": "BU03440111", "weergave": "verschil"},
    ],
)
def test_elsewhere_the_city_is_drawn(mart, params):
    view = view_of(mart, **params)
    assert "GM0344" in trend.drawn(view, shown(view))
    assert not any("alleen in de tabel" in line for line in trend.notes(view, shown(view)))


def test_an_index_in_the_table_is_that_of_the_chart(mart):
    view = view_of(mart, indicator="crimes", gebied="BU03440111", weergave="index")
    whole = trend.table(view, shown(view))
    assert whole.startswith("index\\: 2021 = 100\n\n")
    head, _, first, *_, last = cells(table(view))
    assert (head[1:], first) == ([NAMES["BU03440111"], "Utrecht"], ["2021", "100", "100"])
    then_own, then_city, *_, own, city = (figure.value or 0 for figure in trend.lines(view))
    assert last[1].startswith(f"{100 * own / then_own:.0f} \\(tussen ")
    assert last[2] == f"{100 * city / then_city:.0f}"


def test_differences_in_the_table_have_no_column_for_the_city(mart):
    view = view_of(mart, indicator="good_health", gebied="BU03440111,GM0344", weergave="verschil")
    assert cells(table(view))[0] == ["Periode", NAMES["BU03440111"]]
    own, city = (figure.value or 0 for figure in trend.lines(view)[:2])
    assert cells(table(view))[2] == ["2012", f"{own - city:.1f} procentpunt".replace(".", ",").replace("-", "−")]


# Breaks, borders, provisional figures


def test_a_break_that_the_publisher_tells_of_is_cut_named_and_linked(mart):
    view = view_of(mart, indicator="home_value")
    (cut,) = shown(view).cuts
    assert (cut.since.year, cut.until.year, cut.kind) == (2018, 2019, "definition")
    (told,) = (line for line in trend.notes(view, shown(view)) if line.startswith("2019\\: andere definitie."))
    assert "](https://www.cbs.nl/" in told
    assert [row[0] for row in cells(table(view))[2:6]] == ["2012", "2017", "2018", "2019; andere definitie"]


def test_an_index_leaves_out_what_lies_before_a_break_and_says_so(mart):
    view = view_of(mart, indicator="home_value", weergave="index")
    assert shown(view).base == date(2019, 1, 1)
    assert any("De index begint in 2019" in line for line in trend.notes(view, shown(view)))
    assert [row[1] for row in cells(table(view))[2:6]] == ["niet te vergelijken"] * 3 + ["100"]


def test_of_a_border_of_which_nothing_is_known_that_is_said(mart):
    view = view_of(mart, indicator="residents")
    assert shown(view).cuts == ()
    assert trend.notes(view, shown(view))[1:] == ["Of de grens in deze tijd verschoof, weten we niet voor\\: Utrecht."]


def test_a_border_that_moved_is_cut_named_and_marked_in_the_table(unsettled):
    view = view_of(unsettled, indicator="crimes", gebied=f"{MOVED},BU03440111")
    assert [(cut.code, cut.since.year, cut.until.year, cut.kind) for cut in shown(view).cuts] == [
        (MOVED, 2022, 2023, BORDER)
    ]
    assert any("verschoof tussen 2022 en 2023" in line for line in trend.notes(view, shown(view)))
    marked = [(row[0], place) for row in cells(table(view)) for place, cell in enumerate(row) if "andere grens" in cell]
    assert marked == [("2023", 1)]


def test_figures_on_other_borders_than_they_were_made_for_say_so(converted):
    found = shown(converted)
    known, lost = (converted.offer.areas[code].name for code in (marts.CONVERTED, marts.UNCONVERTED))
    mark = "dashes and an open point: converted to the borders of now"
    assert mark in trend.marks(converted, found, converted.indicator)
    [told] = [note for note in trend.notes(converted, found) if "#borders" in note]
    assert f"Old figures of {known} were converted to the borders of now." in told
    assert f"Old figures of {lost} cannot be converted to the borders of now." in told
    [header, _, *rows] = cells(table(converted))
    of_2021, of_2023 = (dict(zip(header, row, strict=True)) for row in (rows[0], rows[2]))
    assert "between 136 and 154, converted to the borders of now" in of_2021[known]
    assert of_2021[lost] == "cannot be converted to the borders of now"
    assert "converted" not in of_2023[known] + of_2023[lost]


def test_provisional_figures_are_said_to_be_so(mart, unsettled):
    view = view_of(unsettled, indicator="crimes", gebied="BU03440111")
    assert any("voorlopig" in mark for mark in trend.marks(view, shown(view), view.indicator))
    provisional = [row[0] for row in cells(table(view)) if "voorlopig" in row[1]]
    assert provisional == ["2025"]
    settled = view_of(mart, indicator="crimes", gebied="BU03440111")
    assert not any("voorlopig" in mark for mark in trend.marks(settled, shown(settled), settled.indicator))


@pytest.mark.parametrize(
    ("params", "mark"),
    [
        ({"indicator": "good_health"}, "stippellijn"),
        ({"indicator": "crimes", "gebied": "BU03440111"}, "de marge van het cijfer"),
        ({"indicator": "residents", "gebied": "BU03440111"}, "afronden"),
        ({"indicator": "home_value"}, "andere definitie vanaf 2019"),
    ],
)
def test_what_the_lines_are_made_of_is_said(mart, params, mark):
    view = view_of(mart, **params)
    assert any(mark in each for each in trend.marks(view, shown(view), view.indicator))


def test_dots_are_drawn_where_there_is_no_figure(health):
    assert {piece.style for piece in series.pieces(shown(health).figures, ())} == {BETWEEN}


# Verdicts


def test_every_area_with_both_figures_has_a_verdict(mart):
    view = view_of(mart, indicator="crimes", van="2021", periode="2025")
    judged = trend.verdict(view, "buurt")
    assert len(judged) == 111 and set(judged.values()) <= {Change.UP, Change.DOWN, Change.UNCLEAR}
    told, whole, together = trend.about_all(view)
    then, now = (figure.value or 0 for figure in trend.lines(view) if figure.period.year in (2021, 2025))
    assert whole == f"In Utrecht als geheel ging het van {then:,.0f} naar {now:,.0f} ({now - then:+,.0f}).".replace(
        ",", "."
    )
    up, down = (sum(each == way for each in judged.values()) for way in (Change.UP, Change.DOWN))
    assert f"steeg dit duidelijk in {up} van de 111 buurten en daalde het duidelijk in {down}." in told
    assert "alle buurten tegelijk" in together


def test_without_margins_it_is_said_how_much_but_not_that_it_is_clear(mart):
    view = view_of(mart, indicator="good_health", gebied="BU03440111", van="2012", periode="2024")
    told, whole, why = trend.about_all(view)
    values = [figure.value for figure in trend.changes(view) if figure.value is not None]
    up, down = sum(value > 0 for value in values), sum(value < 0 for value in values)
    assert f"ging het in {up} van de {len(values)} buurten omhoog en in {down} omlaag." in told
    assert whole.startswith("In Utrecht als geheel ging het van ") and whole.endswith(" procentpunt).")
    assert "de marge is niet bekend" in why
    (own,) = trend.about_chosen(view)
    assert own.startswith(f"{NAMES['BU03440111']}: niet te zeggen (marge niet bekend). Van 78,4% in 2012 naar ")
    assert cells(trend.change_table(view, trend.changes(view)))[0] == ["Buurt", "Verandering"]


def test_each_chosen_area_gets_a_verdict_with_the_numbers_behind_it(mart):
    view = view_of(mart, indicator="crimes", gebied="BU03440111,WK034401", van="2021", periode="2025")
    (told,) = trend.about_chosen(view)  # of a wijk there is nothing, which is said below the lines
    assert told.startswith(f"{NAMES['BU03440111']}: ") and ", tussen " in told
    assert trend.about_chosen(view_of(mart, indicator="crimes")) == []


def test_the_city_is_judged_apart_from_its_parts(mart):
    view = view_of(mart, indicator="crimes", gebied="GM0344", van="2021", periode="2025")
    assert trend.about_chosen(view)[0].startswith("Utrecht: niet te zeggen (marge niet bekend). Van 21.765 in 2021")


def test_the_table_of_change_has_margin_and_verdict_in_every_row(mart):
    view = view_of(mart, indicator="crimes", van="2021", periode="2025")
    head, _, *lines = cells(trend.change_table(view, trend.changes(view)))
    assert head == ["Buurt", "Verandering", "Oordeel"]
    assert {line[2] for line in lines} <= {"duidelijk gestegen", "duidelijk gedaald", "geen duidelijke verandering"}
    for line in lines:
        value, low, high = (int(each.replace("−", "-").replace(".", "")) for each in NUMBERS.findall(line[1]))
        assert low < value < high


@pytest.mark.parametrize("place", range(4))
def test_the_page_judges_as_the_bench_measures(mart, place):
    """By the noise of the series, and all buurten at once: the plain test calls many times as many of them changed."""
    seen = claims.series(mart)
    before, after = seen.table[:, place], seen.table[:, place + 1]
    view = view_of(mart, indicator="crimes", van=str(seen.years[place]), periode=str(seen.years[place + 1]))
    counted = Counter(trend.verdict(view, "buurt").values())
    signs = claims.ours(seen.noise)(before, after)
    assert (counted[Change.UP], counted[Change.DOWN]) == (int(np.sum(signs > 0)), int(np.sum(signs < 0)))
    assert np.count_nonzero(claims.plain(before, after)) > 10 * np.count_nonzero(signs)


def test_an_area_whose_border_moved_is_not_compared(unsettled):
    view = view_of(unsettled, indicator="crimes", gebied=MOVED, van="2021", periode="2025")
    assert trend.verdict(view, "buurt")[MOVED] == Change.BORDER
    asked = {"taal": "nl", "niveau": "buurt", "indicator": "crimes", "van": "2021", "tot": "2025"}
    drawn = maps._changed(unsettled, asked)
    [moved] = [figure for figure in drawn.figures if figure.code == MOVED]
    assert drawn.text(moved) == view.words.t(f"trend.verdict.{Change.BORDER}")
    by_code = {each["id"]: each["properties"] for each in json.loads(maps._areas(unsettled, drawn))["features"]}
    assert (by_code[MOVED]["value"], by_code[MOVED]["status"]) == (None, "border")
    assert MOVED not in {each["id"] for each in json.loads(maps._circles(unsettled, drawn))["features"]}
    assert "kan de grens verschoven zijn" in trend.about_all(view)[0]
    assert "niet te vergelijken (grens kan verschoven zijn)" in trend.about_chosen(view)[0]
    assert "tussen" not in trend.about_chosen(view)[0]
    rows = {row[0]: row[1:] for row in cells(trend.change_table(view, trend.changes(view)))[2:]}
    assert [change for change, verdict in rows.values() if "grens" in verdict] == ["niet te vergelijken"]


def test_where_every_border_may_have_moved_nothing_is_counted(unsettled, monkeypatch):
    view = view_of(unsettled, indicator="crimes", van="2021", periode="2025")
    monkeypatch.setattr(trend, "verdict", lambda view, level: dict.fromkeys("ab", Change.BORDER))
    assert trend.about_all(view) == ["Van 2 buurten kan de grens verschoven zijn. Die vergelijken we niet."]


def test_across_a_break_nothing_is_compared(mart, monkeypatch):
    view = view_of(mart, indicator="crimes", gebied="BU03440111", van="2021", periode="2025")
    base = view.catalogue.indicators["home_value"].breaks[0].model_copy(update={"period": date(2023, 1, 1)})
    broken = view.indicator.model_copy(update={"breaks": (base,), "id": "crimes"})
    view = replace(view, catalogue=replace(view.catalogue, indicators=view.catalogue.indicators | {"crimes": broken}))
    monkeypatch.setattr(type(view), "once", lambda self, name, make, *args: make())  # the mart keeps the others'
    assert set(trend.verdict(view, "buurt").values()) == {Change.BREAK}
    (told,) = trend.about_all(view)
    assert told.startswith("2023: andere definitie.")
    assert {row[1] for row in cells(trend.change_table(view, trend.changes(view)))[2:]} == {"niet te vergelijken"}
    assert "niet te vergelijken (breuk in de reeks)" in trend.about_chosen(view)[0]
    assert {cut.until.year for cut in shown(view).cuts} == {2023}


def test_where_more_people_come_than_live_the_table_and_the_notes_say_so(mart):
    mind = "zegt hier weinig over wie er wonen"
    view = view_of(mart, indicator="crimes_per_1000", niveau="buurt", gebied="BU03440621,BU03440311")
    assert table(view).count(mind) == 1
    [told] = [note for note in trend.notes(view, shown(view)) if mind in note]
    name = view.offer.areas["BU03440621"].name
    assert plain(f"Let op bij {name}: {mind}.") == told


@pytest.mark.parametrize(("id", "said"), [("loneliness", "procent (schatting)"), ("owner_occupied_share", "procent")])
def test_above_the_table_stands_that_it_is_an_estimate(mart, id, said):
    view = view_of(mart, indicator=id, gebied="BU03440111")
    assert trend.table(view, shown(view)).partition("\n\n")[0].replace("\\", "") == said


# What there is no line of


def test_of_a_level_that_lacks_the_figure_that_is_said_and_the_city_is_drawn(mart):
    view = view_of(mart, indicator="crimes", gebied="WK034403")
    assert list(trend.drawn(view, shown(view))) == ["WK034403", "GM0344"]
    assert any(figure.value is not None for figure in trend.lines(view))
    told = trend.gaps(view, trend.lines(view))
    assert told == [
        "Per wijk is er van dit onderwerp geen cijfer, dus ook niet voor Overvecht. "
        "Per buurt is het er wel: kies hierboven een buurt."
    ]
    assert not any("alleen in de tabel" in line for line in trend.notes(view, shown(view)))


@pytest.mark.parametrize(
    ("id", "choice", "told"),
    [
        ("residents", False, "Per wijk en buurt hebben we alleen 2024. Daar is dus geen lijn van."),
        ("home_value", False, "Per wijk en buurt hebben we alleen 2024. Daar is dus geen lijn van."),
        ("good_health", True, None),
        ("income_per_resident", False, None),  # of the city there is one period too
    ],
)
def test_where_parts_of_the_city_have_one_period_that_is_said_and_no_level_is_asked(mart, id, choice, told):
    view = view_of(mart, indicator=id)
    assert trend.has_choice_of_level(view) is choice
    assert [line for line in trend.notes(view, shown(view)) if "hebben we alleen" in line] == ([told] if told else [])


def test_names_of_areas_that_hold_commas_can_be_told_apart(mart):
    view = view_of(mart, indicator="residents", gebied="BU03440111,BU03440112,BU03440131")
    names = [view.offer.areas[code].name for code in view.choice.areas]
    (told,) = trend.gaps(view, trend.lines(view))
    assert told.startswith(f"Van {names[0]}; {names[1]}; en {names[2]} is er alleen een cijfer over 2024.")


def test_whose_band_is_drawn_and_whose_goes_on_beyond_the_axis_is_said(mart):
    small = "BU03440111,BU03440112,BU03440911"
    view = view_of(mart, indicator="crimes", gebied=small, weergave="index")
    told = trend.notes(view, shown(view))
    last = plain(view.offer.areas["BU03440911"].name)
    assert any(line.startswith(f"De band is de marge van {last}.") for line in told)
    assert any(line.startswith("De marge loopt verder dan de as voor") for line in told)
    two = view_of(mart, indicator="crimes", gebied="BU03440111,BU03440112")
    assert not any("band" in line or "marge" in line for line in trend.notes(two, shown(two)))


def test_a_unit_of_words_is_said_once_in_a_cell(mart):
    view = view_of(mart, indicator="crimes_per_1000", gebied="BU03440111")
    known = [row[1] for row in cells(table(view))[2:] if row[1] != "niet bekend"]
    assert known and all(text.count("per 1.000 inwoners") == 1 and "\\(tussen " in text for text in known)
