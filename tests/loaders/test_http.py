"""The client: patience, politeness, and what it refuses to believe."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from buurtbeeld import __version__
from loaders import LoadError
from loaders.http import Answer, Http, Limits, NotThereError, RefusedError, UnreachableError, retry_after
from tests.publishers import faults, towns

ITEMS = "/cbs/wijken-en-buurten-2024/ogc/v1/collections/wijken/items"


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


def test_control_characters_of_others_do_not_reach_the_terminal():
    body = json.dumps({"error": "\x1b[31mred\x07"}).encode()
    headers = {"content-type": "application/json"}
    answer = Answer(host="PDOK", url="u", status=200, headers=headers, retrieved_at=datetime.now(UTC), body=body)
    with pytest.raises(LoadError) as error:
        answer.json()
    assert str(error.value).isprintable()
