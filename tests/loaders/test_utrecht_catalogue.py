"""The datasets of Utrecht's portal: all of them, each with the day it is of, and hardly anything asked twice."""

import json
from datetime import date

import pytest

from loaders import LoadError, utrecht_catalogue
from loaders.dialects import dcat
from loaders.utrecht_catalogue import fetch, look
from tests.publishers import faults, towns
from tests.publishers.server import Response
from tests.publishers.utrecht_portaal import Dataset, UtrechtPortal

TOWN = towns.small_town()


def rows(editions):
    """The rows of the one edition by id."""
    [edition] = editions
    return {row["id"]: row for row in edition.table.to_pylist()}


def test_every_public_dataset_with_its_day_and_licence(serving, task):
    found = rows(fetch(task(serving(UtrechtPortal(TOWN)), TOWN)))
    assert list(found) == ["afvalbakken", "bomen", "grondwater", "straatnamen"]
    assert found["afvalbakken"] == {
        "id": "afvalbakken",
        "title": "Afvalbakken",
        "link": "https://open.utrecht.nl/dataset/afvalbakken",
        "date": date(2025, 3, 2),  # half past eleven at night in Greenwich
        "licence": "http://creativecommons.org/publicdomain/zero/1.0/deed.nl",
        "publisher": "Gemeente Utrecht",
        "modified": "2025-03-01T23:30:00Z",
        "issued": None,
        "keyword": "afval; bak",
        "theme": None,
        "formats": "csv; shp",
    }
    assert (found["bomen"]["date"], found["bomen"]["licence"]) == (date(2019, 5, 6), "CC0")


def test_a_dataset_that_says_no_day_has_none(serving, task):
    assert rows(fetch(task(serving(UtrechtPortal(TOWN)), TOWN)))["grondwater"]["date"] is None


def test_no_address_of_anyone_is_kept(serving, task):
    found = rows(fetch(task(serving(UtrechtPortal(TOWN)), TOWN)))
    assert "@" not in json.dumps(found, default=str)


def test_all_pages_of_the_list_are_read(serving, task):
    server = serving(UtrechtPortal(TOWN, most=2))
    assert len(rows(fetch(task(server, TOWN)))) == 4
    assert sum("datasets?start=" in target for target in server.asked) == 3


def test_second_load_asks_only_for_what_changed(serving, loads):
    server = serving(UtrechtPortal(TOWN))
    loads(utrecht_catalogue, server, TOWN)
    server.sent.clear()
    [saved] = loads(utrecht_catalogue, server, TOWN)
    assert saved.unchanged
    assert set(server.sent) == {304}


def test_files_are_asked_again_only_where_the_day_is_another_or_none(serving, loads):
    portal = UtrechtPortal(TOWN)
    server = serving(portal)
    loads(utrecht_catalogue, server, TOWN)
    server.asked.clear()
    portal.datasets["bomen"] = Dataset("Bomen", {"modified": "2026-11-01"}, {"bomen.csv": ""})
    loads(utrecht_catalogue, server, TOWN)
    assert [target.split("/")[-2] for target in server.asked if "distributions" in target] == ["bomen", "grondwater"]


def test_a_dataset_that_is_not_described_stays_as_it_was(serving, loads, notes):
    portal = UtrechtPortal(TOWN, {f"los-{n}": Dataset(f"Los {n}") for n in range(20)})
    server = serving(portal)
    loads(utrecht_catalogue, server, TOWN)
    server.fault("datasets/bomen", faults.status(500))
    [saved] = loads(utrecht_catalogue, server, TOWN)
    assert saved.unchanged
    assert "1 datasets were not described this time" in notes[-1] and "datasets/bomen" in notes[-1]


def test_many_that_are_not_described_are_refused(serving, task):
    server = serving(UtrechtPortal(TOWN))
    server.fault("datasets/", faults.status(404))
    with pytest.raises(LoadError, match=r"4 of 4 datasets of UTRECHT_PORTAAL can't be read.*404"):
        fetch(task(server, TOWN))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda page: page.pop("data"), "a list without datasets"),
        (lambda page: page.pop("meta"), "does not say how many datasets"),
        (lambda page: page["meta"].update(total=10**6), "says there are 1000000 datasets, and sent 5"),
    ],
)
def test_a_list_that_can_not_be_is_refused(serving, task, change, said):
    server = serving(UtrechtPortal(TOWN))
    server.fault("datasets?start", faults.changed(change))
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_the_list_as_it_was_recorded_goes_the_same_way(serving, http, realdata):
    recorded = (realdata / "utrecht_open_data_catalog" / "datasets_180_titles.json").read_bytes()
    server = serving(UtrechtPortal(TOWN))
    server.fault("datasets?start", lambda _: Response(200, recorded, "application/vnd.api+json"))
    listed = dict(dcat.datasets(http(server), "UTRECHT_PORTAAL", label="list"))
    assert len(listed) == 180
    assert dcat.one(listed["indicatoren-bevolking"], "title") == "Indicatoren Bevolking"


def test_look_asks_for_the_list_and_one_dataset(serving, task):
    server = serving(UtrechtPortal(TOWN))
    seen = look(task(server, TOWN))
    assert seen.counts == {"datasets": 4} and len(server.asked) == 2


def test_look_notices_words_that_are_not_known(serving, task):
    server = serving(UtrechtPortal(TOWN))
    other = faults.changed(lambda body: body["data"].update(attributes={"schema:name": "Afvalbakken"}))
    server.fault("datasets/afvalbakken", other)
    with pytest.raises(LoadError, match="UTRECHT_PORTAAL says of afvalbakken only schema:name"):
        look(task(server, TOWN))


@pytest.mark.parametrize(
    ("text", "is_of"),
    [
        ("2025-03-01", date(2025, 3, 1)),
        ("2025-03-01T23:30:00", date(2025, 3, 1)),
        ("2025-06-30T22:30:00+00:00", date(2025, 7, 1)),
        ("31-1-2025", date(2025, 1, 31)),
        ("31-13-2025", None),
        ("maart 2025", None),
        ("", None),
    ],
)
def test_the_day_is_that_of_utrecht(text, is_of):
    assert dcat.day(text) == is_of
