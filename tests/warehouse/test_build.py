"""From raw files to figures: what a mart holds, in which columns, and what becomes of what is missing."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from buurtbeeld.catalogue import Status, load
from buurtbeeld.settings import read
from buurtbeeld.statistics import combine
from buurtbeeld.warehouse.build import BuildError, build
from tests.marts import settings
from tests.warehouse.town import BUURTEN, CRIMES, HOME_VALUE, NOW, OLDER, RESIDENTS, Town, areas, residents, source

FIRST = BUURTEN[0]
EMPTY = ("BU03440911", "BU03440952")  # De Wetering, Strijkviertel
VIEWS = {
    "build": "id built_at gemeente app_version is_sample complete",
    "area": "code level name parent_code edition lon lat area_ha changed geometry",
    "area_now": "code level name parent_code edition lon lat area_ha changed geometry",
    "area_member": "part_code whole_code weight",
    "indicator": "id theme kind unit decimals direction grain method levels source"
    " title_nl title_en description_nl description_en",
    "figure": "code name level indicator period grain value low high n unit status provisional edition converted"
    " source is_sample is_simulated",
    "source": "id publisher title licence attribution openness url edition retrieved_at rows sha256"
    " is_sample is_simulated",
    "caveat": "indicator code period key",
    "target": "indicator code year value document link",
    "measure": "code from to title link",
    "sensor": "id source kind name code lon lat is_reference last_at is_sample is_simulated",
    "reading_hour": "source sensor quantity hour day local_hour median p95 n valid valid_share status reason"
    " first_at last_at last_value last_reason is_simulated",
    "reading_day": "source sensor quantity day median p95 hours valid_share status reason is_simulated",
    "area_hour": "code quantity hour day local_hour median p95 sensors status is_simulated",
    "area_day": "code quantity day median p95 sensors valid_share status is_simulated",
    "alert": "id rule source sensor code quantity threshold value opened_at closed_at is_sample is_simulated",
}


@pytest.fixture(scope="module")
def mart(unopened):
    """A connection to the mart of the sample."""
    with duckdb.connect(settings(unopened).mart_link.resolve(), read_only=True) as con:
        yield con


def one(con, query):
    [row] = con.execute(query).fetchall()
    return row


def figures(con, indicator, level="buurt", year=2024):
    """code -> (value, status)"""
    query = "SELECT code, value, status FROM figure WHERE indicator = ? AND level = ? AND year(period) = ?"
    return {code: (value, status) for code, *[value, status] in con.execute(query, [indicator, level, year]).fetchall()}


# The sample of Utrecht


def test_city_has_its_own_number_of_residents(mart):
    assert figures(mart, "residents", "gemeente") == {"GM0344": (374_238, "ok")}
    assert sum(value for value, _ in figures(mart, "residents", "wijk").values()) == 374_215


def test_buurten_without_residents_are_missing_and_not_zero(mart):
    rows = figures(mart, "residents")
    assert {code for code, (value, _) in rows.items() if value is None} == set(EMPTY)
    assert {rows[code] for code in EMPTY} == {(None, "reason_unknown")}
    assert 0 not in [value for value, _ in rows.values()]


def test_every_series_has_a_row_for_every_area_of_its_level(mart):
    query = "SELECT level, count(*) AS n FROM figure GROUP BY indicator, period, level"
    assert set(mart.execute(query).fetchall()) == {("gemeente", 1), ("wijk", 10), ("buurt", 111)}


def test_no_figure_is_a_missing_code(mart):
    assert one(mart, "SELECT count(*) FROM figure WHERE least(value, low, high, n) <= -99990") == (0,)


def test_hidden_figures_hold_no_number(mart):
    query = "SELECT DISTINCT status FROM figure WHERE (value IS NULL) = (status IN ('ok', 'unreliable'))"
    assert mart.execute(query).fetchall() == []


def test_rate_needs_500_residents(mart):
    assert figures(mart, "residents")["BU03440953"] == (20, "ok")  # Papendorp
    assert figures(mart, "crimes_per_1000")["BU03440953"] == (None, "too_few")
    few = {code for code, (value, _) in figures(mart, "residents").items() if (value or 0) < 500}
    assert {code for code, (value, _) in figures(mart, "crimes_per_1000").items() if value is None} == few


def test_a_model_estimate_needs_100_residents(mart):
    """Papendorp has 20 of them, Haarrijn 45 and an industrial estate 95; it was estimates of 2012, 2016 and 2020."""
    query = """SELECT figure.name, count(DISTINCT indicator), count(*)
               FROM figure JOIN indicator ON indicator.id = figure.indicator
               WHERE method = 'model' AND status = 'too_few' GROUP BY ALL ORDER BY ALL"""
    assert mart.execute(query).fetchall() == [
        ("Bedrijvengebied Papendorp", 31, 57),
        ("Bedrijventerrein en omgeving", 31, 76),
        ("Haarrijn", 31, 76),
    ]
    assert figures(mart, "loneliness", year=2020)["BU03440953"] == (None, "too_few")
    assert figures(mart, "loneliness", year=2020)["BU03440133"][1] == "ok"  # Lageweide, 150


def test_rate_of_an_unknown_number_of_residents_is_unknown(mart):
    assert figures(mart, "crimes_per_1000")[EMPTY[0]] == (None, "reason_unknown")


def test_rate_of_the_city(mart):
    [(value, status)] = figures(mart, "crimes_per_1000", "gemeente").values()
    assert value == pytest.approx(67, abs=1) and status == "ok"


def test_rate_only_where_both_have_the_same_year(mart):
    query = "SELECT DISTINCT level, year(period) FROM figure WHERE indicator = 'crimes_per_1000' ORDER BY ALL"
    assert mart.execute(query).fetchall() == [
        ("buurt", 2024),
        ("gemeente", 2022),
        ("gemeente", 2023),
        ("gemeente", 2024),
    ]


@pytest.mark.parametrize("indicator", ["crimes", "crimes_per_1000", "good_health"])
def test_no_wijk_is_made_from_its_buurten(mart, indicator):
    assert figures(mart, indicator, "wijk") == {}
    assert one(mart, f"SELECT levels FROM indicator WHERE id = '{indicator}'") == ("gemeente,buurt",)


def test_levels_of_an_indicator_go_from_large_to_small(mart):
    assert one(mart, "SELECT levels FROM indicator WHERE id = 'residents'") == ("gemeente,wijk,buurt",)


def test_an_indicator_without_a_single_value_is_left_out(mart):
    query = "SELECT indicator FROM figure GROUP BY indicator HAVING count(value) > 0"
    assert sorted(mart.execute(query).fetchall()) == sorted(mart.execute("SELECT id FROM indicator").fetchall())
    assert one(mart, "SELECT count(*) FROM indicator WHERE id = 'cycle'") == (0,)  # empty in all we received


def test_scale_turns_thousands_of_euros_into_euros(mart):
    assert figures(mart, "home_value", "gemeente") == {"GM0344": (451_000, "ok")}
    assert figures(mart, "income_per_resident", "gemeente") == {"GM0344": (38_500, "ok")}


def test_years_before_come_from_another_source(mart):
    query = """SELECT year(period), edition, source FROM figure
               WHERE indicator = 'residents' AND level = 'gemeente' ORDER BY period"""
    rows = mart.execute(query).fetchall()
    assert [year for year, *_ in rows] == [2012, 2017, 2018, 2019, 2022, 2023, 2024]
    assert rows[0] == (2012, 2012, "cbs_gemeente_years") and rows[-1] == (2024, 2024, "cbs_key_figures")


def test_sample_is_known_by_its_postcodes_and_old_names(mart):
    names = set(mart.execute("SELECT kind, name FROM area_name").fetchall())
    assert ("old_name", "De Uithof") in names and ("postcode", "3584") in names


def test_build_row_tells_what_this_is(mart, sample):
    row = one(mart, "SELECT id, gemeente, is_sample, complete FROM build")
    assert row == (settings(sample).mart_link.resolve().stem.removeprefix("mart-"), "GM0344", True, False)


def test_sources_are_those_of_the_sample(mart):
    rows = mart.execute("SELECT id, retrieved_at, rows, is_sample, is_simulated FROM source").fetchall()
    assert len(rows) == 6 and all(row[3:] == (True, False) for row in rows)
    assert ("police_crime", datetime(2026, 11, 23), 560, True, False) in rows


# The public contract


@pytest.mark.parametrize("view", VIEWS)
def test_view_has_the_columns_of_the_design(mart, view):
    names = [name for name, *_ in mart.execute(f"SELECT * FROM {view} LIMIT 0").description]
    assert names == VIEWS[view].split()


def test_times_have_no_zone(mart):
    query = "SELECT table_name, column_name FROM duckdb_columns() WHERE data_type LIKE '%TIME ZONE%' AND NOT internal"
    assert mart.execute(query).fetchall() == []


def test_status_is_one_of_the_closed_list(mart):
    assert one(mart, "SELECT enum_range(NULL::status)") == ([str(status) for status in Status],)


def test_types_of_a_figure(mart):
    kinds = {name: kind for name, kind, *_ in mart.execute("DESCRIBE figure").fetchall()}
    assert (kinds["period"], kinds["value"], kinds["status"]) == ("DATE", "DOUBLE", "VARCHAR")


def test_nothing_of_this_machine_is_in_the_mart(mart, sample):
    tables = [name for (name,) in mart.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    for table in tables:
        texts = str(mart.execute(f'SELECT * FROM "{table}"').fetchall())
        assert str(Path(__file__).parents[2]) not in texts and str(sample) not in texts


def test_figures_lie_in_the_order_in_which_they_are_asked(mart):
    rows = mart.execute("SELECT indicator_id, period, area_id FROM mart_figure").fetchall()
    assert rows == sorted(rows)


# Columns


def test_column_is_found_with_and_without_its_number(bare):
    bare.outlines()
    bare.figures({FIRST: {"AantalInwoners": 700, "k_65JaarOfOuder_9": 70, "GemiddeldeWOZWaardeVanWoningen_100": 1}})
    bare.build()
    assert bare.figure("residents") == (700, "ok") and bare.figure("home_value") == (1000, "ok")


def test_column_whose_name_only_begins_the_same_is_another(town):
    rows = {code: row | {"AantalInwoners_5_2": 1, "AantalInwonersOud_6": 2} for code, row in residents().items()}
    town.figures(rows)
    town.build()
    assert town.figure("residents") == (1000, "ok")


def test_column_with_the_very_name_wins(town):
    town.figures({code: row | {"AantalInwoners": 5} for code, row in residents().items()})
    town.build()
    assert town.figure("residents") == (5, "ok")


def test_column_that_could_be_two_is_refused(town):
    town.figures({code: row | {"AantalInwoners_6": 5} for code, row in residents().items()})
    assert "residents could be any of the columns AantalInwoners_5, AantalInwoners_6." in town.problems()


def test_an_older_edition_may_have_another_name_for_a_column(town):
    town.outlines(edition=2018)
    town.figures({FIRST: {RESIDENTS: 5, OLDER: 1, "GemiddeldeWoningwaarde_34": 200}}, edition=2018)
    town.build()
    assert town.figure("home_value", period="2018-01-01") == (200_000, "ok")
    assert town.figure("home_value") == (400_000, "ok")


def test_another_name_is_not_looked_at_where_the_usual_one_is_there(town):
    town.figures({code: row | {"GemiddeldeWoningwaarde_34": 1} for code, row in residents().items()})
    town.build()
    assert town.figure("home_value") == (400_000, "ok")


def test_column_that_others_rely_on_and_no_file_has_is_refused(bare):
    bare.outlines()
    bare.figures({FIRST: {RESIDENTS: 5, OLDER: 1}})
    names = "GemiddeldeWOZWaardeVanWoningen or GemiddeldeWoningwaarde"
    assert bare.problems().startswith(f"Indicator home_value reads column {names} of cbs_key_figures, but no file")


def test_what_a_figure_that_others_rely_on_is_made_from_is_as_needed(bare):
    bare.outlines()
    bare.figures({FIRST: {RESIDENTS: 5, HOME_VALUE: 1}})
    assert bare.problems().startswith("Indicator residents_65plus reads column k_65JaarOfOuder of")


def test_any_other_column_that_no_file_has_is_told_and_the_rest_is_built(town):
    own = load().indicators
    town.catalogue = replace(town.catalogue, indicators=town.catalogue.indicators | {"cars": own["cars"]})
    assert town.build().warnings == (
        "No file of cbs_key_figures has what these indicators read, so they have no figures from it: "
        "cars (PersonenautoSTotaal).",
    )
    assert town.figure("residents") == (1000, "ok")
    assert town.ask("SELECT id FROM indicator WHERE id = 'cars'") == []


def test_of_the_sample_nobody_expects_more_than_it_holds(tmp_path):
    assert build(read({"DATA_DIR": str(tmp_path)}), load()).warnings == ()


def test_column_that_only_an_older_edition_has_is_enough(town):
    town.outlines(edition=2025)
    town.figures({FIRST: {RESIDENTS: 5, OLDER: 1}}, edition=2025)
    town.build()
    assert town.ask("SELECT max(period) FROM figure WHERE indicator = 'home_value'") == [(date(2024, 1, 1),)]


@pytest.mark.parametrize("name", ['x"y', "a'b", "drop table", "éé", "slot", "asked", "text"])
def test_columns_nobody_asked_for_do_no_harm(town, name):
    town.figures({code: row | {name: "1; --"} for code, row in residents().items()})
    town.build()
    assert town.figure("residents") == (1000, "ok")


# Missing


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (-99997, "reason_unknown"),
        (-99995, "later"),
        (-99991, "stopped"),
        (-99993, "reason_unknown"),
        (-99999999, "reason_unknown"),
        (None, "reason_unknown"),
    ],
)
def test_a_number_that_stands_for_missing_becomes_its_status(town, received, status):
    town.figures(residents(BU99990101=received))
    town.build()
    assert town.figure("residents") == (None, status)
    assert town.figure("residents_65plus_share") == (None, status)


@pytest.mark.parametrize("received", ["", "  ", ".", "       ."])
def test_an_empty_cell_or_a_full_stop_is_reason_unknown(town, received):
    town.figures({code: _texts(received) for code in residents()} | {FIRST: _texts("250")})
    town.build()
    assert town.figure("home_value") == (250_000, "ok")
    assert town.figure("home_value", BUURTEN[1]) == (None, "reason_unknown")


def test_codes_and_numbers_may_be_padded(town):
    town.figures({f"{code:10}": _texts(" 12 ") for code in residents()})
    town.build()
    assert town.figure("home_value") == (12_000, "ok")


def test_zero_is_a_number(town):
    town.figures(residents(BU99990101=0))
    town.build()
    assert town.figure("residents") == (0, "ok")
    assert town.figure("residents_65plus_share") == (None, "not_applicable")


def test_an_area_without_a_row_is_there_all_the_same(town):
    rows = residents()
    del rows[FIRST]
    town.figures(rows)
    town.build()
    assert town.figure("residents") == (None, "reason_unknown")


@pytest.mark.parametrize(("residents_there", "expected"), [(499, (None, "too_few")), (500, (24, "ok"))])
def test_rate_begins_at_its_least_number(town, residents_there, expected):
    town.figures(residents(BU99990101=residents_there))
    town.figures({code: {CRIMES: 12} for code in BUURTEN}, source="police_crime")
    town.build()
    assert town.figure("crimes_per_1000") == expected


def test_a_figure_of_our_own_making_is_sample_when_a_part_of_it_is(tmp_path):
    """The police loaded live for Utrecht, residents still from the sample: the rate of both is sample."""
    town = Town(tmp_path, "GM0344")
    town.figures({f"BU034401{n:02}": {CRIMES: 12} for n in range(11, 14)}, source="police_crime")
    town.build()
    query = "SELECT indicator, is_sample FROM figure WHERE period = '2024-01-01' AND code = 'BU03440111'"
    assert {("crimes", False), ("residents", True), ("crimes_per_1000", True)} <= set(town.ask(query))


def test_the_own_source_of_an_indicator_wins(town):
    town.figures({"GM9999": _texts(7)}, source="cbs_gemeente_years")
    town.build()
    assert town.figure("residents", "GM9999") == (1000, "ok")


# Editions of borders


@pytest.fixture
def two_editions(town):
    """2025 has one buurt of 2024 divided in two."""
    new = (*BUURTEN[:3], "BU99990203", "BU99990204")
    codes = areas(new)["code"].to_pylist()
    town.outlines(edition=2025, buurten=new)
    town.figures({code: {RESIDENTS: 900, OLDER: 90, HOME_VALUE: 500} for code in codes}, edition=2025)
    town.build()
    return town


def test_each_figure_lies_on_the_borders_of_its_own_year(two_editions):
    query = """SELECT year(period), edition, count(*), string_agg(code, ' ' ORDER BY code) FILTER (code > 'BU999902')
               FROM figure WHERE indicator = 'residents' AND level = 'buurt' AND NOT converted
               GROUP BY ALL ORDER BY ALL"""
    assert two_editions.ask(query) == [
        (2024, 2024, 4, "BU99990201 BU99990202"),
        (2025, 2025, 5, "BU99990201 BU99990203 BU99990204"),
    ]


def test_areas_of_now_are_those_of_the_newest_edition(two_editions):
    assert two_editions.ask("SELECT edition, count(*) FROM area GROUP BY edition ORDER BY ALL") == [
        (2024, 7),
        (2025, 8),
    ]
    assert two_editions.ask("SELECT DISTINCT edition FROM area_now") == [(2025,)]


def test_a_year_without_outlines_is_drawn_on_the_newest_and_says_its_own(town):
    town.outlines(edition=2025)
    town.figures({"GM9999": _texts(7)}, source="cbs_gemeente_years", edition=2012)
    town.build()
    query = "SELECT figure.edition, area.edition FROM mart_figure AS figure JOIN mart_area AS area USING (area_id)"
    assert set(town.ask(f"{query} WHERE year(period) = 2012")) == {(2012, 2025)}


def test_source_of_several_editions_names_them_all(two_editions):
    [row] = two_editions.ask("SELECT edition, rows, url, attribution FROM source WHERE id = 'cbs_key_figures'")
    assert row == ("2024, 2025", 15, "https://example.org/cbs_key_figures/2025", "Bron: cbs_key_figures (2024–2025)")


def test_source_is_as_closed_as_its_most_closed_edition(town):
    town.outlines(2023, said={"source": source("pdok_areas", "outline", openness="aggregate").as_dict()})
    town.build()
    assert ("pdok_areas", "aggregate") in town.ask("SELECT id, openness FROM source")


def test_simulated_figures_say_so(bare):
    bare.outlines()
    bare.figures(residents(), said={"is_simulated": True})
    bare.build()
    assert bare.ask("SELECT DISTINCT is_sample, is_simulated FROM figure") == [(False, True)]


# Whole or not at all


def test_raw_figures_replace_their_part_of_the_sample(tmp_path):
    utrecht = Town(tmp_path, "GM0344")
    utrecht.figures({"BU03440911": {RESIDENTS: 15, OLDER: 0, HOME_VALUE: None}})
    build(utrecht.settings, utrecht.catalogue, NOW)
    assert utrecht.figure("residents", "BU03440911") == (15, "ok")
    assert utrecht.figure("residents", "BU03440111") == (None, "reason_unknown")
    assert utrecht.ask("SELECT is_sample FROM build") == [(True,)]
    assert utrecht.ask("SELECT DISTINCT source FROM figure WHERE is_sample ORDER BY ALL") == [
        ("cbs_gemeente_years",),
        ("police_crime",),
    ]


def test_without_outlines_there_is_nothing_to_draw(bare):
    assert bare.problems().startswith("There are no outlines for GM9999")


def test_a_raw_file_that_is_cut_short_anywhere_leaves_the_published_mart(town):
    before = town.build()
    path = town.figures(residents(), stamp="20261123T115959Z")
    whole = path.read_bytes()
    for length in (*range(0, len(whole), len(whole) // 40), *range(len(whole) - 9, len(whole))):
        path.write_bytes(whole[:length])
        with pytest.raises(BuildError, match="can't be used"):
            town.build()
    assert town.settings.mart_link.resolve() == before.path and town.figure("residents") == (1000, "ok")


def test_a_raw_file_with_spoilt_bytes_is_refused_or_read_but_never_crashes(town):
    before = town.build()
    path = town.figures(residents(), stamp="20261123T115959Z")
    whole = path.read_bytes()
    for at in range(4, len(whole) - 8, len(whole) // 12):
        path.write_bytes(whole[:at] + bytes(255 - byte for byte in whole[at : at + 4]) + whole[at + 4 :])
        try:
            town.build()
        except BuildError as refused:
            assert refused.problems
    assert before.path.exists()


def test_a_file_with_columns_of_strange_types_is_told_in_a_sentence(town):
    path = town.figures(residents())
    table = pq.read_table(path)
    odd = table.set_column(3, RESIDENTS, [[{"a": [1]}] * table.num_rows])
    pq.write_table(odd.replace_schema_metadata(table.schema.metadata), path)
    assert "is not a number" in town.problems()


def _texts(value):
    return {RESIDENTS: value, OLDER: value, HOME_VALUE: value}


def test_a_figure_of_our_own_is_what_its_parts_give_by_the_method_of_several_areas_together(mart):
    """The SQL of one area and the arithmetic of several are the same: value, lowest and highest."""
    query = """SELECT whole.value, whole.low, whole.high, above.value, above.low, above.high,
                      below.value, below.low, below.high
               FROM figure AS whole
               JOIN figure AS above USING (code, period)
               JOIN figure AS below USING (code, period)
               WHERE whole.indicator = $whole AND above.indicator = $above AND below.indicator = $below
                 AND whole.value IS NOT NULL"""
    compared = 0
    for indicator in load().derivations():
        asked = {"whole": indicator.id, "above": indicator.numerator, "below": indicator.denominator}
        for row in mart.execute(query, asked).fetchall():
            above, below = (_estimate(*row[place : place + 3]) for place in (3, 6))
            made = combine.ratio(above, below, indicator.factor).outward(indicator.decimals)
            low, high = (made.low, made.high) if row[1] is not None else (None, None)
            if indicator.kind == "share" and high is not None:
                high = min(high, 100)
            assert row[:3] == (made.value, low, high), (indicator.id, row)
            compared += 1
    assert compared > 300


def _estimate(value, low, high):
    """A count that nobody rounded is what it is."""
    return combine.Estimate(value, value if low is None else low, value if high is None else high)


def test_what_holds_of_some_areas_only_is_said_of_the_same_ones_by_the_catalogue(mart):
    indicator = load().indicators["crimes_per_1000"]
    query = """SELECT figure.code, figure.period, figure.value, city.value FROM figure
               JOIN figure AS city USING (indicator, period)
               WHERE figure.indicator = 'crimes_per_1000' AND city.level = 'gemeente'"""
    minded = {
        (code, period, key)
        for code, period, *both in mart.execute(query).fetchall()
        for key in indicator.minding(*both)
    }
    query = "SELECT code, period, key FROM caveat WHERE indicator = 'crimes_per_1000' AND code IS NOT NULL"
    assert minded == set(mart.execute(query).fetchall()) and len(minded) == 5


def test_what_is_only_true_of_the_sample_is_not_said_of_what_was_loaded(town):
    town.figures({FIRST: {CRIMES: 50}}, source="police_crime")
    town.build()
    said = {key for (key,) in town.ask("SELECT key FROM caveat WHERE indicator = 'crimes'")}
    assert "later_revised" in said and not {"months_added", "city_is_sum"} & said


def test_names_of_a_file_of_names_lead_to_its_areas(town):
    rows = [("BU99990101", "Kerkstraat"), ("BU99990102", "Kerkstraat"), ("BU99990102", " ")]
    table = pa.table({"area_code": [code for code, _ in rows], "name": [name for _, name in rows]})
    town.write("utrecht_streets", 2026, table, shape="name")
    town.build()
    assert town.ask("SELECT code, kind, name FROM area_name WHERE kind = 'street' ORDER BY ALL") == [
        ("BU99990101", "street", "Kerkstraat"),
        ("BU99990102", "street", "Kerkstraat"),
    ]
