"""Where an area lies, as a small still picture: the outlines of the city's wijken, the area, and what lies around it.

A picture and no map that can be moved: it holds no finger or key, and there is nothing in it to press.
"""

import math
from collections.abc import Sequence

import shapely

from buurtbeeld.charts.strip import image

WIDTH, HEIGHT, SIDE = 380, 210, 6
GROUND, EDGE, FAINT, MARK = "#EEF2F5", "#4A5763", "#A9B4BE", "#8A0F5C"

Shapes = Sequence[bytes]


def html(wholes: Shapes, parts: Shapes, area: bytes | None, text: str) -> str:
    """An image of `wholes` with `parts` faintly in it and `area` marked; `text` says the same. Empty without wholes.

    All of them as WKB in degrees. A degree of longitude is drawn as long as it is in the middle of the picture, so a
    city keeps its form; outlines are simplified to half a pixel.
    """
    if not wholes:
        return ""
    shapes = shapely.from_wkb([*wholes, *parts, *([area] if area else [])])
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    narrow = math.cos(math.radians((south + north) / 2))
    scale = min((WIDTH - 2 * SIDE) / ((east - west) * narrow), (HEIGHT - 2 * SIDE) / (north - south))
    left = (WIDTH - (east - west) * narrow * scale) / 2

    def path(geometry: shapely.Geometry) -> str:
        simple = shapely.simplify(geometry, 0.5 / scale)
        return "".join(map(_ring, _rings(shapely.transform(simple, onto))))

    def onto(points):  # type: ignore[no-untyped-def]  # an array of shapely's, which has no types
        points = points - (west, north)
        return points * (narrow * scale, -scale) + (left, (HEIGHT - (north - south) * scale) / 2)

    drawn = list(map(path, shapes))
    ends = len(wholes), len(wholes) + len(parts)
    inside, around, marked = "".join(drawn[ends[0] : ends[1]]), "".join(drawn[: ends[0]]), "".join(drawn[ends[1] :])
    whole = (
        f"<path d='{around}' fill='{GROUND}'/><path d='{marked}' fill='{MARK}' fill-opacity='.65'/>"
        f"<path d='{inside}' fill='none' stroke='{FAINT}'/><path d='{around}' fill='none' stroke='{EDGE}'/>"
        f"<path d='{marked}' fill='none' stroke='{MARK}' stroke-width='2.5'/>"
    )
    return image(whole, text, WIDTH, HEIGHT, WIDTH)


def _rings(geometry: shapely.Geometry) -> list[list[list[float]]]:
    """The outer and inner borders of all parts, as lists of points."""
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and not part.is_empty]
    return [shapely.get_coordinates(ring).tolist() for part in polygons for ring in [part.exterior, *part.interiors]]


def _ring(points: list[list[float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points[:-1]) + "Z"
