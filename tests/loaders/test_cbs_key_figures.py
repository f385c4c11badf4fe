"""Key figures from CBS's dialect: padded codes, moving numbers, late columns, and the errors that look like data."""

from dataclasses import replace
from datetime import date

import pytest

from loaders import LoadError
from loaders.cbs_key_figures import KNOWN_TABLES, fetch, look
from loaders.http import UnreachableError
from loaders.raw import match, unit_of
from tests.publishers import cbs, faults, towns

TOWN = towns.small_town()


def first_row(**values):
    """A fault that changes the first row of an answer."""
    return faults.changed(lambda page: page["value"][0].update(values))


def published(edition, base, code="GM0344"):
    """A value of an edition, by the base name of its column."""
    (name,) = match(base, edition.table.column_names)
    return edition.table[name][edition.table["area_code"].to_pylist().index(code)].as_py()


def test_key_columns_are_trimmed_and_published_ones_are_not(serve, task):
    (edition,) = fetch(task(serve(TOWN), TOWN))
    row = next(row for row in edition.table.to_pylist() if row["area_code"] == "WK034401")
    assert (row["period"], row["edition"]) == (date(2024, 1, 1), 2024)
    assert row["WijkenEnBuurten"] == "WK034401  "
    assert edition.table.column_names[:3] == ["area_code", "period", "edition"]


def test_one_row_for_each_area(serve, task):
    (edition,) = fetch(task(serve(TOWN), TOWN))
    assert sorted(edition.table["area_code"].to_pylist()) == sorted({area.code for area in TOWN.areas})


def test_other_codes_that_hold_the_digits_are_left_out(serve, task):
    neighbour = towns.town("GM1034", wijken=44, buurten=44)  # WK103441 holds 0344
    server = serve(TOWN, neighbour)
    (edition,) = fetch(task(server, TOWN))
    assert edition.table.num_rows == 11


def test_codes_with_letters(serve, task):
    town = towns.town("GM0363", wijken=2, buurten=3, letters=True)
    (edition,) = fetch(task(serve(town), town))
    assert edition.table["area_code"].to_pylist() == [
        "BU0363A100",
        "BU0363A101",
        "BU0363A200",
        "GM0363",
        "WK0363A1",
        "WK0363A2",
    ]


def test_null_stays_null(serve, task):
    figures = {**TOWN.figures, "BU03440100": {"AantalInwoners": None}}
    town = replace(TOWN, figures=figures)
    (edition,) = fetch(task(serve(town), town))
    assert published(edition, "AantalInwoners", "BU03440100") is None
    assert published(edition, "AantalInwoners", "BU03440200") == 101


def test_zero_stays_zero(serve, task):
    town = replace(TOWN, figures={**TOWN.figures, "BU03440100": {"AantalInwoners": 0}})
    (edition,) = fetch(task(serve(town), town))
    assert published(edition, "AantalInwoners", "BU03440100") == 0


def test_column_carries_its_unit(serve, task):
    (edition,) = fetch(task(serve(TOWN), TOWN))
    (name,) = match("GemiddeldeWOZWaardeVanWoningen", edition.table.column_names)
    assert unit_of(edition.table.schema, name) == "x 1 000 euro"


def test_newest_edition_is_enough_when_it_has_every_column(serve, task):
    server = serve(TOWN, years=(2022, 2023, 2024))
    assert [edition.edition for edition in fetch(task(server, TOWN, columns=("AantalInwoners",)))] == ["2024"]


def test_goes_back_until_a_late_column_has_a_value(serve, task):
    late = {2024: ["GemiddeldInkomenPerInwoner"], 2023: ["GemiddeldInkomenPerInwoner"]}
    server = serve(TOWN, years=(2021, 2022, 2023, 2024), late=late)
    editions = fetch(task(server, TOWN, columns=("AantalInwoners", "GemiddeldInkomenPerInwoner")))
    assert [edition.edition for edition in editions] == ["2024", "2023", "2022"]
    assert [published(edition, "GemiddeldInkomenPerInwoner") for edition in editions] == [None, None, 10.5]


def test_goes_back_no_further_than_five_editions_and_says_what_is_missing(serve, task, notes):
    server = serve(TOWN, years=range(2016, 2027))
    editions = fetch(task(server, TOWN, columns=("AantalInwoners", "NeverThere")))
    assert [edition.edition for edition in editions] == ["2026", "2025", "2024", "2023", "2022"]
    assert notes == ["No value since 2022 for NeverThere."]


def test_edition_that_was_named_is_loaded_too(serve, task):
    editions = fetch(task(serve(TOWN, years=(2022, 2024)), TOWN, editions=(2022,)))
    assert [edition.edition for edition in editions] == ["2024", "2022"]


def test_edition_that_was_named_must_be_there(serve, task):
    with pytest.raises(LoadError, match="no table of Kerncijfers wijken en buurten 1999; there are 2022 to 2024"):
        fetch(task(serve(TOWN, years=(2022, 2024)), TOWN, editions=(1999,)))


def test_number_of_a_column_may_differ_between_editions(serve, task):
    editions = fetch(task(serve(TOWN, years=(2023, 2024)), TOWN, editions=(2023,)))
    names = {match("AantalInwoners", edition.table.column_names)[0] for edition in editions}
    assert len(names) == 2
    assert {published(edition, "AantalInwoners") for edition in editions} == {110}


def test_column_that_may_be_two_is_refused(serve, task):
    server = serve(TOWN)
    twin = {
        "Type": "Topic",
        "Key": "AantalInwoners_99",
        "Title": "Inwoners met iets",
        "Unit": "",
        "Datatype": "Integer",
    }
    server.fault("DataProperties", faults.changed(lambda page: page["value"].append(twin)))
    with pytest.raises(
        LoadError, match=r"AantalInwoners may be several columns .*AantalInwoners_99 \(“Inwoners met iets”"
    ):
        fetch(task(server, TOWN, columns=("AantalInwoners",)))


def test_table_with_another_title_is_refused(serve, task):
    server = serve(TOWN)
    server.fault("TableInfos", first_row(Title="Nabijheid voorzieningen 2024"))
    with pytest.raises(LoadError, match="92024NED at CBS is called “Nabijheid voorzieningen 2024”"):
        fetch(task(server, TOWN))


def test_two_tables_of_one_year_are_refused(serve, task):
    server = serve(TOWN)
    twin = {"Identifier": "99999NED", "Title": "Kerncijfers wijken en buurten 2024"}
    server.fault("ODataCatalog", faults.changed(lambda page: page["value"].append(twin)))
    with pytest.raises(LoadError, match="two tables, 92024NED and 99999NED"):
        fetch(task(server, TOWN))


@pytest.mark.parametrize("fault", [faults.maintenance, faults.json_error, faults.status(500), faults.status(404)])
def test_catalogue_that_can_not_be_read_is_replaced_by_the_known_tables(serve, task, notes, fault):
    server = serve(TOWN, years=KNOWN_TABLES, tables=KNOWN_TABLES)
    server.fault("ODataCatalog", fault)
    assert fetch(task(server, TOWN))[0].attribution.endswith("2026 (StatLine 86358NED)")
    assert "The catalogue of CBS can't be read" in notes[0]


def test_catalogue_without_these_tables_is_replaced_by_the_known_tables(serve, task):
    server = serve(TOWN, years=KNOWN_TABLES, tables=KNOWN_TABLES)
    server.fault("ODataCatalog", faults.changed(lambda page: page.update(value=[])))
    assert fetch(task(server, TOWN))[0].edition == "2026"


def test_publisher_that_does_not_answer_is_not_asked_table_after_table(serve, task):
    server = serve(TOWN)
    server.fault("/cbs_odata3/", faults.status(503))
    with pytest.raises(UnreachableError):
        fetch(task(server, TOWN))
    assert len(server.asked) == 4


def test_more_than_ten_thousand_rows_come_in_pages_from_the_feed(serve, task):
    server = serve(TOWN, most_rows=4)
    server.fault("ODataCatalog", lambda response: replace(response))
    (edition,) = fetch(task(server, TOWN))
    assert edition.table.num_rows == 11
    assert sum("ODataFeed" in target for target in server.asked) == 3


def test_every_question_asks_for_json(serve, task):
    server = serve(TOWN)
    fetch(task(server, TOWN))
    assert all("$format=json" in target for target in server.asked)


def test_error_of_the_publisher_is_passed_on(serve, task):
    server = serve(TOWN)
    server.fault("TypedDataSet", lambda _: cbs.odata_error("Something went wrong"))
    with pytest.raises(LoadError, match=r"answered 500 .*Something went wrong"):
        fetch(task(server, TOWN))


def test_200_without_rows_is_refused(serve, task):
    server = serve(TOWN)
    server.fault("TypedDataSet", faults.changed(lambda page: page.update(value=[])))
    with pytest.raises(LoadError, match=r"92024NED \(2024\) has no rows of GM0344"):
        fetch(task(server, TOWN))


def test_gemeente_younger_than_an_older_edition_is_a_note(serve, task, notes):
    server = serve(TOWN, years=(2023, 2024))
    server.fault("92023NED/TypedDataSet", faults.changed(lambda page: page.update(value=[])))
    editions = fetch(task(server, TOWN, columns=("NeverThere",)))
    assert [edition.edition for edition in editions] == ["2024"]
    assert notes[0] == "2023 and before are not loaded: table 92023NED has no rows of GM0344."


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (first_row(WijkenEnBuurten="BU034401  "), "“BU034401” is no code of GM0344"),
        (first_row(WijkenEnBuurten="WK034401  "), "WK034401 is there 2 times.*no row that begins with GM"),
        (first_row(WijkenEnBuurten=None), "rows without a code"),
        (first_row(AantalInwoners_7="       ."), "has 100 and '       .'"),
        (
            faults.changed(lambda page: [row.pop("AantalInwoners_7") for row in page["value"]]),
            "do not have: AantalInwoners_7",
        ),
        (faults.changed(lambda page: [row.update(AantalInwoners_7=" 8") for row in page["value"]]), "holds “ 8”"),
        (faults.changed(lambda page: page.pop("value")), "without rows"),
    ],
)
def test_rows_that_can_not_be_are_refused(serve, task, fault, said):
    server = serve(TOWN)
    server.fault("TypedDataSet", fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_two_columns_with_codes_are_refused(serve, task):
    server = serve(TOWN)
    server.fault(
        "DataProperties", faults.changed(lambda page: page["value"].append({"Type": "GeoDetail", "Key": "RegioS"}))
    )
    with pytest.raises(LoadError, match="has 2: WijkenEnBuurten, RegioS"):
        fetch(task(server, TOWN))


def test_look_tells_units_and_counts(serve, task):
    seen = look(task(serve(TOWN, years=(2023, 2024)), TOWN))
    assert (seen.edition, dict(seen.counts)) == ("2024", {"GM": 1, "WK": 3, "BU": 7})
    assert seen.columns[match("Bevolkingsdichtheid", seen.columns)[0]] == "aantal inwoners per km²"


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("WijkenEnBuurten eq 'GM0344    '", 1),
        ("WijkenEnBuurten eq 'GM0344'", 0),
        ("WijkenEnBuurten ge 'ZZ'", 11),
        ("startswith(WijkenEnBuurten,'WK')", 3),
    ],
)
def test_fake_publisher_pads_codes_and_ignores_ranges_as_cbs_does(serve, http, condition, rows):
    params = {"$format": "json", "$filter": condition}
    answer = http(serve(TOWN)).get("CBS_ODATA3", "/ODataApi/odata/92024NED/TypedDataSet", params, label="x")
    assert len(answer.json()["value"]) == rows
