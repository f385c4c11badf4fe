"""Figures of older borders on those of now, by what overlaps; of areas that changed since, and of no others.

Runs on `observation` when all that was received is judged and before anything is derived, so that what we derive takes
the conversion along. What was received stays as it is, on its own borders; what is converted stands beside it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
from buurtbeeld.warehouse.overlap import Outlines, Overlap, fitting, overlap

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
# What there is now in the smallest areas, which tells how an older count may be spread.
_FINEST = """
    SELECT level.id FROM declared_level AS level JOIN declared_level AS own ON own.id = $level
    WHERE level.rank > own.rank AND level.id IN (SELECT level FROM mart_area WHERE edition = $newest)
    ORDER BY level.rank DESC LIMIT 1"""
_PARENTS = "SELECT code, parent_code FROM mart_area WHERE edition = $newest"
_NOW = """
    SELECT indicator, area_code, arg_max(value, period) FROM observation
    WHERE NOT beside AND status = 'ok' AND edition = $newest AND list_contains($codes, area_code) GROUP BY ALL"""
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

Row = dict[str, Any]
Spread = Mapping[str, NDArray[np.float64]]  # of an indicator, how much of it there is now in each piece; NaN: not known


def fill(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Adds to `observation` what figures of older editions are on the newest borders, for areas that changed since."""
    con.execute(_DRAWN)
    for level, edition, newest in con.execute(_OLDER).fetchall():
        asked = {"level": level, "edition": edition}
        moved = [code for (code,) in con.execute(_MOVED, asked | {"moved": MOVED}).fetchall()]
        old = _outlines(con, level, edition)
        found = overlap(old, _outlines(con, level, newest), moved)
        if found.new:
            received: dict[tuple[str, date], dict[str, Row]] = {}
            for row in _rows(con, asked | {"codes": list(found.old)}):
                received.setdefault((row["indicator"], row["period"]), {})[row["area_code"]] = row
            spread = _spread(con, found, old, level, newest)
            _add(con, [row for key in received for row in _converted(key, received, found, spread, newest, catalogue)])
    con.execute("DROP TABLE drawn")


def _spread(con: duckdb.DuckDBPyConnection, found: Overlap, old: Outlines, level: str, newest: int) -> Spread:
    """How much there is now in pieces that smaller areas fill exactly; nothing for the smallest areas themselves."""
    finest = con.execute(_FINEST, {"level": level, "newest": newest}).fetchall()
    if not finest or found.pieces.whole.all():
        return {}
    parents = dict(con.execute(_PARENTS, {"newest": newest}).fetchall())
    filling = fitting(found, old, _outlines(con, finest[0][0], newest), parents)
    now: dict[str, dict[str, float]] = {}
    for indicator, code, value in con.execute(
        _NOW, {"newest": newest, "codes": list(set(sum(filling, ())))}
    ).fetchall():
        now.setdefault(indicator, {})[code] = value
    return {
        indicator: np.array(
            [sum(values.get(code, math.nan) for code in codes) if codes else math.nan for codes in filling]
        )
        for indicator, values in now.items()
    }


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
    con.execute("INSERT INTO observation BY NAME SELECT *, true AS converted, true AS beside FROM made")
    con.unregister("made")


def _converted(
    key: tuple[str, date],
    received: Mapping[tuple[str, date], Mapping[str, Row]],
    found: Overlap,
    spread: Spread,
    newest: int,
    catalogue: Catalogue,
) -> Iterable[Row]:
    """One indicator in one period on the new areas of `found`: a row for each, without a value where it can't be."""
    indicator, period = catalogue.indicators[key[0]], key[1]
    # Of what is partly hidden a part of a part could tell something; it is not looked into.
    if indicator.withhold_below:
        return
    old = [received[key].get(code) for code in found.old]
    counted = indicator.id if indicator.kind == "count" else indicator.weight or ""
    sized = [received.get((counted, period), {}).get(code) for code in found.old]
    pieces = found.pieces
    if counted in spread:
        pieces = replace(pieces, share=crosswalk.by_size(pieces, spread[counted]))
    ends, sure = _on_new(indicator, old, sized, pieces, catalogue)
    for number, code in enumerate(found.new):
        parts = [old[place] for place in found.parts[number]]
        known = [part for part in parts if part]
        if not known:
            continue
        used = [*known, *(row for row in (sized[place] for place in found.parts[number]) if row)]
        row = {
            "indicator": indicator.id,
            "area_code": code,
            "period": period,
            "edition": newest,
            "source": known[0]["source"],
            "sources": sorted({source for part in used for source in part["sources"]}),
            "provisional": any(part["provisional"] for part in used),
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
    """Every new area's figure with its ends, and whether the overlap can carry it. sized: what it is taken over."""
    if indicator.kind == "count":
        exact = crosswalk.counts(pieces, _range(old))
        return crosswalk.counts(pieces, _range(old, _half(indicator))), crosswalk.carried(exact)
    weight = catalogue.indicators.get(indicator.weight or "")
    values = _range(old)
    if indicator.kind not in ("share", "rate", "mean") or weight is None or np.any(values.value < 0):
        return Range(*[np.full(pieces.areas, np.nan)] * 3), np.zeros(pieces.areas, dtype=bool)
    # Where it can't occur there is nobody that it is taken over.
    sized = [
        part if part and part["status"] == Status.NOT_APPLICABLE else size
        for part, size in zip(old, sized, strict=True)
    ]
    ceiling = 100.0 if indicator.kind == "share" else math.inf
    exact = crosswalk.means(pieces, values, _range(sized), ceiling)
    ranged = _range(old, indicator.step / 2), _range(sized, _half(weight))
    return crosswalk.means(pieces, *ranged, ceiling), crosswalk.carried(exact)


def _half(count: Indicator) -> float:
    """How far a count can be off where its own margin doesn't say so."""
    return count.precision / 2 if count.precision else 0


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
