"""Figures of older borders on those of now: what overlaps is measured in the outlines, once for every edition.

Runs on `observation` when all that was received is judged and before anything is derived, so that what we derive takes
the conversion along. What was received stays as it is, on its own borders; what is converted stands beside it.

Outlines of two years are never quite the same: CBS's are off by 10 to 50 m. So only what is wider than that can make in
both together is a change, and where it is little the publisher has to say so too.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from buurtbeeld.catalogue import BINDING, SHOWN, Catalogue, Indicator, Status
from buurtbeeld.statistics import crosswalk
from buurtbeeld.statistics.crosswalk import Pieces, Range
from buurtbeeld.warehouse.areas import to_metres

WIDTH_M = 100.0  # twice 50 m: each of two outlines can be that far off, to either side
LITTLE = 0.1  # of an area; a change of less than this is one only if its publisher says so too
MOVED = 3  # what CBS says of a border that moved

# The division that each series is drawn on, as in figure.sql.
_DRAWN = """
    CREATE TEMP TABLE drawn AS
    SELECT
        observation.indicator, observation.period, area.level,
        coalesce(max(area.edition) FILTER (area.edition = observation.edition), max(area.edition)) AS edition
    FROM observation JOIN mart_area AS area ON area.code = observation.area_code
    GROUP BY ALL"""
_OLDER = """
    SELECT DISTINCT level, edition, newest
    FROM drawn, (SELECT max(edition) AS newest FROM mart_area) WHERE edition < newest ORDER BY ALL"""
_OUTLINES = "SELECT code, geometry FROM mart_area WHERE level = $level AND edition = $edition ORDER BY code"
_MOVED = """
    SELECT DISTINCT code FROM mart_area WHERE level = $level AND changed = $moved AND edition > $edition"""
_RECEIVED = """
    SELECT observation.*
    FROM observation JOIN drawn USING (indicator, period)
    WHERE drawn.level = $level AND drawn.edition = $edition AND list_contains($codes, area_code)
    ORDER BY indicator, period, area_code"""
_ROW = pa.schema(
    [(name, pa.string()) for name in ("indicator", "area_code", "source", "status")]
    + [("period", pa.date32()), ("edition", pa.int32()), ("n", pa.int32())]
    + [(name, pa.float64()) for name in ("value", "low", "high")]
    + [("provisional", pa.bool_()), ("sources", pa.list_(pa.string()))]
)

Outlines = Mapping[str, shapely.Geometry]
Row = dict[str, Any]


@dataclass(frozen=True)
class Overlap:
    """What the areas of an older division have in common with those of a newer one that changed since, by code.

    covered: whether all of a new area lies in `old`. same: it was one old area, with another code.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    pieces: Pieces
    covered: NDArray[np.bool_]
    same: NDArray[np.bool_]


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


def fill(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Adds to `observation` what figures of older editions are on the newest borders, for areas that changed since."""
    con.execute(_DRAWN)
    for level, edition, newest in con.execute(_OLDER).fetchall():
        asked = {"level": level, "edition": edition}
        moved = [code for (code,) in con.execute(_MOVED, asked | {"moved": MOVED}).fetchall()]
        found = overlap(_outlines(con, level, edition), _outlines(con, level, newest), moved)
        if found.new:
            received: dict[tuple[str, date], dict[str, Row]] = {}
            for row in _rows(con, asked | {"codes": list(found.old)}):
                received.setdefault((row["indicator"], row["period"]), {})[row["area_code"]] = row
            _add(con, [row for key in received for row in _converted(key, received, found, newest, catalogue)])
    con.execute("DROP TABLE drawn")


def _outlines(con: duckdb.DuckDBPyConnection, level: str, edition: int) -> Outlines:
    rows = con.execute(_OUTLINES, {"level": level, "edition": edition}).fetchall()
    # Rounded to degrees of six decimals, an outline can touch itself.
    shapes = shapely.make_valid(to_metres(shapely.from_wkb([shape for _, shape in rows])))
    return dict(zip((code for code, _ in rows), shapes, strict=True))


def _rows(con: duckdb.DuckDBPyConnection, asked: Row) -> list[Row]:
    result = con.execute(_RECEIVED, asked)
    names = [name for name, *_ in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _add(con: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    con.register("made", pa.Table.from_pylist(rows, schema=_ROW))
    con.execute("INSERT INTO observation BY NAME SELECT *, true AS converted FROM made")
    con.unregister("made")


def _converted(
    key: tuple[str, date],
    received: Mapping[tuple[str, date], Mapping[str, Row]],
    found: Overlap,
    newest: int,
    catalogue: Catalogue,
) -> Iterable[Row]:
    """One indicator in one period on the new areas of `found`: a row for each, without a value where it can't be."""
    indicator, period = catalogue.indicators[key[0]], key[1]
    # Of what is partly hidden a part of a part could tell something; it is not looked into.
    if indicator.withhold_below:
        return
    old, pieces = [received[key].get(code) for code in found.old], found.pieces
    sized = received.get((indicator.weight or "", period), {})
    ends, sure = _on_new(indicator, old, [sized.get(code) for code in found.old], pieces, catalogue)
    for number, code in enumerate(found.new):
        parts = [old[place] for place in pieces.old[pieces.new == number]]
        known = [part for part in parts if part]
        if not known:
            continue
        row = {
            "indicator": indicator.id,
            "area_code": code,
            "period": period,
            "edition": newest,
            "source": known[0]["source"],
            "sources": sorted({source for part in known for source in part["sources"]}),
            "provisional": any(part["provisional"] for part in known),
        }
        if found.same[number]:
            yield row | {name: known[0][name] for name in ("status", "value", "low", "high", "n")}
            continue
        status = _status(parts) if found.covered[number] else Status.NOT_MEASURED
        if status in SHOWN and not sure[number]:
            status = Status.NOT_MEASURED
        yield row | {"status": status} | (_told(ends, number, indicator) if status in SHOWN else {})


def _on_new(
    indicator: Indicator, old: Sequence[Row | None], sized: Sequence[Row | None], pieces: Pieces, catalogue: Catalogue
) -> tuple[Range, NDArray[np.bool_]]:
    """Every new area's figure with its ends, and whether the overlap can carry it."""
    if indicator.kind == "count":
        half = indicator.precision / 2 if indicator.precision else 0
        exact = crosswalk.counts(pieces, _range(old))
        return crosswalk.counts(pieces, _range(old, half)), crosswalk.carried(exact)
    nothing = Range(*[np.full(pieces.areas, np.nan)] * 3)
    weight = catalogue.indicators.get(indicator.weight or "")
    if indicator.kind not in ("share", "rate", "mean") or weight is None:
        return nothing, np.zeros(pieces.areas, dtype=bool)
    ceiling = 100.0 if indicator.kind == "share" else math.inf
    exact = crosswalk.means(pieces, _range(old), _range(sized), ceiling)
    sizes = _range(sized, weight.precision / 2 if weight.precision else 0)
    return crosswalk.means(pieces, _range(old, indicator.step / 2), sizes, ceiling), crosswalk.carried(exact)


def _range(rows: Sequence[Row | None], half: float | None = None) -> Range:
    """Values with their ends: `half` on either side where none were published; without `half` no ends at all.

    What can't occur counts for nothing.
    """

    def column(name: str) -> NDArray[np.float64]:
        found = [
            0.0 if row and row["status"] == Status.NOT_APPLICABLE else (row[name] if row else None) for row in rows
        ]
        return np.array(found, dtype=float)

    value = column("value")
    if half is None:
        return Range(value, value, value)
    low, high = column("low"), column("high")
    unknown = np.isnan(low)
    low = np.where(unknown, np.maximum(value - half, 0), low)
    return Range(value, low, np.where(unknown, value + half, high))


def _status(parts: Sequence[Row | None]) -> Status:
    """Of a figure made of `parts`: the most binding reason why one has no value, else how sure they are."""
    found = {Status(part["status"]) if part else Status.REASON_UNKNOWN for part in parts}
    for status in (*BINDING, Status.UNRELIABLE, Status.OK):
        if status in found:
            return status
    return Status.NOT_APPLICABLE


def _told(ends: Range, number: int, indicator: Indicator) -> Row:
    """A converted figure in its decimals; its ends are rounded outwards, so that no digit narrows them."""
    size = 10.0**indicator.decimals
    value, low, high = (float(end[number]) for end in ends)
    return {
        "value": round(value, indicator.decimals),
        "low": round(math.floor(low * size + 1e-6) / size, indicator.decimals),
        "high": round(math.ceil(high * size - 1e-6) / size, indicator.decimals),
    }
