"""Takes what a city publishes over MQTT to disk, for as long as it runs: `python -m buurtbeeld.sensors.mqtt`.

The broker keeps a message until it is acknowledged, also while this process is away, and it is acknowledged when it is
on disk and not before. So a kill at any moment loses nothing; what then comes twice is the same reading, and lands as
one. That holds for readings without a time too: when they came is noted before they are written, and one that comes
again is given the same time. What a broker itself may lose or send twice stands in docs/feeds.md.

A single thread talks with the broker and writes. Another merges small files (landing.py).
"""

import argparse
import json
import os
import select
import signal
import sys
import threading
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from buurtbeeld import settings
from buurtbeeld.sensors import topics
from buurtbeeld.sensors.landing import About, Landing, LandingError
from buurtbeeld.sensors.topics import Batch, Config, ConfigError, Feed, NoConfigError

READINGS = 200_000  # of a batch at most, give or take a message
MESSAGES = 30_000  # unacknowledged at most: less than the half of what a broker may send without
SECONDS = 10.0  # that a message waits at most
PAUSE = 0.2  # seconds without a message: perhaps the broker sends no more before we acknowledge,
FEW = 10  # and brokers stop after ten at the earliest
KEEPALIVE = 60
SESSION = 30 * 24 * 3600  # seconds that the broker keeps what comes while this process is away
WINDOW = 65_535  # messages that the broker may send before one is acknowledged
LARGEST = 16_000_000  # bytes of a message; a broker drops what is larger
AT_ONCE = 500  # messages that are read before anything else is looked at
MINUTE = 60.0
AGAIN = 600.0  # seconds until a sentence is told again
LONGEST_WAIT = 60.0
KNOWN_TOPICS = 100_000


class Arrivals:
    """When messages came that say no time themselves, so that the same message coming again gets the same time.

    Of the last two batches only: what was acknowledged before those, the broker has let go, and gives its number to
    another message.
    """

    def __init__(self, path: Path) -> None:
        """A file that can't be read is as none."""
        self._path = path
        self._before: dict[int, tuple[int, int]] = {}
        self._now: dict[int, tuple[int, int]] = {}
        try:
            known = json.loads(path.read_text(encoding="ascii"))
            self._before = {int(number): (hashed, at) for number, (hashed, at) in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return

    def of(self, message: MQTTMessage, now: int) -> int:
        """When a message came, in microseconds since 1970: now, or before when it comes again."""
        hashed = zlib.crc32(message.payload, zlib.crc32(message.topic.encode()))
        if message.dup:
            for known in (self._now, self._before):
                found = known.get(message.mid)
                if found and found[0] == hashed:
                    now = found[1]
                    break
        if message.qos:
            self._now[message.mid] = (hashed, now)
        return now

    def keep(self) -> None:
        """Write them down, before the batch is. Raises OSError."""
        if self._now:
            unfinished = self._path.with_suffix(".tmp")
            with unfinished.open("w", encoding="ascii") as file:
                json.dump(self._before | self._now, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, self._path)

    def turn(self) -> None:
        """The batch is written and acknowledged; the next one begins."""
        if self._now:
            self._before, self._now = self._now, {}


class Service:
    """The way from the broker to the disk. `say` gets one sentence at a time, for staff.

    Raises LandingError when the raw folders can't be written, or another process does; ConfigError when the certificate
    of the broker is none.
    """

    def __init__(
        self, config: Config, raw_dir: Path, gemeente: str, password: str | None, say: Callable[[str], None]
    ) -> None:
        self._config = config
        self._say_now = say
        self._landings: dict[str, Landing] = {}
        self._open = ExitStack()
        try:
            for feed in config.feeds:
                url = f"{config.broker.url}/{feed.topic}"
                about = About(source=feed.source, url=url, gemeente=gemeente, kind=feed.kind)
                self._landings[feed.source.id] = self._open.enter_context(Landing(raw_dir, about))
        except LandingError:
            self._open.close()
            raise
        self._feeds = {feed.source.id: feed for feed in config.feeds}
        self._batches: dict[str, Batch] = defaultdict(Batch)
        self._seen = {
            id: {row["id"]: (row["lon"], row["lat"]) for row in landing.places().to_pylist()}
            for id, landing in self._landings.items()
        }
        self._placed: set[str] = set()
        self._known: dict[str, tuple[Feed, dict[str, str]] | None] = {}
        self._arrivals = Arrivals(raw_dir / f".mqtt-{config.broker.client_id}.json")
        self._unacknowledged: list[int] = []
        self._readings = self._messages = 0
        self._first = self._latest = 0.0
        self._connected = False
        self._lost = ""
        self._since = 0.0
        self._session = ""
        self._wait = 1.0
        self._told: dict[str, float] = {}
        self._untimely: dict[str, Counter[str]] = defaultdict(Counter)
        self._refused: dict[str, Counter[str]] = defaultdict(Counter)
        self._stopping = threading.Event()
        self._merging: threading.Thread | None = None
        try:
            self._client = self._made(password)
        except ConfigError:
            self._open.close()
            raise

    def stop(self) -> None:
        """Write what came, acknowledge it and leave, as soon as possible."""
        self._stopping.set()

    def run(self) -> int:
        """Until `stop()`. 0, or 1 when what came last could not be written; the broker still has it then."""
        minute = time.monotonic()
        while not self._stopping.is_set():
            if self._due() and not self._flush():
                self._leave()
                self._pause()
            elif not self._connected:
                self._connect()
            else:
                self._pump()
            if time.monotonic() - minute >= MINUTE:
                minute = time.monotonic()
                self._tell()
                self._merge()
        written = self._flush()
        self._leave()
        self._tell()
        if self._merging:
            self._merging.join()
        self._open.close()
        return 0 if written else 1

    def _made(self, password: str | None) -> Client:
        broker = self._config.broker
        newest = broker.protocol == "5"
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            clean_session=None if newest else False,
            protocol=MQTTv5 if newest else MQTTv311,
            manual_ack=True,
        )
        if broker.user:
            client.username_pw_set(broker.user, password)
        if broker.tls:
            try:
                client.tls_set(str(broker.ca_file) if broker.ca_file else None)
            except OSError as error:
                raise ConfigError(f"city/{topics.FILE}: ca_file holds no certificate that can be used.") from error
        client.on_connect = self._on_connect
        client.on_connect_fail = None
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        # Acknowledgements wait for `_pump` instead of being sent one by one.
        client.on_socket_register_write = lambda *_: None
        return client

    def _connect(self) -> None:
        """Try once, and wait when it fails, longer each time."""
        broker = self._config.broker
        options: dict[str, Any] = {}
        if broker.protocol == "5":
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # so it is in paho
            properties.SessionExpiryInterval = SESSION
            properties.ReceiveMaximum = WINDOW
            properties.MaximumPacketSize = LARGEST
            options = {"clean_start": False, "properties": properties}
        self._lost = ""
        try:
            self._client.connect(broker.address, broker.port, KEEPALIVE, **options)
            until = time.monotonic() + KEEPALIVE / 4
            while not self._connected and not self._lost and not self._stopping.is_set():
                if time.monotonic() > until:
                    self._lost = "it does not answer"
                    break
                self._exchange()
        except OSError as error:  # of TLS too
            self._lost = error.strerror or str(error)
        if self._connected or self._stopping.is_set():
            return
        self._leave()
        self._say(
            f"The broker {broker.url} lets nobody in ({self._lost.rstrip('.')}). Look at broker, port, tls, user and "
            f"protocol in city/{topics.FILE}, and at MQTT_PASSWORD. Trying again."
        )
        self._pause()

    def _pause(self) -> None:
        self._stopping.wait(self._wait)
        self._wait = min(2 * self._wait, LONGEST_WAIT)

    def _pump(self) -> None:
        self._exchange()
        if not self._connected:
            if time.monotonic() - self._since >= MINUTE:  # else two that push each other out would never rest
                self._wait = 1.0
                self._told.clear()
            self._say(
                f"The broker {self._config.broker.url} went away ({self._lost.rstrip('.')}). What is not acknowledged "
                "comes again. Trying again."
            )
            self._pause()

    def _exchange(self) -> None:
        """Wait a moment for the network, read what is there and send what has to be sent."""
        client = self._client
        socket = client.socket()
        if socket is None:
            self._connected = False
            self._lost = self._lost or "no connection"
            return
        writing = [socket] if client.want_write() else []
        waiting = bool(getattr(socket, "pending", int)())  # what TLS has read already, select() doesn't see
        readable, writable, _ = select.select([socket], writing, [], 0 if waiting else PAUSE / 2)
        if writable:
            client.loop_write()
        if readable or waiting:
            for _ in range(AT_ONCE):
                before = self._messages
                if client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS or self._messages == before:
                    break
                if self._readings >= READINGS:
                    break
        client.loop_misc()

    def _on_connect(
        self, client: Client, _: object, flags: ConnectFlags, reason: ReasonCode, __: Properties | None
    ) -> None:
        if reason.is_failure:
            self._lost = str(reason)
            return
        self._connected = True
        self._since = time.monotonic()
        self._session = "with" if flags.session_present else "without"
        filters = [feed.filter for feed in self._config.feeds]
        if self._config.broker.protocol == "5":
            # Kept messages only with a new subscription: they are no news after each reconnection.
            options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
            client.subscribe([(each, options) for each in filters])
        else:
            client.subscribe([(each, 1) for each in filters])

    def _on_subscribe(
        self, _: Client, __: object, ___: int, reasons: Sequence[ReasonCode], ____: Properties | None
    ) -> None:
        url, count = self._config.broker.url, len(self._config.feeds)
        self._say(f"Connected to {url}, {self._session} a session: {count} topics.")
        for feed, reason in zip(self._config.feeds, reasons, strict=False):
            if reason.is_failure:
                self._say(
                    f"The broker {url} refuses {feed.filter} ({reason}). Ask its keeper whether the user of "
                    f"city/{topics.FILE} may read that."
                )

    def _on_disconnect(
        self, _: Client, __: object, ___: DisconnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        self._connected = False
        self._lost = self._lost or str(reason)
        self._unacknowledged.clear()  # their numbers mean nothing in another connection

    def _on_message(self, _: Client, __: object, message: MQTTMessage) -> None:
        now = time.monotonic()
        self._messages += 1
        self._first = self._first or now
        self._latest = now
        if message.qos:
            self._unacknowledged.append(message.mid)
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        found = self._feed_of(topic)
        if found is None:
            return
        feed, levels = found
        batch = self._batches[feed.source.id]
        arrived = time.time_ns() // 1000
        if feed.by_arrival:
            if message.retain:
                batch.refused["retained"] += 1
                return
            arrived = self._arrivals.of(message, arrived)
        before = len(batch.rows)
        feed.read(levels, message.payload, arrived, batch)
        self._readings += len(batch.rows) - before

    def _feed_of(self, topic: str) -> tuple[Feed, dict[str, str]] | None:
        """The feed that a topic is of; None for what an older subscription of the same session still brings."""
        if topic not in self._known:
            if len(self._known) >= KNOWN_TOPICS:
                self._known.clear()
            found = ((feed, feed.levels(topic)) for feed in self._config.feeds)
            self._known[topic] = next(((feed, levels) for feed, levels in found if levels is not None), None)
        return self._known[topic]

    def _due(self) -> bool:
        """Whether it is time to write: enough came, it waited long enough, or nothing more comes."""
        if not self._first:
            return False
        now, waiting = time.monotonic(), len(self._unacknowledged)
        return (
            self._readings >= READINGS
            or waiting >= MESSAGES
            or now - self._first >= SECONDS
            or (waiting >= FEW and now - self._latest >= PAUSE)
        )

    def _flush(self) -> bool:
        """Write and acknowledge what came; False when the disk does not take it, and then nothing is acknowledged."""
        try:
            self._arrivals.keep()
            for id in list(self._batches):
                batch = self._batches[id]
                self._untimely[id].update(self._landings[id].land(batch.table(self._feeds[id].schema)).untimely)
                self._keep_places(self._feeds[id], batch.places)
                self._refused[id].update(batch.refused)
                del self._batches[id]  # what is on disk already need not be written again when another fails
        except LandingError as error:
            self._say(f"{error} Trying again.")
            return False
        except OSError as error:
            self._say(f"The raw folder can't be written ({error.strerror or error}). Make room. Trying again.")
            return False
        for number in self._unacknowledged:
            self._client.ack(number, 1)
        self._unacknowledged.clear()
        self._arrivals.turn()
        self._readings = 0
        self._first = 0.0
        return True

    def _keep_places(self, feed: Feed, found: Mapping[str, tuple[float, float]]) -> None:
        id = feed.source.id
        seen, landing = self._seen[id], self._landings[id]
        if id in self._placed and not landing.places_wait and found.items() <= seen.items():
            return
        seen.update(found)
        table = feed.placed(seen)
        if table.num_rows:
            landing.keep_places(table)
        self._placed.add(id)

    def _leave(self) -> None:
        """Send what has to be sent, and end the connection. The broker keeps the session."""
        until = time.monotonic() + 5
        self._client.disconnect()
        while self._client.socket() is not None and self._client.want_write() and time.monotonic() < until:
            if self._client.loop_write() == MQTTErrorCode.MQTT_ERR_SUCCESS:
                time.sleep(0.001)
        self._connected = False
        self._unacknowledged.clear()

    def _merge(self) -> None:
        if self._merging is None or not self._merging.is_alive():
            self._merging = threading.Thread(target=self._compact, name="merge")
            self._merging.start()

    def _compact(self) -> None:
        for landing in self._landings.values():
            try:
                landing.compact(self._stopping.is_set)
            except LandingError as error:
                for sentence in str(error).splitlines():
                    self._say(sentence)

    def _tell(self) -> None:
        """What was left out since the last time, one line for each feed and reason; never what a message holds."""
        for id, counts in self._refused.items():
            for reason, count in counts.items():
                self._say_now(f"{id}: {count} messages {topics.REFUSED[reason]}.")
        for id, counts in self._untimely.items():
            for reason, count in counts.items():
                self._say_now(f"{id}: {count} readings are kept apart in raw/{id}/untimely ({reason}).")
        self._refused.clear()
        self._untimely.clear()

    def _say(self, sentence: str) -> None:
        """Say it, unless that was said a short while ago."""
        now = time.monotonic()
        if now - self._told.get(sentence, -AGAIN) >= AGAIN:
            self._told[sentence] = now
            self._say_now(sentence)


def describe(config: Config) -> str:
    """What would be subscribed to, and what would be made of it."""
    broker = config.broker
    login = f"as {broker.user}" if broker.user else "without a user"
    lines = [f"{broker.url}, {login}, MQTT {broker.protocol}, client {broker.client_id}"]
    for feed in config.feeds:
        names = ", ".join(f"{name} → {published.id}" for name, published in feed.quantities.items())
        when = "time of arrival" if feed.by_arrival else "its own time"
        lines.append(f"{feed.source.id}: {feed.filter}, {feed.format}, {when}; {names}; {len(feed.places)} places")
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """The command. 0 when it was told to stop, or has nothing to do; 1 when a setting, a file or the disk is wrong."""
    parser = argparse.ArgumentParser(prog="python -m buurtbeeld.sensors.mqtt", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only read city/mqtt.toml, and say what it would do")
    asked = parser.parse_args(words)
    pa.set_cpu_count(1)  # a batch is small, and the machine has others to serve
    try:
        known = settings.read()
        config = topics.read(known.city_dir)
        if asked.check:
            print(describe(config))
            return 0
        service = Service(config, known.raw_dir, known.gemeente, known.mqtt_password, _say)
    except NoConfigError as error:
        _say(f"{error} Nothing to do.")
        return 0
    except (settings.SettingsError, ConfigError, LandingError) as error:
        _say(str(error))
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    return service.run()


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
