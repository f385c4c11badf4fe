"""Sends readings as fast as they are taken: `python -m tests.sensors.flood messages|files FOLDER SECONDS …`.

A process of its own, so that what it costs can be told from what the service costs. It never has more than some
100,000 readings on their way, so what it sent in the end is a rate that holds.
"""

import json
import resource
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from buurtbeeld.catalogue import Source
from buurtbeeld.sensors.landing import READING, About, Landing, files_of

SENSORS = 20_000
BEHIND = 400_000
BEHIND_ALONE = 100_000  # of messages with one reading: each costs more
BATCH = 200_000  # of files
SOURCE = Source(
    id="flood",
    publisher="Gemeente Voorbeeld",
    title="Vloed",
    page="https://example.org",
    licence="cc0",
    attribution="Bron: Gemeente Voorbeeld",
    shape="reading",
    openness="rows",
    refreshed="hourly",
)


def landed(folder: Path) -> int:
    """Readings on disk now. While files are merged some count twice."""
    rows = 0
    for day in folder.glob("????-??-??"):
        for path in files_of(day):
            try:
                rows += pq.read_metadata(path).num_rows
            except OSError:  # merged just now
                continue
    return rows


def packet(topic: str, number: int, payload: bytes) -> bytes:
    """A PUBLISH at QoS 1 of MQTT 3.1.1: paho would need most of a core for these."""
    name = topic.encode()
    length = 4 + len(name) + len(payload)
    size = bytearray()
    while True:
        length, digit = length >> 7, length & 127
        size.append(digit | (128 if length else 0))
        if not length:
            break
    return b"\x32" + bytes(size) + struct.pack(f">H{len(name)}sH", len(name), name, number) + payload


def messages(begin: int, each: int) -> Iterator[tuple[str, bytes]]:
    """Topic and payload without an end; with `each` readings in one, every reading with a time of its own."""
    topics = [f"bins/s{sensor:05}/level" for sensor in range(SENSORS)]
    serial = 0
    while True:
        if each == 1:
            yield topics[serial % SENSORS], b'{"v":%d,"t":%d}' % (serial % 101, begin + serial)
        else:
            rows = (
                b'{"s":"s%05d","v":%d,"t":%d}' % (one % SENSORS, one % 101, begin + one)
                for one in range(serial, serial + each)
            )
            yield "many/all", b"[" + b",".join(rows) + b"]"
        serial += each


def publish(folder: Path, seconds: float, port: int, each: int) -> int:
    """Publish until the time is over; gives how many readings the broker said that it has."""
    connection = socket.create_connection(("127.0.0.1", port))
    name = b"flood"
    connection.sendall(
        bytes([0x10, 12 + len(name)]) + b"\x00\x04MQTT\x04\x02\x00\x00" + struct.pack(">H", len(name)) + name
    )
    assert connection.recv(4)[3] == 0
    acknowledged = [0]

    def count() -> None:
        received = 0
        while piece := connection.recv(1 << 16):
            received += len(piece)
            acknowledged[0] = received // 4

    threading.Thread(target=count, daemon=True).start()
    sent, end, looked, known = 0, time.monotonic() + seconds, 0.0, 0
    behind = BEHIND_ALONE if each == 1 else BEHIND
    source = messages(time.time_ns() // 1000 - 3_600_000_000, each)
    together = max(1, 500 // each)
    while time.monotonic() < end:
        if time.monotonic() - looked > 0.2:
            looked, known = time.monotonic(), landed(folder)
        if sent * each - known > behind or sent - acknowledged[0] > 20_000:
            time.sleep(0.01)
            continue
        packets = [
            packet(topic, (sent + index) % 65_535 + 1, payload)
            for index, (topic, payload) in enumerate(islice(source, together))
        ]
        connection.sendall(b"".join(packets))
        sent += len(packets)
    while acknowledged[0] < sent:
        time.sleep(0.01)
    return sent * each


def write(folder: Path, seconds: float) -> int:
    """Land batches until the time is over, and merge beside it; gives how many readings there should be."""
    sent, end, merged = 0, time.monotonic() + seconds, time.monotonic()
    begin = time.time_ns() // 1000 - 3_600_000_000
    names = pa.array([f"s{sensor:05}" for sensor in range(SENSORS)])
    merging: threading.Thread | None = None
    with Landing(folder, About(source=SOURCE, url="file:", gemeente="GM0344")) as landing:
        while time.monotonic() < end:
            serial = np.arange(sent, sent + BATCH)
            columns = [
                names.take(pa.array(serial % SENSORS)),
                pa.repeat("fill", BATCH),
                pa.array(begin + serial, pa.timestamp("us")),
                pa.array((serial % 101).astype(float)),
                pa.repeat("percent", BATCH),
            ]
            landing.land(pa.table(columns, schema=READING))
            sent += BATCH
            if time.monotonic() - merged > 10 and not (merging and merging.is_alive()):
                merged = time.monotonic()
                merging = threading.Thread(target=landing.compact)
                merging.start()
        if merging:
            merging.join()
    return sent


if __name__ == "__main__":
    what, where, duration, *more = sys.argv[1:]
    if what == "files":
        total = write(Path(where), float(duration))
    else:
        total = publish(Path(where), float(duration), int(more[0]), int(more[1]))
    spent = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([total, spent.ru_utime + spent.ru_stime, spent.ru_maxrss * 1024]))
