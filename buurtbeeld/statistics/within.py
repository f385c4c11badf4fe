"""In which area each of many points lies.

Most points of a city lie well inside an area, and of those it is enough to know in which cell of a grid they are. So
the box around all areas is split into four, and those again, as long as a border passes; a cell that lies whole in one
area answers for every point in it. Only points in cells with a border are held against the outlines themselves, and
only against those that touch their cell. Answers are those of the exact test for every point.
"""

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

NOWHERE = -1

_CHUNK = 1_000_000  # points
_DEEPEST = 10  # times that the box is split: 1,024 by 1,024 cells, some 20 by 15 m in a city like Utrecht
_WIDER = 1e-6  # of a cell, by which it is tested wider: far more than what rounding can move a point over its edge

Index = NDArray[np.int32]
_Whole = NDArray[np.int64]


def codes(lon: ArrayLike, lat: ArrayLike, areas: Mapping[str, shapely.Geometry]) -> NDArray[np.object_]:
    """The code of the area that each point lies in; None outside all of them. Arguments as of `index`.

    On a border the first code counts, in whatever order the areas come.
    """
    ordered = dict(sorted(areas.items()))
    names = np.array([*ordered, None], dtype=object)
    return names[index(lon, lat, ordered)]


def index(lon: ArrayLike, lat: ArrayLike, areas: Mapping[str, shapely.Geometry]) -> Index:
    """The number of the area that each point lies in, counting from 0 in the order of `areas`; else `NOWHERE`.

    lon, lat: (n,), in the same system as the outlines; NaN and infinite is nowhere. A point on a border, or in two
    areas, is in the first of them. Areas without an outline hold nothing; outlines have to be valid. They are prepared,
    which stays with them and changes nothing else. Works on a million points at a time.
    """
    lons, lats = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    found = np.full(len(lons), NOWHERE, dtype=np.int32)
    shapes = np.array(list(areas.values()), dtype=object)
    drawn = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not (len(drawn) and len(lons)):
        return found
    shapely.prepare(shapes)
    grid = _Grid(shapes, drawn, depth=min(_DEEPEST, int(np.log2(len(lons))) // 2))
    for start in range(0, len(lons), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        found[chunk] = grid.find(lons[chunk], lats[chunk])
    return found


class _Grid:
    """The cells of the box around all areas, split `depth` times, and what each says."""

    def __init__(self, shapes: NDArray[np.object_], drawn: _Whole, depth: int) -> None:
        self._shapes = shapes
        west, south, east, north = shapely.total_bounds(shapes[drawn])
        self._corner = np.array([west, south])
        self._side = 1 << depth
        # A little larger than the areas, so that no point of them lies on its far edge; a line has no width.
        self._size = np.array([east - west, north - south]) * (1 + 1e-9) + 1e-12
        self._box = np.array([west, south, east, north])
        says = np.full((1, 1), NOWHERE, dtype=np.int32)
        cells, areas = np.zeros(len(drawn), dtype=np.int64), drawn
        for level in range(depth + 1):
            if level:
                says = says.repeat(2, axis=0).repeat(2, axis=1)
                cells, areas = _split(cells, level), areas.repeat(4)
                order = np.argsort(cells, kind="stable")
                cells, areas = cells[order], areas[order]
            decided, cells, areas = self._sort_out(cells, areas, level)
            for cell, area in decided:
                says.flat[cell] = area
        # What is left has a border: from -2 down, the number of the cell among them.
        bordered, starts = np.unique(cells, return_index=True)
        says.flat[bordered] = -2 - np.arange(len(bordered), dtype=np.int32)
        self._says, self._starts, self._areas = says.ravel(), np.append(starts, len(cells)), areas

    def _sort_out(self, cells: _Whole, areas: _Whole, level: int) -> tuple[list[tuple[_Whole, _Whole]], _Whole, _Whole]:
        """Of pairs of a cell and an area that may touch: the cells that are decided, and the pairs that remain.

        Pairs come and stay in order of cell, and of area within it.
        """
        boxes, shapes = self._boxes(cells, level), self._shapes[areas]
        touch = shapely.intersects(shapes, boxes)
        cells, areas, boxes, shapes = cells[touch], areas[touch], boxes[touch], shapes[touch]
        # The first area that a cell touches decides when it covers it; another one may still have points of the first.
        first = np.diff(cells, prepend=-1) != 0
        covered = np.zeros(len(cells), dtype=bool)
        covered[first] = shapely.covers(shapes[first], boxes[first])
        done = np.isin(cells, cells[covered])
        return [(cells[covered], areas[covered])], cells[~done], areas[~done]

    def _boxes(self, cells: _Whole, level: int) -> NDArray[np.object_]:
        size = self._size / (1 << level)
        row, column = np.divmod(cells, 1 << level)
        wider = size * _WIDER
        left, low = self._corner[0] + column * size[0], self._corner[1] + row * size[1]
        boxes: NDArray[np.object_] = shapely.box(
            left - wider[0], low - wider[1], left + size[0] + wider[0], low + size[1] + wider[1]
        )
        return boxes

    def find(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Index:
        """As `index`, for some points."""
        west, south, east, north = self._box
        found = np.full(len(lon), NOWHERE, dtype=np.int32)
        inside = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        x, y = lon[inside], lat[inside]
        scale = self._side / self._size
        column = ((x - self._corner[0]) * scale[0]).astype(np.int32)
        row = ((y - self._corner[1]) * scale[1]).astype(np.int32)
        said = self._says[row * self._side + column]
        open_ = np.flatnonzero(said < NOWHERE)
        said[open_] = self._exact(x[open_], y[open_], -2 - said[open_])
        found[inside] = said
        return found

    def _exact(self, x: NDArray[np.float64], y: NDArray[np.float64], cells: Index) -> Index:
        """The areas of points in cells with a border."""
        found = np.full(len(x), NOWHERE, dtype=np.int32)
        many = self._starts[cells + 1] - self._starts[cells]
        for turn in range(int(many.max(initial=0))):
            # The first that a cell touches, then the second of those that are not found yet, …
            asked = np.flatnonzero((many > turn) & (found == NOWHERE))
            areas = self._areas[self._starts[cells[asked]] + turn]
            asked = asked[order := np.argsort(areas, kind="stable")]  # one outline after another: they are large
            areas = areas[order]
            hit = shapely.intersects_xy(self._shapes[areas], x[asked], y[asked])
            found[asked[hit]] = areas[hit]
        return found


def _split(cells: _Whole, level: int) -> _Whole:
    """The four cells of `level` in each of the level above: (4n,), each one's four after another."""
    row, column = np.divmod(cells, 1 << (level - 1))
    corners = (row * 2)[:, None] * (1 << level) + (column * 2)[:, None] + np.array([0, 1, 1 << level, (1 << level) + 1])
    return np.asarray(corners.ravel())
