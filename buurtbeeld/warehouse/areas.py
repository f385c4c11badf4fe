"""Outlines in, areas out: one clean coverage of buurten per edition, from which wijken and the gemeente follow.

Wijken and the gemeente are made by dissolving their buurten, so that borders of different levels lie exactly on each
other. Geometry is worked on in metres (EPSG:28992) and kept in degrees (EPSG:4326).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from pyproj import Transformer

from buurtbeeld.warehouse.inputs import Input, InputError, outlines_of, unreadable

TOLERANCE_M = 10.0  # outlines are drawn for a screen; CBS's own borders are off by 10 to 50 m
DECIMALS = 6  # degrees, about 0.1 m

_TO_METRES = Transformer.from_crs(4326, 28992, always_xy=True)
_TO_DEGREES = Transformer.from_crs(28992, 4326, always_xy=True)

SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("level", pa.string()),
        ("name", pa.string()),
        ("old_names", pa.string()),
        ("parent_code", pa.string()),
        ("edition", pa.int32()),
        ("lon", pa.float64()),
        ("lat", pa.float64()),
        ("area_ha", pa.float64()),
        ("changed", pa.int32()),
        ("geometry", pa.binary()),
    ]
)


@dataclass(frozen=True)
class Named:
    """An area as its publisher lists it, without an outline."""

    code: str
    level: str
    name: str
    old_names: str | None
    parent_code: str | None
    changed: int | None


def register(item: Input) -> pa.Table:
    """The areas of one edition: a row per area with its outline (WKB, longitude and latitude), in `SCHEMA`.

    Areas: buurten as published, on one coverage simplified to `TOLERANCE_M`; wijken and gemeente dissolved from them.
    An area without an outline that can be drawn has NULL for it. Raises InputError when the file can't be used.
    """
    rows = item.table().to_pylist()
    names = [
        Named(
            code=row["code"],
            level=row["level"],
            name=row["name"],
            old_names=row.get("old_names"),
            parent_code=row["parent_code"],
            changed=row["changed"],
        )
        for row in rows
    ]
    try:
        if item.is_sample:
            outlines = _read_geojson(outlines_of(item))
        else:
            shapes = shapely.from_wkb([row.get("geometry") for row in rows], on_invalid="ignore")
            outlines = {area.code: shape for area, shape in zip(names, shapes, strict=True) if area.level == "buurt"}
        return build(names, outlines, int(item.edition))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException, shapely.errors.ShapelyError) as error:
        raise InputError(unreadable(item.path, error)) from error


def buurten(item: Input) -> dict[str, shapely.Geometry]:
    """The outlines of the buurten of one edition as they were received, in degrees: those that can be used.

    Raises InputError when the file can't be read.
    """
    try:
        if item.is_sample:
            outlines = _read_geojson(outlines_of(item))
        else:
            rows = [row for row in item.table().to_pylist() if row["level"] == "buurt"]
            shapes = shapely.from_wkb([row.get("geometry") for row in rows], on_invalid="ignore")
            outlines = {row["code"]: shape for row, shape in zip(rows, shapes, strict=True)}
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException, shapely.errors.ShapelyError) as error:
        raise InputError(unreadable(item.path, error)) from error
    return {code: outline for code, outline in outlines.items() if _can_be_drawn(outline)}


def build(names: Sequence[Named], outlines: dict[str, shapely.Geometry], edition: int) -> pa.Table:
    """Areas with geometry, from `names` of every level and `outlines` of the buurten in degrees."""
    drawn = {area.code: outlines[area.code] for area in names if _can_be_drawn(outlines.get(area.code))}
    metres = _simplify(to_metres(list(drawn.values())))
    parents = {area.code: area.parent_code for area in names}
    parts: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for code, piece in zip(drawn, metres, strict=True):
        wholes: dict[str, None] = {}
        whole: str | None = code
        while whole and whole not in wholes:  # areas that lie in each other are for the checks
            wholes[whole] = None
            whole = parents.get(whole)
        for each in wholes:
            parts[each].append(piece)
    rows = [_row(area, edition, _dissolve(parts[area.code])) for area in names]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def to_metres(degrees: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Shapes in longitude and latitude as shapes in metres (EPSG:28992)."""
    return _transform(degrees, _TO_METRES.transform)


def _read_geojson(path: Path) -> dict[str, shapely.Geometry]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {f["properties"]["code"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in features}


def _can_be_drawn(outline: shapely.Geometry | None) -> bool:
    if outline is None or outline.is_empty:
        return False
    return outline.geom_type in ("Polygon", "MultiPolygon") and bool(outline.is_valid)


def _simplify(metres: list[shapely.Geometry]) -> list[shapely.Geometry]:
    # Only a valid coverage can be simplified without opening gaps; anything else is drawn as it came.
    if not metres or not shapely.coverage_is_valid(metres):
        return metres
    return list(shapely.coverage_simplify(metres, TOLERANCE_M))


def _dissolve(parts: list[shapely.Geometry]) -> shapely.Geometry | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    if shapely.coverage_is_valid(parts):
        return shapely.coverage_union_all(parts)
    return shapely.union_all(parts, grid_size=0.01)


def _row(area: Named, edition: int, metres: shapely.Geometry | None) -> dict[str, object]:
    row: dict[str, object] = {
        "code": area.code,
        "level": area.level,
        "name": area.name,
        "old_names": area.old_names,
        "parent_code": area.parent_code,
        "edition": edition,
        "changed": area.changed,
    }
    if metres is None:
        return row
    degrees = _transform([metres], _TO_DEGREES.transform)[0]
    degrees = shapely.transform(degrees, lambda points: np.round(points, DECIMALS))
    inside = _transform([shapely.point_on_surface(metres)], _TO_DEGREES.transform)[0]
    return row | {
        "lon": round(inside.x, DECIMALS),
        "lat": round(inside.y, DECIMALS),
        "area_ha": round(metres.area / 10_000, 2),
        "geometry": shapely.to_wkb(degrees),
    }


def _transform(
    shapes: Sequence[shapely.Geometry], move: Callable[..., tuple[np.ndarray, np.ndarray]]
) -> list[shapely.Geometry]:
    def both(points: np.ndarray) -> np.ndarray:
        return np.column_stack(move(points[:, 0], points[:, 1]))

    return list(shapely.transform(np.array(shapes, dtype=object), both))
