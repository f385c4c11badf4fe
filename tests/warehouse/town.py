"""A made-up gemeente of four buurten in two wijken, of which a test writes the raw files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from buurtbeeld.catalogue import Source, load
from buurtbeeld.settings import Settings, read
from buurtbeeld.warehouse.build import BuildError, Built, build

CODE = "GM9999"
STAMP = "20261123T110000Z"
BUURTEN = ("BU99990101", "BU99990102", "BU99990201", "BU99990202")
INDICATORS = ("residents", "residents_65plus", "residents_65plus_share", "home_value", "crimes", "crimes_per_1000")
RESIDENTS, OLDER, HOME_VALUE = "AantalInwoners_5", "k_65JaarOfOuder_12", "GemiddeldeWOZWaardeVanWoningen_35"
CRIMES = "GeregistreerdeMisdrijven_1"
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)

Row = dict[str, object]


class Town:
    """Its DATA_DIR and what can be done with it. The catalogue is the project's own, with `INDICATORS` only."""

    def __init__(self, data_dir: Path, gemeente: str = CODE) -> None:
        self.settings: Settings = read({"DATA_DIR": str(data_dir), "GEMEENTE": gemeente, "LANG": "en"})
        own = load()
        self.catalogue = replace(own, indicators={id: own.indicators[id] for id in INDICATORS})

    def outlines(self, edition: int = 2024, buurten: Iterable[str] = BUURTEN, **words: Any) -> Path:
        """Writes the gemeente, the wijken and `buurten`: squares of about a kilometre, side by side."""
        return self.write("pdok_areas", edition, areas(tuple(buurten), edition), shape="outline", **words)

    def figures(self, rows: Mapping[str, Row], edition: int = 2024, **words: Any) -> Path:
        """Writes one file of figures: area code -> column -> value. `period` defaults to the year of the edition."""
        period = words.pop("period", date(edition, 1, 1))
        table = [{"area_code": code, "period": period, "edition": edition, **row} for code, row in rows.items()]
        return self.write(words.pop("source", "cbs_key_figures"), edition, pa.Table.from_pylist(table), **words)

    def write(
        self,
        id: str,
        edition: int,
        table: pa.Table,
        *,
        shape: str = "area",
        stamp: str = STAMP,
        said: Row | None = None,
    ) -> Path:
        """Writes a raw file as the loaders do; `said` changes what it says of itself."""
        path = self.settings.raw_dir / id / f"{edition}@{stamp}.parquet"
        about = {
            "source": source(id, shape).as_dict(),
            "edition": str(edition),
            "url": f"https://example.org/{id}/{edition}",
            "retrieved_at": "2026-11-23T11:00:00Z",
            "sha256": "0" * 64,
            "rows": table.num_rows,
            "is_simulated": False,
            "gemeente": self.settings.gemeente,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.replace_schema_metadata({"buurtbeeld": json.dumps(about | (said or {}))}), path)
        return path

    def build(self, now: datetime = NOW) -> Built:
        """Builds and publishes its mart."""
        return build(self.settings, self.catalogue, now)

    def problems(self) -> str:
        """Why its mart is refused, a sentence on each line."""
        with pytest.raises(BuildError) as refused:
            self.build()
        return "\n".join(refused.value.problems)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query on the published mart."""
        with duckdb.connect(self.settings.mart_link.resolve(), read_only=True) as con:
            return con.execute(query).fetchall()

    def figure(self, indicator: str, code: str = BUURTEN[0], period: str = "2024-01-01") -> tuple[Any, ...]:
        """(value, status) of one figure; fails when there is not exactly one."""
        [found] = self.ask(
            f"SELECT value, status FROM figure WHERE (indicator, code, period) = ('{indicator}', '{code}', '{period}')"
        )
        return found


def source(id: str, shape: str = "area", **words: Any) -> Source:
    """A made-up publisher."""
    usual = {
        "publisher": "Nobody",
        "title": id,
        "page": "https://example.org",
        "licence": "cc0",
        "attribution": f"Bron: {id}",
        "openness": "rows",
        "refreshed": "never",
    }
    return Source(id=id, shape=shape, **usual | words)  # type: ignore[arg-type]


def areas(buurten: tuple[str, ...] = BUURTEN, edition: int = 2024) -> pa.Table:
    """The table of a file of outlines."""
    wijken = sorted({f"WK{code[2:8]}" for code in buurten})
    codes = [f"GM{buurten[0][2:6]}", *wijken, *buurten]
    levels = {"GM": "gemeente", "WK": "wijk", "BU": "buurt"}
    parents = {"GM": None, "WK": codes[0]}
    return pa.table(
        {
            "code": codes,
            "level": [levels[code[:2]] for code in codes],
            "name": [f"Area {code[6:] or code[2:]}" for code in codes],
            "parent_code": pa.array([parents.get(code[:2], f"WK{code[2:8]}") for code in codes], pa.string()),
            "edition": pa.array([edition] * len(codes), pa.int32()),
            "changed": pa.array([None] * len(codes), pa.int32()),
            "geometry": [shapely.to_wkb(_square(codes.index(code))) for code in codes],
        }
    )


def changed(table: pa.Table, column: str, values: Mapping[str, object]) -> pa.Table:
    """`table` of areas with other values in one column: area code -> value."""
    rows = [row | ({column: values[row["code"]]} if row["code"] in values else {}) for row in table.to_pylist()]
    return pa.Table.from_pylist(rows, schema=table.schema)


def residents(**others: object) -> dict[str, Row]:
    """1,000 residents of whom 100 are older, in every area; `others` replaces them by area code."""
    codes = areas()["code"].to_pylist()
    return {code: {RESIDENTS: others.get(code, 1000), OLDER: 100, HOME_VALUE: 400} for code in codes}


def _square(place: int) -> shapely.Polygon:
    west = 5 + place / 64
    return shapely.box(west, 52, west + 1 / 64, 52 + 1 / 128)
