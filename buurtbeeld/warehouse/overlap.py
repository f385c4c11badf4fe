"""How the areas of an older edition lie in those of a newer one, measured in their outlines.

Outlines of two years are never quite the same: CBS's are off by 10 to 50 m. So only what is wider than that can make in
both together is a change, and where it is little the publisher has to say so too.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from buurtbeeld.statistics.crosswalk import Pieces

WIDTH_M = 100.0  # twice 50 m: each of two outlines can be that far off, to either side
LITTLE = 0.1  # of an area; a change of less than this is one only if its publisher says so too

Outlines = Mapping[str, shapely.Geometry]


@dataclass(frozen=True)
class Overlap:
    """What the areas of an older division have in common with those of a newer one that changed since, by code.

    covered: whether all of a new area lies in `old`. same: it was one old area, with another code. parts: the numbers
    of the old areas in each new one.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    pieces: Pieces
    covered: NDArray[np.bool_]
    same: NDArray[np.bool_]

    @cached_property
    def parts(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.new]
        for old, new in zip(self.pieces.old, self.pieces.new, strict=True):
            found[new].append(int(old))
        return tuple(map(tuple, found))


def overlap(old: Outlines, new: Outlines, moved: Iterable[str] = ()) -> Overlap:
    """How `old` areas lie in those of `new` that are others than they were; outlines in metres, each level apart.

    moved: codes of which the publisher says that their border moved in between.
    """
    before, after = (np.array(list(shapes.values()), dtype=object) for shapes in (old, new))
    place = {code: number for number, code in enumerate(old)}
    kept = np.array([code in place for code in new], dtype=bool)
    twins = np.array([place[code] for code in new if code in place], dtype=int)
    said = np.isin(np.array(list(new))[kept], list(moved))
    kept[kept] = ~_differ(before[twins], after[kept], said)
    unchanged = np.zeros(len(before), dtype=bool)
    unchanged[[place[code] for code, same in zip(new, kept, strict=True) if same]] = True
    return _pieces(tuple(old), tuple(new), before, after, ~unchanged, ~kept)


def _pieces(
    old: tuple[str, ...],
    new: tuple[str, ...],
    before: NDArray[np.object_],
    after: NDArray[np.object_],
    left: NDArray[np.bool_],
    made: NDArray[np.bool_],
) -> Overlap:
    """The pieces between the old areas that are no longer there (`left`) and the new ones that were not (`made`)."""
    from_, to = np.flatnonzero(left), np.flatnonzero(made)
    at, of = shapely.STRtree(before[from_]).query(after[to], predicate="intersects")
    shared = shapely.intersection(before[from_][of], after[to][at])
    size = shapely.area(shared)
    # an area that is narrow itself is no noise
    half = np.minimum(shapely.area(before[from_]).take(of), shapely.area(after[to]).take(at)) / 2
    real = (_wide(shared) > 0) | (size > half)
    at, of, size = at[real], of[real], size[real]
    whole = _wide(shapely.difference(before[from_][of], after[to][at])) == 0
    total = np.bincount(of, size, len(from_)) + _wide(_rest(before[from_], after))
    parts = np.bincount(at, minlength=len(to))
    covered = (_wide(_rest(after[to], before[from_])) == 0) & (parts > 0)
    same = covered & (parts == 1) & (np.bincount(at, whole, len(to)) == 1)
    return Overlap(
        tuple(old[number] for number in from_),
        tuple(new[number] for number in to),
        Pieces(of, at, np.where(whole, 1.0, size / total[of]), whole, len(to)),
        covered,
        same,
    )


def _differ(old: NDArray[np.object_], new: NDArray[np.object_], said: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether two outlines of one area are those of two areas. said: its publisher says that its border moved."""
    found: NDArray[np.bool_] = ~shapely.equals_exact(old, new)
    one, other = old[found], new[found]
    moved = np.maximum(_wide(shapely.difference(one, other)), _wide(shapely.difference(other, one)))
    smaller = np.minimum(shapely.area(one), shapely.area(other))
    found[found] = (moved > LITTLE * smaller) | ((moved > 0) & said[found])
    return found


def _wide(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """How large the parts of a shape are that are somewhere wider than two outlines of one border can be apart; m²."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    size = shapely.area(parts)
    large = size > math.pi * (WIDTH_M / 2) ** 2  # what is wider has room for such a circle
    parts, of, size = parts[large], of[large], size[large]
    left = ~shapely.is_empty(shapely.buffer(parts, -WIDTH_M / 2, quad_segs=2))
    return np.bincount(of[left], size[left], len(shapes)).astype(float)


def _rest(shapes: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.object_]:
    """What of each of `shapes` lies in none of `others`."""
    at, of = shapely.STRtree(others).query(shapes, predicate="intersects")
    return np.array(
        [shapely.difference(shape, shapely.union_all(others[of[at == number]])) for number, shape in enumerate(shapes)],
        dtype=object,
    )


def fitting(
    found: Overlap, old: Outlines, small: Outlines, parents: Mapping[str, str | None]
) -> tuple[tuple[str, ...], ...]:
    """The codes of the `small` areas of now that fill each piece exactly; none where one of them sticks out of it.

    old: the outlines that `found` was made from. parents: of every area of now, the one it lies in.
    """
    codes, shapes = tuple(small), np.array(list(small.values()), dtype=object)
    before = np.array([old[code] for code in found.old], dtype=object)
    at, of = shapely.STRtree(before).query(shapes, predicate="intersects")
    inside = _wide(shapely.difference(shapes[at], before[of])) == 0
    shared = inside | (_wide(shapely.intersection(shapes[at], before[of])) > 0)
    filling: dict[tuple[int, str | None], dict[str, bool]] = {}
    for part, whole, fits in zip(at[shared], of[shared], inside[shared], strict=True):
        place: str | None = codes[part]
        while place and place not in found.new:
            place = parents.get(place)
        filling.setdefault((int(whole), place), {})[codes[part]] = bool(fits)
    pieces = (filling.get((int(o), found.new[n]), {}) for o, n in zip(found.pieces.old, found.pieces.new, strict=True))
    return tuple(tuple(parts) if all(parts.values()) else () for parts in pieces)
