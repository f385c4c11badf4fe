"""Hides what is too small to show of data that not everybody may see in full, and whatever would give it away.

Runs on `observation` before anything is measured or derived from it, so that nothing in the mart knows a hidden count.
What was published before counts too (`ledger.py`): whoever kept that can compare.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

import duckdb

from buurtbeeld.catalogue import Catalogue
from buurtbeeld.statistics import disclosure
from buurtbeeld.statistics.disclosure import Table
from buurtbeeld.warehouse import ledger
from buurtbeeld.warehouse.ledger import Ledger, LedgerError, Series, Shown

_PERIODS = "SELECT DISTINCT period FROM observation WHERE indicator = $indicator ORDER BY period"
# Every area that has a figure in `figure.sql`: those of the division that its level is drawn on.
_CELLS = """
    WITH observed AS (SELECT *, rowid AS place FROM observation WHERE indicator = $indicator AND period = $period),
    series AS (
        SELECT
            area.level,
            coalesce(max(area.edition) FILTER (area.edition = observed.edition), max(area.edition)) AS edition
        FROM observed JOIN mart_area AS area ON area.code = observed.area_code GROUP BY area.level
    )
    SELECT area.code, area.level, area.edition, observed.place, observed.value
    FROM series JOIN mart_area AS area USING (level, edition) LEFT JOIN observed ON observed.area_code = area.code"""
_PARENTS = "SELECT edition, code, parent_code FROM mart_area WHERE parent_code IS NOT NULL"
_VALUED = """
    SELECT area_code FROM observation WHERE indicator = $indicator AND period = $period AND value IS NOT NULL"""
_UNDECLARED = """
    SELECT DISTINCT indicator, source.id, openness FROM received_value JOIN mart_source AS source ON source.id = source
    WHERE openness <> 'rows' ORDER BY ALL"""
_SOURCES = "SELECT DISTINCT source, indicator FROM received_value ORDER BY ALL"
_PUBLISHED = """
    SELECT code, value, status FROM figure
    WHERE indicator = $indicator AND period = $period AND (value IS NOT NULL OR status = 'withheld')"""
_LEDGER = "SELECT digest FROM mart_ledger, build WHERE gemeente = $gemeente"


@dataclass(frozen=True)
class _Cell:
    """A figure that an area can have. `place`: that of its row in `observation`, None where it has none."""

    code: str
    level: str
    edition: int
    place: int | None
    value: float | None


@dataclass(frozen=True)
class _Areas:
    """The figures of one indicator and period, and the areas that they lie in. Areas are numbered in order of code."""

    cells: Mapping[str, _Cell]
    wholes: Mapping[tuple[int, str], frozenset[str]]  # (edition, code) -> the codes of its parts

    @cached_property
    def number(self) -> dict[str, int]:
        codes = self.cells.keys() | {code for _, code in self.wholes}
        return {code: place for place, code in enumerate(sorted(codes))}

    @cached_property
    def parts(self) -> dict[str, frozenset[str]]:
        return {code: self.wholes[edition, code] for edition, code in sorted(self.wholes)}

    def value(self, code: str) -> int:
        """Its count. A whole without one is what its parts are, and anything else without one is nobody."""
        cell = self.cells.get(code)
        if cell and cell.value is not None:
            return round(cell.value)
        return sum(map(self.value, self.parts.get(code, ())))

    def absent(self, code: str) -> bool:
        return code not in self.cells or self.cells[code].value is None


def closed(catalogue: Catalogue) -> list[str]:
    """The indicators of which something may have to be hidden."""
    return [indicator.id for indicator in catalogue.indicators.values() if indicator.withhold_below]


def fill(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, before: Ledger) -> list[str]:
    """Gives every figure that has to be hidden the status `withheld`, and returns what is wrong, in sentences."""
    problems = _undeclared(con, catalogue)
    if not closed(catalogue):
        return problems
    problems += _related(con, catalogue) + _renamed(catalogue, before)
    parents = {(edition, code): parent for edition, code, parent in con.execute(_PARENTS).fetchall()}
    for indicator in closed(catalogue):
        limit = catalogue.indicators[indicator].withhold_below or 0
        for (period,) in con.execute(_PERIODS, {"indicator": indicator}).fetchall():
            asked = {"indicator": indicator, "period": period}
            areas = _areas([_Cell(*row) for row in con.execute(_CELLS, asked).fetchall()], parents)
            names = (*(catalogue.indicators[indicator].formerly or ()), indicator)
            earlier = [shown for name in names for shown in before.get((name, period), [])]
            valued = {code for (code,) in con.execute(_VALUED, asked).fetchall()}
            if outside := sorted(valued - areas.cells.keys()):
                problems.append(
                    f"Indicator {indicator} has a count of {outside[0]} in {period}, but is not drawn on the areas of "
                    "its year, so it would be hidden nowhere: give every area of a level on the same division."
                )
            elif gone := sorted({code for shown in earlier for code in shown} - areas.number.keys()):
                problems.append(
                    f"Indicator {indicator} was published for {gone[0]} in {period}, and is now drawn on areas without "
                    "it: who compares the two could find what is hidden. Give it on the areas that it was published on."
                )
            else:
                _hide(con, asked, [areas.cells[code] for code in sorted(_hidden(areas, limit, earlier))])
    return problems


def published(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> dict[Series, Shown]:
    """What the mart that is being made gives of those indicators, for the ledger."""
    found: dict[Series, Shown] = {}
    for indicator in closed(catalogue):
        periods = "SELECT DISTINCT period FROM figure WHERE indicator = $indicator"
        for (period,) in con.execute(periods, {"indicator": indicator}).fetchall():
            rows = con.execute(_PUBLISHED, {"indicator": indicator, "period": period}).fetchall()
            shown = {code: None if status == "withheld" else round(value) for code, value, status in rows}
            found[indicator, period] = shown
    return found


def check(file: Path, marts: Iterable[Path], gemeente: str) -> None:
    """Raises LedgerError where the ledger is not what it was when one of `marts` was made, with or without more.

    Also where that can't be told, because a mart can't be read: whoever knows which copy the ledger is decides.
    """
    for mart in marts:
        try:
            marks = _marks(mart, gemeente)
        except duckdb.Error as error:
            raise LedgerError(
                f"{mart} can't be read, so nobody knows whether {file} holds all that was shown and hidden in it, and "
                f"figures that are not open can't be made. Make sure that {file} is the copy that was made after the "
                f"last build; then remove {mart} and build again."
            ) from error
        if not all(ledger.holds(file, mark) for mark in marks):
            how = "is older than that mart, or of another dashboard" if file.exists() else "is not there"
            raise LedgerError(
                f"What was shown and hidden in {mart} is not in {file}, which {how}. So nobody knows what was hidden "
                "before, and figures that are not open can't be made. Put back a copy of it that was made after the "
                "last build."
            )


def remembered(file: Path, marts: Iterable[Path], gemeente: str) -> set[str]:
    """What a mart with nothing to hide keeps, so that a later one that has can still tell an older ledger.

    The digest of the ledger that is there, unless `marts` know of another: then theirs, until the right one is back.
    """
    marks: set[str] = set()
    for mart in marts:
        with suppress(duckdb.Error):
            marks |= _marks(mart, gemeente)
    with suppress(LedgerError):
        if file.exists() and all(ledger.holds(file, mark) for mark in marks):
            return {ledger.digest(ledger.added(file, "", {}))}
    return marks


def _marks(mart: Path, gemeente: str) -> set[str]:
    """The digests of the ledger that it keeps; none when there was nothing to hide yet. Raises duckdb.Error."""
    try:
        with duckdb.connect(mart, read_only=True) as con:
            return {mark for (mark,) in con.execute(_LEDGER, {"gemeente": gemeente}).fetchall()}
    except duckdb.CatalogException:
        return set()


def _undeclared(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> list[str]:
    """Figures of data that not everybody may see in full, without a rule of what to hide."""
    return [
        f"Indicator {indicator} is read from {source}, which is {openness}: it needs withhold_below, so it must be a "
        "count. Derive shares and means from counts; they are then hidden with them."
        for indicator, source, openness in con.execute(_UNDECLARED).fetchall()
        if catalogue.indicators[indicator].withhold_below is None
    ]


def _related(con: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> list[str]:
    """Sources of which more than one count has something to hide: these can be parts of each other."""
    hiding = set(closed(catalogue))
    read = [(source, indicator) for source, indicator in con.execute(_SOURCES).fetchall() if indicator in hiding]
    return [
        f"Indicators {first} and {second} are both read from {source} and have withhold_below: one may be part of the "
        "other, and what is hidden of it could be subtracted. Only one count of a source can have it."
        for (source, first), (other, second) in combinations(read, 2)
        if source == other
    ]


def _renamed(catalogue: Catalogue, before: Ledger) -> list[str]:
    """Counts that the ledger doesn't know, while it knows one that is gone: that may be the same under another name."""
    known = {indicator for indicator, _ in before}
    entries = catalogue.indicators.values()
    gone = sorted(known - {entry.id for entry in entries} - {id for entry in entries for id in entry.formerly or ()})
    return [
        f"Nothing is known of what was shown and hidden of {new}, but it is of {', '.join(gone)}, which the catalogue "
        f'no longer has. If it is another name for the same, give {new} formerly = ["{gone[0]}"], and else formerly = '
        "[], and leave it there for good: by that name we know what has to stay hidden."
        for new in closed(catalogue)
        if gone and new not in known and catalogue.indicators[new].formerly is None
    ]


def _areas(cells: Sequence[_Cell], parents: Mapping[tuple[int, str], str]) -> _Areas:
    """The cells and all that they lie in, each in the division that it is drawn on."""
    wholes: dict[tuple[int, str], set[str]] = {}
    for cell in cells:
        code = cell.code
        while whole := parents.get((cell.edition, code)):
            wholes.setdefault((cell.edition, whole), set()).add(code)
            code = whole
    return _Areas({cell.code: cell for cell in cells}, {key: frozenset(parts) for key, parts in wholes.items()})


def _hidden(areas: _Areas, limit: int, earlier: Sequence[Shown]) -> set[str]:
    """The codes of the figures to hide. What was hidden once stays hidden, also where there is no count any more."""
    again = {code for shown in earlier for code, count in shown.items() if count is None} & areas.cells.keys()
    versions = [_version(areas, shown) for shown in earlier]
    table = disclosure.since(_table(areas, limit, again), versions)
    hidden = disclosure.protect(table, [areas.number[code] for code in again])
    return {code for code, place in areas.number.items() if place in hidden and not areas.absent(code)} | again


def _version(areas: _Areas, shown: Shown) -> dict[int, int | None]:
    """What an earlier version gave, by number of the area; nothing of a level that it was not published for."""
    levels = {areas.cells[code].level for code in shown if code in areas.cells}
    unpublished = [code for code, cell in areas.cells.items() if cell.level not in levels]
    return {areas.number[code]: count for code, count in (dict.fromkeys(unpublished) | shown).items()}


def _table(areas: _Areas, limit: int, again: Iterable[str]) -> Table:
    """The figures as a table that adds up. Who has no row is nobody, which everybody knows: no cover for others."""
    number = areas.number
    sums = {
        (number[whole], *sorted(number[part] for part in parts)) for (_, whole), parts in sorted(areas.wholes.items())
    }
    absent = {code for code in number if areas.absent(code)} - set(again)
    return Table(
        tuple(areas.value(code) for code in number),
        tuple({whole: 1} | dict.fromkeys(parts, -1) for whole, *parts in sorted(sums)),
        limit,
        frozenset(number[code] for code in absent),
        frozenset(number[code] for code in absent - areas.parts.keys()),
    )


def _hide(con: duckdb.DuckDBPyConnection, asked: Mapping[str, object], cells: Sequence[_Cell]) -> None:
    con.execute(
        """UPDATE observation SET status = 'withheld', value = NULL, low = NULL, high = NULL, n = NULL
           WHERE list_contains($places, rowid)""",
        {"places": [cell.place for cell in cells if cell.place is not None]},
    )
    for cell in cells:
        if cell.place is None:
            con.execute(
                """INSERT INTO observation BY NAME
                   SELECT indicator, $code AS area_code, period, $edition AS edition, min(source) AS source,
                          'withheld' AS status, false AS provisional, [min(source)] AS sources, false AS converted,
                          false AS beside
                   FROM observation WHERE indicator = $indicator AND period = $period GROUP BY indicator, period""",
                {**asked, "code": cell.code, "edition": cell.edition},
            )
