"""Sensor.Community: numbers as text, times without a zone, a box that holds more than the town, and an archive."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

SENSORS = {101: "SDS011", 102: "BME280", 103: "SDS011", 104: "SDS011", 105: "SDS011"}
"""Number: type. 103 hangs indoors, 104 is in the box and not in the town, 105 is blinded."""
LOCATIONS = {101: 51, 102: 51, 103: 53, 104: 54, 105: 55}


class SensorCommunity:
    """`now` is when its newest rows were taken."""

    hosts = ("SENSOR_COMMUNITY", "SENSOR_COMMUNITY_ARCHIVE")

    def __init__(self, town: Town, *, now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)) -> None:
        whole = next(area.outline for area in town.areas if area.level == "gemeente")
        self._inside = whole.representative_point()
        corner = shapely.box(*whole.bounds).difference(whole.buffer(0.00001))
        self._outside = corner.representative_point() if not corner.is_empty else shapely.Point(7.5, 53.5)
        self.now = now

    def answer(self, host: str, request: Request) -> Response:
        if host == "SENSOR_COMMUNITY":
            box = re.fullmatch(r"/airrohr/v1/filter/box=([\d.]+),([\d.]+),([\d.]+),([\d.]+)", request.path)
            if not box:
                return Response(404, b"<h1>Not Found</h1>", "text/html")
            return Response(200, json.dumps([row for id in SENSORS for row in self._rows(id)]).encode())
        found = re.fullmatch(r"/(\d{4}-\d\d-\d\d)/\1_(\w+)_sensor_(\d+)\.csv", request.path)
        if not found or SENSORS.get(int(found[3]), "").lower() != found[2] or found[3] == "105":
            return Response(404, b"<h1>Not Found</h1>", "text/html")
        return Response(200, _file(int(found[3]), found[1]).encode(), "text/csv")

    def _rows(self, id: int) -> list[dict[str, Any]]:
        point = self._outside if id == 104 else self._inside
        dust = {"P1": "1999.9" if id == 105 else "7.31", "P2": "6.92"}
        weather = {"temperature": "3.10", "humidity": "88.0", "pressure": "101325.6"}
        values = weather if SENSORS[id] == "BME280" else dust
        return [
            {
                "id": id * 1000 + ago,
                "sampling_rate": None,
                "timestamp": f"{self.now - timedelta(seconds=150 * ago):%Y-%m-%d %H:%M:%S}",
                "location": {
                    "id": LOCATIONS[id],
                    "latitude": f"{point.y:.6f}",
                    "longitude": f"{point.x:.6f}",
                    "altitude": "3.1",
                    "country": "NL",
                    "exact_location": 0,
                    "indoor": int(id == 103),
                },
                "sensor": {"id": id, "pin": "1", "sensor_type": {"name": SENSORS[id], "manufacturer": "Niemand"}},
                "sensordatavalues": [{"value": value, "value_type": kind} for kind, value in values.items()],
            }
            for ago in (0, 1)
        ]


def _file(id: int, day: str) -> str:
    if SENSORS[id] == "BME280":
        head, cells = "pressure;altitude;pressure_sealevel;temperature;humidity", "101325.60;;;3.10;88.00"
    else:
        head, cells = "P1;durP1;ratioP1;P2;durP2;ratioP2", "7.31;;;6.92;;"
    rows = [
        f"{id};{SENSORS[id]};{LOCATIONS[id]};52.0;5.0;{day}T{hour:02}:{minute:02}:18;{cells}"
        for hour in range(24)
        for minute in (1, 31)
    ]
    return "\n".join([f"sensor_id;sensor_type;location;lat;lon;timestamp;{head}", *rows, ""])
