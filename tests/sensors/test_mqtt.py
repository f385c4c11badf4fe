"""A stream over a real broker: what was acknowledged is on disk, once, whoever is killed; and what staff are told."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from buurtbeeld import settings
from buurtbeeld.sensors import mqtt, topics
from buurtbeeld.sensors.landing import Landing, LandingError
from buurtbeeld.sensors.mqtt import Arrivals, Service
from tests.sensors.broker import Broker, Publisher, free_port, needs_mosquitto, until
from tests.sensors.rolling import places, rolled, rows

PROJECT = Path(__file__).parent.parent.parent
CONFIG = """
broker = "127.0.0.1"
port = {port}
tls = false
{more}
[feeds.bins]
title = "Containers"
publisher = "Gemeente Voorbeeld"
page = "https://example.org"
licence = "cc0"
attribution = "Bron: Gemeente Voorbeeld"
openness = "rows"
kind = "waste_container"
topic = "bins/{{sensor}}/{{quantity}}"
format = "json"
value = "v"
time = "t"
quantities = {{ level = "fill" }}

[feeds.counters]
title = "Tellers"
publisher = "Gemeente Voorbeeld"
page = "https://example.org"
licence = "cc0"
attribution = "Bron: Gemeente Voorbeeld"
openness = "rows"
kind = "bicycle_parking"
topic = "counters/{{sensor}}"
format = "number"
quantities = {{ free = "bike_free" }}
"""
BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)


@pytest.fixture
def broker(tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    with Broker(folder) as running:
        yield running


def configured(tmp_path, port, more=""):
    """A DATA_DIR with the two feeds."""
    city = tmp_path / "data" / "city"
    city.mkdir(parents=True, exist_ok=True)
    (city / topics.FILE).write_text(CONFIG.format(port=port, more=more), encoding="utf-8")
    return tmp_path / "data"


def certificates(folder):
    """A certificate for this machine, signed by itself, and its key."""
    asked = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]
    subprocess.run([*asked.split(), *files], check=True, capture_output=True)


class Running:
    """The command, as a process."""

    def __init__(self, data_dir, *words, **environ):
        self.log = data_dir / "log"
        env = {**os.environ, "DATA_DIR": str(data_dir), **environ}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "buurtbeeld.sensors.mqtt", *words], cwd=PROJECT, env=env, stderr=log
            )

    def said(self):
        return self.log.read_text(encoding="utf-8")

    def waits_for(self, words, times=1):
        until(lambda: self.said().count(words) >= times or self.process.poll() is not None, what=f"{words!r}")
        assert self.said().count(words) >= times, self.said()

    def ends(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ends(signal.SIGKILL)


def values(data_dir, source):
    """How often each value is on disk, after the rule for readers."""
    found = {}
    for path in sorted((data_dir / "raw" / source).glob("????-??-??/*.parquet")):
        for row in pq.ParquetFile(path).read().to_pylist():
            found[row["sensor"], row["quantity"], row["time"]] = row["value"]
    return Counter(found.values())


def send(publisher, numbers, pause=0.0):
    for number in numbers:
        if number % 2:
            publisher.publish(number, f"counters/c{number % 7}", str(number))
        else:
            time_ = (BEGIN + timedelta(seconds=number)).isoformat()
            publisher.publish(number, f"bins/b{number % 7}/level", json.dumps({"v": number, "t": time_}))
        time.sleep(pause)


def once(numbers):
    return Counter({float(number): 1 for number in numbers})


def landed(data_dir):
    return values(data_dir, "bins") + values(data_dir, "counters")


@needs_mosquitto
def test_a_service_that_is_killed_again_and_again_loses_nothing_and_counts_nothing_twice(tmp_path, broker):
    data_dir = configured(tmp_path, broker.port)
    with Running(data_dir) as service:
        service.waits_for("Connected")  # the broker keeps what comes from now on
        service.ends(signal.SIGKILL)
    with Publisher(broker.port) as publisher:
        sent = 0
        for wait in (0.0, 0.05, 0.3):  # while it reads, while it writes, while it acknowledges: nobody knows
            with Running(data_dir) as service:
                send(publisher, range(sent, sent + 1000), 0.0003)
                sent += 1000
                before = sum(landed(data_dir).values())
                until(lambda before=before: sum(landed(data_dir).values()) > before, what="a batch")
                time.sleep(wait)
                service.ends(signal.SIGKILL)
        with Running(data_dir) as service:
            send(publisher, range(sent, sent + 100))
            until(publisher.all_acknowledged)
            until(lambda: len(landed(data_dir)) == sent + 100, what="all readings")
            time.sleep(0.5)
            assert service.ends(signal.SIGTERM) == 0
    assert landed(data_dir) == once(range(sent + 100))


@needs_mosquitto
def test_a_broker_that_is_killed_loses_at_most_what_it_had_not_written_and_nothing_is_counted_twice(tmp_path, broker):
    """Mosquitto says that it has a message before it has written it. So what it took within the second before it was
    killed may be lost, there; what it had written, and what the service acknowledged, may not.
    """
    data_dir = configured(tmp_path, broker.port)
    with Running(data_dir) as service, Publisher(broker.port) as publisher:
        service.waits_for("Connected")
        bins = range(0, 4000, 2)  # with a time of their own: a broker that forgot sends again, as if it were new
        send(publisher, bins[:500], 0.0003)
        until(publisher.all_acknowledged)
        service.process.send_signal(signal.SIGSTOP)  # so that there is something to keep
        send(publisher, bins[500:1000])
        until(publisher.all_acknowledged)
        broker.saved()
        written = publisher.acknowledged()
        send(publisher, bins[1000:1500])
        on_disk = set(landed(data_dir))
        broker.kill()
        service.process.send_signal(signal.SIGCONT)
        service.waits_for("went away")
        broker.start()
        service.waits_for("Connected", 2)
        until(publisher.connected, what="the publisher")
        send(publisher, bins[1500:])
        until(publisher.all_acknowledged)
        until(lambda: bins[-1] in landed(data_dir), what="the last reading")
        time.sleep(0.5)
        assert service.ends(signal.SIGTERM) == 0
    found = landed(data_dir)
    assert set(found.values()) == {1}
    assert written | on_disk | set(bins[1500:]) <= set(found) <= set(bins)


@needs_mosquitto
def test_what_is_published_while_the_service_is_away_comes_when_it_is_back(tmp_path, broker):
    data_dir = configured(tmp_path, broker.port)
    with Running(data_dir) as service:
        service.waits_for("Connected")
        assert service.ends(signal.SIGTERM) == 0
    with Publisher(broker.port) as publisher:
        send(publisher, range(300))
        until(publisher.all_acknowledged)
    broker.stop()  # it writes everything when it is asked to stop
    broker.start()
    with Running(data_dir) as service:
        service.waits_for("with a session", 1)
        until(lambda: landed(data_dir) == once(range(300)), what="all readings")


@needs_mosquitto
def test_asked_to_stop_it_writes_what_it_has(tmp_path, broker):
    data_dir = configured(tmp_path, broker.port)
    with Running(data_dir) as service, Publisher(broker.port) as publisher:
        service.waits_for("Connected")
        send(publisher, range(5))  # fewer than what a pause makes it write
        until(publisher.all_acknowledged)
        time.sleep(0.3)
        assert service.ends(signal.SIGTERM) == 0
    assert landed(data_dir) == once(range(5))


def service_in(data_dir, **more):
    """A service in this process, in a thread, and what it says."""
    said: list[str] = []
    service = Service(topics.read(data_dir / "city"), data_dir / "raw", "GM0344", None, said.append, **more)
    thread = threading.Thread(target=service.run)
    thread.start()
    return service, thread, said


@needs_mosquitto
def test_a_full_disk_is_told_nothing_is_acknowledged_and_all_lands_when_there_is_room(tmp_path, broker, monkeypatch):
    data_dir = configured(tmp_path, broker.port)
    land = Landing.land
    refusals: list[int] = []

    def full(self, table):
        if len(refusals) < 3 and table.num_rows:
            refusals.append(table.num_rows)
            raise LandingError("Readings could not be written (No space left on device). Make room.")
        return land(self, table)

    monkeypatch.setattr(Landing, "land", full)
    service, thread, said = service_in(data_dir)
    try:
        until(lambda: any("Connected" in each for each in said))
        with Publisher(broker.port) as publisher:
            send(publisher, range(100))
            until(lambda: landed(data_dir) == once(range(100)), what="all readings")
    finally:
        service.stop()
        thread.join()
    assert len([each for each in said if "No space left" in each]) >= 1
    assert len(refusals) == 3


def until_told(said, words):
    until(lambda: any(words in each for each in said), what=f"{words!r}")


@needs_mosquitto
def test_stopped_while_the_disk_is_full_the_broker_still_has_it_all(tmp_path, broker, monkeypatch):
    data_dir = configured(tmp_path, broker.port)

    def full(self, table):
        raise LandingError("Readings could not be written (No space left on device). Make room.")

    with Publisher(broker.port) as publisher, monkeypatch.context() as patched:
        patched.setattr(Landing, "land", full)
        service, thread, said = service_in(data_dir)
        until_told(said, "Connected")
        send(publisher, range(100))
        until_told(said, "No space left")
        service.stop()
        thread.join()
    service, thread, said = service_in(data_dir)
    until(lambda: landed(data_dir) == once(range(100)), what="all readings")
    service.stop()
    thread.join()


@needs_mosquitto
def test_acknowledgements_that_never_arrive_make_nothing_count_twice(tmp_path, broker, monkeypatch):
    data_dir = configured(tmp_path, broker.port)
    again: list[bool] = []
    received = Service._on_message

    def watched(self, client, data, message):
        again.append(message.dup)
        received(self, client, data, message)

    monkeypatch.setattr(Service, "_on_message", watched)
    with Publisher(broker.port) as publisher, monkeypatch.context() as patched:
        patched.setattr(Client, "ack", lambda *_: None)
        service, thread, said = service_in(data_dir)
        until_told(said, "Connected")
        send(publisher, range(100))
        until(lambda: landed(data_dir) == once(range(100)), what="all readings")
        service.stop()
        thread.join()
    service, thread, said = service_in(data_dir)
    until(lambda: again.count(True) == 100, what="all of it again")
    service.stop()
    thread.join()
    assert landed(data_dir) == once(range(100))
    assert sum(len(pq.ParquetFile(path).read()) for path in data_dir.glob("raw/counters/*/*.parquet")) == 100


@needs_mosquitto
def test_messages_that_are_wrong_are_counted_and_block_nothing(tmp_path, broker, monkeypatch):
    monkeypatch.setattr(mqtt, "MINUTE", 1.0)
    data_dir = configured(tmp_path, broker.port)
    service, thread, said = service_in(data_dir)
    try:
        until(lambda: any("Connected" in each for each in said))
        with Publisher(broker.port) as publisher:
            good = json.dumps({"v": 1, "t": BEGIN.isoformat()})
            wrong: dict[str, list[str | bytes]] = {
                "bins/b/level": [b"\xff{", "[" * 100_000, '{"v": "secret", "t": "now"}', '{"v": 1, "kaart_nr": 7}'],
                "bins/b/voltage": [good],
                "counters/c": ["12,5 secret"],
            }
            for topic, payloads in wrong.items():
                for payload in payloads:
                    publisher.publish(0, topic, payload)
            publisher.publish(1, "bins/b/level", json.dumps({"v": 7, "t": "1970-01-01T00:00:01Z"}))
            publisher.publish(2, "bins/b/level", good)
            send(publisher, range(3, 20, 2))
            until(lambda: values(data_dir, "bins") == {1.0: 1}, what="the good one")
            until(lambda: any("untimely" in each for each in said), what="a line")
    finally:
        service.stop()
        thread.join()
    text = "\n".join(said)
    assert "bins: 2 messages are no JSON." in text
    assert "bins: 1 messages hold something of persons" in text
    assert "bins: 1 messages are of a quantity" in text and "counters: 1 messages have no number" in text
    assert "bins: 1 readings are kept apart in raw/bins/untimely (old)." in text
    assert "secret" not in text and "kaart" not in text


@needs_mosquitto
def test_what_the_broker_kept_has_no_time_of_arrival(tmp_path, broker):
    data_dir = configured(tmp_path, broker.port)
    with Publisher(broker.port) as publisher:
        publisher.publish(0, "counters/c", "5", retain=True)
        until(publisher.all_acknowledged)
        with Running(data_dir) as service:
            service.waits_for("Connected")
            publisher.publish(1, "counters/c", "6")
            until(publisher.all_acknowledged)
            time.sleep(0.3)
            assert service.ends(signal.SIGTERM) == 0
            assert "were kept by the broker" in service.said()
    assert landed(data_dir) == once([6])


@needs_mosquitto
def test_mqtt_3_1_1_works_too(tmp_path, broker):
    data_dir = configured(tmp_path, broker.port, 'protocol = "3.1.1"')
    with Running(data_dir) as service, Publisher(broker.port) as publisher:
        service.waits_for("Connected")
        send(publisher, range(100))
        until(lambda: landed(data_dir) == once(range(100)), what="all readings")
        assert service.ends(signal.SIGTERM) == 0


def test_a_broker_that_is_not_there_is_told_in_a_sentence(tmp_path):
    data_dir = configured(tmp_path, free_port())
    with Running(data_dir) as service:
        service.waits_for("lets nobody in (Connection refused)")
        assert service.ends(signal.SIGTERM) == 0
        assert "Look at broker, port" in service.said() and "Traceback" not in service.said()


@needs_mosquitto
def test_a_refused_login_is_told_and_the_password_is_not(tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    (folder / "users").write_text("", encoding="utf-8")
    with Broker(folder, "allow_anonymous false", f"password_file {folder}/users") as broker:
        data_dir = configured(tmp_path, broker.port, 'user = "buurtbeeld"')
        with Running(data_dir, MQTT_PASSWORD="not-for-a-log") as service:  # noqa: S106  a word for a test
            service.waits_for("lets nobody in (Not authorized)")
            assert service.ends(signal.SIGTERM) == 0
            assert "MQTT_PASSWORD" in service.said() and "not-for-a-log" not in service.said()


@needs_mosquitto
@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl: apt-get install openssl")
def test_over_tls_with_the_authority_of_the_city_and_not_with_another(tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    certificates(folder)
    plain = free_port()
    options = [f"certfile {folder}/cert.pem", f"keyfile {folder}/key.pem", f"listener {plain} 127.0.0.1"]
    with Broker(folder, *options, "allow_anonymous true") as broker:
        data_dir = configured(tmp_path, broker.port)
        config = data_dir / "city" / topics.FILE
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("tls = false", ""), encoding="utf-8")
        with Running(data_dir) as service:
            service.waits_for("lets nobody in ([SSL: CERTIFICATE_VERIFY_FAILED]")
        config.write_text(text.replace("tls = false", 'ca_file = "ca.pem"'), encoding="utf-8")
        shutil.copy(folder / "cert.pem", data_dir / "city" / "ca.pem")
        with Running(data_dir) as service, Publisher(plain) as publisher:
            service.waits_for("Connected to mqtts://")
            send(publisher, range(3000))
            until(lambda: landed(data_dir) == once(range(3000)), what="all readings")
            assert service.ends(signal.SIGTERM) == 0


def test_the_password_is_not_shown_with_the_settings():
    known = settings.read({"MQTT_PASSWORD": "not-for-a-log"})
    assert known.mqtt_password == "not-for-a-log" and "not-for-a-log" not in repr(known)  # noqa: S105  a word for a test


def test_a_certificate_that_is_none_is_told(tmp_path, monkeypatch, capsys):
    data_dir = configured(tmp_path, 8883, 'ca_file = "ca.pem"')
    config = data_dir / "city" / topics.FILE
    config.write_text(config.read_text(encoding="utf-8").replace("tls = false", ""), encoding="utf-8")
    (data_dir / "city" / "ca.pem").write_text("none", encoding="utf-8")
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    assert mqtt.main([]) == 1
    assert "ca_file holds no certificate" in capsys.readouterr().err


@needs_mosquitto
def test_places_that_messages_tell_are_kept_over_a_restart(tmp_path, broker):
    data_dir = configured(tmp_path, broker.port)
    config = data_dir / "city" / topics.FILE
    text = config.read_text(encoding="utf-8").replace('time = "t"', 'time = "t"\nlon = "x"\nlat = "y"')
    config.write_text(text, encoding="utf-8")
    found = []
    for sensor in "ab":
        with Running(data_dir) as service, Publisher(broker.port) as publisher:
            service.waits_for("Connected")
            told = {"v": 1, "t": BEGIN.isoformat(), "x": 5.1, "y": 52.1}
            publisher.publish(0, f"bins/{sensor}/level", json.dumps(told))
            until(publisher.all_acknowledged)
            time.sleep(0.3)
            assert service.ends(signal.SIGTERM) == 0
        newest = max((data_dir / "raw" / "bins").glob("places@*.parquet"))
        found.append(pq.ParquetFile(newest).read()["id"].to_pylist())
    assert found == [["a"], ["a", "b"]]


def test_the_check_says_what_it_would_do(tmp_path, monkeypatch, capsys):
    data_dir = configured(tmp_path, 1883)
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    assert mqtt.main(["--check"]) == 0
    told = capsys.readouterr().out
    assert "mqtt://127.0.0.1:1883, without a user, MQTT 5, client buurtbeeld" in told
    assert "bins: bins/+/+, json, its own time; level → fill; 0 places" in told
    assert "counters: counters/+, number, time of arrival" in told
    assert not (data_dir / "raw").exists()


def test_without_the_file_there_is_nothing_to_do_and_a_wrong_one_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert mqtt.main([]) == 0
    assert "There is no mqtt.toml" in capsys.readouterr().err
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / topics.FILE).write_text('broker = "mqtt://x"', encoding="utf-8")
    assert mqtt.main([]) == 1
    told = capsys.readouterr().err
    assert "broker has to be" in told and "there is no feed" in told


def test_a_second_service_is_refused(tmp_path, monkeypatch, capsys):
    data_dir = configured(tmp_path, 1883)
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    first = Service(topics.read(data_dir / "city"), data_dir / "raw", "GM0344", None, print)
    assert mqtt.main([]) == 1
    assert "Another process writes readings" in capsys.readouterr().err
    first.stop()
    first.run()


def test_a_feed_without_places_says_of_which_kind_it_is(tmp_path):
    data_dir = configured(tmp_path, 1883)
    service = Service(topics.read(data_dir / "city"), data_dir / "raw", "GM0344", None, print)
    message = MQTTMessage(1, b"bins/a/level")
    message.payload = json.dumps({"v": 1, "t": datetime.now(UTC).isoformat()}).encode()
    service._on_message(Client(CallbackAPIVersion.VERSION2), None, message)
    service.stop()
    assert service.run() == 0
    assert not list(data_dir.glob("raw/bins/places@*"))
    [path] = data_dir.glob("raw/bins/*/*.parquet")
    assert json.loads(pq.read_schema(path).metadata[b"buurtbeeld"])["kind"] == "waste_container"


def test_stars_are_on_disk_where_the_feed_declares_them_and_an_hour_of_few_is_not_relied_on(tmp_path):
    data_dir = configured(tmp_path, 1883)
    config = data_dir / "city" / topics.FILE
    config.write_text(
        config.read_text(encoding="utf-8").replace('time = "t"', 'time = "t"\nstars = "s"'), encoding="utf-8"
    )
    service = Service(topics.read(data_dir / "city"), data_dir / "raw", "GM0344", None, print)
    for sensor, stars in (("good", 4), ("bad", 2), ("silent", "?")):
        message = MQTTMessage(1, f"bins/{sensor}/level".encode())
        message.payload = json.dumps({"v": 40, "t": BEGIN.isoformat(), "s": stars}).encode()
        service._on_message(Client(CallbackAPIVersion.VERSION2), None, message)
    message = MQTTMessage(2, b"counters/c")
    message.payload = b"5"
    service._on_message(Client(CallbackAPIVersion.VERSION2), None, message)
    service.stop()
    assert service.run() == 0
    [path], [plain] = data_dir.glob("raw/bins/*/*.parquet"), data_dir.glob("raw/counters/*/*.parquet")
    assert pq.ParquetFile(path).read(["sensor", "stars"]).to_pylist() == [
        {"sensor": "bad", "stars": 2},
        {"sensor": "good", "stars": 4},
        {"sensor": "silent", "stars": None},
    ]
    assert "stars" not in pq.read_schema(plain).names
    rolled(data_dir, places(*[("bins", sensor, "waste_container") for sensor in ("good", "bad", "silent")]))
    assert rows(data_dir, "reading_hour", "source = 'bins'", "{s: sensor, reason: reason}") == [
        {"s": "bad", "reason": "stars"},
        {"s": "good", "reason": None},
        {"s": "silent", "reason": None},
    ]


def test_a_move_that_had_to_wait_is_written_when_its_time_comes(tmp_path, monkeypatch):
    data_dir = configured(tmp_path, 1883)
    config = data_dir / "city" / topics.FILE
    text = config.read_text(encoding="utf-8").replace('time = "t"', 'time = "t"\nlon = "x"\nlat = "y"')
    config.write_text(text, encoding="utf-8")
    service = Service(topics.read(data_dir / "city"), data_dir / "raw", "GM0344", None, print)
    shelf = service._landings["bins"]
    lats = []
    for now, lat in ((0.0, 52.1), (60.0, 52.2), (120.0, 52.2), (3600.0, 52.2)):
        monkeypatch.setattr(shelf, "_steady", lambda at=now: at)
        message = MQTTMessage(1, b"bins/a/level")
        message.payload = json.dumps({"v": 1, "t": datetime.now(UTC).isoformat(), "x": 5.1, "y": lat}).encode()
        service._on_message(Client(CallbackAPIVersion.VERSION2), None, message)
        assert service._flush()
        lats += shelf.places()["lat"].to_pylist()
    assert lats == [52.1, 52.1, 52.1, 52.2]
    service.stop()
    assert service.run() == 0


def came(mid, payload, *, dup=False):
    """A message as paho gives it."""
    message = MQTTMessage(mid, b"counters/c")
    message.payload, message.dup, message.qos = payload, dup, 1
    return message


def test_a_message_that_comes_again_came_when_it_came_first(tmp_path):
    path = tmp_path / ".mqtt.json"
    arrivals = Arrivals(path)
    assert arrivals.of(came(1, b"5"), 100) == 100
    assert arrivals.of(came(2, b"5"), 101) == 101
    arrivals.keep()
    again = Arrivals(path)  # after a kill
    assert again.of(came(1, b"5", dup=True), 900) == 100
    assert again.of(came(2, b"6", dup=True), 901) == 901  # another message
    assert again.of(came(1, b"5"), 902) == 902  # a new one with a number that is free again
    for _ in range(2):
        again.turn()
        again.of(came(9, b"7"), 903)
    assert again.of(came(2, b"5", dup=True), 904) == 904  # acknowledged long ago
    path.write_text("[1", encoding="ascii")
    assert Arrivals(path).of(came(1, b"5", dup=True), 905) == 905
