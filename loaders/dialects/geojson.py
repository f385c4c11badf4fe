"""Features as GeoJSON: what is said of each, and where it is. In UTF-8, or as old files have it, in cp1252."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from loaders import LoadError
from loaders.http import Answer
from loaders.raw import column

Feature = dict[str, Any]

KEYS = {"id": pa.string(), "kind": pa.string(), "name": pa.string(), "lon": pa.float64(), "lat": pa.float64()}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w")


def features(answer: Answer) -> list[Feature]:
    """The features of an answer. Raises LoadError when it holds something else."""
    found = answer.json().get("features")
    if not isinstance(found, list) or not all(_is_feature(each) for each in found):
        raise answer.problem("sent JSON without features")
    return found


def places(found: Iterable[Feature], where: str, *, kind: str, ids: Sequence[str], name: str) -> pa.Table:
    """Points as a table of the shape `point`, by id, with everything that is said of them.

    ids: properties that may hold the id, the best first. name: the one that holds the name. where: for who reads an
    error. Properties that hold an address for e-mail, or are called as a key, are left out. Raises LoadError when a
    point has no id or is none.
    """
    rows = sorted((_place(each, where, kind, ids, name) for each in found), key=lambda row: row["id"])
    if rows and not any(row["name"] for row in rows):
        raise LoadError(f"{where} says nothing under {name}, which is the name of a place. Look what changed there.")
    columns = {key: pa.array([row[key] for row in rows], of) for key, of in KEYS.items()}
    for said in dict.fromkeys(each for row in rows for each in row["said"] if each not in KEYS):
        values = [row["said"].get(said) for row in rows]
        if not any(isinstance(value, str) and _EMAIL.search(value) for value in values):
            columns[said] = column(said, values)
    return pa.table(columns)


def position(feature: Feature) -> tuple[float, float] | None:
    """Longitude and latitude of a point, None for any other geometry."""
    match feature.get("geometry"):
        case {"type": "Point", "coordinates": [float() | int() as lon, float() | int() as lat, *_]}:
            return float(lon), float(lat)
        case {"type": "MultiPoint", "coordinates": [[float() | int() as lon, float() | int() as lat, *_]]}:
            return float(lon), float(lat)
    return None


def _place(feature: Feature, where: str, kind: str, ids: Sequence[str], name: str) -> dict[str, Any]:
    said = feature["properties"]
    id = next((str(said[each]) for each in ids if said.get(each) not in (None, "")), "")
    if not id:
        raise LoadError(f"{where} has a place without {' or '.join(ids)}. Look what changed there.")
    at = position(feature)
    if at is None:
        raise LoadError(f"{where}: {id} is no point. Look what changed there.")
    return {"id": id, "kind": kind, "name": str(said.get(name) or ""), "lon": at[0], "lat": at[1], "said": said}


def _is_feature(feature: object) -> bool:
    return isinstance(feature, dict) and isinstance(feature.get("properties"), dict)
