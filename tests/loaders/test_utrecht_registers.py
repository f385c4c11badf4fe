"""Utrecht's registers: titles and links, no names of people, and a link where no more can be read."""

import json
from datetime import date

import pytest

from loaders import LoadError, utrecht_registers
from loaders.utrecht_registers import REGISTERS, fetch
from tests.publishers import towns
from tests.publishers.utrecht_portaal import Dataset, UtrechtPortal

TOWN = towns.small_town()
QUESTIONS, PROCESSING, CAMERAS, LEAKS = (register.dataset for register in REGISTERS)
ASKED = (
    "Nummer;Naam;Onderwerp;Datum;Link\n"
    "1;B. Dacht;Bomen in de wijk;31-01-2024;https://example.org/1\n"
    "2;B. Dacht;Licht in de buurt;2024-02-01;zie bijlage\n"
    "2;A. Nders;Licht in de buurt;2024-02-01;zie bijlage\n"
    "3;B. Dacht;;2024-02-01;\n"
)


@pytest.fixture
def registers(serving):
    """The portal with all four."""
    return serving(
        UtrechtPortal(
            TOWN,
            {
                QUESTIONS: Dataset("Schriftelijke vragen", {}, {"vragen.csv": ASKED}),
                PROCESSING: Dataset("Register verwerkingen", {"dct:modified": "2025-05-01"}, {"register.xlsx": "x"}),
                CAMERAS: Dataset("Cameraregister", {}, {"cameras.json": '[{"Locatie": "Neude", "Beheerder": "X"}]'}),
                LEAKS: Dataset("Datalekregister", {}, {"lekken.csv": "Nummer;Naam\n1;B. Dacht\n"}),
            },
        )
    )


def entries(editions):
    return {edition.edition: edition.table.to_pylist() for edition in editions}


def test_questions_with_what_they_are_about_and_where_they_stand(registers, task):
    found = entries(fetch(task(registers, TOWN)))[QUESTIONS]
    assert [(row["title"], row["date"], row["link"]) for row in found] == [
        ("Bomen in de wijk", date(2024, 1, 31), "https://example.org/1"),
        ("Licht in de buurt", date(2024, 2, 1), f"https://open.utrecht.nl/dataset/{QUESTIONS}"),
    ]
    assert {row["register"] for row in found} == {QUESTIONS}


def test_no_name_of_anyone_is_kept(registers, task):
    assert "Dacht" not in json.dumps(entries(fetch(task(registers, TOWN))), default=str)


def test_a_register_in_json_is_read_too(registers, task):
    assert [row["title"] for row in entries(fetch(task(registers, TOWN)))[CAMERAS]] == ["Neude"]


def test_a_register_that_can_not_be_read_is_a_link_and_a_note(registers, task, notes):
    found = entries(fetch(task(registers, TOWN)))
    assert found[PROCESSING] == [
        {
            "id": PROCESSING,
            "title": "Register verwerkingen",
            "link": f"https://open.utrecht.nl/dataset/{PROCESSING}",
            "date": date(2025, 5, 1),
            "register": PROCESSING,
        }
    ]
    assert [row["title"] for row in found[LEAKS]] == ["Datalekregister"]
    assert notes[0] == f"{PROCESSING}: only a link, because it has xlsx."
    assert notes[1].startswith(f"{LEAKS}: only a link, because its file has no column omschrijving or")


def test_ids_are_the_same_at_every_load(registers, task):
    once, again = (entries(fetch(task(registers, TOWN))) for _ in range(2))
    assert once == again


def test_second_load_asks_only_whether_something_changed(registers, loads):
    loads(utrecht_registers, registers, TOWN)
    registers.sent.clear()
    assert all(saved.unchanged for saved in loads(utrecht_registers, registers, TOWN))
    assert set(registers.sent) == {304}


def test_a_register_that_is_gone_is_a_note(serving, task, notes):
    server = serving(UtrechtPortal(TOWN, {CAMERAS: Dataset("Cameraregister")}))
    assert list(entries(fetch(task(server, TOWN)))) == [CAMERAS]
    assert sum("nothing at" in note for note in notes) == 3


def test_a_portal_without_any_is_refused(serving, task):
    with pytest.raises(LoadError, match=r"UTRECHT_PORTAAL has none of the registers.*schriftelijke"):
        fetch(task(serving(UtrechtPortal(TOWN)), TOWN))


def test_a_register_that_can_not_be_read_any_more_is_told_and_stays(serving, loads):
    portal = UtrechtPortal(TOWN, {QUESTIONS: Dataset("Schriftelijke vragen", {}, {"vragen.csv": ASKED})})
    server = serving(portal)
    loads(utrecht_registers, server, TOWN)
    portal.datasets[QUESTIONS] = Dataset("Schriftelijke vragen", {}, {"vragen.csv": ASKED.replace("Onderwerp", "Over")})
    with pytest.raises(LoadError, match="could be read before, and now its file has no column onderwerp"):
        loads(utrecht_registers, server, TOWN)
