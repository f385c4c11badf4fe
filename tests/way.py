"""The whole way, for tests: publishers on this machine, the loaders, the warehouse, the mart and the API over it."""

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from buurtbeeld.catalogue import load
from buurtbeeld.settings import read
from buurtbeeld.warehouse.build import Built, build
from loaders.__main__ import main
from tests.publishers.pdok import Pdok
from tests.publishers.server import Publisher, Server
from tests.publishers.towns import Town


class Way:
    """A DATA_DIR of one gemeente. Every load and every build is at a time that the test says."""

    def __init__(self, data_dir: Path, town: Town) -> None:
        self.data_dir, self.town = data_dir, town
        self.settings = read({"DATA_DIR": str(data_dir), "GEMEENTE": town.code, "LANG": "en"})

    def says(self, table: str, server: Server, path: str, **words: str) -> None:
        """The city writes where its feed is, as in docs/feeds.md."""
        said = {"url": server.address + path, "licence": "cc0", "attribution": "Bron: niemand", **words}
        lines = [f"{name} = {json.dumps(value)}" for name, value in said.items()]
        self.settings.city_dir.mkdir(parents=True, exist_ok=True)
        (self.settings.city_dir / "feeds.toml").write_text("\n".join([f"[{table}]", *lines, ""]), encoding="utf-8")

    def loads(self, server: Server, now: datetime, *sources: str) -> str:
        """What the command says, which has to have loaded all of these sources."""
        said = io.StringIO()
        hosts = {f"BASE_URL_{host}" for host in self.settings.base_urls}  # the others, the city says in its file
        there = {name: url for name, url in server.environ.items() if name in hosts}
        code = main(
            sources,
            environ={"DATA_DIR": str(self.data_dir), "GEMEENTE": self.town.code, **there},
            now=lambda: now,
            sleep=lambda _: None,
            console=Console(file=said, width=2_000),
        )
        assert code == 0, said.getvalue()
        return said.getvalue()

    def build(self, now: datetime) -> Built:
        return build(self.settings, load(), now)

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query on the published mart."""
        with closing(duckdb.connect(self.settings.mart_link.resolve(), read_only=True)) as con:
            return con.execute(query, list(values)).fetchall()


def near(town: Town, year: int, *publishers: Publisher) -> Server:
    """Those publishers, and the outlines of a gemeente as they were in a year."""
    return Server(Pdok(town, years=(year,)), *publishers)


def median(values: Sequence[float]) -> float:
    """As everybody is taught it."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def high(values: Sequence[float], share: float = 0.95) -> float:
    """The value that a share of them is at most, between two of them as far as needed."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def items(client: Any, path: str, **asked: str) -> list[Mapping[str, Any]]:
    """What the API answers."""
    answer = client.ask(f"/api/v1{path}?{'&'.join(f'{name}={value}' for name, value in asked.items())}")
    assert answer.status_code == 200, answer.text
    found: list[Mapping[str, Any]] = answer.json()["items"]
    return found
