"""Streets of Utrecht: each leads to the buurten it lies in, however the file writes them."""

import gzip
import json

import pytest

from loaders import LoadError, utrecht_streets
from loaders.utrecht_streets import fetch, look
from tests.publishers import faults, towns
from tests.publishers.utrecht_portaal import Dataset, UtrechtPortal

TOWN = towns.small_town()


def portal(content, name="straatnamen.csv"):
    return UtrechtPortal(TOWN, {"straatnamen": Dataset("Straatnamen", {}, {name: content})})


def pairs(editions):
    [edition] = editions
    return list(zip(*edition.table.to_pydict().values(), strict=True))


def test_a_street_is_of_every_buurt_it_lies_in(serving, task):
    found = pairs(fetch(task(serving(UtrechtPortal(TOWN)), TOWN)))
    assert ("BU03440100", "Bedachtestraat 0") in found and ("BU03440200", "Bedachtestraat 0") in found
    assert len(found) == 7 and found == sorted(found)


@pytest.mark.parametrize("written", ["BU03440201", "03440201", "0201", "201", "02.01", "Buurt 5", " buurt  5 "])
def test_a_buurt_is_known_however_it_is_written(serving, task, written):
    table = f"Buurt;Straatnaam\n{written};Kerkstraat\n"
    assert pairs(fetch(task(serving(portal(table)), TOWN))) == [("BU03440201", "Kerkstraat")]


def test_a_file_of_a_spreadsheet_is_read_as_it_was_meant(serving, task):
    table = "\ufeffStraat,Buurtcode\r\n  Kroonstraat ,0201\r\nKroonstraat,0201\r\n,0201\r\n"
    assert pairs(fetch(task(serving(portal(table)), TOWN))) == [("BU03440201", "Kroonstraat")]
    old = "Straat;Buurtcode\nCaféstraat;0201\n".encode("cp1252")
    assert pairs(fetch(task(serving(portal(old)), TOWN))) == [("BU03440201", "Caféstraat")]


def test_a_file_in_json_is_read_too(serving, task):
    rows = '[{"straat": "Kerkstraat", "buurt": 201}]'
    assert pairs(fetch(task(serving(portal(rows, "straatnamen.json")), TOWN))) == [("BU03440201", "Kerkstraat")]


def test_files_that_can_not_be_read_are_a_note_and_no_failure(serving, task, notes):
    assert fetch(task(serving(portal("x", "straatnamen.xlsx")), TOWN)) == []
    assert notes == [
        "Dataset straatnamen of UTRECHT_PORTAAL can't be read: it has xlsx. Streets are not found by their names."
    ]


def test_a_single_row_of_no_buurt_is_a_note(serving, task, notes):
    table = "Straat;Buurt\n" + "".join(f"Kerkstraat {n};0201\n" for n in range(20)) + "Elders;9999\n"
    assert len(pairs(fetch(task(serving(portal(table)), TOWN)))) == 20
    assert "1 rows of" in notes[0] and "“9999” for one" in notes[0]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("Straat;Plaats\nKerkstraat;Utrecht\n", "has no column buurtcode or buurt or .*, but straat, plaats"),
        ("Straat;Buurt\nKerkstraat;9999\n", "1 of 1 rows of .* name no buurt of GM0344, “9999” for one"),
        ("<html>", "is no table with names in its first line"),
    ],
)
def test_another_table_is_refused(serving, task, table, said):
    with pytest.raises(LoadError, match=said):
        fetch(task(serving(portal(table)), TOWN))


def test_a_page_where_the_file_was_is_refused(serving, task):
    server = serving(UtrechtPortal(TOWN))
    server.fault("straatnamen.csv", faults.maintenance)
    with pytest.raises(LoadError, match="UTRECHT_FILES sent a page where a file was expected"):
        fetch(task(server, TOWN))


def test_second_load_asks_only_whether_something_changed(serving, loads):
    server = serving(UtrechtPortal(TOWN))
    loads(utrecht_streets, server, TOWN)
    server.sent.clear()
    [saved] = loads(utrecht_streets, server, TOWN)
    assert saved.unchanged and set(server.sent) == {304}


def test_look_asks_for_the_files_only(serving, task):
    server = serving(UtrechtPortal(TOWN))
    look(task(server, TOWN))
    assert len(server.asked) == 1


def test_buurten_as_the_city_wrote_them_in_2015_are_all_known(serving, task, notes, realdata):
    file = realdata / "utrecht_municipal_assets" / "mastoverzicht_lichtmasten.geojson.gz"
    masts = json.loads(gzip.decompress(file.read_bytes()).decode("cp1252"))["features"]
    lines = [f'"{mast["properties"]["STRAAT"]}";{mast["properties"]["BUURT"]}' for mast in masts]
    utrecht = towns.utrecht()
    table = "\r\n".join(["STRAAT;BUURT", *lines]).encode("cp1252")
    server = serving(UtrechtPortal(utrecht, {"straatnamen": Dataset("Straatnamen", {}, {"straten.csv": table})}))
    found = pairs(fetch(task(server, utrecht)))
    assert ("BU03440311", "Teun de Jagerdreef") in found
    assert len({code for code, _ in found}) == 98 and notes == []
