"""A city's own feed of fill levels: by its declared scale, in three formats, and never about persons."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from buurtbeeld.settings import PROJECT
from loaders import LoadError, feeds, waste_fill
from loaders.raw import Shelf
from loaders.waste_fill import SOURCE, configured, fetch, filled, look, records, waits_for
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.waste import WasteFeed

TOWN = towns.small_town()
FIWARE = {"url": "/v2/entities?type=WasteContainer", "format": "fiware", "scale": "0-1"}
STREAMS = {"url": "/v1.1/", "format": "sensorthings", "scale": "percent", "level": "filling level"}
ROWS = {
    "url": "/rows.json",
    "format": "records",
    "scale": "0-10",
    "zone": "Europe/Amsterdam",
    "id": "dev",
    "level": "vol",
    "time": "om",
    "lon": "x",
    "lat": "y",
}


@pytest.fixture
def said(tmp_path, serving):
    """Serve a feed and write where it is as a city does: `said(FIWARE)` gives its server."""

    def write(table, publisher=None):
        server = serving(publisher or WasteFeed(TOWN))
        table = {"licence": "cc0", "attribution": "Bron: niemand"} | table
        table["url"] = f"{server.address}/waste{table['url']}"
        lines = [f"{name} = {json.dumps(value)}" for name, value in table.items()]
        (tmp_path / "city").mkdir(exist_ok=True)
        (tmp_path / "city" / "feeds.toml").write_text("\n".join(["[waste_fill]", *lines]), encoding="utf-8")
        return server

    return write


LEVELS = {"c1": pytest.approx(40), "c2": 105, "c3": 120, "c4": -10}


def percentages(editions):
    (day,) = (edition for edition in editions if edition.edition != "places")
    return {row["sensor"]: row["value"] for row in day.table.to_pylist() if row["quantity"] == "fill_pct"}


@pytest.mark.parametrize(
    ("table", "publisher"),
    [
        (FIWARE, {}),
        (FIWARE, {"wrapped": True}),
        (FIWARE, {"most": 4}),
        (STREAMS, {}),
        (ROWS, {}),
        (ROWS | {"url": "/features"}, {}),
    ],
)
def test_each_format_gives_the_same_percentages(said, task, notes, table, publisher):
    server = said(table, WasteFeed(TOWN, **publisher))
    assert percentages(fetch(task(server, TOWN))) == LEVELS
    assert notes == [
        "1 containers have no place in GM0344, and are left out.",
        f"2 levels below 0 or above 110% won't be believed. Look whether the scale is {table['scale']}.",
    ]


def test_published_number_stays_beside_the_percentage(said, task):
    editions = {edition.edition: edition for edition in fetch(task(said(FIWARE), TOWN))}
    rows = [row for row in editions["2026-11-23"].table.to_pylist() if row["sensor"] == "c2"]
    assert [(row["quantity"], row["value"], row["unit"]) for row in rows] == [
        ("fill_pct", 105, "%"),
        ("fillingLevel", 1.05, "0-1"),
    ]
    assert rows[0]["time"] == datetime(2026, 11, 23, 9, 15)


def test_containers_are_places_also_without_a_level(said, task):
    places = fetch(task(said(FIWARE), TOWN))[0].table.to_pylist()
    assert [row["id"] for row in places] == ["c1", "c2", "c3", "c4", "c5"]
    assert {(row["kind"], row["fraction"]) for row in places} == {("waste_container", "glass")}


def test_licence_and_attribution_are_those_the_city_gave(said, task):
    assert {(each.licence, each.attribution) for each in fetch(task(said(FIWARE), TOWN))} == {("cc0", "Bron: niemand")}


def test_scale_is_never_guessed(said, task):
    server = said(FIWARE | {"scale": "percent"})
    assert percentages(fetch(task(server, TOWN))) == {"c1": 0.4, "c2": 1.05, "c3": 1.2, "c4": -0.1}


@pytest.mark.parametrize("name", ["card_id", "pasnummer", "Deposits", "householdId", "email"])
def test_feed_about_persons_is_refused_and_not_kept(said, task, http, tmp_path, name):
    server = said(FIWARE)
    server.fault("/v2/", faults.changed(lambda page: page[0].update({name: "1"})))
    shelf = Shelf(tmp_path / "raw", SOURCE, TOWN.code, NOW)
    keeping = replace(task(server, TOWN), http=http(server, keep=shelf.keep))
    with pytest.raises(LoadError, match=f"“{name}”, which is about who threw something in"):
        fetch(keeping)
    assert not shelf.folder.exists()


def test_half_an_answer_about_persons_is_refused_too(said, task):
    server = said(FIWARE)
    add = faults.changed(lambda page: page[0].update(card_id="1"))
    server.fault("/v2/", lambda response: faults.half(add(response)))
    with pytest.raises(LoadError, match="card_id"):
        fetch(task(server, TOWN))


def test_distance_is_no_level(said, task):
    with pytest.raises(LoadError, match="is in 'cm', not in %"):
        fetch(task(said(STREAMS, WasteFeed(TOWN, unit="cm")), TOWN))


def test_part_of_the_records_is_refused(said, task):
    with pytest.raises(LoadError, match="gives 2 of 6 containers"):
        fetch(task(said(ROWS | {"url": "/records"}), TOWN))


def test_time_without_a_zone_is_refused_until_the_city_says_it(said, task):
    why = r"vol of c1 has the time .*, which says no time zone\. Fill in zone of \[waste_fill\] in city/feeds\.toml\."
    with pytest.raises(LoadError, match=why):
        fetch(task(said({name: value for name, value in ROWS.items() if name != "zone"}), TOWN))


@pytest.mark.parametrize(
    ("time", "why"),
    [
        ("unknown", "fillingLevel of c2 should have a time, but has 'unknown'. Look what its publisher changed."),
        (
            "2026-11-23T10:15:00",
            "fillingLevel of c2 has the time '2026-11-23T10:15:00', which says no time zone. "
            "Fill in zone of [waste_fill] in city/feeds.toml.",
        ),
    ],
)
def test_container_with_a_time_that_can_not_be_used_stops_no_other(said, task, notes, time, why):
    server = said(FIWARE)
    server.fault("/v2/", faults.changed(lambda page: page[1].update(dateObserved=time) if page else None))
    assert percentages(fetch(task(server, TOWN))) == {id: level for id, level in LEVELS.items() if id != "c2"}
    assert f"1 levels are left out for their time. {why}" in notes


def test_feed_of_which_no_time_can_be_read_is_refused_for_what_is_most_often_wrong(said, task):
    server = said(FIWARE)
    times = ["2026-11-23T10:15", "unknown", "unknown", "unknown", "unknown", "unknown"]

    def spoil(page):
        for row, time in zip(page, times, strict=False):
            row["dateObserved"] = time

    server.fault("/v2/", faults.changed(spoil))
    with pytest.raises(LoadError, match="fillingLevel of c2 should have a time, but has 'unknown'"):
        fetch(task(server, TOWN))


@pytest.mark.parametrize("zone", ["+01", "+0100", "+01:00"])
def test_zone_of_a_time_may_be_written_in_each_way_there_is(said, task, zone):
    server = said(FIWARE)

    def spoil(page):
        for row in page:
            row["dateObserved"] = f"2026-11-23T10:15:00{zone}" if row["id"] == "c1" else "2026-11-23t09:15:00z"

    server.fault("/v2/", faults.changed(spoil))
    (_, day) = fetch(task(server, TOWN))
    assert set(day.table["time"].to_pylist()) == {datetime(2026, 11, 23, 9, 15)}


EMPTY = {"level": ("fillingLevel", "vol", "result"), "time": ("dateObserved", "om", "phenomenonTime")}


def emptied(rows, names, value):
    """Nothing under these names, wherever they are in the rows."""
    for row in rows:
        row.update(dict.fromkeys(row.keys() & set(names), value))
        emptied(row.get("Observations", []), names, value)


@pytest.mark.parametrize("value", [None, " "])
@pytest.mark.parametrize("empty", [("level", "time"), ("time",)])
@pytest.mark.parametrize(("table", "path"), [(FIWARE, "/v2/"), (STREAMS, "/v1.1/"), (ROWS, "/rows.json")])
def test_container_that_never_reported_stops_no_other(said, task, notes, table, path, empty, value):
    server = said(table)
    names = [name for each in empty for name in EMPTY[each]]

    def first(page):
        rows = page["value"] if isinstance(page, dict) else page
        emptied(rows[:1], names, value)

    server.fault(path, faults.changed(first))
    editions = fetch(task(server, TOWN))
    assert [row["id"] for row in editions[0].table.to_pylist()] == ["c1", "c2", "c3", "c4", "c5"]
    assert percentages(editions) == {id: level for id, level in LEVELS.items() if id != "c1"}
    assert ("1 levels without a time are left out." in notes) == ("level" not in empty)


def test_time_of_a_container_without_a_level_is_not_read(said, task):
    server = said(ROWS)
    server.fault("/rows.json", faults.changed(lambda page: page[0].update(vol=None, om="0001-01-01T00:00:00")))
    assert percentages(fetch(task(server, TOWN))) == {id: level for id, level in LEVELS.items() if id != "c1"}


def test_stream_without_an_observation_has_a_place(said, task):
    server = said(STREAMS)
    server.fault("/v1.1/", faults.changed(lambda page: page["value"][0].update(Observations=[])))
    editions = fetch(task(server, TOWN))
    assert "c1" in editions[0].table["id"].to_pylist()
    assert percentages(editions) == {id: level for id, level in LEVELS.items() if id != "c1"}


@pytest.mark.parametrize(("table", "path"), [(FIWARE, "/v2/"), (STREAMS, "/v1.1/"), (ROWS, "/rows.json")])
def test_feed_in_which_nothing_has_a_time_is_refused(said, task, table, path):
    server = said(table)
    every = faults.changed(lambda page: emptied(page["value"] if isinstance(page, dict) else page, EMPTY["time"], None))
    server.fault(path, every)
    with pytest.raises(LoadError, match=r"No container in the feed of \[waste_fill\] has a time"):
        fetch(task(server, TOWN))


def levelled(now, **row):
    """What is made of one row of `ROWS` that came at `now`."""
    table = ROWS | {"url": "https://example.org", "licence": "cc0", "attribution": "x"} | row.pop("table", {})
    body = [{"dev": "a", "vol": 5, "om": "2026-11-23T10:15", "x": 5.1, "y": 52.1} | row]
    feed = configured(table)
    return list(filled(records(body, feed), feed, now, lambda _: None))


@pytest.mark.parametrize(
    ("came", "local", "moment"),
    [
        ("2026-10-24T23:55", "01:50", "2026-10-24T23:50"),
        ("2026-10-25T00:15", "02:10", "2026-10-25T00:10"),
        ("2026-10-25T01:15", "02:10", "2026-10-25T01:10"),
        ("2026-10-25T02:15", "03:10", "2026-10-25T02:10"),
    ],
)
def test_hour_that_comes_twice_is_told_by_when_it_was_loaded(came, local, moment):
    now = datetime.fromisoformat(came).replace(tzinfo=UTC)
    found = levelled(now, om=f"2026-10-25T{local}")
    assert {reading.time for reading in found} == {datetime.fromisoformat(moment)}


@pytest.mark.parametrize(("scale", "published"), [("0-1", 0.85), ("0-10", 8.5), ("percent", 85)])
def test_column_that_is_called_as_ours_is_the_percentage_alone(scale, published):
    found = levelled(NOW, fill_pct=published, table={"level": "fill_pct", "scale": scale})
    assert [(each.quantity, each.value, each.unit) for each in found] == [("fill_pct", 85, "%")]


def test_stars_of_the_publisher_are_kept_beside_what_they_are_of(said, task):
    server = said(ROWS | {"stars": "sterren"})
    server.fault("/rows.json", faults.changed(lambda page: page[0].update(sterren="2")))
    (_, day) = fetch(task(server, TOWN))
    found = {(row["sensor"], row["stars"]) for row in day.table.to_pylist()}
    assert found == {("c1", 2), ("c2", None), ("c3", None), ("c4", None)}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"scale": "0-5"}, "scale is '0-5', but must be one of 0-1, 0-10, percent"),
        ({"format": "csv"}, "format is 'csv', but must be one of fiware, sensorthings, records"),
        ({"licence": "free"}, "licence is 'free', but must be one of"),
        ({"attribution": " "}, "attribution has to be filled in"),
        ({"url": ""}, "url has to be filled in, or url_from"),
        ({"url": "feeds.example.org"}, "url is no address that begins with https:// or http://"),
        ({"url": "https://feeds.example.org:key/"}, "url is no address"),
        ({"url_from": "FEED_ADDRESS"}, "url and url_from are both filled in; leave one out"),
        ({"url": "", "url_from": "https://feeds.example.org"}, "url_from has to be the name of a variable"),
        ({"url": "", "url_from": "NO_SUCH_FEED"}, "the environment has no NO_SUCH_FEED"),
        ({"format": "records"}, "id has to be filled in for this format; level has"),
        ({"zone": "Utrecht"}, "zone is 'Utrecht', which is no time zone"),
        ({"colour": "blue"}, "colour is not known"),
        ({"stars": "plausibility"}, "stars is not read in the format fiware; leave it out"),
        ({"id": "serial", "level": "fill"}, "id is not read in the format fiware; leave it out; level is not read"),
        (
            {"format": "sensorthings", "level": "fill", "fraction": "waste"},
            "fraction is not read in the format sensorthings; leave it out",
        ),
    ],
)
def test_table_that_can_not_be_used_says_why(table, why):
    whole = FIWARE | {"url": "https://feeds.example.org", "licence": "cc0", "attribution": "Bron: niemand"}
    with pytest.raises(LoadError, match=re.escape(why)):
        configured(whole | table)


@pytest.mark.parametrize(
    "address", ["s3cret", "https://example.org:s3cret", "https://s3cret example.org", "ftp://s3cret"]
)
def test_what_is_wrong_with_an_address_does_not_repeat_it(monkeypatch, address):
    whole = FIWARE | {"licence": "cc0", "attribution": "Bron: niemand"}
    monkeypatch.setenv("FEED_ADDRESS", address)
    for table in ({"url": address}, {"url": "", "url_from": "FEED_ADDRESS"}, {"url": "", "url_from": address}):
        with pytest.raises(LoadError, match=r"address|variable") as error:
            configured(whole | table)
        assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.status(403), "answered 403"),
        (faults.status(404), "has nothing at"),
        (faults.status(503), "answered 503"),
        (faults.dropped, "could not be reached"),
        (faults.maintenance, "sent text/html where JSON was expected"),
        (faults.half, "perhaps half of it"),
        (faults.changed(lambda page: page[0].pop("id", 0) if page else 0), "sent an entity without an id"),
        (lambda r: replace(r, status=401, body=b'{"message": "No such key: s3cret/1. Or s3cret/1, s3cret%2F1"}'), "…"),
        (lambda r: replace(r, body=b'{"error": "No such key: s3cret/1"}'), "No such key: …”"),
        (
            lambda r: replace(r, status=302, body=b"", headers={"Location": "ftp://x/?s3cret"}),
            "can't be used, from http",
        ),
    ],
)
def test_key_in_the_address_is_in_no_error(said, task, notes, tmp_path, fault, why):
    server = said(FIWARE | {"url": FIWARE["url"] + "&key=s3cret%2F1"})
    server.fault("/v2/", fault)
    with pytest.raises(LoadError, match=why) as error:
        fetch(task(server, TOWN))
    assert "s3cret" not in str(error.value) and "key=" not in str(error.value)
    assert server.asked[0].startswith("/waste/v2/entities?type=WasteContainer&key=s3cret/1&")


@pytest.mark.parametrize("table", [FIWARE, STREAMS, ROWS])
def test_whole_address_is_asked_and_its_path_is_kept(said, task, tmp_path, table):
    url = table["url"] + ("&" if "?" in table["url"] else "?") + "key=s3cret"
    server = said(table | {"url": url})
    editions = fetch(task(server, TOWN))
    assert all("key=s3cret" in asked for asked in server.asked)
    assert {each.url for each in editions} == {f"{server.address}/waste{table['url'].partition('?')[0]}"}


def test_answer_to_one_page_is_not_taken_for_that_to_another(said, loading):
    """Of its address only the path is kept, which is that of every page."""
    server = said(FIWARE, WasteFeed(TOWN, most=4))
    first = loading(waste_fill, server, TOWN)
    again = loading(waste_fill, server, TOWN, NOW + timedelta(hours=1))
    assert percentages(first) == percentages(again) == LEVELS
    assert set(server.sent) == {200}


def test_source_waits_until_the_city_fills_in_its_table(tmp_path):
    assert waits_for(tmp_path) == "waits for [waste_fill] in city/feeds.toml"
    (tmp_path / "feeds.toml").write_text("[waste_fill]\nurl = 'x'\n", encoding="utf-8")
    assert not waits_for(tmp_path)
    (tmp_path / "feeds.toml").write_text("[waste_fill", encoding="utf-8")
    assert not waits_for(tmp_path)  # fetch() tells what is wrong with it


def test_example_of_the_guide_can_be_used(tmp_path):
    for block in re.findall(r"```toml\n(.*?)```", (PROJECT / "docs" / "feeds.md").read_text(encoding="utf-8"), re.S):
        with (tmp_path / "feeds.toml").open("a", encoding="utf-8") as file:
            file.write(block)
    assert configured(feeds.read(tmp_path, "waste_fill")).scale == "0-1"
    assert "Knoop" in feeds.read(tmp_path, "stallingsnet")["places"]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.maintenance, "sent text/html where JSON was expected"),
        (faults.json_error, "an error with status 200"),
        (faults.changed(lambda page: [row.pop("fillingLevel", 0) for row in page]), "has a fillingLevel"),
        (faults.changed(lambda page: page[0].pop("id", 0) if page else 0), "sent an entity without an id"),
        (faults.changed(lambda page: page[0].update(fillingLevel="vol") if page else 0), "should be a number"),
        (faults.changed(lambda page: [row.update(location=None) for row in page]), "has no container in GM0344"),
        (faults.dropped, "Check the network and url of .waste_fill. in city/feeds.toml"),
    ],
)
def test_answer_that_can_not_be_is_refused(said, task, fault, why):
    server = said(FIWARE)
    server.fault("/v2/", fault)
    with pytest.raises(LoadError, match=why):
        fetch(task(server, TOWN))


def test_recorded_feed_is_read(realdata, notes):
    path = realdata / "wyndham_smart_bins" / "fill_levels_snapshots.json"
    feed = configured(
        ROWS
        | {"url": "https://example.org", "licence": "cc-by-4.0", "attribution": "x", "zone": "Australia/Melbourne"}
        | {"id": "serial_num", "level": "fill_lvl", "time": "timestamp", "lon": "lon", "lat": "lat"}
    )
    levels = list(records(json.loads(path.read_text(encoding="utf-8")), feed))
    found = [reading for reading in filled(levels, feed, NOW, notes.append) if reading.quantity == "fill_pct"]
    assert (len(levels), len(found), {each.place for each in levels}) == (160, 160, {None})
    assert (found[0].sensor, found[0].value, found[0].time) == ("1510830", 20, datetime(2021, 8, 21, 8, 9))
    assert {reading.value for reading in found} <= set(range(0, 101, 10)) and not notes


def test_look_counts_containers(said, task):
    assert look(task(said(FIWARE), TOWN)).counts == {"containers": 6}
