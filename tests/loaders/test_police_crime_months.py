"""Crimes by month: only what is new or still revised is asked, and what stands on disk stays."""

from dataclasses import replace
from datetime import date

import pytest

from loaders import Edition, LoadError, Same
from loaders.believe import doubts
from loaders.police_crime_months import LARGEST_LOSS, SOURCE, fetch, look
from tests.copies import kept
from tests.publishers import faults, statline, towns
from tests.publishers.dataderden import Dataderden, crimes

TOWN = towns.small_town()
AREAS, GEMEENTE = 11, 10


def months(first, last):
    """Every month from (2025, 11) to (2026, 2), as the publisher writes it."""
    number, end = first[0] * 12 + first[1] - 1, last[0] * 12 + last[1] - 1
    return [f"{month // 12}MM{month % 12 + 1:02}" for month in range(number, end + 1)]


def load(task):
    """The editions of a load, by their year."""
    return {edition.edition: edition for edition in fetch(task) if isinstance(edition, Edition)}


def asked(server):
    """The months that rows were asked of."""
    return [target.partition("Perioden%20eq%20'")[2][:8] for target in server.asked if "TypedDataSet" in target]


def periods(edition, **having):
    """The first days of its rows, once each, oldest first."""
    rows = [row for row in edition.table.to_pylist() if all(row[name] == value for name, value in having.items())]
    return sorted({row["period"] for row in rows})


def test_an_edition_is_a_year_of_months(serving, task):
    editions = load(task(serving(Dataderden(TOWN, months=months((2025, 11), (2026, 2)))), TOWN))
    assert list(editions) == ["2026", "2025"]
    assert periods(editions["2025"]) == [date(2025, 11, 1), date(2025, 12, 1)]
    assert editions["2026"].table.num_rows == AREAS * 2
    assert not [doubt for edition in editions.values() for doubt in doubts(edition, SOURCE, "GM0344")]


def test_a_month_is_one_request_for_one_period(serving, task):
    server = serving(Dataderden(TOWN, months=months((2026, 1), (2026, 9))))
    load(task(server, TOWN))
    assert asked(server) == months((2026, 1), (2026, 9))
    assert not any("%20ge%20" in target or "JJ00" in target for target in server.asked)


def test_months_hold_the_kinds_and_the_total_and_no_group(serving, task):
    [edition] = load(task(serving(Dataderden(TOWN)), TOWN)).values()
    row = edition.table.filter(edition.table["area_code"].to_numpy() == "GM0344").to_pylist()[0]
    assert row["GeregistreerdeMisdrijven_1"] == crimes(GEMEENTE, "0.0.0")
    assert row["GeregistreerdeMisdrijven_1"] == sum(row[name] for name in row if name.startswith("misdrijven_"))
    assert "misdrijven_1_1_0" not in row


def test_the_last_four_months_are_provisional(serving, task):
    [edition] = load(task(serving(Dataderden(TOWN, months=months((2026, 1), (2026, 9)))), TOWN)).values()
    assert periods(edition, provisional=True) == [date(2026, month, 1) for month in (6, 7, 8, 9)]


def test_months_that_the_publisher_calls_provisional_are(serving, task):
    publisher = Dataderden(TOWN, months=months((2026, 1), (2026, 9)), status={"2026MM02": "Voorlopig"})
    [edition] = load(task(serving(publisher), TOWN)).values()
    assert date(2026, 2, 1) in periods(edition, provisional=True)


def test_second_load_asks_for_no_month_while_the_table_is_the_same(serving, task, tmp_path):
    server = serving(Dataderden(TOWN, months=months((2025, 1), (2026, 9))))
    copies = kept(tmp_path, TOWN.code, load(task(server, TOWN)).values())
    server.asked.clear()
    assert fetch(task(server, TOWN, copies=copies)) == [Same("2026"), Same("2025")]
    assert asked(server) == []


def test_a_new_month_is_asked_with_those_that_were_provisional(serving, task, tmp_path):
    before = Dataderden(TOWN, months=months((2025, 1), (2026, 2)))
    copies = kept(tmp_path, TOWN.code, load(task(serving(before), TOWN)).values())
    now = Dataderden(TOWN, months=months((2025, 1), (2026, 3)))
    now.modified["47022NED"] = "2026-12-01"
    server = serving(now)
    editions = load(task(server, TOWN, copies=copies))
    assert asked(server) == [*months((2026, 1), (2026, 3)), *months((2025, 11), (2025, 12))]
    assert len(periods(editions["2025"])) == 12 and editions["2025"].table.num_rows == AREAS * 12
    assert periods(editions["2025"], provisional=True) == [date(2025, 12, 1)]
    assert editions["2025"].table.column_names == copies["2025"].schema.names


def test_months_on_disk_stay_as_they_were(serving, task, tmp_path):
    copies = kept(
        tmp_path, TOWN.code, load(task(serving(Dataderden(TOWN, months=months((2026, 1), (2026, 8)))), TOWN)).values()
    )
    grown = replace(TOWN, areas=TOWN.areas[3:])  # every place moves, and so does every made-up number
    publisher = Dataderden(grown, months=months((2026, 1), (2026, 9)))
    publisher.modified["47022NED"] = "2026-12-01"
    [edition] = load(task(serving(publisher), grown, copies=copies)).values()
    totals = {
        row["period"].month: row["GeregistreerdeMisdrijven_1"]
        for row in edition.table.to_pylist()
        if row["area_code"] == "GM0344"
    }
    assert {totals[month] for month in (1, 2, 3, 4)} == {crimes(GEMEENTE, "0.0.0")}
    assert {totals[month] for month in (5, 6, 7, 8, 9)} == {crimes(GEMEENTE - 3, "0.0.0")}


def test_all_months_are_loaded_again_when_the_borders_changed(serving, task, tmp_path):
    copies = kept(
        tmp_path, TOWN.code, load(task(serving(Dataderden(TOWN, months=months((2026, 1), (2026, 8)))), TOWN)).values()
    )
    server = serving(Dataderden(TOWN, months=months((2026, 1), (2026, 8)), borders="indeling 2026"))
    [edition] = load(task(server, TOWN, copies=copies)).values()
    assert len(asked(server)) == 8
    assert set(edition.table["edition"].to_pylist()) == {2026}


def test_copy_that_is_damaged_is_loaded_again(serving, task, tmp_path):
    server = serving(Dataderden(TOWN))
    copies = kept(tmp_path, TOWN.code, load(task(server, TOWN)).values())
    copies["2026"].path.write_bytes(b"")
    assert list(load(task(server, TOWN, copies=copies))) == ["2026"]


def test_six_years_are_loaded_and_those_somebody_named(serving, task):
    publisher = Dataderden(TOWN, months=[f"{year}MM01" for year in range(2012, 2027)])
    assert list(load(task(serving(publisher), TOWN))) == [str(year) for year in range(2026, 2020, -1)]
    assert list(load(task(serving(publisher), TOWN, editions=(2012,))))[-1] == "2012"


def test_month_that_is_announced_and_empty_is_noted_and_asked_again(serving, task, tmp_path, notes):
    publisher = Dataderden(TOWN, months=months((2026, 1), (2026, 9)))
    server = serving(publisher)
    server.fault("2026MM09", faults.changed(lambda page: page.update(value=[])))
    copies = kept(tmp_path, TOWN.code, load(task(server, TOWN)).values())
    assert notes == ["There are no rows of GM0344 in 2026MM09 yet."]
    server.well()
    [edition] = load(task(server, TOWN, copies=copies)).values()
    assert len(periods(edition)) == 9


def test_half_a_month_is_refused(serving, task):
    server = serving(Dataderden(TOWN))
    server.fault("2026MM09", faults.changed(lambda page: page.update(value=page["value"][:25])))
    with pytest.raises(LoadError, match="2026MM09 has 5 areas in table 47022NED, and another month 11"):
        fetch(task(server, TOWN))


def test_a_year_of_one_month_is_no_loss(serving, task):
    editions = load(task(serving(Dataderden(TOWN, months=months((2026, 1), (2027, 1)))), TOWN))
    lost = 1 - editions["2027"].table.num_rows / editions["2026"].table.num_rows
    assert lost <= LARGEST_LOSS


def test_old_year_that_can_not_be_used_keeps_no_newer_one_out(serving, task, notes):
    server = serving(Dataderden(TOWN, months=months((2024, 12), (2026, 1))))
    server.fault("2024MM12", lambda _: statline.refused("Time-out"))
    assert list(load(task(server, TOWN))) == ["2026", "2025"]
    assert len(notes) == 1 and notes[0].startswith("2024 is not loaded. CBS_DERDEN answered 500")


def test_table_without_months_is_refused(serving, task):
    with pytest.raises(LoadError, match="47022NED has no months"):
        fetch(task(serving(Dataderden(TOWN, months=())), TOWN))


def test_look_tells_the_columns(serving, task):
    seen = look(task(serving(Dataderden(TOWN)), TOWN))
    assert seen.edition == "2026"
    assert {"GeregistreerdeMisdrijven_1", "misdrijven_1_1_1"} < seen.columns.keys()
