"""The lowest and the highest that a figure may as well have been, by the way its indicator declares.

Runs on `observation` before anything is derived from it; derived figures take the margins of their parts along.
"""

from collections.abc import Callable, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from buurtbeeld.catalogue import Catalogue, Indicator
from buurtbeeld.statistics import dispersion, intervals
from buurtbeeld.statistics.dispersion import Dispersion
from buurtbeeld.statistics.intervals import Interval

_OBSERVED = """
    SELECT observation.rowid AS place, area.level, area_code, edition, period, value, n
    FROM observation JOIN (SELECT DISTINCT code, level FROM mart_area) AS area ON area.code = area_code
    WHERE indicator = $indicator::indicator_name AND status = 'ok'
    ORDER BY level, area_code, period"""
_WRITE = """
    UPDATE observation SET low = round(margin.low, 6), high = round(margin.high, 6)
    FROM margin WHERE observation.rowid = margin.place"""
_MOVED = "SELECT code, edition FROM mart_area WHERE changed = 3"  # what CBS says of a border that moved
_UNIT = {"year": "Y", "month": "M", "day": "D"}
_NOISE = "CREATE TABLE mart_noise (indicator VARCHAR, level VARCHAR, factor DOUBLE, power DOUBLE, overall DOUBLE)"


def fill(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Writes low and high into `observation`, and `mart_noise`: how much the events of each level vary."""
    con.execute(_NOISE)
    con.execute("CREATE TEMP TABLE margin (place BIGINT, low DOUBLE, high DOUBLE)")
    for indicator in catalogue.indicators.values():
        if way := _WAYS.get(indicator.interval):
            observed = con.sql(_OBSERVED, params={"indicator": indicator.id}).to_arrow_table()
            levels = observed["level"].to_numpy(zero_copy_only=False)
            for level in dict.fromkeys(levels):
                rows = observed.filter(pa.array(levels == level))
                if interval := way(con, indicator, str(level), rows):
                    # from_pandas: NaN becomes NULL
                    low, high = (pa.array(end, from_pandas=True) for end in interval)
                    con.register("given", pa.table({"place": rows["place"], "low": low, "high": high}))
                    con.execute("INSERT INTO margin FROM given")
                    con.unregister("given")
    # Once for all: each time it goes past every row there is.
    con.execute(_WRITE)
    con.execute("DROP TABLE margin")


def _rounded(_con: duckdb.DuckDBPyConnection, indicator: Indicator, level: str, rows: pa.Table) -> Interval | None:
    # The number of a whole gemeente is published as it was counted.
    assert indicator.rounding
    return None if level == "gemeente" else intervals.rounded(_array(rows, "value"), indicator.rounding)


def _survey(_con: duckdb.DuckDBPyConnection, _indicator: Indicator, _level: str, rows: pa.Table) -> Interval | None:
    n = _array(rows, "n")
    low, high = intervals.wilson(_array(rows, "value") / 100, np.where(n > 0, n, np.nan))
    return low * 100, high * 100


def _events(con: duckdb.DuckDBPyConnection, indicator: Indicator, level: str, rows: pa.Table) -> Interval | None:
    noise = _noise(rows, indicator.grain, con.execute(_MOVED).fetchall())
    if noise is None:
        return None
    values = [indicator.id, level, noise.factor, noise.power, noise.overall]
    con.execute("INSERT INTO mart_noise VALUES (?, ?, ?, ?, ?)", values)
    return intervals.poisson(_array(rows, "value"), noise)


_WAYS: dict[str, Callable[[duckdb.DuckDBPyConnection, Indicator, str, pa.Table], Interval | None]] = {
    "rounded": _rounded,
    "survey": _survey,
    "events": _events,
}


def _noise(rows: pa.Table, grain: str, moved: Sequence[tuple[str, int]]) -> Dispersion | None:
    """The dispersion of one indicator at one level, from all its areas and periods.

    Every period has a column, also those without any number: 2016 and 2020 are not successive. An area whose border
    moved goes on in a row of its own, as another area. Where nobody says whether it moved it stays one: that can only
    make the noise larger than it is.
    """
    period = rows["period"].to_numpy().astype(f"datetime64[{_UNIT[grain]}]").astype(int)
    borders: dict[str, list[int]] = {}
    for code, edition in moved:
        borders.setdefault(code, []).append(edition)
    stretch = [
        (code, sum(border <= edition for border in borders.get(code, ())))
        for code, edition in zip(rows["area_code"].to_pylist(), rows["edition"].to_pylist(), strict=True)
    ]
    place = {each: number for number, each in enumerate(dict.fromkeys(stretch))}
    table = np.full((len(place), int(np.ptp(period)) + 1), np.nan)
    table[[place[each] for each in stretch], period - period.min()] = _array(rows, "value")
    return dispersion.estimate(table)


def _array(rows: pa.Table, column: str) -> np.ndarray:
    """A column as numbers, NaN where there is none."""
    numbers: np.ndarray = rows[column].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers
