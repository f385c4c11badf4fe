"""A synthetic mart of the whole country: 14,574 areas x 150 indicators x 12 years, and how fast it answers.

Nothing in it is true. The tables are made by the SQL of the warehouse; only the figures are made up, in the same columns
and the same order. Beside it stands the plain way: the same figures in one table with text keys, in the order in which
they happened to come in. Both are asked the same in the same minute, and handed over the same way (Arrow).
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from buurtbeeld import queries
from buurtbeeld.store import Mart
from buurtbeeld.warehouse import build

Asked = tuple[str, dict[str, object] | None]


@dataclass(frozen=True)
class Size:
    """How much is made. The plain table gets only the first `plain` indicators: putting it in order takes minutes."""

    areas: int = 14_574
    indicators: int = 150
    years: int = 12
    plain: int = 30

    @property
    def gemeenten(self) -> int:
        """Some 43 areas to a gemeente, as in 2024."""
        return max(1, self.areas // 43)

    @property
    def wijken(self) -> int:
        """Four of ten to a gemeente."""
        return self.gemeenten * 10


@dataclass(frozen=True)
class Measured:
    """Milliseconds are medians of one question, without the making of Python objects; `whole_ms` is with them."""

    question: str
    rows: int
    ours_ms: float
    whole_ms: float
    plain_ms: float | None


def generate(path: Path, size: Size) -> None:
    """Writes the mart to `path`: figures for every area, indicator and year, one in twelve of them missing."""
    with duckdb.connect(path, config=build.CONFIG) as con:
        con.begin()
        con.execute(f"CREATE TYPE status AS ENUM ({', '.join(repr(str(status)) for status in build.Status)})")
        con.execute(_GIVEN, {"gemeenten": size.gemeenten, "wijken": size.wijken})
