"""Utrecht's map servers: GeoServer, that answers in XML what it can't do, and ArcGIS, whose errors have status 200."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from shapely.geometry import mapping

from tests.publishers.server import Request, Response
from tests.publishers.towns import Area, Town

BASE = "/SMnoOtmU2UWf0vRp/arcgis/rest/services"
EXCEPTION = (
    '<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception '
    'exceptionCode="InvalidParameterValue"><ows:ExceptionText>Feature type unknown</ows:ExceptionText></ows:Exception>'
    "</ows:ExceptionReport>"
)


class UtrechtGeoServer:
    """A container in the middle of every buurt; one more that is gone. `most` features go into one answer."""

    hosts = ("UTRECHT_GEOSERVER",)

    def __init__(self, town: Town, *, most: int = 5000) -> None:
        self.most = most
        self.features = list(_containers(town))

    def answer(self, host: str, request: Request) -> Response:
        query = request.query
        known = request.path == "/geoserver/UtrechtOpen/wfs" and query.get("typeName") == "BGT_BAK_SWC"
        if not known or query.get("outputFormat") != "application/json":
            return Response(200, EXCEPTION.encode(), "application/xml")
        start = int(query.get("startIndex", 0))
        page = self.features[start : start + min(self.most, int(query["count"]))]
        body = {
            "type": "FeatureCollection",
            "features": page,
            "numberMatched": len(self.features),
            "numberReturned": len(page),
        }
        return Response(200, json.dumps(body).encode(), "application/json;charset=UTF-8")


class UtrechtArcGis:
    """Charging points in the service `name`; `most` go into one answer, whatever is asked."""

    hosts = ("UTRECHT_ARCGIS",)

    def __init__(self, town: Town, *, name: str = "laadpalen_gemeente_Utrecht_weergave", most: int = 2000) -> None:
        self.name = name
        self.most = most
        self.edited = 1_760_000_000_000
        self.features = list(_charging_points(town))

    def answer(self, host: str, request: Request) -> Response:
        layer = f"{BASE}/{self.name}/FeatureServer/0"
        if request.path == BASE:
            names = ("Bomenkaart_update_2024", self.name)
            return _json({"services": [{"name": name, "type": "FeatureServer"} for name in names]})
        if request.path == layer:
            return _json(self._layer())
        if request.path == f"{layer}/query" and request.query.get("returnCountOnly"):
            return _json({"count": len(self.features)})
        if request.path == f"{layer}/query":
            return self._query(request.query)
        return _json({"error": {"code": 400, "message": "Invalid URL", "details": ["Invalid URL"]}})

    def _layer(self) -> dict[str, Any]:
        names = ("OBJECTID", "GlobalID", "Adres", "Geplaatst", "Bewerker")
        return {
            "name": "Laadpalen",
            "objectIdField": "OBJECTID",
            "globalIdField": "GlobalID",
            "displayField": "Adres",
            "maxRecordCount": self.most,
            "fields": [{"name": name} for name in names],
            "editFieldsInfo": {"editorField": "Bewerker", "realm": ""},
            "editingInfo": {"lastEditDate": self.edited},
        }

    def _query(self, query: Mapping[str, str]) -> Response:
        if query.get("outSR") != "4326" or query.get("f") != "geojson":
            return _json({"error": {"code": 400, "message": "This publisher of tests knows no other form"}})
        start = int(query.get("resultOffset", 0))
        page = self.features[start : start + min(self.most, int(query.get("resultRecordCount", self.most)))]
        wanted = query.get("outFields", "").split(",")
        shown = [
            each | {"properties": {name: value for name, value in each["properties"].items() if name in wanted}}
            for each in page
        ]
        more = start + len(page) < len(self.features)
        exceeded = {"properties": {"exceededTransferLimit": True}} if more else {}
        return _json({"type": "FeatureCollection", "features": shown} | exceeded)


def _buurten(town: Town) -> list[Area]:
    return [area for area in town.areas if area.level == "buurt" and area.water == "NEE"]


def _containers(town: Town) -> Iterator[dict[str, Any]]:
    for number, area in enumerate([*_buurten(town), town.areas[0]]):
        gone = "2021-05-01T00:00:00Z" if number == len(_buurten(town)) else None
        said = {
            "ID": 1000 + number,
            "IMGEO_LOKAALID": f"G{town.code[2:]}.{number:032x}",
            "IMGEO_TYPE_PLUS": "afval apart plaats",
            "VERVAL_TIJDSTIP": gone,
        }
        yield _feature(area, said)


def _charging_points(town: Town) -> Iterator[dict[str, Any]]:
    for number, area in enumerate(_buurten(town), start=1):
        said = {
            "OBJECTID": number,
            "GlobalID": f"00000000-0000-0000-0000-{number:012}",
            "Adres": f"Bedachtestraat {number}",
            "Geplaatst": 1_600_000_000_000 + number,
            "Bewerker": "j.bedacht",
        }
        yield _feature(area, said)


def _feature(area: Area, said: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": dict(said), "geometry": mapping(area.outline.centroid)}


def _json(body: Mapping[str, Any]) -> Response:
    return Response(200, json.dumps(body).encode(), "application/json; charset=utf-8")
