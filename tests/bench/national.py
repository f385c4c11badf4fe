"""A synthetic mart of a whole country: 14,574 areas x 150 indicators x 12 years, and how fast it answers.

Nothing in it is true, and it holds no outlines. Its tables are made by the SQL of the warehouse; only the figures are
made up, in the same columns and the same order. Beside it stands the plain way: the view `figure` written out as one
table with text keys, in the order in which rows happened to come in. Both are asked the same by turns, by the same
DuckDB, and their answers are taken as Arrow, so that it is not Python that is measured.
"""

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from buurtbeeld import queries
from buurtbeeld.catalogue import Status
from buurtbeeld.warehouse import build
from tests.bench.machine import Spent, spent

GIVEN = Path(__file__).with_name("national.sql")
NEWEST = date(2024, 1, 1)


@dataclass(frozen=True)
class Size:
    """How much is made. The plain table holds the first `plain` indicators only, for it takes long to make."""

    areas: int = 14_574
    indicators: int = 150
    years: int = 12
    plain: int = 30

    @property
    def gemeenten(self) -> int:
        """Some 43 areas each."""
        return max(1, self.areas // 43)

    @property
    def wijken(self) -> int:
        """Ten to a gemeente."""
        return self.gemeenten * 10

    @property
    def figures(self) -> int:
        """Of all areas, indicators and years."""
        return self.areas * self.indicators * self.years


@dataclass(frozen=True)
class Made:
    """A file: rows of figures, seconds to make it, bytes."""

    rows: int
    seconds: float
    size: int


@dataclass(frozen=True)
class Asked:
    """A question: rows of its answer, and what it takes of our mart, and of the plain table if that was asked."""

    question: str
    rows: int
    ours: Spent
    plain: Spent | None


@dataclass(frozen=True)
class Measured:
    """Everything, for `report`."""

    size: Size
    ours: Made
    plain: Made
    asked: tuple[Asked, ...]


def run(folder: Path, size: Size | None = None) -> Measured:
    """Makes both files in `folder` and asks them."""
    size = size or Size()
    mart, plain = folder / "national.duckdb", folder / "plain.duckdb"
    ours, theirs = generate(mart, size), generate_plain(plain, mart, size)
    return Measured(size, ours, theirs, tuple(ask(mart, plain, size)))


def generate(path: Path, size: Size) -> Made:
    """Writes the mart: a figure for every area, indicator and year, one in twelve of them missing."""
    started = time.perf_counter()
    with duckdb.connect(path, config=build.CONFIG) as con:
        con.begin()
        con.execute(f"CREATE TYPE status AS ENUM ({', '.join(repr(str(status)) for status in Status)})")
        counts = {"gemeenten": size.gemeenten, "wijken": size.wijken, "indicators": size.indicators}
        counts["buurten"] = size.areas - size.gemeenten - size.wijken
        for statement in GIVEN.read_text(encoding="utf-8").split(";")[:-1]:
            con.execute(statement, {name: count for name, count in counts.items() if f"${name}" in statement})
        for name in ("build", "area", "source", "indicator"):
            con.execute(_sql(name))
        con.execute("DELETE FROM observation")
        con.execute(_sql("figure"))
        # DuckDB 1.5.6 loses sight of rows that are inserted in the transaction in which their empty table was made.
        con.commit()
        con.begin()
        for indicator in range(1, size.indicators + 1):
            con.execute(_FIGURES, {"indicator": indicator, "years": size.years})
        con.execute(_sql("series"))
        con.execute("INSERT INTO mart_build VALUES ('national', TIMESTAMP '2024-01-01', 'NL00', '0', false, true, '')")
        con.commit()
        con.execute("CHECKPOINT")
        rows = _count(con, "mart_figure")
    return Made(rows, time.perf_counter() - started, path.stat().st_size)


def generate_plain(path: Path, mart: Path, size: Size) -> Made:
    """Writes the plain table from the mart's view."""
    started = time.perf_counter()
    with duckdb.connect(path) as con:
        con.execute(f"ATTACH '{mart}' AS mart (READ_ONLY)")
        con.execute(
            """CREATE TABLE plain AS SELECT * FROM mart.figure
               WHERE indicator < printf('figure_%03d', $plain) ORDER BY hash(code, indicator, period)""",
            {"plain": min(size.plain, size.indicators)},
        )
        con.execute("CHECKPOINT")
        rows = _count(con, "plain")
    return Made(rows, time.perf_counter() - started, path.stat().st_size)


def ask(mart: Path, plain: Path, size: Size) -> list[Asked]:
    """Every question, first to our mart and then to the plain table."""
    with duckdb.connect(mart, read_only=True) as ours, duckdb.connect(plain, read_only=True) as theirs:
        ids = tuple(id for (id,) in ours.execute("SELECT id FROM indicator ORDER BY id").fetchall())
        some = ids[: min(12, size.plain)]
        [(area,)] = ours.execute("SELECT max(code) FROM area WHERE level = 'buurt'").fetchall()
        last = some[-1]
        choices: list[tuple[str, Question, str | None]] = [
            (
                "map: one indicator, one year, all buurten",
                (queries.figures, last, "buurt", NEWEST),
                f"WHERE indicator = '{last}' AND level = 'buurt' AND period = DATE '{NEWEST}' ORDER BY code",
            ),
            (
                f"profile: {len(some)} indicators, all years, one buurt",
                (queries.figures_of, some, (area,)),
                f"WHERE indicator IN {some} AND code = '{area}' ORDER BY indicator, period",
            ),
            (
                f"profile: {size.indicators} indicators, all years, one buurt",
                (queries.figures_of, ids, (area,)),
                None if size.plain < size.indicators else f"WHERE code = '{area}' ORDER BY indicator, period",
            ),
            (
                "file: one indicator, newest year, all buurten",
                (queries.figure_table, (last,), "buurt", "newest", None),
                None,
            ),
            ("what there is: every indicator, level and year", (queries.held,), None),
            ("newest values of every indicator, all buurten", (queries.newest, "buurt"), None),
        ]
        return [_ask(ours, theirs, *choice) for choice in choices]


def report(measured: Measured) -> str:
    """As a table, with the ratio to the plain way."""
    size, ours, plain = measured.size, measured.ours, measured.plain
    ratio = (plain.size / plain.rows) / (ours.size / ours.rows)
    lines = [
        f"{size.areas:,} areas x {size.indicators} indicators x {size.years} years: {ours.rows:,} figures, no outlines",
        f"{'':50} {'rows':>10} {'made in':>9} {'size':>9} {'bytes a row':>12}",
    ]
    for name, made in (("ours", ours), (f"plain, of {min(size.plain, size.indicators)} indicators only", plain)):
        lines.append(
            f"{name:50} {made.rows:10,} {made.seconds:7.1f} s {made.size / 1e6:6.0f} MB {made.size / made.rows:12.1f}"
        )
    lines += [
        f"{ratio:.1f} times smaller.",
        "",
        f"{'':50} {'rows':>10} {'ours':>10} {'CPU':>9} {'plain':>10} {'CPU':>9}",
    ]
    for asked in measured.asked:
        lines.append(f"{asked.question:50} {asked.rows:10,} {_told(asked.ours)} {_told(asked.plain)}".rstrip())
        if asked.plain:
            faster = asked.plain.clock / asked.ours.clock, asked.plain.cpu / asked.ours.cpu
            lines[-1] += f"   {faster[0]:.1f} times faster, {faster[1]:.1f} times less CPU"
    if plain.rows < ours.rows:
        lines.append(
            f"The plain table holds {plain.rows / ours.rows:.0%} of the rows: with all of them it is slower still."
        )
    return "\n".join(lines)


def _told(took: Spent | None) -> str:
    return f"{took.clock:7.1f} ms {took.cpu:6.1f} ms" if took else ""


Question = tuple[Any, ...]
"""A function of `queries` and its arguments after the cursor."""


class _Recorder:
    """A cursor that remembers what it was asked last."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self.asked: tuple[str, Any] = ("", None)

    def execute(self, query: str, params: Any = None) -> Any:
        self.asked = (query, params)
        return self._con.execute(query, params)

    def sql(self, query: str, params: Any = None) -> Any:
        self.asked = (query, params)
        return self._con.sql(query, params=params)


def _ask(
    ours: duckdb.DuckDBPyConnection, theirs: duckdb.DuckDBPyConnection, name: str, question: Question, plain: str | None
) -> Asked:
    recorder = _Recorder(ours)
    function, *args = question
    function(queries.Reader(recorder, queries.keys(ours)), *args)  # type: ignore[arg-type]
    query, params = recorder.asked

    def ask_ours() -> int:
        return int(queries._table(ours, query, params).num_rows)

    def ask_plain() -> int:
        return int(theirs.sql(f"SELECT * FROM plain {plain}").to_arrow_table().num_rows)

    rows = ask_ours()
    if plain is None:
        return Asked(name, rows, spent(ask_ours)[0], None)
    assert ask_plain() == rows
    both = spent(ask_ours, ask_plain)
    return Asked(name, rows, both[0], both[1])


def _sql(name: str) -> str:
    return (build.SQL / f"{name}.sql").read_text(encoding="utf-8")


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    [(rows,)] = con.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(rows)


# Shares with one decimal, and each third indicator a count: a level of its own for each area, a trend, and noise.
_FIGURES = """
    INSERT INTO mart_figure
    WITH made AS (
        SELECT
            year, area_id,
            hash($indicator, area_id) AS own,
            hash($indicator, year, area_id) AS noise
        FROM range($years) AS each(year), mart_area
    )
    SELECT
        $indicator, make_date((2025 - $years + year)::INTEGER, 1, 1), area_id,
        CASE WHEN noise % 12 > 0 THEN
            CASE WHEN $indicator % 3 = 0 THEN (own % 20000 + year * 10 + noise % 50)::DOUBLE
                 ELSE round((own % 900 + noise % 50 + year)::DOUBLE / 10, 1) END END,
        NULL, NULL, NULL,
        CASE WHEN noise % 12 > 0 THEN 'ok' ELSE 'reason_unknown' END::status,
        false, 2024, false, false, 1, false, true
    FROM made
    ORDER BY year, area_id
"""
