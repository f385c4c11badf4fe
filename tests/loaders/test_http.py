"""The client: patience, politeness, and what it refuses to believe."""

import gzip
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from buurtbeeld import __version__
from buurtbeeld.catalogue import Source
from loaders import LoadError
from loaders.http import (
    Answer,
    Gate,
    Http,
    Limits,
    NothingError,
    NotThereError,
    RefusedError,
    UnreachableError,
    retry_after,
)
from loaders.raw import Shelf
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.server import Fixed, Response

ITEMS = "/cbs/wijken-en-buurten-2024/ogc/v1/collections/wijken/items"

SOURCE = Source(
    id="made_up",
    publisher="Nobody",
    title="Made up",
    page="https://example.org",
    licence="cc0",
    attribution="Nobody",
    shape="list",
    openness="rows",
    refreshed="daily",
)


@pytest.fixture
def server(serve):
    return serve(towns.small_town())


def ask(client, **params):
    return client.get("PDOK", ITEMS, params, label="2024")


def test_says_who_is_asking(server, http):
    ask(http(server, gemeente="GM0344"))
    assert server.agents == {f"Buurtbeeld/{__version__} (+neighbourhood dashboard of GM0344)"}


def test_query_keeps_dollars_and_writes_spaces_as_percent_20(server, http):
    http(server).get("CBS_ODATA3", "/ODataCatalog/Tables", {"$format": "json", "$filter": "Title eq 'a b'"}, label="x")
    assert server.asked == ["/cbs_odata3/ODataCatalog/Tables?$format=json&$filter=Title%20eq%20'a%20b'"]


@pytest.mark.parametrize("number", [429, 502, 503, 504])
def test_busy_server_is_asked_again(server, http, waits, number):
    server.fault("items", faults.status(number), times=2)
    assert ask(http(server)).status == 200
    assert 1 <= waits[0] < waits[1] <= 3


def test_status_that_also_means_nothing_means_it_when_it_comes_twice(server, http, waits):
    server.fault("items", faults.status(504))
    with pytest.raises(NothingError, match="504"):
        http(server).get("PDOK", ITEMS, label="x", nothing=504)
    assert len(waits) == 1


def test_status_that_also_means_nothing_may_pass(server, http):
    server.fault("items", faults.status(502), times=2)
    server.fault("items", faults.status(504), times=1)
    assert http(server).get("PDOK", ITEMS, label="x", nothing=504).status == 200


def test_answer_that_may_not_be_on_the_disk_is_not_kept(server, http):
    kept = []

    def refuse(answer):
        raise LoadError("not this one")

    client = http(server, keep=lambda label, answer: kept.append(label))
    with pytest.raises(LoadError, match="not this one"):
        client.get("PDOK", ITEMS, label="x", check=refuse)
    assert kept == []


def test_address_that_a_person_gave_is_named_when_nobody_is_there(http, server):
    client = http(server)
    client.at("FEED", "http://127.0.0.1:9", "url in some file")
    with pytest.raises(UnreachableError, match="Check the network and url in some file, or load again"):
        client.get("FEED", "/", label="x")


def test_closed_connection_is_asked_again(server, http):
    server.fault("items", faults.dropped, times=1)
    assert ask(http(server)).status == 200


def test_answer_cut_off_on_the_way_is_asked_again(server, http):
    server.fault("items", faults.cut_off, times=1)
    assert ask(http(server)).json()["numberReturned"] == 3


def test_gives_up_after_four_attempts_and_names_the_setting(server, http, waits):
    server.fault("items", faults.status(503))
    with pytest.raises(UnreachableError, match=r"PDOK answered 503 .* 4 times in a row.*BASE_URL_PDOK"):
        ask(http(server))
    assert len(waits) == 3


def test_nobody_there_is_unreachable():
    with Http({"PDOK": "http://127.0.0.1:9"}, sleep=lambda _: None) as client, pytest.raises(UnreachableError):
        ask(client)


def test_retry_after_in_seconds_is_waited(server, http, waits):
    server.fault("items", faults.status(429, retry_after="7"), times=1)
    ask(http(server))
    assert waits == [7]


def test_retry_after_as_a_date_counts_from_the_servers_clock():
    asked = {"retry-after": "Mon, 23 Nov 2026 10:00:30 GMT", "date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    assert retry_after(asked) == 30


@pytest.mark.parametrize("value", ["", "soon", "-5", "Mon, 99 Nov 2026 10:00:30 GMT"])
def test_retry_after_that_says_nothing_is_no_wait(value):
    assert retry_after({"retry-after": value}) is None


def test_retry_after_in_the_past_is_at_once():
    assert retry_after({"retry-after": "Mon, 23 Nov 2015 10:00:30 GMT"}) == 0


def test_retry_after_of_an_hour_is_not_slept_through(server, http, waits):
    server.fault("items", faults.status(429, retry_after="3600"))
    with pytest.raises(LoadError, match="left alone for 3600 seconds"):
        ask(http(server))
    assert waits == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.maintenance, "text/html where JSON was expected: “Onderhoud”"),
        (faults.disguised_maintenance, "JSON that can't be read.*Onderhoud"),
        (faults.json_error, "an error with status 200: “Invalid query”"),
        (faults.half, "perhaps half of it"),
        (lambda r: replace(r, body=b'{"value": NaN}'), "NaN is no number"),
        (lambda r: replace(r, body=b"[]"), "no object"),
        (lambda r: replace(r, body=b""), "an empty answer"),
        (lambda r: replace(r, body=b"\xff\xfe{"), "can't be read"),
    ],
)
def test_a_200_that_is_no_data_is_refused(server, http, fault, said):
    server.fault("items", fault)
    with pytest.raises(LoadError, match=f"PDOK sent .*{said}.*{ITEMS}"):
        ask(http(server)).json()


def test_missing_page_is_not_there(server, http):
    with pytest.raises(NotThereError, match=r"nothing at .*2031"):
        http(server).get("PDOK", ITEMS.replace("2024", "2031"), label="2031")


def test_refusal_passes_on_what_the_publisher_said(server, http):
    with pytest.raises(RefusedError, match=r"answered 400 .*unknown query parameter.*nonsense"):
        ask(http(server), nonsense="1")


def test_too_large_an_answer_is_broken_off(server, http):
    server.fault("items", faults.too_large)
    with pytest.raises(LoadError, match="more than 1,000,000 bytes"):
        ask(http(server, limits=Limits(max_bytes=1_000_000)))


def test_answer_that_drips_is_broken_off(server, http):
    server.fault("items", faults.dripping)
    with pytest.raises(LoadError, match=r"more than 0\.1 seconds"):
        ask(http(server, limits=Limits(longest_answer=0.1)))


def test_silent_server_is_unreachable(server, http):
    server.fault("items", lambda r: replace(r, pause=0.3))
    with pytest.raises(UnreachableError, match="timed out"):
        ask(http(server, limits=Limits(timeout=0.05, attempts=2)))


def test_answer_is_kept_before_it_is_refused(server, http):
    kept = []
    server.fault("items", faults.maintenance)
    with pytest.raises(LoadError):
        ask(http(server, keep=lambda label, answer: kept.append((label, answer.status, answer.body[:9])))).json()
    assert kept == [("2024", 200, b"<!DOCTYPE")]


def test_redirect_is_followed_and_the_last_address_recorded(server, http):
    target = f"{server.address}/pdok{ITEMS}?limit=2"
    server.fault("old", faults.status(302, location=target), times=1)
    assert http(server).get("PDOK", "/old", label="x").url == target


def test_redirect_in_a_circle_ends(server, http):
    server.fault("old", faults.status(302, location=f"{server.address}/pdok/old"))
    with pytest.raises(LoadError, match=r"can't be used.*redirects"):
        http(server).get("PDOK", "/old", label="x")


def test_next_page_at_another_server_is_refused(server, http):
    client = http(server)
    with pytest.raises(LoadError, match=r"another server, elsewhere\.example"):
        client.follow(ask(client), "https://elsewhere.example/items?cursor=1", label="2024")


def test_password_in_a_base_address_is_not_recorded(server):
    base = server.base_urls["PDOK"].replace("http://", "http://mirror:secret@")
    with Http({"PDOK": base}) as client:
        assert ask(client).url == f"{server.base_urls['PDOK']}{ITEMS}"
        assert "secret" not in client.address("PDOK", ITEMS)


def test_what_is_known_is_asked_for_only_when_it_changed(serving, http, tmp_path):
    here = Fixed("RDW", {"/a.json": Response(200, b"[1]", tagged=True)})
    server = serving(here)
    first = Shelf(tmp_path, SOURCE, "GM0344", NOW)
    http(server, keep=first.keep).get("RDW", "/a.json", label="x")
    again = Shelf(tmp_path, SOURCE, "GM0344", NOW)
    answer = http(server, keep=again.keep, known=again.known).get("RDW", "/a.json", label="x")
    assert server.sent == [200, 304]
    assert (answer.body, answer.status, answer.content_type) == (b"[1]", 200, "application/json")
    here.answers["/a.json"] = Response(200, b"[2]", tagged=True)
    assert http(server, known=again.known).get("RDW", "/a.json", label="x").body == b"[2]"


def test_what_is_known_and_damaged_is_asked_anew(serving, http, tmp_path):
    server = serving(Fixed("RDW", {"/a.json": Response(200, b"[1]", tagged=True)}))
    first = Shelf(tmp_path, SOURCE, "GM0344", NOW)
    http(server, keep=first.keep).get("RDW", "/a.json", label="x")
    for file in (first.folder / "received").glob("*.gz"):
        file.write_bytes(b"half")
    again = Shelf(tmp_path, SOURCE, "GM0344", NOW)
    assert http(server, known=again.known).get("RDW", "/a.json", label="x").body == b"[1]"
    assert server.sent == [200, 304, 200]


LARGE = bytes(range(256)) * 4000


def test_download_goes_on_where_it_was_cut_off(serving, http, tmp_path):
    server = serving(Fixed("RDW", {"/large.zip": Response(200, LARGE, "application/zip", ranged=True)}))
    server.fault("large", faults.cut_off, times=1)
    answer = http(server, parts=tmp_path).download("RDW", "/large.zip", label="x")
    assert answer.file.read_bytes() == LARGE
    assert server.sent == [200, 206]


def test_download_that_changed_since_it_was_cut_off_begins_anew(serving, http, tmp_path):
    here = Fixed("RDW", {"/large.zip": Response(200, LARGE, "application/zip", ranged=True)})
    server = serving(here)
    server.fault("large", faults.cut_off)
    with pytest.raises(UnreachableError):
        http(server, parts=tmp_path, limits=Limits(attempts=1)).download("RDW", "/large.zip", label="x")
    server.well()
    here.answers["/large.zip"] = Response(200, LARGE[::-1], "application/zip", ranged=True)
    assert http(server, parts=tmp_path).download("RDW", "/large.zip", label="x").file.read_bytes() == LARGE[::-1]


def test_download_of_a_publisher_that_gives_no_parts_begins_anew(serving, http, tmp_path):
    server = serving(Fixed("RDW", {"/large.zip": Response(200, LARGE, "application/zip")}))
    server.fault("large", faults.cut_off, times=2)
    assert http(server, parts=tmp_path).download("RDW", "/large.zip", label="x").file.read_bytes() == LARGE


def test_download_that_is_known_is_not_sent_again(serving, http, tmp_path):
    server = serving(Fixed("RDW", {"/large.zip": Response(200, LARGE, "application/zip", ranged=True)}))
    first = Shelf(tmp_path, SOURCE, "GM0344", NOW)
    http(server, keep=first.keep, parts=first.parts).download("RDW", "/large.zip", label="x")
    again = Shelf(tmp_path, SOURCE, "GM0344", NOW)
    answer = http(server, keep=again.keep, known=again.known, parts=again.parts).download(
        "RDW", "/large.zip", label="x"
    )
    assert server.sent == [200, 304]
    assert answer.file.read_bytes() == LARGE
    assert not list(again.parts.glob("*.part"))


def test_download_larger_than_allowed_is_broken_off(serving, http, tmp_path):
    server = serving(Fixed("RDW", {"/large.zip": Response(200, LARGE, "application/zip")}))
    client = http(server, parts=tmp_path, limits=Limits(max_file=100_000))
    with pytest.raises(LoadError, match="more than 100,000 bytes"):
        client.download("RDW", "/large.zip", label="x")
    assert not list(tmp_path.glob("*.part"))


def test_little_that_unpacks_to_very_much_is_broken_off_on_its_way(serving, http):
    bomb = gzip.compress(b" " * 50_000_000)
    answer = Response(200, bomb, headers={"Content-Encoding": "gzip"})
    client = http(serving(Fixed("RDW", {"/a.json": answer})), limits=Limits(max_bytes=1_000_000))
    with pytest.raises(LoadError, match="more than 1,000,000 bytes"):
        client.get("RDW", "/a.json", label="x")


def test_question_in_a_body_is_posted(serving, http):
    class Echo:
        hosts = ("RDW",)

        def answer(self, _host, request):
            return Response(200, request.body)

    assert http(serving(Echo())).post("RDW", "/ask", {"page": 1}, label="x").json() == {"page": 1}


def test_publisher_is_not_asked_more_often_than_it_allows(serving, http, waits):
    client = http(serving(Fixed("SENSOR_COMMUNITY", {"/a.json": Response(200, b"[]")})))
    client.get("SENSOR_COMMUNITY", "/a.json", label="x")
    assert not waits
    client.get("SENSOR_COMMUNITY", "/a.json", label="x")
    assert 299 < waits[0] <= 300


def test_one_publisher_is_asked_one_thing_at_a_time_and_two_side_by_side():
    gate, order = Gate(), []
    inside, release = threading.Event(), threading.Event()

    def hold():
        with gate.passing("RDW"):
            inside.set()
            release.wait(5)
            order.append("first")

    def follow():
        with gate.passing("RDW"):
            order.append("second")

    threads = [threading.Thread(target=hold), threading.Thread(target=follow)]
    threads[0].start()
    inside.wait(5)
    threads[1].start()
    with gate.passing("DUO"):
        order.append("other")
    release.set()
    for thread in threads:
        thread.join(5)
    assert order == ["other", "first", "second"]


@pytest.mark.parametrize("body", ["één".encode(), "één".encode("utf-8-sig"), "één".encode("cp1252")])
def test_text_is_read_in_the_code_it_came_in(body):
    assert Answer(host="RDW", url="u", status=200, headers={}, retrieved_at=NOW, body=body).text() == "één"


def test_control_characters_of_others_do_not_reach_the_terminal():
    body = json.dumps({"error": "\x1b[31mred\x07"}).encode()
    headers = {"content-type": "application/json"}
    answer = Answer(host="PDOK", url="u", status=200, headers=headers, retrieved_at=datetime.now(UTC), body=body)
    with pytest.raises(LoadError) as error:
        answer.json()
    assert str(error.value).isprintable()
