"""Feature services of ArcGIS, as layers of points in GeoJSON.

Odd, and handled here: errors come with status 200; names of services hold dates and vanish, so they are looked up; a
page may be shorter than asked while there is more, which `exceededTransferLimit` says, at one of two places; without
`outSR` coordinates are metres. Dates are milliseconds since 1970, UTC, and stay so. Who edited a feature is said in
fields of its own, which are not asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loaders import LoadError
from loaders.dialects.geojson import Feature, features
from loaders.http import Answer, Http

MAX_PAGES = 200


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer: where it is, its fields but for those about its editors, and when it was changed (as published)."""

    host: str
    path: str
    fields: tuple[str, ...]
    ids: tuple[str, ...]
    """Fields that hold an id, the one that lasts first."""
    name: str
    """The field that holds the name."""
    page: int
    """Features that go into one answer."""
    changed: str
    """"" where it is not said."""


def service(http: Http, host: str, base: str, pattern: str, *, label: str) -> str:
    """The path of the feature service whose name fits `pattern`; of several the last, since they end in a date.

    Raises LoadError naming what there is when there is none.
    """
    answer = http.get(host, base, {"f": "json"}, label=label)
    listed = answer.json().get("services")
    if not isinstance(listed, list):
        raise answer.problem("sent no list of services")
    names = [str(each.get("name")) for each in listed if isinstance(each, dict) and each.get("type") == "FeatureServer"]
    fitting = sorted(name for name in names if re.fullmatch(pattern, name, re.IGNORECASE))
    if not fitting:
        raise answer.problem(f"has no service like {pattern} among {len(names)}, such as {', '.join(names[:5])}")
    return f"{base}/{fitting[-1]}/FeatureServer"


def layer(http: Http, host: str, path: str, *, label: str) -> Layer:
    """What is said of a layer. Raises LoadError when it says no fields."""
    answer = http.get(host, path, {"f": "json"}, label=label)
    said = answer.json()
    match said:
        case {"fields": [*fields], "objectIdField": str() as object_id}:
            editors = {each for each in _object(said, "editFieldsInfo").values() if isinstance(each, str)}
            names = [str(each["name"]) for each in fields if isinstance(each, dict) and each.get("name")]
            lasting = said.get("globalIdField")
            return Layer(
                host=host,
                path=path,
                fields=tuple(name for name in names if name not in editors),
                ids=(lasting, object_id) if isinstance(lasting, str) and lasting else (object_id,),
                name=str(said.get("displayField") or object_id),
                page=max(1, int(said.get("maxRecordCount") or 1000)),
                changed=str(_object(said, "editingInfo").get("lastEditDate") or ""),
            )
    raise answer.problem("sent a layer without fields")


def everything(http: Http, asked: Layer, *, label: str) -> list[Feature]:
    """Every feature of a layer, in longitude and latitude. Raises LoadError when it is not sent whole or has no end."""
    counted = http.get(
        asked.host, f"{asked.path}/query", {"where": "1=1", "returnCountOnly": "true", "f": "json"}, label=label
    )
    total = counted.json().get("count")
    if not isinstance(total, int):
        raise counted.problem("does not say how many features there are")
    found = [feature for page in _pages(http, asked, label) for feature in page]
    if len(found) != total:
        raise counted.problem(f"says there are {total} features, and sent {len(found)}")
    return found


def _pages(http: Http, asked: Layer, label: str) -> Iterator[list[Feature]]:
    start = 0
    for _ in range(MAX_PAGES):
        query = {
            "where": "1=1",
            "outFields": ",".join(asked.fields),
            "outSR": "4326",
            "f": "geojson",
            "resultOffset": str(start),
            "resultRecordCount": str(asked.page),
            "orderByFields": asked.ids[-1],
        }
        answer = http.get(asked.host, f"{asked.path}/query", query, label=label)
        page = features(answer)
        yield page
        start += len(page)
        if not page or (len(page) < asked.page and not _exceeded(answer)):
            return
    raise LoadError(f"{asked.host} leads from page to page without end ({asked.path}). Look what changed there.")


def _exceeded(answer: Answer) -> bool:
    said = answer.json()
    return bool(said.get("exceededTransferLimit") or _object(said, "properties").get("exceededTransferLimit"))


def _object(said: dict[str, Any], name: str) -> dict[str, Any]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}
