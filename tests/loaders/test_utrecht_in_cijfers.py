"""Utrecht in Cijfers: the variables that the city names, at the levels they hold for, by the names of the areas."""

from datetime import date

import pytest

from loaders import Area, LoadError, utrecht_in_cijfers
from loaders.utrecht_in_cijfers import fetch
from tests.loaders.conftest import named
from tests.publishers import faults, towns
from tests.publishers.swing import Swing

TOWN = towns.small_town()
SUBWIJK = Area("SW0344A1", "subwijk", "Kwartier Noord", 2024)


def rows(editions):
    """The rows of the one edition by code and year."""
    [edition] = editions
    return {(row["area_code"], row["period"].year): row for row in edition.table.to_pylist()}


def test_without_a_variable_nothing_is_asked_and_nothing_fails(serving, task, notes):
    server = serving(Swing(TOWN))
    assert fetch(task(server, TOWN)) == [] and server.asked == []
    assert notes == ["No indicator names a variable of Utrecht in Cijfers yet, so there is nothing to ask."]


def test_areas_are_found_by_their_names(serving, task):
    [edition] = fetch(task(serving(Swing(TOWN)), TOWN, columns=("bedacht1",)))
    assert edition.table.column_names == ["area_code", "period", "edition", "bedacht1"]
    assert edition.table.to_pylist()[0] == {
        "area_code": "GM0344",
        "period": date(2025, 1, 1),
        "edition": 2024,
        "bedacht1": "10.5",
    }
    assert [code for code, _ in rows([edition])] == ["GM0344", "WK034401", "WK034402", "WK034403"]


def test_signs_for_no_number_stay(serving, task):
    assert rows(fetch(task(serving(Swing(TOWN)), TOWN, columns=("bedacht1",))))["WK034401", 2025]["bedacht1"] == "-"


def test_subwijken_are_left_out_until_the_city_says_what_they_are(serving, task, notes):
    server = serving(Swing(TOWN, subwijken=("Kwartier Noord",)))
    assert ("SW0344A1", 2025) not in rows(fetch(task(server, TOWN, columns=("bedacht1",))))
    assert notes == ["Subwijken are left out until city/subwijken.csv says which buurten they are made of."]
    with_list = task(server, TOWN, columns=("bedacht1",), areas=lambda: [*named(TOWN), SUBWIJK])
    assert rows(fetch(with_list))["SW0344A1", 2025]["bedacht1"] == "10.5"


def test_each_variable_has_a_column_of_its_own(serving, task):
    found = rows(fetch(task(serving(Swing(TOWN)), TOWN, columns=("bedacht1", "bedacht2"))))
    assert (found["GM0344", 2025]["bedacht1"], found["GM0344", 2025]["bedacht2"]) == ("10.5", "10.5")
    assert found["WK034402", 2025]["bedacht2"] is None


def test_the_older_path_is_tried_too(serving, task):
    server = serving(Swing(TOWN, path="/viewer/"))
    assert rows(fetch(task(server, TOWN, columns=("bedacht2",))))


def test_the_type_of_an_answer_does_not_matter(serving, task):
    server = serving(Swing(TOWN, kind="text/plain"))
    assert rows(fetch(task(server, TOWN, columns=("bedacht2",))))


def test_years_that_somebody_names_are_asked(serving, task):
    found = rows(fetch(task(serving(Swing(TOWN)), TOWN, columns=("bedacht2",), editions=(2021, 2022))))
    assert list(found) == [("GM0344", 2021), ("GM0344", 2022)]


def test_what_was_loaded_of_other_years_stays(serving, loads):
    publisher = Swing(TOWN)
    server = serving(publisher)
    loads(utrecht_in_cijfers, server, TOWN, columns=("bedacht2",))
    publisher.year = 2026
    [saved] = loads(utrecht_in_cijfers, server, TOWN, columns=("bedacht2",))
    assert (saved.rows, saved.unchanged) == (2, False)
    [saved] = loads(utrecht_in_cijfers, server, TOWN, columns=("bedacht2",))
    assert saved.unchanged


def test_an_area_that_nobody_knows_is_a_note(serving, task, notes):
    town = towns.town("GM0344", wijken=20, buurten=20)
    server = serving(Swing(town))
    server.fault("geolevel=wijk", faults.changed(lambda said: said["rows"][3].__setitem__(0, "Elders")))
    assert len(rows(fetch(task(server, town, columns=("bedacht1",))))) == 20
    assert notes[1].startswith("1 names are of no area, “Elders” for one, so their figures are left out")


def test_a_kind_of_area_that_is_named_otherwise_is_left_out(serving, task, notes):
    server = serving(Swing(TOWN))
    renamed = faults.changed(lambda said: [row.__setitem__(0, f"{row[0]} anders") for row in said["rows"]])
    server.fault("geolevel=wijk", renamed)
    assert list(rows(fetch(task(server, TOWN, columns=("bedacht1",))))) == [("GM0344", 2025)]
    assert "“Kwartier 01 anders” for one, so all figures of this kind of area are left out" in notes[1]


def test_figures_of_another_city_are_refused(serving, task):
    server = serving(Swing(towns.town("GM0363", wijken=2, buurten=2)))
    with pytest.raises(LoadError, match="UTRECHT_INCIJFERS gives nothing of bedacht2"):
        fetch(task(server, TOWN, columns=("bedacht2",)))


@pytest.mark.parametrize("written", ["kwartier 02", "Kwartier-02", " Kwartier,  02 "])
def test_a_name_is_known_however_it_is_punctuated(serving, task, written):
    server = serving(Swing(TOWN))
    server.fault("geolevel=wijk", faults.changed(lambda said: said["rows"][1].__setitem__(0, written)))
    assert ("WK034402", 2025) in rows(fetch(task(server, TOWN, columns=("bedacht1",))))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda said: said.pop("headers"), "without headers and rows"),
        (lambda said: said["headers"].pop(), "a table of 2 columns where area, period and value were expected"),
        (lambda said: [row.append("1") for row in said["rows"]], "where area, period and value were expected"),
        (lambda said: said["rows"][0].__setitem__(1, "2024/2025"), "figures of “2024/2025”, which is no year"),
        (lambda said: said["rows"].append(said["rows"][0]), "Kwartier 01 in 2025 more than once"),
    ],
)
def test_what_can_not_be_is_refused(serving, task, change, said):
    server = serving(Swing(TOWN))
    server.fault("geolevel=wijk", faults.changed(change))
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN, columns=("bedacht1",)))


@pytest.mark.parametrize("fault", [faults.maintenance, faults.half, faults.json_error])
def test_an_answer_that_is_no_table_is_refused(serving, task, fault):
    server = serving(Swing(TOWN))
    server.fault("jive", fault)
    with pytest.raises(LoadError, match=r"UTRECHT_INCIJFERS sent .*selectiontableasjson"):
        fetch(task(server, TOWN, columns=("bedacht1",)))


def test_a_variable_that_is_gone_is_told(serving, task):
    with pytest.raises(
        LoadError, match=r"UTRECHT_INCIJFERS gives nothing of weg1\. It has no rows for any kind of area"
    ):
        fetch(task(serving(Swing(TOWN)), TOWN, columns=("weg1",)))
