"""WFS 2.0 as GeoServer speaks it, for layers of some thousands of points.

What it can't do it says in XML, with status 200 or 400, though JSON was asked. In JSON it says how many there are
(`numberMatched`, "unknown" in some versions), and what it sends may be less: then the rest is asked.
"""

from loaders.dialects.geojson import Feature, features
from loaders.http import Http

PAGE = 5000
MAX_PAGES = 20


def layer(http: Http, host: str, path: str, name: str, *, label: str) -> tuple[list[Feature], str]:
    """Every feature of a layer in longitude and latitude, and the address of the first page.

    Raises RefusedError or LoadError when the layer is not there, is not sent whole, or has no end.
    """
    found: list[Feature] = []
    url = ""
    for _ in range(MAX_PAGES):
        answer = http.get(host, path, _query(name, len(found)), label=label)
        page = features(answer)
        url = url or answer.url
        found += page
        matched = answer.json().get("numberMatched")
        if isinstance(matched, int) and len(found) >= matched:
            return found, url
        if not page and isinstance(matched, int):
            raise answer.problem(f"says there are {matched} features, and sent {len(found)}")
        if not isinstance(matched, int) and len(page) < PAGE:
            return found, url
    raise answer.problem("leads from page to page without end")


def _query(name: str, start: int) -> dict[str, str]:
    query = {
        "service": "WFS",
        "version": "2.0.0",
        "request": "GetFeature",
        "typeName": name,
        "outputFormat": "application/json",
        "SRSNAME": "EPSG:4326",
        "count": str(PAGE),
    }
    return query | ({"startIndex": str(start)} if start else {})
