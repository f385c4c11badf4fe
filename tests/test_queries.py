"""What a page may ask, and what it is answered: from the sample, and from a town that was divided anew."""

from datetime import date, datetime

import duckdb
import pyarrow as pa
import pytest

from buurtbeeld import queries
from buurtbeeld.catalogue import SHOWN, Figure, Measure, Target, load
from tests.marts import own, settings
from tests.warehouse.town import BUURTEN, HOME_VALUE, OLDER, RESIDENTS, Town, areas, residents

Y2024 = date(2024, 1, 1)
NEW = (*BUURTEN[:3], "BU99990203", "BU99990204")


def connect(data_dir):
    return duckdb.connect(settings(data_dir).mart_link.resolve(), read_only=True)


@pytest.fixture(scope="module")
def mart(unopened):
    """The mart of the sample."""
    with connect(unopened) as con:
        yield con


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Residents of 2024 and 2025, and one buurt of 2024 divided in two in 2025."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.outlines()
    town.figures(residents())
    town.outlines(edition=2025, buurten=NEW)
    codes = areas(NEW)["code"].to_pylist()
    town.figures({code: {RESIDENTS: 900, OLDER: 90, HOME_VALUE: None} for code in codes}, edition=2025)
    town.build()
    with connect(town.settings.data_dir) as con:
        yield con


def rows(table):
    return [(row["period"].year, row["code"], row["edition"], row["value"]) for row in table.to_pylist()]


# Small questions


def test_build_is_the_row_of_the_mart(mart):
    build = queries.build(mart)
    assert (build.gemeente, build.is_sample, build.complete) == ("GM0344", True, False)
    assert isinstance(build.built_at, datetime) and build.built_at.tzinfo is None


def test_goals_measures_and_their_files(filled, tmp_path):
    with connect(own(filled, tmp_path)) as con:
        found = queries.targets(con)
        assert found[0] == Target(
            "crimes", "BU03440111", 2027, 300.0, "TEST besluit veiligheid", "https://example.org/test/2"
        )
        assert [target.year for target in found if target.code == "BU03440611"] == [2022, 2028]
        measures = queries.measures(con)
        assert measures[1] == Measure(
            "BU03440611", date(2016, 9, 1), None, "TEST maatregel twee", "https://example.org/twee"
        )
        assert [measure.begin for measure in measures] == sorted(measure.begin for measure in measures)
        assert set(queries.city_files(con)) == {"targets.csv", "measures.csv"}


def test_the_sample_has_no_goals_and_no_measures(mart):
    assert [*queries.targets(mart), *queries.measures(mart), *queries.city_files(mart)] == []


def test_build_of_a_mart_that_was_never_finished():
    with duckdb.connect() as con, pytest.raises(LookupError):
        con.execute(
            "CREATE TABLE build (id INT, built_at INT, gemeente INT, app_version INT, is_sample INT, complete INT)"
        )
        queries.build(con)


def test_areas_go_from_large_to_small_then_by_name(mart):
    found = queries.areas(mart)
    assert [area.level for area in found] == ["gemeente"] + ["wijk"] * 10 + ["buurt"] * 111
    assert [area.name for area in found[1:11]] == sorted(area.name for area in found[1:11])


def test_areas_are_of_the_newest_edition(town):
    assert {area.edition for area in queries.areas(town)} == {2025}
    assert queries.editions(town) == (2024, 2025)


def test_names_an_area_is_also_known_by(mart):
    assert ("BU03440111", "postcode", "3533") in queries.area_names(mart)
    assert {kind for _, kind, _ in queries.area_names(mart)} == {"old_name", "postcode"}


def test_outlines_are_of_one_level_and_edition(town):
    assert [code for code, _ in queries.outlines(town, "buurt")] == list(NEW)
    assert [code for code, _ in queries.outlines(town, "buurt", 2024)] == list(BUURTEN)
    assert queries.outlines(town, "buurt", 1999) == queries.outlines(town, "street") == ()


def test_area_table_is_the_view(mart, town):
    assert queries.area_table(mart, None, None).num_rows == 122
    assert queries.area_table(town, "buurt", 2024)["code"].to_pylist() == list(BUURTEN)
    assert queries.area_table(town, "buurt", None).column_names[-1] == "geometry"


def test_sources_by_id(mart):
    ids = [source.id for source in queries.sources(mart)]
    assert ids == sorted(ids) and "police_crime" in ids


@pytest.mark.parametrize("name", ["build", "indicator", "source"])
def test_small_views_are_given_whole(mart, name):
    assert queries.view(mart, name).num_rows == mart.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]


@pytest.mark.parametrize("name", ["figure", "alert", "mart_build", "build; DROP TABLE x"])
def test_other_views_are_not(mart, name):
    with pytest.raises(ValueError, match="not a view"):
        queries.view(mart, name)


# What there is


def test_held_is_what_has_a_value_somewhere(mart):
    held = {(item.indicator, item.level): item.periods for item in queries.held(mart)}
    assert held["crimes", "buurt"] == tuple(date(year, 1, 1) for year in range(2021, 2026))
    assert held["crimes_per_1000", "buurt"] == (Y2024,)
    assert ("crimes", "wijk") not in held and all(held.values())


def test_held_agrees_with_the_figures(mart):
    query = "SELECT DISTINCT indicator, level, period FROM figure WHERE status IN ('ok', 'unreliable')"
    held = {(item.indicator, item.level, period) for item in queries.held(mart) for period in item.periods}
    assert held == set(mart.execute(query).fetchall())


def test_held_is_in_the_order_of_the_catalogue(mart):
    held = [item.indicator for item in queries.held(mart)]
    assert list(dict.fromkeys(held)) == [id for id in load().indicators if id in held]
    assert [item.level for item in queries.held(mart)[:3]] == ["gemeente", "wijk", "buurt"]


def test_held_leaves_out_a_period_without_values(town):
    [held] = [item for item in queries.held(town) if (item.indicator, item.level) == ("home_value", "buurt")]
    assert held.periods == (Y2024,)


def test_periods_are_all_that_have_a_row(mart, town):
    assert queries.periods(town, ("home_value",)) == (Y2024, date(2025, 1, 1))
    assert queries.periods(mart, ("crimes_per_1000", "crimes"))[0] == date(2021, 1, 1)
    assert queries.periods(mart, ("nothing",)) == queries.periods(mart, ()) == ()


# Figures


def test_figures_are_one_row_per_area_by_code(mart):
    found = queries.figures(mart, "residents", "buurt", Y2024)
    codes = [figure.code for figure in found]
    assert len(codes) == 111 and codes == sorted(codes)
    assert all((figure.value is None) == (figure.status not in SHOWN) for figure in found)


def test_figures_are_the_rows_of_the_view(mart):
    query = f"SELECT {', '.join(queries.FIGURE)} FROM figure WHERE (indicator, level, period) = (?, ?, ?) ORDER BY code"
    expected = mart.execute(query, ["good_health", "buurt", Y2024]).fetchall()
    assert queries.figures(mart, "good_health", "buurt", Y2024) == tuple(Figure(*row) for row in expected)


@pytest.mark.parametrize(
    ("indicator", "level", "period"),
    [
        ("nothing", "buurt", Y2024),
        ("residents", "street", Y2024),
        ("residents", "buurt", date(1900, 1, 1)),
        ("'", "'", Y2024),
    ],
)
def test_what_is_not_there_is_empty(mart, indicator, level, period):
    assert queries.figures(mart, indicator, level, period) == ()


def test_figures_of_are_every_period_of_some_areas(mart):
    found = queries.figures_of(mart, ("crimes", "residents"), ("GM0344", "BU03440111"))
    keys = [(figure.indicator, figure.period, figure.code) for figure in found]
    assert keys == sorted(keys) and {code for *_, code in keys} == {"GM0344", "BU03440111"}
    assert len(keys) == 2 * 5 + 7 + 1


def test_figures_of_nothing_is_empty(mart):
    assert queries.figures_of(mart, (), ("GM0344",)) == queries.figures_of(mart, ("crimes",), ()) == ()


def test_newest_is_each_indicator_once_with_the_values_that_are_there(mart):
    newest = queries.newest(mart, "buurt")
    years = {id: period.year for id, (period, _) in newest.items()}
    assert (years["crimes"], years["good_health"], years["residents"]) == (2025, 2024, 2024)
    for id, (period, values) in newest.items():
        figures = queries.figures(mart, id, "buurt", period)
        assert values == tuple(sorted(figure.value for figure in figures if figure.value is not None)), id


def test_newest_is_the_newest_with_a_value(town):
    newest = {id: period.year for id, (period, _) in queries.newest(town, "buurt").items()}
    assert newest == {"residents": 2025, "residents_65plus": 2025, "residents_65plus_share": 2025, "home_value": 2024}


# Tables for files


def test_table_has_the_columns_and_types_of_the_view(mart):
    table = queries.figure_table(mart, ("residents",), "buurt", Y2024, None)
    assert tuple(table.column_names) == queries.FIGURE
    assert table.schema.field("period").type == pa.date32() and table.schema.field("status").type == pa.string()


def test_table_and_figures_hold_the_same(mart):
    for indicator, level in (("residents", "buurt"), ("crimes_per_1000", "gemeente"), ("good_health", "buurt")):
        table = queries.figure_table(mart, (indicator,), level, Y2024, None)
        assert tuple(Figure(**row) for row in table.to_pylist()) == queries.figures(mart, indicator, level, Y2024)


def test_table_and_figures_hold_the_same_on_old_borders(town):
    table = queries.figure_table(town, ("residents",), "buurt", Y2024, None)
    assert tuple(Figure(**row) for row in table.to_pylist()) == queries.figures(town, "residents", "buurt", Y2024)
    assert table["code"].to_pylist() == list(BUURTEN)


def test_newest_is_the_newest_with_a_value_at_that_level(mart, town):
    table = queries.figure_table(mart, ("crimes", "residents"), "buurt", "newest", None)
    assert {(row["indicator"], row["period"].year) for row in table.to_pylist()} == {
        ("crimes", 2025),
        ("residents", 2024),
    }
    assert {year for year, *_ in rows(queries.figure_table(town, ("home_value",), "buurt", "newest", None))} == {2024}


def test_all_is_every_period_on_the_borders_of_its_own_year(town):
    found = rows(queries.figure_table(town, ("residents",), "buurt", "all", None))
    assert [row[:2] for row in found] == [(2024, code) for code in BUURTEN] + [(2025, code) for code in NEW]


def test_a_level_without_figures_has_a_row_per_area_that_says_so(mart):
    for period in ("newest", "all", Y2024):
        table = queries.figure_table(mart, ("crimes",), "wijk", period, None)
        assert set(table["status"].to_pylist()) == {"reason_unknown"} and table.num_rows == 10
        assert set(table["source"].to_pylist()) == {"police_crime"}


def test_an_area_that_did_not_exist_then_has_a_row_that_says_so(town):
    found = rows(queries.figure_table(town, ("residents",), "buurt", "all", (BUURTEN[0], "BU99990204")))
    assert found == [
        (2024, "BU99990101", 2024, 1000),
        (2024, "BU99990204", 2025, None),
        (2025, "BU99990101", 2025, 900),
        (2025, "BU99990204", 2025, 900),
    ]


def test_an_area_with_another_code_now_has_its_past_where_it_is_asked_for_by_name(town):
    [then, now] = queries.figure_table(town, ("residents",), "buurt", "all", ("BU99990203",)).to_pylist()
    assert (then["edition"], then["value"], then["converted"]) == (2025, 1000, True)
    assert (now["edition"], now["value"], now["converted"]) == (2025, 900, False)
    assert [figure.converted for figure in queries.figures_of(town, ("residents",), ("BU99990203",))] == [True, False]


def test_the_past_as_it_was_divided_has_no_converted_figure(town):
    assert [figure.code for figure in queries.figures(town, "residents", "buurt", Y2024)] == list(BUURTEN)
    assert queries.figure_table(town, ("residents",), "buurt", Y2024, None)["code"].to_pylist() == list(BUURTEN)
    assert set(queries.values(town, "residents", "buurt", Y2024)) == set(BUURTEN)


@pytest.mark.parametrize("level", ["buurt", "wijk", "gemeente"])
@pytest.mark.parametrize("period", ["newest", "all", Y2024, date(2025, 1, 1), date(1900, 1, 1)])
@pytest.mark.parametrize("codes", [None, (), ("GM0344",), ("BU03440111", "BU03440112"), ("nowhere",)])
def test_count_is_the_number_of_rows(mart, level, period, codes):
    asked = (("residents", "crimes", "good_health"), level, period, codes)
    assert queries.figure_count(mart, *asked) == queries.figure_table(mart, *asked).num_rows


def test_no_text_is_taken_for_a_statement(mart):
    for text in ("' OR 1=1 --", '"; DROP TABLE x', "all'", "\x00"):
        assert queries.figure_table(mart, (text,), text, Y2024, (text,)).num_rows == 0
        assert queries.figures_of(mart, (text,), (text,)) == ()


def test_noise_is_that_of_the_series_and_only_where_there_is_one(mart):
    found = queries.noise(mart, "crimes", "buurt")
    assert found and 2.3 <= found.overall <= 7.6  # the range measured from year to year
    assert queries.noise(mart, "crimes", "gemeente") is None
    assert queries.noise(mart, "residents", "buurt") is None


def test_no_border_moved_within_one_edition_and_any_may_have_between_two_we_do_not_know(mart):
    assert queries.moved(mart, "wijk", 2024, 2024) == frozenset()
    assert len(queries.moved(mart, "wijk", 2022, 2024)) == 10


def test_borders_are_what_cbs_says_of_them_and_nothing_else(mart):
    assert queries.borders(mart, ("WK034401", "nowhere")) == {"WK034401": {}, "nowhere": {}}
    with duckdb.connect() as con:
        con.execute("CREATE TABLE area (code VARCHAR, edition SMALLINT, changed INTEGER)")
        con.execute("INSERT INTO area VALUES ('a', 2024, 1), ('a', 2023, 3), ('a', 2022, NULL), ('b', 2024, 3)")
        assert queries.borders(con, ("a",)) == {"a": {2023: 3, 2024: 1}}


def test_caveats_of_the_sample_are_told_while_it_is_shown(mart):
    declared = load().indicators["crimes"].caveats
    assert "months_added" in declared and queries.caveats(mart)["crimes"] == set(declared)


def test_caveats_of_some_areas_only(mart):
    found = queries.local_caveats(mart, "crimes_per_1000")
    assert found and all(keys == ("more_visitors_than_residents",) for keys in found.values())
    assert queries.local_caveats(mart, "residents") == {}


# Values to calculate with


def test_values_are_those_that_can_be_relied_on(mart):
    figures = queries.figures(mart, "crimes_per_1000", "buurt", Y2024)
    found = queries.values(mart, "crimes_per_1000", "buurt", Y2024)
    assert found == {f.code: f.value for f in figures if f.status == "ok"}
    assert len(found) < sum(f.value is not None for f in figures)
    assert queries.values(mart, "crimes_per_1000", "wijk", Y2024) == {}


def test_the_spread_of_a_figure_is_all_its_values_in_order(mart):
    found = queries.spread(mart, "buurt", 400)
    values = queries.values(mart, "home_value", "buurt", Y2024)
    assert found["home_value", Y2024] == tuple(sorted(values.values()))
    assert queries.spread(mart, "province", 400) == {}


def test_some_areas_stand_for_many(mart):
    every, some = (queries.spread(mart, "buurt", most)["land_area", Y2024] for most in (400, 40))
    assert len(every) == 111 and 30 <= len(some) <= 40 and set(some) <= set(every)


def test_a_second_sensor_comes_before_a_tenth():
    names = ["sensor 2", "Sensor 10", "sensor 1", "a", "7", "sensor 10b", "", "sensor"]
    in_order = ["", "7", "a", "sensor", "sensor 1", "sensor 2", "Sensor 10", "sensor 10b"]
    assert sorted(names, key=queries.by_number) == in_order
