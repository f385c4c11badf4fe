"""PDOK: gokoala (OGC API Features) since 2023, and MapServer (WFS) before. Both say nothing where it hurts: limits are
cut without a word, and a filter of the wrong kind gives the whole country. Its Locatieserver finds something that looks
like what was asked when it does not have it.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import shapely
from pyproj import Transformer
from shapely.geometry import box, mapping, shape

from tests.publishers.server import Request, Response
from tests.publishers.towns import Area, Town, buurten, postcode_of

LEVELS = {"gemeenten": "gemeente", "wijken": "wijk", "buurten": "buurt"}
PROPERTIES = ("gemeentecode", "wijkcode", "buurtcode", "water")


class Pdok:
    """`years` are the editions it has; `most_features` go on one page; `since` is the first year a gemeente is in;
    without `filters` it refuses to choose by a property.

    `updated` is when it says an edition was, by year; of the others it doesn't say.
    """

    hosts = ("PDOK", "PDOK_SERVICE")

    def __init__(
        self,
        *towns: Town,
        years: Iterable[int] = (2024,),
        most_features: int = 1000,
        since: Mapping[str, int] | None = None,
        filters: bool = True,
        updated: Mapping[int, str] | None = None,
    ) -> None:
        self.towns = towns
        self.years = tuple(years)
        self.most_features = most_features
        self.since = dict(since or {})
        self.filters = filters
        self.updated = dict(updated or {})
        self._answers = 0

    def features(self, year: int, level: str) -> list[dict[str, Any]]:
        """Everything an edition has of a level."""
        return [
            feature(area, owner, year)
            for owner in self.towns
            for area in owner.areas
            if area.level == level and year >= self.since.get(owner.code, 0)
        ]

    def answer(self, host: str, request: Request) -> Response:
        self._answers += 1
        if host == "PDOK_SERVICE":
            return self._wfs(request)
        path, query = request.path, request.query
        if path == "/bzk/locatieserver/search/v3_1/free":
            return self._addresses(query)
        found = re.fullmatch(r"/cbs/wijken-en-buurten-(\d{4})/ogc/v1/collections/(\w+)(/items)?", path)
        if not found or int(found[1]) not in self.years or int(found[1]) < 2023 or found[2] not in LEVELS:
            return _problem(404, "Not Found", f"{path} does not exist")
        if not found[3]:
            return self._collection(request, int(found[1]))
        properties = PROPERTIES if self.filters else ()
        unknown = query.keys() - {"f", "limit", "cursor", "crs", "bbox", "bbox-crs", *properties}
        if unknown:
            return _problem(400, "Bad Request", f"unknown query parameter(s) found: {'&'.join(sorted(unknown))}")
        features = self.features(int(found[1]), LEVELS[found[2]])
        for name in properties:
            if name in query:
                features = [feature for feature in features if feature["properties"].get(name) == query[name]]
        if "bbox" in query:
            asked = box(*map(float, query["bbox"].split(",")))
            features = [feature for feature in features if shape(feature["geometry"]).intersects(asked)]
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

    def _collection(self, request: Request, year: int) -> Response:
        updated = {"updated": self.updated[year]} if year in self.updated else {}
        link = {"rel": "self", "type": "application/json", "href": f"{request.address}{request.path}?f=json"} | updated
        return Response(200, json.dumps({"id": request.path.rpartition("/")[2], "links": [link]}).encode())

    def _addresses(self, query: Mapping[str, str]) -> Response:
        """The address that was asked for, in the middle of its buurt; else the first there is."""
        areas = buurten(self.towns[0])
        postcode, _, number = query.get("q", "").partition(" ")
        known = {postcode_of(each): area for each, area in enumerate(areas)}
        area = known.get(postcode, areas[0])
        middle = area.outline.representative_point()
        document = {
            "postcode": postcode if postcode in known else postcode_of(0),
            "huisnummer": int(number) if number.isdecimal() else 1,
            "centroide_ll": f"POINT({middle.x:.6f} {middle.y:.6f})",
        }
        wanted = query.get("fl", "").split(",")
        body = {"response": {"numFound": 1, "start": 0, "docs": [{name: document[name] for name in wanted}]}}
        return Response(200, json.dumps(body).encode(), "application/json;charset=utf-8")

    def _wfs(self, request: Request) -> Response:
        query = {name.lower(): value for name, value in request.query.items()}
        found = re.fullmatch(r"/cbs/wijkenbuurten/(\d{4})/wfs/v1_0", request.path)
        if not found or int(found[1]) not in self.years:
            return Response(404, b"<html><title>404 Not Found</title></html>", "text/html")
        year = int(found[1])
        layers = {f"wijkenbuurten:{_layer(collection, year)}": level for collection, level in LEVELS.items()}
        if query.get("request") == "GetCapabilities":
            types = "".join(f"<FeatureType>\n  <Name>{name}</Name></FeatureType>" for name in layers)
            text = f"<?xml version='1.0'?><wfs:WFS_Capabilities><FeatureTypeList>{types}</FeatureTypeList>"
            return Response(200, f"{text}</wfs:WFS_Capabilities>".encode(), "text/xml; charset=UTF-8")
        if query.get("typenames") not in layers or query.get("outputformat") != "application/json":
            return Response(400, b"<ows:ExceptionReport><ows:ExceptionText>typeNames</ows:ExceptionText>", "text/xml")
        features = self.features(year, layers[query["typenames"]])
        # Only the standard's own filter is looked at; `cql_filter` is not.
        wanted = re.search(r"<(?:ValueReference|PropertyName)>(\w+)<.*<Literal>(\w+)<", query.get("filter", ""))
        if wanted:
            features = [each for each in features if each["properties"].get(wanted[1]) == wanted[2]]
        if query.get("srsname") != "urn:ogc:def:crs:EPSG::4326":
            features = [{**each, "geometry": _metres(each["geometry"])} for each in features]
        start = int(query.get("startindex", 0))
        page = features[start : start + min(int(query.get("count", 10**6)), self.most_features)]
        body = {"type": "FeatureCollection", "name": query["typenames"], "features": page}
        return Response(200, json.dumps(body).encode(), "application/json; subtype=geojson; charset=utf-8")


def _layer(collection: str, year: int) -> str:
    """What a WFS calls it: each year its own way."""
    if year >= 2022:
        return collection
    return f"gemeenten{year}" if collection == "gemeenten" else f"cbs_{collection}_{year}"


def _metres(geometry: Mapping[str, Any]) -> dict[str, Any]:
    to_metres = Transformer.from_crs("EPSG:4326", "EPSG:28992", always_xy=True).transform
    return dict(mapping(shapely.transform(shape(geometry), to_metres, interleaved=False)))


def _problem(number: int, title: str, detail: str) -> Response:
    body = json.dumps({"title": title, "status": number, "detail": detail})
    return Response(number, body.encode(), "application/problem+json")


def feature(area: Area, owner: Town, year: int) -> dict[str, Any]:
    """An area as an edition has it; before 2023 in camelCase."""
    changed = "indelingswijziging_wijken_en_buurten" if year >= 2023 else "indelingswijzigingWijkenEnBuurten"
    properties: dict[str, Any] = {
        f"{area.level}code": area.code,
        f"{area.level}naam": area.name,
        "gemeentecode": owner.code,
        "gemeentenaam": owner.name,
        "water": area.water,
        changed: 1,
        "aantal_inwoners" if year >= 2023 else "aantalInwoners": -99995,
        "jrstatcode": f"{year}{area.code}",
        "jaar": year,
    }
    if area.level == "buurt":
        properties["wijkcode"] = area.parent
    geometry = mapping(area.outline)
    return {"type": "Feature", "id": area.code, "properties": properties, "geometry": geometry}
