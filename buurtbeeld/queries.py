"""What a page may ask of the mart: one function per question.

Every function takes a DuckDB cursor first and plain, hashable values after it, and keeps nothing. Values are always
bound. Figures come as `Figure` (for screens) or as an Arrow table (for files); both hold the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from buurtbeeld.catalogue import Figure

Cursor = duckdb.DuckDBPyConnection
FIGURE = tuple(Figure.__slots__)


@dataclass(frozen=True, slots=True)
class Build:
    """Which build this is. `built_at` is UTC without zone."""

    id: str
    built_at: datetime
    gemeente: str
    app_version: str
    is_sample: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the newest edition, without its outline. lon, lat: a point inside it, degrees. area_ha: hectares."""

    code: str
    level: str
    name: str
    parent_code: str | None
    edition: int
    lon: float
    lat: float
    area_ha: float
    changed: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """Where and when the mart has a figure: one indicator, one level, and its periods with any value, oldest first."""

    indicator: str
    level: str
    periods: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as it was read. `retrieved_at` is UTC without zone."""

    id: str
    publisher: str
    title: str
    licence: str
    attribution: str
    openness: str
    url: str
    edition: str
    retrieved_at: datetime
    rows: int
    sha256: str
    is_sample: bool
    is_simulated: bool


def build(con: Cursor) -> Build:
    """The build of this mart. Raises LookupError when it was never finished."""
    row = con.execute("SELECT id, built_at, gemeente, app_version, is_sample, complete FROM build").fetchone()
    if row is None:
        raise LookupError("the mart has no build row")
    return Build(*row)


def areas(con: Cursor) -> tuple[Area, ...]:
    """Every area of the newest edition: gemeente, wijken, buurten; by level, then name."""
    return _rows(con, Area, "area_now", "ORDER BY length(code), name")


def area_names(con: Cursor) -> tuple[tuple[str, str, str], ...]:
    """(code, kind, name) of what else an area is known by; kind is `old_name` or `postcode`."""
    return tuple(con.execute("SELECT code, kind, name FROM area_name ORDER BY ALL").fetchall())


def outlines(con: Cursor, level: str, edition: int | None = None) -> tuple[tuple[str, bytes], ...]:
    """(code, WKB in degrees) of every area of `level`, by code; of the newest edition unless one is given."""
    query = """SELECT code, geometry FROM area
               WHERE level = $level AND edition = coalesce($edition, (SELECT max(edition) FROM area))
               ORDER BY code"""
    return tuple(con.execute(query, {"level": level, "edition": edition}).fetchall())


def area_table(con: Cursor, level: str | None, edition: int | None) -> pa.Table:
    """The view `area`, by code: one level and edition, or every level, or the newest edition when None."""
    query = """SELECT * FROM area
               WHERE level = coalesce($level, level)
                 AND edition = coalesce($edition, (SELECT max(edition) FROM area))
               ORDER BY code"""
    return con.execute(query, {"level": level, "edition": edition}).to_arrow_table()


def editions(con: Cursor) -> tuple[int, ...]:
    """The years of border this mart holds outlines of, oldest first."""
    return tuple(row[0] for row in con.execute("SELECT DISTINCT edition FROM area ORDER BY edition").fetchall())


def held(con: Cursor) -> tuple[Held, ...]:
    """What the mart has figures of: one row per indicator and level, in the catalogue's order."""
    query = """SELECT indicator.id, area.level, list(DISTINCT figure.period ORDER BY figure.period)
               FROM mart_figure AS figure
               JOIN mart_area AS area USING (area_id)
               JOIN mart_indicator AS indicator USING (indicator_id)
               WHERE figure.status IN ('ok', 'unreliable')
               GROUP BY indicator.indicator_id, indicator.id, area.level
               ORDER BY indicator.indicator_id, min(area.area_id)"""
    return tuple(Held(indicator, level, tuple(periods)) for indicator, level, periods in con.execute(query).fetchall())


def figures(con: Cursor, indicator: str, level: str, period: date) -> tuple[Figure, ...]:
    """One indicator in one period: a figure for every area of `level`, by code. Empty when there is no such series."""
    return _figures(con, [indicator], [level], [period], None)


def figures_of(con: Cursor, indicators: tuple[str, ...], codes: tuple[str, ...]) -> tuple[Figure, ...]:
    """Every period of `indicators` in the areas `codes`; by indicator, period, code."""
    return _figures(con, indicators, None, None, codes)


def newest_of_all(con: Cursor, level: str) -> tuple[Figure, ...]:
    """Each indicator's newest period with any value at `level`, all areas; by indicator, code."""
    query = f"""WITH newest AS (
                    SELECT figure.indicator_id, max(figure.period) AS period
                    FROM mart_figure AS figure JOIN mart_area AS area USING (area_id)
                    WHERE area.level = $level AND figure.status IN ('ok', 'unreliable')
                    GROUP BY figure.indicator_id)
                SELECT {_COLUMNS} {_FROM} JOIN newest USING (indicator_id, period)
                WHERE area.level = $level ORDER BY indicator.id, area.code"""
    return tuple(Figure(*row) for row in con.execute(query, {"level": level}).fetchall())


def figure_table(
    con: Cursor, indicators: tuple[str, ...], level: str, period: str | date, codes: tuple[str, ...] | None
) -> pa.Table:
    """The rows of `figure` for a file: by indicator, period and code, one row per area of `level`, always.

    period: a date (first day), "newest" (per indicator the newest with any value at this level) or "all". An area that
    has no row in the mart, because nothing was received for its level, gets one that says so.
    """
    query = f"""
        {_CHOSEN},
        found AS (
            SELECT area.code, figure.* FROM mart_figure AS figure JOIN mart_area AS area USING (area_id)
            WHERE area.level = $level AND figure.indicator_id IN (SELECT indicator_id FROM wanted)
        )
        SELECT
            place.code, place.name, place.level, wanted.id AS indicator, chosen.period, wanted.grain,
            found.value, found.low, found.high, found.n, wanted.unit,
            coalesce(found.status::VARCHAR, 'reason_unknown') AS status,
            coalesce(found.provisional, false) AS provisional,
            coalesce(found.edition, place.edition) AS edition,
            coalesce(found.converted, false) AS converted,
            source.id AS source, source.is_sample, source.is_simulated
        FROM chosen
        JOIN wanted USING (indicator_id)
        CROSS JOIN place
        LEFT JOIN found
          ON found.indicator_id = chosen.indicator_id AND found.period = chosen.period AND found.code = place.code
        LEFT JOIN mart_source AS own ON own.id = wanted.source
        JOIN mart_source AS source ON source.source_id = coalesce(found.source_id, own.source_id)
        ORDER BY wanted.id, chosen.period, place.code"""
    return con.execute(query, _asked(indicators, level, period, codes)).to_arrow_table()


def figure_count(
    con: Cursor, indicators: tuple[str, ...], level: str, period: str | date, codes: tuple[str, ...] | None
) -> int:
    """How many rows `figure_table` would give, without making them."""
    query = f"{_CHOSEN} SELECT (SELECT count(*) FROM chosen) * (SELECT count(*) FROM place)"
    row = con.execute(query, _asked(indicators, level, period, codes)).fetchone()
    return int(row[0]) if row else 0


def periods(con: Cursor, indicators: tuple[str, ...]) -> tuple[date, ...]:
    """Every period that any of `indicators` has a row for, oldest first."""
    query = """SELECT DISTINCT period FROM mart_figure JOIN mart_indicator AS indicator USING (indicator_id)
               WHERE indicator.id IN (SELECT unnest($indicators)) ORDER BY period"""
    return tuple(row[0] for row in con.execute(query, {"indicators": list(indicators)}).fetchall())


def sources(con: Cursor) -> tuple[SourceRow, ...]:
    """Every source behind this mart, by id."""
    return _rows(con, SourceRow, "source", "ORDER BY id")


def view(con: Cursor, name: str) -> pa.Table:
    """One of the small public views as a whole, in its own order."""
    if name not in ("build", "indicator", "source", "alert"):
        raise ValueError(f"{name!r} is not a view that is given whole")
    return con.execute(f"SELECT * FROM {name}").to_arrow_table()


# Which series are asked for, and in which areas: the rows of the answer are every combination.
_CHOSEN = """WITH wanted AS (
        SELECT indicator_id, id, grain, unit, source FROM mart_indicator WHERE id IN (SELECT unnest($indicators))
    ),
    place AS (
        SELECT * FROM mart_area
        WHERE level = $level AND edition = (SELECT max(edition) FROM mart_area)
          AND ($codes IS NULL OR code IN (SELECT unnest($codes::VARCHAR[])))
    ),
    series AS (
        SELECT wanted.indicator_id, figure.period, bool_or(area.level = $level) AS here,
               bool_or(area.level = $level AND figure.status IN ('ok', 'unreliable')) AS filled
        FROM wanted
        JOIN mart_figure AS figure USING (indicator_id)
        JOIN mart_area AS area USING (area_id)
        GROUP BY ALL
    ),
    chosen AS (
        SELECT indicator_id, period FROM series
        WHERE CASE $period
              WHEN 'all' THEN true
              WHEN 'newest' THEN true
              ELSE period = try_cast($period AS DATE) END
        WINDOW own AS (PARTITION BY indicator_id)
        QUALIFY CASE $period
              -- a level that nothing was received for still answers, with the newest period of the indicator
              WHEN 'all' THEN here OR (NOT bool_or(here) OVER own AND period = max(period) OVER own)
              WHEN 'newest' THEN period = coalesce(max(period) FILTER (filled) OVER own, max(period) OVER own)
              ELSE true END
    )"""


def _asked(
    indicators: tuple[str, ...], level: str, period: str | date, codes: tuple[str, ...] | None
) -> dict[str, object]:
    return {
        "indicators": list(indicators),
        "level": level,
        "period": period if isinstance(period, str) else period.isoformat(),
        "codes": list(codes) if codes is not None else None,
    }


_COLUMNS = """area.code, area.name, area.level, indicator.id AS indicator, figure.period, indicator.grain,
    figure.value, figure.low, figure.high, figure.n, indicator.unit, figure.status::VARCHAR AS status,
    figure.provisional, figure.edition, figure.converted, source.id AS source, source.is_sample, source.is_simulated"""
_FROM = """FROM mart_figure AS figure
    JOIN mart_area AS area USING (area_id)
    JOIN mart_indicator AS indicator USING (indicator_id)
    JOIN mart_source AS source USING (source_id)"""


def _figures(
    con: Cursor,
    indicators: Sequence[str],
    levels: Sequence[str] | None,
    periods: Sequence[date] | None,
    codes: Sequence[str] | None,
) -> tuple[Figure, ...]:
    # Ids first, on the small tables: the figures are sorted by them, so DuckDB skips nearly all of the tall table.
    query = f"""SELECT {_COLUMNS} {_FROM}
        WHERE figure.indicator_id IN (SELECT indicator_id FROM mart_indicator WHERE id IN (SELECT unnest($indicators)))
          AND ($levels IS NULL OR area.level IN (SELECT unnest($levels::VARCHAR[])))
          AND ($periods IS NULL OR figure.period IN (SELECT unnest($periods::DATE[])))
          AND ($codes IS NULL OR area.code IN (SELECT unnest($codes::VARCHAR[])))
        ORDER BY indicator.id, figure.period, area.code"""
    asked = {"indicators": list(indicators), "levels": levels, "periods": periods, "codes": codes}
    rows = con.execute(query, {key: list(v) if v is not None else None for key, v in asked.items()}).fetchall()
    return tuple(Figure(*row) for row in rows)


def _rows(con: Cursor, kind: Any, view: str, order: str) -> tuple[Any, ...]:
    rows = con.execute(f"SELECT {', '.join(kind.__slots__)} FROM {view} {order}").fetchall()
    return tuple(kind(*row) for row in rows)
