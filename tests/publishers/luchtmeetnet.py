"""Luchtmeetnet: pages whose `next_page` misleads, places only per station, hours named after their end."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

PLACES = {"NL10001": (0, 0), "NL10002": (0.15, 0), "NL10003": (1.5, 0.8)}
"""Stations by how many degrees they are from the middle of the town: in it, beside it, and far away."""
FORMULAS = ("NO2", "PM25", "FN")


class Luchtmeetnet:
    """`now` is the last hour it has; `most_rows` go on one page; `moved` answers from another address."""

    hosts = ("LUCHTMEETNET",)

    def __init__(
        self,
        town: Town,
        *,
        now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC),
        most_rows: int = 100,
        lists: bool = True,
        moved: bool = False,
    ) -> None:
        whole = next(area.outline for area in town.areas if area.level == "gemeente")
        self._middle = shapely.centroid(whole)
        self._now = now
        self._most_rows = most_rows
        self._lists = lists  # whether it understands a list of stations
        self._moved = moved

    def answer(self, host: str, request: Request) -> Response:
        path, query = request.path, request.query
        if self._moved and path.startswith("/open_api/"):
            rest = "&".join(f"{name}={value}" for name, value in query.items())
            return Response(302, b"", headers={"Location": f"{request.address}/iq{path}?{rest}"})
        path = path.removeprefix("/iq")
        if path == "/open_api/stations":
            return self._page(query, [{"number": number, "location": f"Plek {number}"} for number in PLACES])
        if found := re.fullmatch(r"/open_api/stations/(\w+)", path):
            return _json({"data": self._station(found[1])}) if found[1] in PLACES else _json({"message": "no"}, 404)
        if path in ("/open_api/measurements", "/open_api/lki"):
            return self._page(query, self._readings(query, path.endswith("lki")))
        return _json({"message": "Not found"}, 404)

    def _station(self, number: str) -> dict[str, Any]:
        east, north = PLACES[number]
        return {
            "type": "Traffic",
            "components": list(FORMULAS),
            "geometry": {"type": "point", "coordinates": [self._middle.x + east, self._middle.y + north]},
            "municipality": "Ergens",
            "url": "",
            "province": None,
            "organisation": "Niemand",
            "location": f"Plek {number}",
            "year_start": "1986",
            "description": {"NL": "", "EN": ""},
        }

    def _readings(self, query: Mapping[str, str], lki: bool) -> list[dict[str, Any]]:
        begin, end = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
        assert end - begin <= timedelta(days=7), "a question may ask at most a week"
        asked = query["station_number"].split(",")
        stations = [number for number in asked if number in PLACES] if self._lists or len(asked) == 1 else []
        hours = int((min(end, self._now) - begin) / timedelta(hours=1)) + 1
        return [
            {
                "station_number": number,
                "value": 3 if lki else round(time.hour - 0.9, 1),  # at midnight below zero
                "timestamp_measured": time.isoformat(),
                "formula": formula,
            }
            for time in (begin + timedelta(hours=hour) for hour in range(hours))
            for number in stations
            for formula in (("LKI",) if lki else FORMULAS)
        ]

    def _page(self, query: Mapping[str, str], rows: list[dict[str, Any]]) -> Response:
        page, last = int(query.get("page", 1)), max(1, -(-len(rows) // self._most_rows))
        pagination = {
            "last_page": last,
            "first_page": 1,
            "prev_page": max(1, page - 1),
            "current_page": page,
            "page_list": list(range(1, last + 1)),
            "next_page": page + 1 if page < last else 1,
        }
        return _json({"pagination": pagination, "data": rows[(page - 1) * self._most_rows : page * self._most_rows]})


def _json(body: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(body).encode())
