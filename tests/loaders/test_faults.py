"""Every source on every bad day of its publisher: what was good stays, and one line says who, where and why.

`make test` runs two bad days for each source, `make soak` all of them.
"""

import io
import resource
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from buurtbeeld.settings import read
from loaders import discover
from loaders.__main__ import main
from loaders.http import Limits
from loaders.raw import Shelf
from tests.publishers import everybody
from tests.publishers.faults import MENU
from tests.publishers.server import Server
from tests.publishers.towns import small_town

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LOADERS = discover()
# A file of the city's own: nobody's server can have a bad day.
FETCHED = [name for name, loader in LOADERS.items() if loader.source.hosts]
DAYS = list(MENU)
QUICK = [(name, DAYS[(number + turn * 7) % len(DAYS)]) for number, name in enumerate(FETCHED) for turn in range(2)]
SLOW = [(name, day) for name in FETCHED for day in DAYS if (name, day) not in QUICK]


@dataclass(frozen=True)
class Loaded:
    """A good load of everything: where it is, and the publishers it came from."""

    folder: Path
    server: Server

    def load(self, folder: Path, *words: str, hours: int = 0) -> tuple[int, list[str]]:
        """Run the command; gives its exit code and the lines it said."""
        said = io.StringIO()
        code = main(
            words,
            environ={"DATA_DIR": str(folder), **self.server.environ},
            now=lambda: NOW + timedelta(hours=hours),
            sleep=lambda _: None,
            limits=Limits(timeout=0.4, max_bytes=20_000_000, max_file=30_000_000),
            console=Console(file=said, width=2_000),
        )
        return code, said.getvalue().splitlines()


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Everything, loaded once."""
    with everybody(small_town()) as server:
        loaded = Loaded(tmp_path_factory.mktemp("good"), server)
        code, said = loaded.load(loaded.folder)
        assert code == 0, "\n".join(said)
        yield loaded


def rows(folder: Path, name: str) -> dict[str, set[str]]:
    """What is on disk of a source: the rows of the newest copy of each edition."""
    shelf = Shelf(folder / "raw", LOADERS[name].source, read({}).gemeente, NOW)
    tables = {edition: copy.table() for edition, copy in shelf.copies().items()}
    return {edition: {str(row) for row in table.to_pylist()} for edition, table in tables.items() if table is not None}


def survives(good: Loaded, folder: Path, name: str, day: str) -> None:
    """A load on a bad day: every row that was there is there, and who failed is told in one line."""
    shutil.copytree(good.folder / "raw", folder / "raw")
    before = rows(folder, name)
    assert before
    for host in LOADERS[name].source.hosts:
        good.server.fault(f"/{host.lower()}/", MENU[day])
    try:
        code, said = good.load(folder, name, hours=25)
    finally:
        good.server.well()
    after = rows(folder, name)
    assert not {edition for edition, was in before.items() if was - after.get(edition, set())}
    lines = [line for line in said if line.startswith(name)]
    failed = [line for line in lines if " failed " in line]
    assert len(failed) == (1 if code else 0)
    if failed:
        assert any(host in failed[0] for host in LOADERS[name].source.hosts) or LOADERS[name].source.id in failed[0]
        assert "stays" in failed[0]
        assert "This should not happen" not in failed[0]


@pytest.mark.parametrize(("name", "day"), QUICK)
def test_a_bad_day_leaves_what_was_good(good, tmp_path, name, day):
    survives(good, tmp_path, name, day)


@pytest.mark.soak
@pytest.mark.parametrize(("name", "day"), SLOW)
def test_every_bad_day_leaves_what_was_good(good, tmp_path, name, day):
    survives(good, tmp_path, name, day)
    # All publishers' answers of 3 GB together are never in memory.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000  # kB


@pytest.mark.parametrize("name", FETCHED)
def test_only_addresses_that_are_declared_are_asked(good, tmp_path, name):
    shutil.copytree(good.folder / "raw", tmp_path / "raw")
    shutil.rmtree(tmp_path / "raw" / name)
    before = len(good.server.asked)
    good.load(tmp_path, name)
    asked = {target.split("/")[1].upper() for target in good.server.asked[before:]}
    assert asked and asked <= set(LOADERS[name].source.hosts)


def test_a_second_load_of_everything_is_unchanged_and_transfers_next_to_nothing(good, tmp_path):
    shutil.copytree(good.folder / "raw", tmp_path / "raw")
    before = {name: rows(tmp_path, name) for name in FETCHED}
    paths = sorted((tmp_path / "raw").glob("*/*.parquet"))
    code, said = good.load(tmp_path)
    assert code == 0, "\n".join(said)
    assert not [line for line in said if " new " in line]
    assert {name: rows(tmp_path, name) for name in FETCHED} == before
    assert sorted((tmp_path / "raw").glob("*/*.parquet")) == paths
