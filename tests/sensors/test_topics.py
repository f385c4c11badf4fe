"""What a city says of its feeds is checked as a whole, and a message is what that says, or it is refused."""

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.sensors import topics
from buurtbeeld.sensors.landing import READING, STARS
from buurtbeeld.sensors.topics import Batch, ConfigError, NoConfigError

TOP = 'broker = "broker.example.org"\nuser = "buurtbeeld"\n'
ABOUT = """
title = "Voorbeeld"
publisher = "Gemeente Voorbeeld"
page = "https://example.org"
licence = "cc0"
attribution = "Bron: Gemeente Voorbeeld"
openness = "rows"
kind = "{kind}"
"""
ARRIVED = 1_700_000_000_000_000
AT = "2026-03-10T12:00:00+01:00"
MICROS = int(datetime(2026, 3, 10, 11, tzinfo=UTC).timestamp()) * 1_000_000


def configured(folder, text):
    (folder / topics.FILE).write_text(text, encoding="utf-8")
    return topics.read(folder)


def feed(folder, rest, kind="waste_container"):
    [found] = configured(folder, f"{TOP}[feeds.example]{ABOUT.format(kind=kind)}{rest}").feeds
    return found


def message(feed, topic, payload, arrived=ARRIVED):
    """(sensor, quantity, time, value) of each reading, and what was refused."""
    batch = Batch()
    levels = feed.levels(topic)
    assert levels is not None
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    feed.read(levels, body, arrived, batch)
    return [tuple(row[:4]) for row in batch.rows], dict(batch.refused)


def problems(folder, text):
    with pytest.raises(ConfigError) as raised:
        configured(folder, text)
    return "\n".join(raised.value.problems)


def test_a_plain_number_is_of_the_time_at_which_it_came(tmp_path):
    found = feed(tmp_path, 'topic = "u/{sensor}/{quantity}/+"\nformat = "number"\nquantities = { level = "fill" }')
    assert (found.filter, found.by_arrival) == ("u/+/+/+", True)
    assert found.levels("u/1") is None and found.levels("x/1/level/a") is None
    assert message(found, "u/1/level/a", b" 12.5 ") == ([("1", "fill", ARRIVED, 12.5)], {})
    for payload in (b"12,5", b"", b"\xff", b"full"):
        assert message(found, "u/1/level/a", payload) == ([], {"number": 1})
    assert message(found, "u/1/voltage/a", b"3") == ([], {"quantity": 1})
    assert message(found, "u/\x07/level/a", b"3") == ([], {"sensor": 1})


def test_json_with_a_value_under_names_that_the_city_gives(tmp_path):
    found = feed(
        tmp_path,
        """topic = "bins/#"
format = "json"
list = "data.items"
sensor = "device.id"
quantity = "what"
value = "reading.v"
time = "at"
quantities = { level = { id = "fill", scale = 100 } }
""",
    )
    one = {"device": {"id": 7}, "what": "level", "reading": {"v": 0.29}, "at": AT}
    body = {"data": {"items": [one, {**one, "at": "2026-03-10T12:00:00"}, {**one, "device": {}}, 5]}}
    assert not found.by_arrival
    assert message(found, "bins/any/thing", body) == (
        [("7", "fill", MICROS, 29.0)],
        {"time": 1, "sensor": 1, "object": 1},
    )


def test_json_with_several_quantities_in_one_object(tmp_path):
    found = feed(
        tmp_path,
        """topic = "ttn/{sensor}/up"
format = "json"
time = "received_at"
zone = "Europe/Amsterdam"
epoch = "ms"
quantities = { "uplink.pm25" = "pm25_raw", "uplink.rh" = "humidity" }
""",
        kind="air_sensor",
    )
    both = {"uplink": {"pm25": 3, "rh": "60"}, "received_at": "2026-03-10T12:00:00"}
    assert message(found, "ttn/x/up", both) == (
        [("x", "pm25_raw", MICROS, 3.0), ("x", "humidity", MICROS, 60.0)],
        {},
    )
    numbered = {"uplink": {"rh": 60}, "received_at": MICROS // 1000}
    assert message(found, "ttn/x/up", [numbered, numbered])[0] == [("x", "humidity", MICROS, 60.0)] * 2
    assert message(found, "ttn/x/up", {"received_at": AT}) == ([], {"number": 1})
    assert message(found, "ttn/x/up", {"uplink": {"pm25": True}, "received_at": AT}) == ([], {"number": 1})
    assert message(found, "ttn/x/up", {"uplink": {"pm25": 10**400}, "received_at": AT}) == ([], {"number": 1})
    for time in ("yesterday", True, None, 1e300, math.nan):
        assert message(found, "ttn/x/up", {"uplink": {"rh": 1}, "received_at": time}) == ([], {"time": 1})


def test_a_number_that_is_none_takes_no_good_one_of_its_message_along(tmp_path):
    rest = (
        'topic = "ttn/{sensor}"\nformat = "json"\nlon = "x"\nlat = "y"\n'
        'quantities = { pm25 = "pm25_raw", rh = "humidity", t = "temperature" }'
    )
    found = feed(tmp_path, rest, kind="air_sensor")
    good = ("x", "pm25_raw", ARRIVED, 12.0)
    assert message(found, "ttn/x", {"pm25": 12, "rh": "n/a"}) == ([good], {"number": 1})
    assert message(found, "ttn/x", {"rh": "n/a", "t": True, "pm25": 12}) == ([good], {"number": 1})
    for body, placed in (({"rh": "n/a"}, {}), ({"rh": "n/a", "pm25": 12}, {"x": (5.1, 52.1)})):
        batch = Batch()
        found.read({"sensor": "x"}, json.dumps(body | {"x": 5.1, "y": 52.1}).encode(), ARRIVED, batch)
        assert batch.places == placed


@pytest.mark.parametrize("zone", ["+01", "+0100", "+01:00", "z", "Z"])
def test_the_zone_of_a_time_may_be_written_in_each_way_there_is(tmp_path, zone):
    found = feed(tmp_path, 'topic = "b/{sensor}"\nformat = "json"\ntime = "t"\nquantities = { v = "fill" }')
    written = f"2026-03-10T{12 if zone[0] == '+' else 11}:00:00{zone}"
    assert message(found, "b/1", {"v": 1, "t": written}) == ([("1", "fill", MICROS, 1.0)], {})


@pytest.mark.parametrize(
    ("local", "moment"),
    [
        ("2026-10-25T01:50:00", "2026-10-24T23:50"),
        ("2026-10-25T02:10:00", "2026-10-25T00:10"),
        ("2026-10-25T02:10:00", "2026-10-25T01:10"),
        ("2026-10-25T03:10:00", "2026-10-25T02:10"),
        ("2026-03-29T01:50:00", "2026-03-29T00:50"),
        ("2026-03-29T03:10:00", "2026-03-29T01:10"),
    ],
)
def test_a_time_on_the_wall_is_told_by_when_it_came(tmp_path, local, moment):
    found = feed(
        tmp_path,
        'topic = "b/{sensor}"\nformat = "json"\ntime = "t"\nzone = "Europe/Amsterdam"\nquantities = { v = "fill" }',
    )
    micros = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) * 1_000_000
    for late in (0, 3, 600):
        assert message(found, "b/1", {"v": 1, "t": local}, micros + late * 1_000_000)[0] == [("1", "fill", micros, 1)]


STARRED = """topic = "b/{sensor}"
format = "json"
time = "t"
stars = "quality.stars"
quantities = { v = "pm25" }
"""


def test_stars_of_the_publisher_are_a_column_where_the_feed_declares_them(tmp_path):
    found = feed(tmp_path, STARRED, kind="air_station")
    batch = Batch()
    bodies = [{"quality": {"stars": stars}} for stars in (4, "2", 3.5, None, "good", 80)]
    for body in [*bodies, {}]:
        found.read({"sensor": "a"}, json.dumps({"v": 1, "t": AT} | body).encode(), ARRIVED, batch)
    table = batch.table(found.schema)
    assert table["stars"].to_pylist() == [4, 2, 3, None, None, None, None] and not batch.refused
    assert table.schema.field("stars") == STARS
    plain = feed(tmp_path, STARRED.replace('stars = "quality.stars"', ""), kind="air_station")
    assert plain.schema == READING == batch.table().schema
    told = problems(
        tmp_path, f"{TOP}[feeds.example]{ABOUT.format(kind='air_station')}{STARRED}".replace("json", "number")
    )
    assert "stars is for the format json" in told


@pytest.mark.parametrize("name", ["card_id", "kaartnummer", "user-id", "RFID", "e-mail", "huishouden"])
def test_what_is_about_persons_is_refused_however_deep(tmp_path, name):
    found = feed(tmp_path, 'topic = "b/{sensor}"\nformat = "json"\nvalue = "v"\nquantities = { v = "fill" }')
    assert message(found, "b/1", {"v": 1}) == ([("1", "fill", ARRIVED, 1.0)], {})
    assert message(found, "b/1", {"v": 1, "more": [{"x": {name: 1}}]}) == ([], {"persons": 1})
    assert message(found, "b/1", {"v": 1, name: 1}) == ([], {"persons": 1})


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["v", "t", "s", "x"]), inner),
    )
    | st.binary(max_size=30)
)
def test_no_message_whatever_it_holds_stops_the_service(tmp_path_factory, body):
    found = feed(
        tmp_path_factory.mktemp("city"),
        'topic = "b/+"\nformat = "json"\nsensor = "s"\nvalue = "v"\ntime = "t"\nepoch = "s"\nlon = "x"\nlat = "x"\n'
        'quantities = { v = "fill" }',
    )
    rows, refused = message(found, "b/1", body)
    assert all(isinstance(sensor, str) and isinstance(value, float) for sensor, _, _, value in rows)
    assert rows or refused or body == []


@pytest.mark.parametrize("depth", [450, 1_000, 200_000])
@pytest.mark.parametrize("around", ["{}", '{{"id": "1", "what": {}, "v": 1}}', '{{"id": {}, "what": "level", "v": 1}}'])
def test_a_message_that_is_too_deep_is_refused_and_the_next_one_is_read(tmp_path, around, depth):
    rest = (
        'topic = "b/#"\nformat = "json"\nsensor = "id"\nquantity = "what"\nvalue = "v"\nquantities = { level = "fill" }'
    )
    found = feed(tmp_path, rest)
    for deep in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
        assert message(found, "b/1", around.format(deep).encode()) == ([], {"json": 1})
    assert message(found, "b/1", {"id": "1", "what": "level", "v": 1}) == ([("1", "fill", ARRIVED, 1.0)], {})


@pytest.mark.parametrize("depth", [300, 440, 470, 485, 490, 495])
def test_what_is_nearly_too_deep_raises_nothing_either(tmp_path, depth):
    rest = (
        'topic = "b/#"\nformat = "json"\nsensor = "id"\nquantity = "what"\nvalue = "v"\nquantities = { level = "fill" }'
    )
    payload = '{"id": "1", "v": 1, "what": ' + "[" * depth + "]" * depth + "}"
    _, refused = message(feed(tmp_path, rest), "b/1", payload.encode())
    assert refused in ({"json": 1}, {"quantity": 1})


def test_every_reason_has_its_words():
    batch = Batch()
    assert batch.table().num_rows == 0
    assert set(topics.REFUSED) >= {"persons", "json", "object", "number", "sensor", "quantity", "time", "retained"}


def test_places_come_from_a_table_before_a_message_and_homes_are_not_exact(tmp_path):
    (tmp_path / "places.csv").write_text("sensor,name,lon,lat\na,Plein,5.123456,52.123456\n", encoding="utf-8")
    rest = (
        'topic = "b/{sensor}"\nformat = "json"\nlon = "x"\nlat = "y"\nplaces = "places.csv"\n'
        'quantities = { pm = "pm25_raw" }'
    )
    found = feed(tmp_path, rest, kind="air_sensor")
    batch = Batch()
    for sensor in "ab":
        found.read({"sensor": sensor}, json.dumps({"pm": 1, "x": 5.654321, "y": 52.654321}).encode(), ARRIVED, batch)
    found.read({"sensor": "c"}, json.dumps({"pm": 1, "x": 52.6, "y": 5.6}).encode(), ARRIVED, batch)
    rows = found.placed(batch.places).to_pylist()
    assert [(row["id"], row["name"], row["lon"], row["lat"]) for row in rows] == [
        ("a", "Plein", 5.123, 52.123),
        ("b", "b", 5.654, 52.654),
    ]
    assert len(batch.rows) == 3 and {row["kind"] for row in rows} == {"air_sensor"}


def test_the_broker_is_told_once_for_all(tmp_path):
    (tmp_path / "ca.pem").write_text("", encoding="utf-8")
    said = 'topic = "{sensor}"\nformat = "number"\nquantities = { v = "fill" }'
    rest = f"[feeds.a]{ABOUT.format(kind='waste_container')}{said}"
    broker = configured(tmp_path, f'{TOP}ca_file = "ca.pem"\n{rest}').broker
    assert (broker.url, broker.protocol, broker.user) == ("mqtts://broker.example.org:8883", "5", "buurtbeeld")
    plain = configured(tmp_path, f"{TOP}tls = false\n{rest}").broker
    assert (plain.url, plain.ca_file, plain.client_id) == ("mqtt://broker.example.org:1883", None, "buurtbeeld")


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    told = problems(
        tmp_path,
        """
broker = "mqtt://broker"
port = 0
tls = "yes"
protocol = "4"
client_id = "a b"
ca_file = "none.pem"
password = "x"
[feeds.waste_fill]
title = "t"
kind = "air_square"
licence = "mine"
openness = "all"
topic = "a/{sensor}/{sensor}"
format = "xml"
quantities = { v = "speed", w = { id = "pm25_raw", scale = -1 } }
colour = "red"
zone = "Mars/Olympus"
lon = "x"
places = "none.csv"
""",
    )
    for words in (
        "broker has to be the name or address of a host",
        "port is 0",
        "tls is 'yes'",
        "protocol is '4'",
        "client_id is 'a b'",
        "ca_file is 'none.pem'",
        "password is not known at the top",
        "[feeds.waste_fill]: a loader has this name",
        "publisher has to be filled in",
        "colour is not known",
        "kind is 'air_square'",  # made of rides
        "licence is 'mine'",
        "openness is 'all'",
        "format is 'xml'",
        "topic has the level '{sensor}'",
        "v is 'speed'",
        "the scale of w is -1",
        "zone is 'Mars/Olympus'",
        "lon and lat belong together",
        "places is 'none.csv'",
    ):
        assert words in told, words


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ('topic = "a"\nformat = "number"\nquantities = { v = "fill" }', "nothing says of which sensor"),
        ('topic = "{sensor}"\nformat = "number"\nquantities = { v = "fill", w = "fill" }', "nothing says which of"),
        (
            'topic = "{sensor}"\nformat = "number"\ntime = "t"\nquantities = { v = "fill" }',
            "time is for the format json",
        ),
        ('topic = "{sensor}/{quantity}"\nformat = "json"\nquantities = { v = "fill" }', "value has to be filled in"),
        ('topic = "{sensor}"\nformat = "json"\nsensor = "s"\nquantities = { v = "fill" }', "by the topic and by a key"),
        ('topic = "a/#/{sensor}"\nformat = "number"\nquantities = { v = "fill" }', "topic has the level '#'"),
        ('topic = "$SYS/{sensor}"\nformat = "number"\nquantities = { v = "fill" }', "topic has the level '$SYS'"),
        ('topic = "{sensor}"\nformat = "number"', "quantities has to be filled in"),
        ('topic = "{sensor}"\nformat = "number"\nquantities = { v = "no2" }', "v is 'no2', but must be one of fill"),
    ],
)
def test_a_feed_that_leaves_something_open_is_refused(tmp_path, rest, words):
    text = f"{TOP}[feeds.example]{ABOUT.format(kind='waste_container')}{rest}"
    assert words in problems(tmp_path, text)


def test_two_feeds_with_one_topic_a_simulated_name_and_bad_places_are_refused(tmp_path):
    (tmp_path / "p.csv").write_text("sensor,name,lon,lat\na,A,5,52\nb,B,52,5\n", encoding="utf-8")
    table = (
        ABOUT.format(kind="waste_container") + 'format = "number"\nquantities = { v = "fill" }\ntopic = "x/{sensor}"\n'
    )
    told = problems(tmp_path, f"{TOP}[feeds.a]{table}[feeds.b]{table}")
    assert "2 feeds have the topic x/+" in told
    assert "made by the simulator" in problems(tmp_path, f"{TOP}[feeds.simulated_a]{table}")
    assert "line 3 of city/p.csv has no place" in problems(tmp_path, f'{TOP}[feeds.a]{table}places = "p.csv"')
    assert "is no table" in problems(tmp_path, f"{TOP}[feeds]\na = 1")


def test_a_file_that_is_not_there_or_no_toml(tmp_path):
    with pytest.raises(NoConfigError, match=r"There is no mqtt.toml"):
        topics.read(tmp_path)
    assert "can't be read" in problems(tmp_path, "broker = ")
    assert "there is no feed" in problems(tmp_path, TOP)
