"""The lowest and the highest that a figure may as well have been, by the way its indicator declares.

Runs on `observation` before anything is derived from it; derived figures take the margins of their parts along.
"""

from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa

from buurtbeeld.catalogue import Catalogue, Indicator
from buurtbeeld.statistics import dispersion, intervals
from buurtbeeld.statistics.dispersion import Dispersion
from buurtbeeld.statistics.intervals import Interval

_OBSERVED = """
    SELECT observation.rowid AS place, area.level, area_code, period, value, n
    FROM observation JOIN (SELECT DISTINCT code, level FROM mart_area) AS area ON area.code = area_code
    WHERE indicator = $indicator AND status = 'ok'
    ORDER BY level, area_code, period"""
_NOISE = "CREATE TABLE mart_noise (indicator VARCHAR, level VARCHAR, factor DOUBLE, power DOUBLE, overall DOUBLE)"


def fill(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Writes low and high into `observation`, and `mart_noise`: how much the events of each level vary."""
    con.execute(_NOISE)
    for indicator in catalogue.indicators.values():
        if way := _WAYS.get(indicator.interval):
            observed = con.sql(_OBSERVED, params={"indicator": indicator.id}).to_arrow_table()
            levels = observed["level"].to_numpy(zero_copy_only=False)
            for level in dict.fromkeys(levels):
                rows = observed.filter(pa.array(levels == level))
                if found := way(con, indicator, str(level), rows):
                    _write(con, rows, found)


def _rounded(_con: duckdb.DuckDBPyConnection, indicator: Indicator, level: str, rows: pa.Table) -> Interval | None:
    # The number of a whole gemeente is published as it was counted.
    assert indicator.rounding
    return None if level == "gemeente" else intervals.rounded(_array(rows, "value"), indicator.rounding)


def _survey(_con: duckdb.DuckDBPyConnection, _indicator: Indicator, _level: str, rows: pa.Table) -> Interval | None:
    n = _array(rows, "n")
    low, high = intervals.wilson(_array(rows, "value") / 100, np.where(n > 0, n, np.nan))
    return low * 100, high * 100


def _events(con: duckdb.DuckDBPyConnection, indicator: Indicator, level: str, rows: pa.Table) -> Interval | None:
    noise = _noise(rows)
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


def _noise(rows: pa.Table) -> Dispersion | None:
    """The dispersion of one indicator at one level, from all its areas and periods."""
    areas, area = np.unique(rows["area_code"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    periods, period = np.unique(rows["period"].to_numpy(), return_inverse=True)
    table = np.full((len(areas), len(periods)), np.nan)
    table[area, period] = _array(rows, "value")
    return dispersion.estimate(table)


def _array(rows: pa.Table, column: str) -> np.ndarray:
    """A column as numbers, NaN where there is none."""
    numbers: np.ndarray = rows[column].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


def _write(con: duckdb.DuckDBPyConnection, rows: pa.Table, interval: Interval) -> None:
    # from_pandas: NaN becomes NULL
    low, high = (pa.array(end, from_pandas=True) for end in interval)
    con.register("margin", pa.table({"place": rows["place"], "low": low, "high": high}))
    con.execute(
        """UPDATE observation SET low = round(margin.low, 6), high = round(margin.high, 6)
           FROM margin WHERE observation.rowid = margin.place"""
    )
    con.unregister("margin")
