"""The pages over a mart as large as a whole country: Utrecht many times over, side by side on a grid.

What is measured is the same as for Utrecht, and how long a visitor waits for a page that nobody has asked for yet.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import shapely

from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import load
from buurtbeeld.settings import read
from buurtbeeld.store import Mart
from buurtbeeld.warehouse.build import CONFIG, build
from tests.bench import reruns
from tests.bench.reruns import INDICATORS, Cost

NEW = 20  # choices
COPIES = 126  # of 111 buurten: 13,986
ACROSS = 14

# Every row of an area or of its figures, once more for each copy; of the gemeente there stays one.
_AREAS = """
    INSERT INTO mart_area BY NAME
    SELECT mart_area.* REPLACE (
        copy * $most + area_id AS area_id,
        code[1:2] || (1000 + copy) || code[7:] AS code,
        name || ' ' || copy AS name,
        if(level = 'wijk', parent_code, parent_code[1:2] || (1000 + copy) || parent_code[7:]) AS parent_code,
        shape.geometry AS geometry
    )
    FROM mart_area JOIN shape USING (area_id) JOIN range(1, $copies) AS each(copy) USING (copy)"""
_FIGURES = """
    CREATE TABLE more AS
    SELECT mart_figure.* REPLACE (copy * $most + area_id AS area_id)
    FROM mart_figure JOIN mart_area USING (area_id), range(0, $copies) AS each(copy)
    WHERE level <> 'gemeente' OR copy = 0
    ORDER BY indicator_id, period, area_id"""


@dataclass(frozen=True)
class Page:
    """One page: seconds until it is drawn the first time, and the cost of a rerun."""

    name: str
    first: float
    cost: Cost


def make(folder: Path, copies: int = COPIES) -> int:
    """Builds the mart of the sample in `folder` and repeats it; gives the number of figures."""
    built = build(read({"DATA_DIR": str(folder)}), load())
    with duckdb.connect(built.path, config=CONFIG) as con:
        [(most,)] = con.execute("SELECT max(area_id) FROM mart_area").fetchall()
        con.register("shape", _shapes(con, copies))
        # Figures first: the copies of the areas would each be copied again.
        con.execute(_FIGURES, {"most": most, "copies": copies})
        con.execute("DELETE FROM mart_figure")
        con.execute("INSERT INTO mart_figure FROM more")
        con.execute("DROP TABLE more")
        con.execute(_AREAS, {"most": most, "copies": copies})
        [(figures,)] = con.execute("SELECT count(*) FROM mart_figure").fetchall()
    return int(figures)


def run(folder: Path, copies: int = COPIES) -> tuple[int, list[Page]]:
    """(number of figures, a row per page)."""
    figures = make(folder, copies)
    mart = Mart((folder / "dashboard.duckdb").resolve())
    again = [f"indicator={name}&gebied=BU03440131" for name in INDICATORS]
    pages = []
    with reruns.server("dashboard.py", {"DATA_DIR": str(folder)}) as (pid, host):
        reruns.walk(host, "gegevens", again[:1])  # what every page needs is not what one page costs
        for page in PAGES:
            started = time.perf_counter()
            reruns.walk(host, page.segment, again[:1])
            first = time.perf_counter() - started
            new = reruns.choices(mart, page.segment, reruns.WARM + NEW)
            pages.append(Page(f"/{page.segment}", first, reruns.measure(pid, host, page.segment, again, new)))
    return figures, pages


def report(figures: int, pages: list[Page]) -> str:
    """As a table."""
    lines = [
        f"{figures:,} figures.",
        f"{'page':22} {'first s':>8} {'new ms CPU':>11} {'again ms CPU':>13} {'bytes':>9}",
    ]
    lines += [
        f"{page.name:22} {page.first:8.2f} {page.cost.new_ms:11.1f} {page.cost.again_ms:13.1f} {page.cost.bytes:9}"
        for page in pages
    ]
    return "\n".join(lines)


def _shapes(con: duckdb.DuckDBPyConnection, copies: int) -> pa.Table:
    """The outline of every area but the gemeente for each copy, moved to its place on the grid."""
    found = con.execute("SELECT area_id, geometry FROM mart_area WHERE level <> 'gemeente'").fetchall()
    shapes = shapely.from_wkb([wkb for _, wkb in found])
    west, south, east, north = shapely.total_bounds(shapes)
    tables = []
    for copy in range(1, copies):
        away = np.array([(copy % ACROSS) * (east - west), (copy // ACROSS) * (north - south)])
        moved = shapely.transform(shapes, lambda points, away=away: points + away)
        tables.append(
            pa.table(
                {"area_id": [id for id, _ in found], "copy": [copy] * len(found), "geometry": shapely.to_wkb(moved)}
            )
        )
    return pa.concat_tables(tables) if tables else pa.table({"area_id": [], "copy": [], "geometry": []})
