"""Crimes by year: one column per kind, nothing counted twice, nothing withheld taken for zero."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from buurtbeeld.catalogue import match
from loaders import Edition, LoadError, Same
from loaders.believe import doubts
from loaders.http import UnreachableError
from loaders.police_crime import SOURCE, fetch, look
from loaders.raw import unit_of
from tests.copies import kept
from tests.publishers import faults, statline, towns
from tests.publishers.dataderden import KINDS, Dataderden, crimes

TOWN = towns.small_town()
GEMEENTE = 10  # its place among the areas of the town
LEAVES = ("misdrijven_1_1_1", "misdrijven_1_1_2", "misdrijven_2_2_1")


def load(task):
    """The one edition of a load without copies."""
    [edition] = fetch(task)
    assert isinstance(edition, Edition)
    return edition


def cell(edition, name, code="GM0344", year=2025):
    """A value, by area and year."""
    for row in edition.table.to_pylist():
        if (row["area_code"], row["period"]) == (code, date(year, 1, 1)):
            return row[name]
    raise KeyError(code, year)


def first_row(**values):
    """A fault that changes the first row of an answer."""
    return faults.changed(lambda page: page["value"][0].update(values))


def test_a_row_per_area_and_year_and_a_column_per_kind(serving, task):
    edition = load(task(serving(Dataderden(TOWN)), TOWN))
    assert edition.table.num_rows == 11 * 2
    assert cell(edition, "misdrijven_1_1_1") == crimes(GEMEENTE, "1.1.1")
    assert cell(edition, "WijkenEnBuurten", "WK034401", 2024) == "WK034401  "
    assert not doubts(edition, SOURCE, "GM0344")


def test_the_total_has_the_name_that_the_sample_gives_it(serving, task):
    edition = load(task(serving(Dataderden(TOWN)), TOWN))
    [name] = match("GeregistreerdeMisdrijven", edition.table.column_names)
    assert cell(edition, name) == crimes(GEMEENTE, "0.0.0")


def test_columns_of_kinds_add_up_to_the_total_so_none_is_counted_twice(serving, task):
    edition = load(task(serving(Dataderden(TOWN)), TOWN))
    assert tuple(name for name in edition.table.column_names if name.startswith("misdrijven")) == LEAVES
    for row in edition.table.to_pylist():
        assert sum(row[name] for name in LEAVES) == row["GeregistreerdeMisdrijven_1"]


def test_columns_say_which_kind_they_are_and_in_what_they_count(serving, task):
    schema = load(task(serving(Dataderden(TOWN)), TOWN)).table.schema
    assert schema.field("misdrijven_1_1_1").metadata[b"title"].decode() == KINDS["1.1.1"]
    assert {unit_of(schema, name) for name in ("GeregistreerdeMisdrijven_1", *LEAVES)} == {"aantal"}


def test_withheld_is_not_zero(serving, task):
    edition = load(task(serving(Dataderden(TOWN, withheld=[("BU03440100", "1.1.1")])), TOWN))
    assert cell(edition, "misdrijven_1_1_1", "BU03440100") is None
    assert cell(edition, "misdrijven_1_1_2", "BU03440100") == crimes(0, "1.1.2")


def test_kind_without_a_row_is_not_zero(serving, task):
    server = serving(Dataderden(TOWN, years=(2025,)))
    server.fault("TypedDataSet", faults.changed(lambda page: page["value"].pop(2)))
    assert cell(load(task(server, TOWN)), "misdrijven_1_1_1", "BU03440100") is None


@pytest.mark.parametrize(
    ("words", "year"),
    [
        ("Indeling van 1 januari 2026.", 2026),
        ("De cijfers zijn naar de wijk- en buurtindeling van 1-1-2026.", 2026),
        ("Alle jaren volgens de gemeentelijke indeling 2026", 2026),
    ],
)
def test_edition_is_the_year_of_the_borders_in_the_words_about_the_table(serving, task, notes, words, year):
    edition = load(task(serving(Dataderden(TOWN, borders=words)), TOWN))
    assert (edition.edition, cell(edition, "edition", year=2024)) == (str(year), year)
    assert notes == []


def test_borders_that_are_not_named_are_noted(serving, task, notes):
    words = "Soort misdrijf volgens de indeling van de politie. Cijfers vanaf 2012."
    assert load(task(serving(Dataderden(TOWN, borders=words)), TOWN)).edition == "2025"
    assert notes == ["Table 47018NED doesn't say of which year its borders are; 2025 is taken."]


@pytest.mark.parametrize(
    ("status", "provisional"),
    [
        ({}, [False, False, True]),
        ({"2026JJ00": "Definitief"}, [False, False, False]),
        ({"2025JJ00": "Voorlopig", "2024JJ00": "NaderVoorlopig"}, [True, True, True]),
    ],
)
def test_years_are_provisional_until_the_publisher_says_otherwise(serving, task, status, provisional):
    edition = load(task(serving(Dataderden(TOWN, years=(2024, 2025, 2026), status=status)), TOWN))
    assert [cell(edition, "provisional", year=year) for year in (2024, 2025, 2026)] == provisional


def test_a_year_is_one_request_and_no_range(serving, task):
    server = serving(Dataderden(TOWN, years=(2023, 2024, 2025)))
    load(task(server, TOWN))
    asked = [target for target in server.asked if "TypedDataSet" in target]
    assert len(asked) == 3
    assert all("$format=json" in target for target in server.asked)
    assert not any(word in target for target in asked for word in ("%20ge%20", "$skip", "$orderby", "$top"))


def test_other_codes_that_hold_the_digits_are_left_out(serving, task):
    neighbour = towns.town("GM1034", wijken=44, buurten=44)  # WK103441 holds 0344
    edition = load(task(serving(Dataderden(TOWN, neighbour)), TOWN))
    assert edition.table.num_rows == 11 * 2


def test_more_than_ten_thousand_rows_come_in_pages_from_the_feed(serving, task):
    server = serving(Dataderden(TOWN, years=(2025,), most_rows=20))
    assert load(task(server, TOWN)).table.num_rows == 11
    assert sum("ODataFeed" in target for target in server.asked) == 3


def test_second_load_asks_whether_the_table_was_modified_and_no_more(serving, task, tmp_path):
    publisher = Dataderden(TOWN)
    server = serving(publisher)
    copies = kept(tmp_path, TOWN.code, [load(task(server, TOWN))])
    server.asked.clear()
    assert fetch(task(server, TOWN, copies=copies)) == [Same("2025")]
    assert len(server.asked) == 2
    publisher.modified["47018NED"] = "2027-03-01"
    assert load(task(server, TOWN, copies=copies)).marker == "2027-03-01"


def test_new_borders_are_a_new_edition(serving, task, tmp_path):
    copies = kept(tmp_path, TOWN.code, [load(task(serving(Dataderden(TOWN)), TOWN))])
    assert load(task(serving(Dataderden(TOWN, borders="indeling 2026")), TOWN, copies=copies)).edition == "2026"


def test_catalogue_that_can_not_be_read_is_noted(serving, task, notes):
    server = serving(Dataderden(TOWN))
    server.fault("ODataCatalog", faults.maintenance)
    assert load(task(server, TOWN)).attribution.endswith("(47018NED)")
    assert "The catalogue can't be read" in notes[0]


def test_table_that_moved_is_found_by_its_title(serving, task):
    class Moved(Dataderden):
        def _tables(self):
            return (replace(table, id=table.id.replace("47018", "47099")) for table in super()._tables())

    assert load(task(serving(Moved(TOWN)), TOWN)).attribution.endswith("(47099NED)")


def test_publisher_that_does_not_answer_is_unreachable(serving, task):
    server = serving(Dataderden(TOWN))
    server.fault("/cbs_derden/", faults.status(503))
    with pytest.raises(UnreachableError, match="CBS_DERDEN answered 503"):
        fetch(task(server, TOWN))


@pytest.mark.parametrize(
    ("part", "fault", "said"),
    [
        ("TableInfos", first_row(Title="Overlast"), "is called “Overlast”, not “Geregistreerde misdrijven"),
        ("DataProperties", first_row(Type="GeoDimension"), "has 2: SoortMisdrijf, WijkenEnBuurten"),
        ("DataProperties", faults.changed(lambda page: page["value"].pop(3)), "one column GeregistreerdeMisdrijven"),
        ("/SoortMisdrijf", first_row(Key="9.9.9 "), "has no kind 0.0.0"),
        ("TypedDataSet", faults.changed(lambda page: page.update(value=[])), "no rows of GM0344"),
        ("TypedDataSet", first_row(WijkenEnBuurten=None), "rows without a code"),
        ("TypedDataSet", first_row(GeregistreerdeMisdrijven_1="veel"), "it holds “veel”"),
        (
            "TypedDataSet",
            faults.changed(lambda page: [row.pop("GeregistreerdeMisdrijven_1") for row in page["value"]]),
            "do not have: GeregistreerdeMisdrijven_1",
        ),
        (
            "TypedDataSet",
            faults.changed(lambda page: page["value"].append(page["value"][0])),
            "BU03440100 is there twice with SoortMisdrijf “0.0.0 ”",
        ),
        ("TypedDataSet", faults.maintenance, "sent text/html"),
        ("TypedDataSet", faults.half, "perhaps half of it"),
        ("TypedDataSet", lambda _: statline.refused("Invalid"), "answered 500 .*Invalid"),
    ],
)
def test_what_can_not_be_is_refused(serving, task, part, fault, said):
    server = serving(Dataderden(TOWN))
    server.fault(part, fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_endless_pages_end(serving, task):
    server = serving(Dataderden(TOWN, years=(2025,), most_rows=20))
    again = faults.changed(
        lambda page: page.update({"odata.nextLink": f"{server.address}/cbs_derden/ODataFeed/odata/x"})
    )
    server.fault("ODataFeed/odata/x", lambda _: again(statline.answer_of([])))
    server.fault("ODataFeed/odata/47018NED", again)
    with pytest.raises(LoadError, match="from page to page without end"):
        fetch(task(server, TOWN))


def test_look_tells_the_columns(serving, task):
    seen = look(task(serving(Dataderden(TOWN)), TOWN, now=datetime(2026, 11, 23, tzinfo=UTC)))
    assert (seen.edition, dict(seen.counts)) == ("2025", {})
    assert seen.columns["misdrijven_2_2_1"] == "aantal"
