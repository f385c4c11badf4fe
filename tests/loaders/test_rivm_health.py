"""Health by RIVM: three rows for a value become one, and each table stands on the borders of its own year."""

import csv
from datetime import date

import pytest

from buurtbeeld.catalogue import match
from loaders import Edition, LoadError, Same
from loaders.believe import doubts
from loaders.dialects.statline import Topic
from loaders.raw import unit_of
from loaders.rivm_health import ADULTS, SOURCE, beside, fetch, look, spread, table
from tests.copies import kept
from tests.publishers import faults, statline, towns
from tests.publishers.dataderden import Dataderden, share

TOWN = towns.small_town()
GEMEENTE, GOOD_HEALTH = 10, 0  # places in the town and in the list of figures


def load(task):
    """The editions of a load, by the year of their borders."""
    return {edition.edition: edition for edition in fetch(task) if isinstance(edition, Edition)}


def cell(edition, base, code="GM0344", year=2020):
    """A value, by the base name of its column, area and year."""
    [name] = match(base, edition.table.column_names)
    for row in edition.table.to_pylist():
        if (row["area_code"], row["period"]) == (code, date(year, 1, 1)):
            return row[name]
    raise KeyError(code, year)


def each_row(change):
    """A fault that changes every row of an answer."""
    return faults.changed(lambda page: [change(row) for row in page["value"]])


def test_a_table_is_an_edition_with_all_its_years_on_the_borders_of_one(serving, task):
    editions = load(task(serving(Dataderden(TOWN)), TOWN))
    assert list(editions) == ["2024", "2022"]
    assert editions["2024"].table.num_rows == 11 * 5 and editions["2022"].table.num_rows == 11 * 4
    assert set(editions["2024"].table["edition"].to_pylist()) == {2024}
    assert not [doubt for edition in editions.values() for doubt in doubts(edition, SOURCE, "GM0344")]


def test_value_and_bounds_are_one_row(serving, task):
    edition = load(task(serving(Dataderden(TOWN)), TOWN))["2024"]
    value = share(GEMEENTE, 0, GOOD_HEALTH, 2024)
    assert cell(edition, "GoedErvarenGezondheid") == value
    assert cell(edition, "GoedErvarenGezondheid_low") == value - 2.5
    assert cell(edition, "GoedErvarenGezondheid_high") == value + 2.5


def test_only_adults_of_all_ages_are_loaded(serving, task):
    server = serving(Dataderden(TOWN))
    load(task(server, TOWN))
    asked = [target for target in server.asked if "TypedDataSet" in target]
    assert len(asked) == 2
    assert all(f"Leeftijd%20eq%20'{ADULTS}%20%20%20%20%20'" in target for target in asked)  # padded, as in its list


def test_names_stay_as_the_table_has_them_and_bounds_stand_beside(serving, task):
    editions = load(task(serving(Dataderden(TOWN)), TOWN))
    assert "ErvarenGezondheidGoedZeerGoed_4" in editions["2022"].table.column_names
    assert {"Eenzaam_11", "Eenzaam_low_11", "Eenzaam_high_11"} < set(editions["2024"].table.column_names)
    assert beside("Eenzaam", "_low") == "Eenzaam_low"


def test_bounds_have_the_unit_of_their_value(serving, task):
    schema = load(task(serving(Dataderden(TOWN)), TOWN))["2024"].table.schema
    assert unit_of(schema, "Eenzaam_11") == unit_of(schema, "Eenzaam_low_11") == "%"


def test_words_have_no_bounds(serving, task):
    names = load(task(serving(Dataderden(TOWN)), TOWN))["2024"].table.column_names
    assert "Gemeentenaam_1" in names and "Gemeentenaam_low_1" not in names


def test_null_stays_null(serving, task):
    server = serving(Dataderden(TOWN, divisions=(2024,)))
    server.fault("TypedDataSet", faults.changed(lambda page: page["value"][0].update(GoedErvarenGezondheid_4=None)))
    edition = load(task(server, TOWN))["2024"]
    assert cell(edition, "GoedErvarenGezondheid", "BU03440100", 2012) is None
    assert cell(edition, "GoedErvarenGezondheid_low", "BU03440100", 2012) is not None


def test_tables_are_found_by_their_title_and_others_left_alone(serving, task, notes):
    server = serving(Dataderden(TOWN, divisions=(2024,)))
    assert list(load(task(server, TOWN))) == ["2024"]
    assert any("Catalog%20eq%20'RIVM'" in target for target in server.asked)
    assert notes == []


def test_without_a_catalogue_the_known_tables_are_asked_for_their_titles(serving, task, notes, monkeypatch):
    monkeypatch.setattr("loaders.rivm_health.KNOWN_TABLES", ("50090NED", "50122NED", "50124NED"))
    server = serving(Dataderden(TOWN))
    server.fault("ODataCatalog", faults.maintenance)
    assert list(load(task(server, TOWN))) == ["2024", "2022"]
    assert "The catalogue can't be read" in notes[0] and notes[1] == "There is no table 50090NED any more."


def test_second_load_asks_whether_the_tables_were_modified_and_no_more(serving, task, tmp_path):
    publisher = Dataderden(TOWN)
    server = serving(publisher)
    copies = kept(tmp_path, TOWN.code, load(task(server, TOWN)).values())
    server.asked.clear()
    assert fetch(task(server, TOWN, copies=copies)) == [Same("2024"), Same("2022")]
    assert len(server.asked) == 3
    publisher.modified["50124NED"] = "2027-01-01"
    assert list(load(task(server, TOWN, copies=copies))) == ["2024"]


def test_old_table_that_can_not_be_used_keeps_no_newer_one_out(serving, task, notes):
    server = serving(Dataderden(TOWN))
    server.fault("50122NED", faults.maintenance)
    assert list(load(task(server, TOWN))) == ["2024"]
    assert len(notes) == 1 and notes[0].startswith("2022 is not loaded. CBS_DERDEN sent text/html")


def test_more_than_ten_thousand_rows_come_in_pages_from_the_feed(serving, task):
    server = serving(Dataderden(TOWN, divisions=(2024,), most_rows=100))
    assert load(task(server, TOWN))["2024"].table.num_rows == 11 * 5
    assert sum("ODataFeed" in target for target in server.asked) == 2


@pytest.mark.parametrize(
    ("part", "fault", "said"),
    [
        ("TableInfos", faults.changed(lambda page: page["value"][0].update(Title="Beweging")), "is called “Beweging”"),
        ("/Marges", faults.changed(lambda page: page["value"].pop()), "has no MBG0095 in its lists"),
        ("/Leeftijd", faults.changed(lambda page: page["value"].pop(0)), "has no 20300 in its lists"),
        ("TypedDataSet", faults.changed(lambda page: page.update(value=[])), "no rows of GM0344"),
        (
            "TypedDataSet",
            faults.changed(lambda page: page["value"].append(page["value"][0])),
            "BU03440100 is there twice for 2012JJ00 and “MW00000",
        ),
        (
            "TypedDataSet",
            faults.changed(lambda page: page["value"][1].update(Eenzaam_11=99.0)),
            "Eenzaam_11 of BU03440100 in 2012JJ00 is 17.4, outside its bounds 99.0 to 19.9",
        ),
        ("TypedDataSet", each_row(lambda row: row.update(Perioden="2024KW01")), "is there twice for 2024KW01"),
        ("TypedDataSet", each_row(lambda row: row.pop("Eenzaam_11")), "do not have: Eenzaam_11"),
        ("TypedDataSet", faults.json_error, "error with status 200"),
        ("TypedDataSet", lambda _: statline.refused("Invalid"), "answered 500"),
    ],
)
def test_what_can_not_be_is_refused(serving, task, part, fault, said):
    server = serving(Dataderden(TOWN, divisions=(2024,)))
    server.fault(part, fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_look_tells_the_columns_with_their_bounds(serving, task):
    seen = look(task(serving(Dataderden(TOWN)), TOWN))
    assert seen.edition == "2024"
    assert seen.columns["Eenzaam_high_11"] == "%"


@pytest.mark.parametrize("year", [2012, 2016, 2020])
def test_recorded_rows_with_padded_numbers_load_through_the_same_code(realdata, year):
    """A StatLine export of all 122 areas of Utrecht: every number is text such as "    78.3", and has no bounds."""
    file = realdata / "rivm_gezondheidsmonitor" / f"utrecht_gezondheid_18plus_{year}.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    topics = {name: Topic(title="", unit="%", group="", datatype="Double") for name in list(rows[0])[8:]}
    loaded = table(spread(rows, "WijkenEnBuurten", topics), "WijkenEnBuurten", 2020, topics)
    found = dict(
        zip(loaded["area_code"].to_pylist(), loaded["ErvarenGezondheidGoedZeerGoed_4"].to_pylist(), strict=True)
    )
    assert loaded.num_rows == 122
    assert found["GM0344"] == {2012: 78.3, 2016: 77.0, 2020: 80.8}[year]
    assert set(loaded["period"].to_pylist()) == {date(year, 1, 1)}
