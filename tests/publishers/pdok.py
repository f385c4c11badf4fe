"""PDOK: gokoala, OGC API Features. It says what the real one says where that hurts: the limits without a word."""

import base64
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from shapely.geometry import mapping

from tests.publishers.server import Request, Response
from tests.publishers.towns import Area, Town


class Pdok:
    """`years` are the editions it has; `most_features` go on one page."""

    hosts = ("PDOK",)

    def __init__(self, *towns: Town, years: Iterable[int] = (2024,), most_features: int = 1000) -> None:
        self.towns = towns
        self.years = tuple(years)
        self.most_features = most_features
        self._answers = 0

    def answer(self, host: str, request: Request) -> Response:
        self._answers += 1
        path, query = request.path, request.query
        found = re.fullmatch(r"/cbs/wijken-en-buurten-(\d{4})/ogc/v1/collections/(\w+)/items", path)
        levels = {"gemeenten": "gemeente", "wijken": "wijk", "buurten": "buurt"}
        if not found or int(found[1]) not in self.years or found[2] not in levels:
            return _problem(404, "Not Found", f"{path} does not exist")
        properties = ("gemeentecode", "wijkcode", "buurtcode", "water")
        unknown = query.keys() - {"f", "limit", "cursor", "crs", "bbox", "bbox-crs", *properties}
        if unknown:
            return _problem(400, "Bad Request", f"unknown query parameter(s) found: {'&'.join(sorted(unknown))}")
        features = [
            feature(area, owner, int(found[1]))
            for owner in self.towns
            for area in owner.areas
            if area.level == levels[found[2]]
        ]
        for name in properties:
            if name in query:
                features = [feature for feature in features if feature["properties"].get(name) == query[name]]
        limit = min(int(query.get("limit", 10)), self.most_features)  # 10 unless asked, and cut without a word
        start = int(base64.urlsafe_b64decode(query["cursor"])) if "cursor" in query else 0
        page = features[start : start + limit]
        links = [{"rel": "self", "href": f"{request.address}{path}"}]
        if start + limit < len(features):
            cursor = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
            rest = "&".join(f"{name}={quote(value)}" for name, value in query.items() if name != "cursor")
            links.append({"rel": "next", "href": f"{request.address}{path}?cursor={cursor}&{rest}"})
        body = {
            "type": "FeatureCollection",
            "timeStamp": f"2026-11-23T00:00:{self._answers % 60:02}Z",  # no two answers are the same
            "links": links,
            "features": page,
            "numberReturned": len(page),
        }
        crs = {"Content-Crs": "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"}
        return Response(200, json.dumps(body).encode(), "application/geo+json", crs)


def _problem(number: int, title: str, detail: str) -> Response:
    body = json.dumps({"title": title, "status": number, "detail": detail})
    return Response(number, body.encode(), "application/problem+json")


def feature(area: Area, owner: Town, year: int) -> dict[str, Any]:
    properties: dict[str, Any] = {
        f"{area.level}code": area.code,
        f"{area.level}naam": area.name,
        "gemeentecode": owner.code,
        "gemeentenaam": owner.name,
        "water": area.water,
        "indelingswijziging_wijken_en_buurten": 1,
        "aantal_inwoners": -99995,
        "jrstatcode": f"{year}{area.code}",
        "jaar": year,
    }
    if area.level == "buurt":
        properties["wijkcode"] = area.parent
    geometry = mapping(area.outline)
    return {"type": "Feature", "id": area.code, "properties": properties, "geometry": geometry}
