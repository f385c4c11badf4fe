"""Samen Meten: GOST, SensorThings 1.0, and tired. What is empty gets 504, whatever else was asked."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

MOST = 200  # of $top, whatever is asked
STREAMS = {"pm25": "ug/m3", "pm25_kal": "ug/m3", "temp": "C"}
FAULTS = {(1, "pm25", 3): -4.0, (1, "pm25", 4): 900.0}
"""Values that can't be, by Thing, quantity and how many hours ago."""


class SamenMeten:
    """`things` Things, every third of them dead; `code` is how the gemeente is written."""

    hosts = ("SAMEN_METEN",)

    def __init__(
        self, town: Town, *, things: int = 3, code: str = "", now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)
    ) -> None:
        whole = next(area.outline for area in town.areas if area.level == "gemeente")
        self._middle = shapely.centroid(whole)
        self._things = range(1, things + 1)
        self._code = code or str(int(town.code[2:]))
        self.now = now

    def answer(self, host: str, request: Request) -> Response:
        path, query = request.path, request.query
        if "$count" in query or int(query.get("$top", 20)) > MOST:
            return Response(504, b"Gateway Time-out", "text/html")
        if path == "/v1.0/Things":
            asked = re.fullmatch(r"properties/codegemeente eq '([\d.]+)'", query["$filter"])
            assert asked and query["$expand"] == "Locations"
            return self._page(request, [self._thing(n) for n in self._things if asked[1] == self._code])
        if found := re.fullmatch(r"/v1.0/Things\((\d+)\)/Datastreams", path):
            return self._page(request, self._streams(int(found[1])))
        if found := re.fullmatch(r"/v1.0/Datastreams\((\d+)\)/Observations", path):
            return self._page(request, self._observations(*divmod(int(found[1]), 10), query))
        return Response(404, b'{"error": {"message": ["Not found"]}}')

    def _thing(self, number: int) -> dict[str, Any]:
        point = {"type": "Point", "coordinates": [round(self._middle.x, 3), round(self._middle.y, 3)]}
        properties = {
            "codegemeente": self._code,
            "knmicode": "knmi_06260",
            "pm25closecode": "NL10643",
            "pm10closecode": "NL10643",
            "no2closecode": None,
            "nh3closecode": None,
            "no2stadcode": None,
            "owner": "Iemand Verzonnen",
            "project": "Luftdaten",
        }
        return {
            "@iot.id": number,
            "name": f"LTD_{9000 + number}",
            "description": f"LTD_{9000 + number}",
            "properties": properties,
            "Locations": [{"name": f"loc-{number}", "encodingType": "application/vnd.geo+json", "location": point}],
        }

    def _streams(self, thing: int) -> list[dict[str, Any]]:
        return [
            {
                "@iot.id": thing * 10 + place,
                "name": f"LTD_{9000 + thing}-2-{quantity}",
                "unitOfMeasurement": {"definition": "https://qudt.org/vocab/unit/", "symbol": symbol},
            }
            for place, (quantity, symbol) in enumerate(STREAMS.items())
        ]

    def _observations(self, thing: int, place: int, query: Mapping[str, str]) -> list[dict[str, Any]]:
        if place >= len(STREAMS):
            return []
        quantity = list(STREAMS)[place]
        last = self.now - timedelta(days=400 if thing % 3 == 0 else 0, hours=quantity == "pm25_kal")
        rows = [
            {
                "phenomenonTime": f"{last - timedelta(hours=hour):%Y-%m-%dT%H:%M:%S.000Z}",
                "result": FAULTS.get((thing, quantity, hour), thing + hour / 10),
            }
            for hour in range(300)
        ]
        return rows if query["$orderby"].endswith(" desc") else rows[::-1]

    def _page(self, request: Request, rows: list[dict[str, Any]]) -> Response:
        skip, top = int(request.query.get("$skip", 0)), int(request.query.get("$top", 20))
        page = rows[skip : skip + top]
        if not page:
            return Response(504, b"<html><title>504 Gateway Time-out</title></html>", "text/html")
        body: dict[str, Any] = {"value": page}
        if skip + top < len(rows):  # the link loses what was asked beside it
            body["@iot.nextLink"] = f"{request.address}{request.path}?$top={top}&$skip={skip + top}"
        return Response(200, json.dumps(body).encode())
