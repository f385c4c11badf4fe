"""Feeds of fill levels as a city may have them: FIWARE, SensorThings and rows of JSON. Nobody publishes this one."""

import json
from typing import Any

import shapely

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

LEVELS = {"c1": 0.4, "c2": 1.05, "c3": 1.2, "c4": -0.1, "c5": None, "far": 0.5}
"""Of 1; `far` stands in another gemeente."""
TIME = "2026-11-23T10:15:00+01:00"


class WasteFeed:
    """`wrapped` is NGSI “normalized”; `most` entities go on one page, whatever is asked."""

    hosts = ("WASTE",)

    def __init__(self, town: Town, *, wrapped: bool = False, most: int = 1000, unit: str = "%") -> None:
        whole = next(area.outline for area in town.areas if area.level == "gemeente")
        self._inside = whole.representative_point()
        self._wrapped = wrapped
        self._most = most
        self._unit = unit

    def answer(self, host: str, request: Request) -> Response:
        path, query = request.path, request.query
        if path == "/v2/entities" and query.get("type") == "WasteContainer":
            start = int(query.get("offset", 0))
            end = start + min(self._most, int(query.get("limit", 20)))
            return _json([self._entity(id) for id in list(LEVELS)[start:end]])
        if path == "/v1.1/Datastreams":
            assert "Observations(" in query["$expand"]
            return _json({"value": [self._stream(id, name) for id in LEVELS for name in ("filling level", "battery")]})
        if path == "/rows.json":
            return _json([self._row(id) for id in LEVELS])
        if path == "/records":
            return _json({"total_count": len(LEVELS), "results": [self._row(id) for id in list(LEVELS)[:2]]})
        if path == "/features":
            rows = [{"type": "Feature", "properties": self._row(id)} for id in LEVELS]
            return _json({"type": "FeatureCollection", "features": rows})
        return Response(404, b"{}")

    def _point(self, id: str) -> shapely.Point:
        return shapely.Point(6.5, 53.2) if id == "far" else self._inside

    def _entity(self, id: str) -> dict[str, Any]:
        point = {"type": "Point", "coordinates": list(self._point(id).coords[0])}
        plain: dict[str, Any] = {"location": point, "storedWasteKind": ["glass"], "fillingLevel": LEVELS[id]}
        if not self._wrapped:
            return {"id": id, "type": "WasteContainer", **plain, "dateObserved": TIME}
        wrapped: dict[str, Any] = {name: {"type": "Property", "value": value} for name, value in plain.items()}
        wrapped["fillingLevel"]["observedAt"] = TIME
        return {"id": id, "type": "WasteContainer", **wrapped}

    def _stream(self, id: str, name: str) -> dict[str, Any]:
        level = LEVELS[id]
        place = {"location": {"type": "Point", "coordinates": list(self._point(id).coords[0])}}
        return {
            "name": f"{id} {name}",
            "unitOfMeasurement": {"symbol": self._unit},
            "Thing": {"name": id, "Locations": [place]},
            "Observations": [{"phenomenonTime": TIME, "result": None if level is None else level * 100}],
        }

    def _row(self, id: str) -> dict[str, Any]:
        point, level = self._point(id), LEVELS[id]
        lat, lon = f"{point.y}", f"{point.x}"
        return {"dev": id, "vol": None if level is None else level * 10, "om": "2026-11-23T10:15", "y": lat, "x": lon}


def _json(body: Any) -> Response:
    return Response(200, json.dumps(body).encode())
