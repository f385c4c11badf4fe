"""Schools from DUO's files, with their place from PDOK, which is asked once."""

from collections import Counter
from dataclasses import replace

import pytest
import shapely

from loaders import Edition, LoadError, Same, duo_schools
from tests.loaders.conftest import one
from tests.publishers import faults, towns
from tests.publishers.duo import Duo
from tests.publishers.pdok import Pdok

TOWN = towns.small_town()


@pytest.fixture
def load(serving, loading):
    """A whole load from DUO and PDOK: `load(Duo(TOWN))`."""
    return lambda publisher, town=TOWN: loading(duo_schools, serving(publisher, Pdok(TOWN)), town)


def asked(server, part):
    return sum(part in target for target in server.asked)


def test_schools_of_the_gemeente_stand_in_their_buurt(load):
    rows = one(load(Duo(TOWN, towns.small_town("GM0363")))).table.to_pylist()
    assert Counter(row["kind"] for row in rows) == {"school_primary": 7, "school_secondary": 7}
    first = rows[0]
    buurt = next(area for area in TOWN.areas if area.code == "BU03440100")
    assert (first["id"], first["name"]) == ("00BO00", "Basisschool Één Buurt 1")
    assert buurt.outline.contains(shapely.Point(first["lon"], first["lat"]))


def test_code_of_a_location_is_whole_however_it_is_written(load):
    ids = one(load(Duo(TOWN))).table["id"].to_pylist()
    assert {"03BO00", "03VO00"} <= set(ids)


def test_column_that_only_one_file_has_is_empty_in_the_other(load):
    rows = one(load(Duo(TOWN))).table.to_pylist()
    assert {(row["kind"], row["ONDERWIJSSTRUCTUUR"]) for row in rows} == {
        ("school_primary", None),
        ("school_secondary", "HAVO/VWO"),
    }


def test_telephone_numbers_and_sites_are_not_kept(load):
    names = one(load(Duo(TOWN))).table.column_names
    assert not {"TELEFOONNUMMER", "INTERNETADRES"} & set(names)


def test_school_of_which_pdok_does_not_know_the_address_is_a_note(load, notes):
    edition = one(load(Duo(TOWN, unknown=2)))
    assert edition.table.num_rows == 12
    assert notes == [
        "PDOK does not know the address of Basisschool Één Buurt 3, Lyceum Één Buurt 3; they are left out."
    ]


def test_addresses_are_asked_once(serving, loading):
    publisher = Duo(TOWN)
    server = serving(publisher, Pdok(TOWN))
    first = one(loading(duo_schools, server, TOWN))
    assert asked(server, "locatieserver") == 14
    publisher.modified = "2026-12-01T03:00:00"
    again = one(loading(duo_schools, server, TOWN))
    assert asked(server, "locatieserver") == 14
    assert again.table.equals(first.table)


def test_second_load_asks_only_the_catalogue(serving, loading):
    server = serving(Duo(TOWN), Pdok(TOWN))
    loading(duo_schools, server, TOWN)
    server.asked.clear()
    assert loading(duo_schools, server, TOWN) == [Same("places")]
    assert [target.partition("?")[2] for target in server.asked] == ["id=adressen_bo", "id=adressen_vo"]


def test_files_are_read_again_when_the_catalogue_does_not_say_what_changed(serving, loading):
    server = serving(Duo(TOWN, modified=""), Pdok(TOWN))
    loading(duo_schools, server, TOWN)
    assert isinstance(loading(duo_schools, server, TOWN)[0], Edition)


def test_renamed_column_is_named(load):
    with pytest.raises(LoadError, match=r"vestigingenbo\.csv of DUO has no column POSTCODE; it has .*, PC6, "):
        load(Duo(TOWN, renamed=("POSTCODE", "PC6")))


def test_gemeente_without_schools_is_refused(load):
    with pytest.raises(LoadError, match="no schools in GM0999"):
        load(Duo(TOWN), replace(TOWN, code="GM0999"))


@pytest.mark.parametrize(
    ("part", "fault", "said"),
    [
        ("vestigingenvo", faults.maintenance, r"vestigingenvo\.csv of DUO is no table with names"),
        ("package_show", faults.maintenance, "DUO sent text/html where JSON was expected"),
        ("package_show", faults.changed(lambda page: page["result"].update(resources=[])), "no file vestigingenbo"),
        ("package_show", faults.changed(lambda page: page.update(result=None)), "sent JSON without a result"),
        ("locatieserver", faults.changed(lambda page: page.pop("response")), "sent JSON without addresses"),
        ("locatieserver", faults.changed(lambda page: page["response"].update(docs=[])), "none of 14 schools"),
    ],
)
def test_answer_that_can_not_be_is_refused(serving, loading, part, fault, said):
    server = serving(Duo(TOWN), Pdok(TOWN))
    server.fault(part, fault)
    with pytest.raises(LoadError, match=said):
        loading(duo_schools, server, TOWN)


def test_look_asks_little_and_tells_columns(serving, task):
    server = serving(Duo(TOWN), Pdok(TOWN))
    seen = duo_schools.look(task(server, TOWN))
    assert {"VESTIGINGSNAAM", "POSTCODE"} <= seen.columns.keys() and len(server.asked) == 2
