"""Hides what is too small to show of data that not everybody may see in full, and whatever would give it away.

Runs on `observation` before anything is measured or derived from it, so that nothing in the mart knows a hidden count.
What the kept marts showed and hid counts too: whoever kept those can compare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from buurtbeeld.catalogue import Catalogue
from buurtbeeld.statistics import disclosure
from buurtbeeld.statistics.disclosure import Table

_PERIODS = "SELECT DISTINCT period FROM observation WHERE indicator = $indicator ORDER BY period"
# Every area of the division that the figures are drawn on, with its figure where it has one.
_CELLS = """
    WITH observed AS (SELECT *, rowid AS place FROM observation WHERE indicator = $indicator AND period = $period),
    division AS (
        SELECT coalesce(max(edition) FILTER (edition IN (SELECT edition FROM observed)), max(edition)) AS edition
        FROM mart_area
    )
    SELECT area.code, area.parent_code, observed.place, observed.value
    FROM mart_area AS area JOIN division USING (edition) LEFT JOIN observed ON observed.area_code = area.code
    ORDER BY area.area_id DESC"""  # parts before wholes
_UNDECLARED = """
    SELECT DISTINCT indicator, source.id, openness FROM received_value JOIN mart_source AS source ON source.id = source
    WHERE openness <> 'rows' ORDER BY ALL"""
_SHOWN = """
    SELECT code, value, status FROM figure
    WHERE indicator = $indicator AND period = $period AND (value IS NOT NULL OR status = 'withheld')"""


@dataclass(frozen=True)
class _Cell:
    """One area: its figure's place in `observation`, None where there is none or it has no value."""

    code: str
    whole: str | None
    place: int | None
    value: float | None


def fill(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, kept: Sequence[Path]) -> list[str]:
    """Gives every figure that has to be hidden the status `withheld`, and returns what is wrong, in sentences.

    kept: earlier marts, which somebody may have read.
    """
    problems = _undeclared(con, catalogue)
    for indicator in catalogue.indicators.values():
        if limit := indicator.withhold_below:
            for (period,) in con.execute(_PERIODS, {"indicator": indicator.id}).fetchall():
                asked = {"indicator": indicator.id, "period": period}
                cells = [_Cell(*row) for row in con.execute(_CELLS, asked).fetchall()]
                try:
                    earlier = [_shown(mart, indicator.id, period) for mart in kept]
                except duckdb.Error:
                    return [*problems, "A mart that was kept can't be read, so nobody knows what it hid: remove it."]
                _hide(con, [cells[i] for i in _hidden(cells, limit, earlier)])
    return problems


def _undeclared(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> list[str]:
    """Figures of data that not everybody may see in full, without a rule of what to hide."""
    return [
        f"Indicator {indicator} is read from {source}, which is {openness}: it needs withhold_below, so it must be a "
        "count. Derive shares and means from counts; they are then hidden with them."
        for indicator, source, openness in con.execute(_UNDECLARED).fetchall()
        if catalogue.indicators[indicator].withhold_below is None
    ]


def _shown(mart: Path, indicator: str, period: date) -> dict[str, int | None]:
    """What an earlier mart gave for one indicator and period, by code; None for what it hid."""
    with duckdb.connect(mart, read_only=True) as con:
        rows = con.execute(_SHOWN, {"indicator": indicator, "period": period}).fetchall()
    return {code: None if status == "withheld" else round(value) for code, value, status in rows}


def _hidden(cells: Sequence[_Cell], limit: int, earlier: Sequence[Mapping[str, int | None]]) -> list[int]:
    """The numbers of the cells to hide."""
    table = _table(cells, limit)
    number = {cell.code: i for i, cell in enumerate(cells)}
    again: set[int] = set()
    for before in earlier:
        there = {number[code]: value for code, value in before.items() if code in number}
        then = {i for i, value in there.items() if value is None}
        table = disclosure.since(table, {i: value for i, value in there.items() if value is not None}, then)
        again |= then
    return [i for i in disclosure.protect(table, again) if cells[i].value is not None]


def _table(cells: Sequence[_Cell], limit: int) -> Table:
    """The cells, parts before wholes, as a table that adds up. A whole without a figure is what its parts are."""
    values: dict[str, int] = {}
    below: dict[str, list[int]] = {}
    for i, cell in enumerate(cells):
        parts = sum(values[cells[part].code] for part in below.get(cell.code, ()))
        values[cell.code] = parts if cell.value is None else round(cell.value)
        if cell.whole:
            below.setdefault(cell.whole, []).append(i)
    wholes = [(i, below[cell.code]) for i, cell in enumerate(cells) if cell.code in below]
    sums = tuple({whole: 1} | dict.fromkeys(parts, -1) for whole, parts in wholes)
    absent = frozenset(i for i, cell in enumerate(cells) if cell.value is None)
    return Table(tuple(values.values()), sums, limit, absent)


def _hide(con: duckdb.DuckDBPyConnection, cells: Sequence[_Cell]) -> None:
    con.execute(
        """UPDATE observation SET status = 'withheld', value = NULL, low = NULL, high = NULL, n = NULL
           WHERE list_contains($places, rowid)""",
        {"places": [cell.place for cell in cells]},
    )
