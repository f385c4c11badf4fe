"""What is refused, and in which words. Each test spoils one thing in a good set of raw files."""

import duckdb
import pyarrow as pa
import pytest
import shapely

from buurtbeeld.warehouse import checks
from tests.warehouse.town import BUURTEN, CRIMES, HOME_VALUE, OLDER, RESIDENTS, areas, changed, residents, source

FIRST = BUURTEN[0]


def with_outlines(town, table):
    town.write("pdok_areas", 2024, table, shape="outline")
    return town.problems()


def with_cell(town, column, value):
    """Why a file is refused of which one cell is `value`, as text."""
    rows = {code: {name: str(cell) for name, cell in row.items()} for code, row in residents().items()}
    rows[FIRST][column] = value
    town.figures(rows)
    return town.problems()


def with_key(town, column, value):
    rows = residents()
    rows[FIRST] = {**rows[FIRST], column: value}
    town.figures(rows)
    return town.problems()


@pytest.mark.parametrize("text", ["many", "1,5", "1.000.000", "12 *", "true", "½", "nan", "inf", "-inf"])
def test_text_that_is_no_number(town, text):
    assert with_cell(town, RESIDENTS, text) == (
        f"Source cbs_key_figures, column AantalInwoners_5: {text!r} is not a number."
    )


def test_count_below_zero(town):
    assert with_cell(town, RESIDENTS, "-5").startswith(
        "Figure residents of BU99990101 in 2024-01-01 is -5.0, which can't be."
    )


def test_share_above_100_percent(town):
    told = with_cell(town, OLDER, "2000")
    assert told == "Figure residents_65plus_share of BU99990101 in 2024-01-01 is 200.0, which can't be."


@pytest.mark.parametrize(
    ("column", "value"), [("area_code", None), ("period", None), ("edition", None), ("edition", 24)]
)
def test_row_without_a_key(town, column, value):
    assert "3 values without an area_code, a period that is a date or an edition that is a year." in with_key(
        town, column, value
    )


@pytest.mark.parametrize("value", ["2024", "sometime"])
def test_period_that_is_no_date(bare, value):
    bare.outlines()
    bare.figures(residents(), period=value)
    assert "21 values without" in bare.problems()


def test_period_that_is_not_the_first_day(bare):
    bare.outlines()
    bare.figures(residents(), period="2024-06-01")
    assert (
        "Source cbs_key_figures gives residents of 2024-06-01, which is not the first day of a year." in bare.problems()
    )


def test_row_of_another_gemeente(town):
    town.figures(residents() | {"GM0344": {RESIDENTS: 1}})
    assert town.problems() == "Source cbs_key_figures: 3 values are of another gemeente than GM9999, 'GM0344' for one."


def test_figure_of_an_area_that_no_outline_knows(town):
    town.figures(residents() | {"BU99990999": {RESIDENTS: 1}})
    assert town.problems() == (
        "Source cbs_key_figures has figures for 1 areas that no outline knows, BU99990999 for one. "
        "Load the outlines of that year too: `python -m loaders pdok_areas`."
    )


def test_figures_of_a_year_without_outlines_count_but_for_areas_that_are_there_no_more(town):
    town.figures({FIRST: {RESIDENTS: 7, OLDER: 1, HOME_VALUE: 1}, "BU99990999": {RESIDENTS: 5}}, edition=2013)
    built = town.build()
    assert town.figure("residents", period="2013-01-01") == (7, "ok")
    assert town.ask("SELECT count(*) FROM figure WHERE code = 'BU99990999'") == [(0,)]
    assert built.warnings == (
        "Figures of 1 areas of cbs_key_figures, from editions 2013 to 2013, are left out: there are no outlines of "
        "those years, and later outlines do not know these areas.",
    )


def test_same_row_twice(town):
    table = pa.Table.from_pylist(
        [
            {"area_code": FIRST, "period": "2024-01-01", "edition": 2024, RESIDENTS: n, OLDER: 1, HOME_VALUE: 1}
            for n in (5, 6)
        ]
    )
    town.write("cbs_key_figures", 2024, table)
    assert "Source cbs_key_figures gives residents of BU99990101 in 2024-01-01 2 times." in town.problems()


def test_same_row_in_two_files(town):
    town.figures(residents(), edition=2023, period="2024-01-01")
    town.write("cbs_key_figures", 2022, pa.Table.from_pylist(
        [{"area_code": FIRST, "period": "2024-01-01", "edition": 2023, RESIDENTS: 7}]
    ))  # fmt: skip
    assert "gives residents of BU99990101 in 2024-01-01 2 times." in town.problems()


@pytest.mark.parametrize("level", [None, "street"])
def test_area_of_an_unknown_level(town, level):
    assert f"Area BU99990101 (2024) has level {level}" in with_outlines(town, changed(areas(), "level", {FIRST: level}))


@pytest.mark.parametrize("column", ["code", "name"])
def test_area_without_code_or_name(town, column):
    assert "it needs a code, a name and a level" in with_outlines(town, changed(areas(), column, {FIRST: None}))


def test_outlines_of_another_gemeente(town):
    told = with_outlines(town, areas(("BU03440101",)))
    assert "The outlines of 2024 hold 1 gemeenten; expected GM9999 alone." in told


def test_outlines_of_two_gemeenten(town):
    told = with_outlines(town, pa.concat_tables([areas(), areas(("BU99980101",))]))
    assert told == "The outlines of 2024 hold 2 gemeenten; expected GM9999 alone."


def test_outlines_without_areas(town):
    assert "The outlines of every year hold 0 gemeenten" in with_outlines(town, areas().slice(0, 0))


def test_area_that_is_there_twice(town):
    told = with_outlines(town, pa.concat_tables([areas(), areas().slice(6, 1)]))
    assert "Area BU99990202 stands 2 times in the outlines of 2024." in told


@pytest.mark.parametrize("parent", [None, "WK999999", FIRST, "BU99990102"])
def test_area_that_lies_in_no_larger_one(town, parent):
    told = with_outlines(town, changed(areas(), "parent_code", {FIRST: parent}))
    assert f"Area BU99990101 (2024) lies in {parent}, which is no larger area in the outlines." in told


def test_everything_that_is_wrong_is_told_at_once(bare):
    spoilt = changed(areas(), "geometry", {BUURTEN[1]: shapely.to_wkb(shapely.box(2, 48, 2.1, 48.1)), BUURTEN[2]: None})
    bare.write("pdok_areas", 2024, spoilt, shape="outline")
    row = {RESIDENTS: "many", OLDER: "1", HOME_VALUE: "1"}
    bare.figures({FIRST: row, "GM0344": row, "BU99990999": row})
    bare.figures({FIRST: {"Misdrijven": 3}}, source="police_crime")
    told = bare.problems()
    for part in (
        "not a number",
        "another gemeente",
        "no outline knows",
        "no outline that can",
        "not in the Netherlands",
    ):
        assert part in told
    assert "Indicator crimes reads column GeregistreerdeMisdrijven of police_crime, but no file" in told


def test_many_violations_of_one_kind_are_summed_up(bare):
    codes = [f"BU99991{number:03}" for number in range(30)]
    bare.outlines(buurten=codes)
    bare.figures({code: {RESIDENTS: f"x{code}", OLDER: "1", HOME_VALUE: "1"} for code in codes})
    told = bare.problems().splitlines()
    assert len(told) == checks.SHOWN_PER_CHECK + 1 and told[-1] == "… and 10 more of the same kind."


@pytest.mark.parametrize(
    ("figure", "sentence"),
    [
        ("5.0, NULL, NULL, NULL, 'secret'", "has value 5.0 with status secret"),
        ("NULL, NULL, NULL, NULL, 'ok'", "has value None with status ok"),
        ("NULL, NULL, NULL, 12, 'too_few'", "has value None with status too_few"),
        ("-99997.0, NULL, NULL, NULL, 'ok'", "is -99997.0, which can't be"),
        ("4.0, NULL, NULL, NULL, 'ok'", "is below 5, so it should have been hidden"),
    ],
)
def test_figure_that_the_statements_should_never_make(figure, sentence):
    with duckdb.connect() as con:
        con.execute("CREATE TABLE indicator AS SELECT 'residents' AS id, 'mean' AS kind")
        con.execute("CREATE TABLE declared AS SELECT -99990.0 AS missing_floor")
        con.execute("CREATE TABLE declared_indicator AS SELECT 'residents' AS id, 5.0 AS withhold_below")
        con.execute(
            f"""CREATE TABLE figure AS SELECT 'residents' AS indicator, 'BU1' AS code, DATE '2024-01-01' AS period,
                col0 AS value, col1 AS low, col2 AS high, col3 AS n, col4 AS status, false AS converted
                FROM (VALUES ({figure}))"""
        )
        assert sentence in checks.violations(con, "figure")[0]


def test_a_source_with_an_unknown_licence(town):
    said = {"source": source("police_crime", licence="made-up").as_dict()}
    town.figures({FIRST: {CRIMES: 3}}, source="police_crime", said=said)
    assert "Source 'police_crime' names licence 'made-up'" in town.problems()
