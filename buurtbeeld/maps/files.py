"""The files a browser fetches for a map: GeoJSON with colour and tooltip already in it, as bytes.

Longitude and latitude in degrees, at most 5 decimals (about 1 m): the outlines themselves are off by more.
"""

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence

import shapely

from buurtbeeld.catalogue import Figure, Status
from buurtbeeld.maps import palettes
from buurtbeeld.maps.decks import Frame
from buurtbeeld.maps.shading import Shading

DECIMALS = 5
WIDEST_PX, COVERED_PX = 34, 275  # of circles: the largest radius, and what √areas circles have for it together
CLEAR = [0, 0, 0, 0]

Outlines = Sequence[tuple[str, bytes]]


def values(
    figures: Sequence[Figure],
    outlines: Outlines,
    shading: Shading,
    text: Callable[[Figure], str],
) -> bytes:
    """One feature per figure, missing or not: code, name, value, status, fill, hatch, pattern, text (for the tooltip);
    and is_simulated where it is.

    `text` says a figure in words, with its unit or the reason why there is none. hatch: the colour of the pattern. Of a
    change that can't be compared the verdict stands in place of the status, and there is no value.
    """
    shapes = {code: _geometry(wkb) for code, wkb in outlines}
    features = []
    for figure in figures:
        apart = shading.apart(figure)
        properties = {
            "code": figure.code,
            "name": figure.name,
            "value": None if apart else figure.value,
            "status": str(apart or figure.status),
            "fill": _solid(shading.fill(figure)),
            "hatch": _solid(palettes.HATCH if shading.pattern(figure) else None),
            "pattern": shading.pattern(figure),
            "text": text(figure),
            **_simulated(figure),
        }
        features.append(_feature(figure.code, shapes.get(figure.code), properties))
    return _collection(features)


def circles(figures: Sequence[Figure], points: dict[str, tuple[float, float]], shading: Shading) -> bytes:
    """A circle in each area that has a value: code, fill, edge, radius in pixels. Its surface follows the value.

    points: longitude and latitude inside each area, by code, of as many areas as have an outline.
    """
    # What has no colour is not compared, so nothing is drawn of it either: neither its surface nor which way it went.
    coloured = [figure for figure in figures if shading.fill(figure) and figure.code in points]
    shown = [(figure, figure.value) for figure in coloured if figure.value is not None]
    largest = max(map(abs, shading.span))
    features = []
    # Largest first, so that small circles lie on top of large ones.
    for figure, value in sorted(shown, key=lambda pair: -abs(pair[1])):
        point = {"type": "Point", "coordinates": [round(x, DECIMALS) for x in points[figure.code]]}
        colour = shading.fill(figure)
        properties = {
            "code": figure.code,
            "fill": [*_solid(colour)[:3], 230],
            "edge": _solid(colour and palettes.edge(colour)),
            "radius": round(radius_px(value, largest, len(figures)), 1),
            **_simulated(figure),
        }
        features.append(_feature(figure.code, point, properties))
    return _collection(features)


def radius_px(value: float, largest: float, areas: int) -> float:
    """The radius of a circle in pixels of a map as on a laptop: r = R √(|value| / largest), so its surface follows.

    R, the radius of the largest, is 275 / √areas, so that all circles together cover about as much of the map however
    many there are, and at most 34: 26 with 111 areas.
    """
    widest = min(WIDEST_PX, COVERED_PX / math.sqrt(max(areas, 1)))
    return widest * math.sqrt(abs(value) / (largest or 1))


def frame(outlines: Outlines) -> Frame:
    """The box around all of `outlines`."""
    west, south, east, north = shapely.total_bounds(shapely.from_wkb([wkb for _, wkb in outlines])).tolist()
    return Frame(west, south, east, north)


def borders(outlines: Outlines) -> bytes:
    """Outlines alone, one feature per area with its code."""
    return _collection([_bare(code, wkb) for code, wkb in outlines])


def places(outlines: Outlines, names: Mapping[str, str]) -> bytes:
    """Outlines with code and name, for a map on which areas are chosen."""
    return _collection([_feature(code, _geometry(wkb), {"code": code, "name": names[code]}) for code, wkb in outlines])


def points(
    places: Sequence[tuple[str, str, str, float, float]], text: str, simulated: Collection[str] = (), badge: str = ""
) -> bytes:
    """A point for each of `places`: id, name, code of its buurt, longitude, latitude; with `text` for their tooltip.

    simulated: ids of those that are no real places: their text has the `badge` too. How they look is the same for all,
    so it stands in the deck.
    """
    features = []
    for id, name, code, lon, lat in places:
        point = {"type": "Point", "coordinates": [round(lon, DECIMALS), round(lat, DECIMALS)]}
        told: dict[str, object] = {"code": code, "name": name, "text": text}
        if id in simulated:
            told |= {"text": f"{text} ({badge})", "is_simulated": True}
        features.append(_feature(id, point, told))
    return _collection(features)


def sensors(found: Sequence[tuple[str, str, str, str, float, float, bool]]) -> bytes:
    """A point for each sensor: id, name, state, words for its tooltip, longitude, latitude, whether it is simulated.

    How it looks is in `palettes`; is_simulated stands only where it is.
    """
    features = []
    for id, name, state, text, lon, lat, simulated in found:
        colour, sign, radius = palettes.SENSORS[state]
        point = {"type": "Point", "coordinates": [round(lon, DECIMALS), round(lat, DECIMALS)]}
        ink = palettes.OUTLINE if palettes.edge(colour) != palettes.WHITE else palettes.WHITE
        look = {"fill": _solid(colour), "ink": _solid(ink), "sign": sign, "radius": radius}
        features.append(_feature(id, point, {"sensor": id, "name": name, "text": text, **look, **_worn(simulated)}))
    return _collection(features)


def known(areas: Sequence[tuple[str, str, str, str, bool]], outlines: Outlines) -> bytes:
    """Areas by what is known of them: code, name, state, words for the tooltip, and whether that is simulated.

    The state is measured, estimated, unsure or nobody; or plain where areas are not told apart. is_simulated stands
    only where it is.
    """
    shapes = {code: _geometry(wkb) for code, wkb in outlines}
    looks = {
        "measured": (palettes.MEASURED, ""),
        "estimated": (palettes.ESTIMATED, str(Status.UNRELIABLE)),
        "unsure": (palettes.ESTIMATED, str(Status.UNRELIABLE)),
        "nobody": (palettes.NOBODY, str(Status.NOT_MEASURED)),
        "plain": (palettes.GROUND, ""),
    }
    features = []
    for code, name, state, text, simulated in areas:
        fill, pattern = looks[state]
        look = {"fill": _solid(fill), "hatch": _solid(palettes.HATCH if pattern else None), "pattern": pattern}
        about = {"code": code, "name": name, "text": text, **look, **_worn(simulated)}
        features.append(_feature(code, shapes.get(code), about))
    return _collection(features)


def united(outlines: Outlines) -> bytes:
    """Several outlines as one, without the borders between them."""
    whole = shapely.union_all(shapely.from_wkb([wkb for _, wkb in outlines]))
    return _collection([_bare("own", shapely.to_wkb(whole))])


def _simulated(figure: Figure) -> dict[str, object]:
    return _worn(figure.is_simulated)


def _worn(simulated: bool) -> dict[str, object]:
    # In no file of what is measured: it would be a tenth of the file.
    return {"is_simulated": True} if simulated else {}


def _solid(colour: str | None) -> list[int]:
    return CLEAR if colour is None else [*palettes.rgb(colour), 255]


def _bare(code: str, wkb: bytes) -> dict[str, object]:
    return _feature(code, _geometry(wkb), {"code": code})


def _feature(code: str, geometry: object, properties: object) -> dict[str, object]:
    return {"type": "Feature", "id": code, "geometry": geometry, "properties": properties}


def _geometry(wkb: bytes) -> dict[str, object]:
    shape = shapely.from_wkb(wkb)
    rounded = shapely.transform(shape, lambda points: points.round(DECIMALS))
    return json.loads(shapely.to_geojson(rounded))  # type: ignore[no-any-return]  # shapely has no types


def _collection(features: list[dict[str, object]]) -> bytes:
    body = {"type": "FeatureCollection", "features": features}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
