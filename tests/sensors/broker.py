"""A mosquitto of a test's own, on a free port of this machine only, that can be killed and started again."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessageInfo, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

# Debian puts it where the path of a user doesn't lead.
MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

needs_mosquitto = pytest.mark.skipif(
    MOSQUITTO is None and os.environ.get("REQUIRE_ALL") != "1", reason="needs mosquitto: apt-get install mosquitto"
)


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(happened, seconds=60, what="it"):
    """Wait for something; fails when it does not happen."""
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end, f"{what} did not happen within {seconds} seconds"
        time.sleep(0.02)
    return found


class Broker:
    """It keeps every message in memory, and writes them to its folder every second, as far as it says."""

    def __init__(self, folder: Path, *more: str, port: int | None = None) -> None:
        assert MOSQUITTO, "mosquitto is not there: apt-get install mosquitto"
        self.port = port or free_port()
        self._store = folder / "mosquitto.db"
        self._log = folder / "mosquitto.log"
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            "\n".join(
                [
                    f"listener {self.port} 127.0.0.1",
                    "user root",  # or it can't write to the folder of a test; without effect for others
                    "persistence true",
                    f"persistence_location {folder}/",
                    "autosave_interval 1",
                    "max_queued_messages 0",
                    *(more or ["allow_anonymous true"]),
                ]
            )
            + "\n",
            encoding="utf-8",
        )
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(MOSQUITTO), "-c", str(self._config)], stdout=log, stderr=subprocess.STDOUT
            )
        until(self._answers, what="a broker")

    def _answers(self):
        assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """As when the power fails: what it had not written is gone."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def saved(self) -> None:
        """Wait until all that it has now is written."""
        begin = time.time()
        until(lambda: self._store.exists() and self._store.stat().st_mtime > begin + 0.01, what="a save")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class Publisher:
    """Publishes at QoS 1, and knows of which messages the broker said that it has them."""

    def __init__(self, port: int, name: str = "publisher") -> None:
        self._sent: list[tuple[int, MQTTMessageInfo]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv5)
        self._client.max_inflight_messages_set(2000)
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port, clean_start=True)
        self._client.loop_start()
        until(self._client.is_connected, what="a connection")

    def publish(self, serial: int, topic: str, payload: str | bytes, retain: bool = False) -> None:
        """`serial` is ours, to count by."""
        self._sent.append((serial, self._client.publish(topic, payload, qos=1, retain=retain)))

    def acknowledged(self) -> set[int]:
        """What the broker said that it has."""
        return {serial for serial, message in self._sent if message.is_published()}

    def all_acknowledged(self) -> bool:
        return all(message.is_published() for _, message in self._sent)

    def connected(self) -> bool:
        return self._client.is_connected()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()
