"""The algorithm register: the entries of this gemeente and of nobody else, however they can be had."""

import gzip
import json
from datetime import date

import pytest

from loaders import LoadError
from loaders.algorithm_register import EDITION, fetch, look, plain, table
from tests.publishers import faults, towns
from tests.publishers.algorithm_register import AlgorithmRegister
from tests.publishers.server import Response

TOWN = towns.small_town()
OWN = f"Gemeente {TOWN.name}"


def rows(edition):
    return edition.table.to_pylist()


def test_entries_of_the_gemeente_with_their_keys(serving, task):
    (edition,) = fetch(task(serving(AlgorithmRegister(TOWN)), TOWN))
    assert [row["id"] for row in rows(edition)] == ["81000000", "81000001", "81000002"]
    first = rows(edition)[0]
    assert first["title"] == "Bedacht algoritme 0 & meer"
    assert first["link"] == "https://algoritmes.overheid.nl/nl/algoritme/81000000"
    assert first["date"] == date(2026, 9, 29)


def test_texts_stay_as_their_organisation_wrote_them(serving, task):
    (edition,) = fetch(task(serving(AlgorithmRegister(TOWN)), TOWN))
    first, second = rows(edition)[:2]
    assert (first["goal"], first["begin_date"], first["category"]) == ("<p>Geen</p>", "-", "Verkeer")
    assert second["category"] == '["Verkeer"]'


def test_no_address_of_anyone_is_kept(serving, task):
    (edition,) = fetch(task(serving(AlgorithmRegister(TOWN)), TOWN))
    assert "@" not in json.dumps(rows(edition), default=str)


def test_it_takes_one_request(serving, task):
    server = serving(AlgorithmRegister(TOWN, own=45))
    fetch(task(server, TOWN))
    assert len(server.asked) == 1


def test_more_than_a_page_is_asked_page_by_page(serving, task):
    server = serving(AlgorithmRegister(TOWN, own=130))
    (edition,) = fetch(task(server, TOWN))
    assert edition.table.num_rows == 130 and len(server.asked) == 2


def test_a_choice_that_is_not_looked_at_is_made_here(serving, task):
    server = serving(AlgorithmRegister(TOWN, others=140, chooses=False))
    (edition,) = fetch(task(server, TOWN))
    assert {row["organization"] for row in rows(edition)} == {OWN}
    assert len(server.asked) == 3


def test_without_the_list_the_file_is_read(serving, task, notes):
    server = serving(AlgorithmRegister(TOWN))
    server.fault("/algoritme/NLD", faults.status(500))
    (edition,) = fetch(task(server, TOWN))
    assert [row["id"] for row in rows(edition)] == ["81000000", "81000001", "81000002"]
    assert {row["organization"] for row in rows(edition)} == {OWN}
    assert "its CSV file was read" in notes[0]


def test_an_entry_without_a_number_is_left_out(serving, task):
    server = serving(AlgorithmRegister(TOWN))
    server.fault("/algoritme/NLD", faults.changed(lambda page: page["results"][0].update(lars=None)))
    (edition,) = fetch(task(server, TOWN))
    assert edition.table.num_rows == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda page: page.pop("results"), "without results"),
        (lambda page: page.pop("total_count"), "does not say how many"),
        (lambda page: page["results"][0].pop("org_id"), "entries without org_id"),
    ],
)
def test_what_can_not_be_is_refused(serving, task, change, said):
    server = serving(AlgorithmRegister(TOWN))
    server.fault("/algoritme/NLD", faults.changed(change))
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_pages_without_end_are_not_followed_without_end(serving, task):
    server = serving(AlgorithmRegister(TOWN))
    first = Response(200, json.dumps(_PAGE | {"total_count": 10**9}).encode())
    server.fault("/algoritme/NLD", lambda _: first)
    with pytest.raises(LoadError, match="ALGORITMEREGISTER leads from page to page without end"):
        fetch(task(server, TOWN))


_PAGE = {
    "results": AlgorithmRegister(TOWN).rows[:1],
    "selected_filters": [{"key": "organisation", "value": OWN}],
}


def test_no_entries_at_all_is_said_and_no_failure_where_there_never_were_any(serving, task, notes):
    server = serving(AlgorithmRegister(TOWN, own=0))
    assert fetch(task(server, TOWN)) == []
    assert "GM0344 has no entries in the algorithm register." in notes


def test_no_entries_any_more_is_a_failure(serving, task):
    server = serving(AlgorithmRegister(TOWN, own=0))
    with pytest.raises(LoadError, match="has no entries of GM0344"):
        fetch(task(server, TOWN, copies={EDITION: object()}))


def test_look_asks_for_one_entry(serving, task):
    server = serving(AlgorithmRegister(TOWN))
    seen = look(task(server, TOWN))
    assert seen.counts == {"entries": 3} and "goal" in seen.columns and len(server.asked) == 1


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Een</p><p>twee</p>", "Een twee"),
        ("1 &lt; 2 &amp; 3", "1 < 2 & 3"),
        ("  plat\n ", "plat"),
        ("<b", "<b"),
    ],
)
def test_marks_are_taken_out_of_a_title(html, text):
    assert plain(html) == text


def test_the_register_as_it_was_scraped_goes_the_same_way(realdata):
    folder = realdata / "algoritmeregister"
    everything = json.loads(gzip.decompress((folder / "algoritmes_2026-08-08.json.gz").read_bytes()))["algoritmes"]
    alike = [entry for entry in everything if "utrecht" in entry["organisatie"].lower()]
    own = [entry for entry in everything if entry["organisatie"] == "Gemeente Utrecht"]
    assert (len(alike), len(own)) == (59, 45)
    # The scraper's own words for the same things.
    made = table({"lars": e["id"], "name": e["title"], "goal": e["doel"], "create_dt": e["geregistreerd"]} for e in own)
    kept = json.loads((folder / "algoritmes_gemeente_utrecht.json").read_text(encoding="utf-8"))
    assert {row["id"]: row["title"] for row in made.to_pylist()} == {e["id"]: e["title"] for e in kept}
    assert all(row["date"] for row in made.to_pylist())
