"""What the tests of the loaders share: a client that does not sleep, and a task for a `fetch()`."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
import shapely

from buurtbeeld.catalogue import Wanted
from loaders import Area, Edition, Same, Task
from loaders.http import Http
from loaders.raw import Saved, Shelf
from tests.publishers import Publishers
from tests.publishers.server import Server
from tests.publishers.towns import Town

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def whole(town: Town) -> shapely.Geometry:
    """The outline of a gemeente."""
    return next(area.outline for area in town.areas if area.level == "gemeente")


def named(town: Town) -> list[Area]:
    """The areas of a gemeente, as its outlines name them."""
    land = [area for area in town.areas if area.water == "NEE"]
    return [Area(area.code, area.level, re.sub(r"^Wijk \w\w ", "", area.name), 2024) for area in land]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    """The fake publishers are on this machine, whatever proxy it has for the rest of the world."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def serve() -> Iterator[Callable[..., Publishers]]:
    """Start PDOK and CBS: `serve(town, years=(2024, 2025))`."""
    with ExitStack() as stack:
        yield lambda *towns, **words: stack.enter_context(Publishers(*towns, **words))


@pytest.fixture
def serving() -> Iterator[Callable[..., Server]]:
    """Start any publishers: `serving(Rdw(town), Pdok(town))`."""
    with ExitStack() as stack:
        yield lambda *publishers: stack.enter_context(Server(*publishers))


@pytest.fixture
def waits() -> list[float]:
    """The seconds that a client of `http` would have slept."""
    return []


@pytest.fixture
def http(waits) -> Iterator[Callable[..., Http]]:
    """A client of fake publishers that does not sleep: `http(publishers, keep=…)`."""
    with ExitStack() as stack:
        yield lambda publishers, **words: stack.enter_context(Http(publishers.base_urls, sleep=waits.append, **words))


@pytest.fixture
def notes() -> list[str]:
    """What a `fetch()` noted."""
    return []


@pytest.fixture
def task(http, notes, tmp_path) -> Callable[..., Task]:
    """A task at fake publishers: `task(publishers, town, columns=…)`."""

    def make(publishers: Server, town: Town, **words: Any) -> Task:
        usual: dict[str, Any] = {
            "editions": (),
            "figure_years": (),
            "now": NOW,
            "note": notes.append,
            "copies": {},
            "outline": lambda: whole(town),
            "city_dir": tmp_path / "city",
            "areas": lambda: named(town),
        }
        wanted = [Wanted((each,)) if isinstance(each, str) else each for each in words.pop("columns", ())]
        return Task(gemeente=town.code, http=http(publishers), columns=tuple(wanted), **usual | words)

    return make


@pytest.fixture
def loading(http, task, tmp_path) -> Callable[..., list[Edition | Same]]:
    """Load a source and keep what came, as a run does, time after time.

    `loading(luchtmeetnet, server, town, now)` gives what was fetched.
    """

    def load(module: ModuleType, server: Server, town: Town, now: datetime = NOW, **words: Any) -> list[Edition | Same]:
        shelf = Shelf(tmp_path / "raw", module.SOURCE, town.code, now)
        client = http(server, keep=shelf.keep, known=shelf.known, parts=shelf.parts)
        editions: list[Edition | Same] = module.fetch(
            replace(task(server, town, now=now, copies=shelf.copies(), **words), http=client)
        )
        shelf.save(editions, largest_loss=getattr(module, "LARGEST_LOSS", 0.2))
        return editions

    return load


@pytest.fixture
def loads(task, http, tmp_path) -> Callable[..., list[Saved]]:
    """Load a source as the command does, on top of what was loaded before: `loads(module, publishers, town)`."""

    def load(module: Any, publishers: Server, town: Town, **words: Any) -> list[Saved]:
        shelf = Shelf(tmp_path, module.SOURCE, town.code, NOW)
        client = http(publishers, keep=shelf.keep, known=shelf.known)
        return shelf.save(module.fetch(replace(task(publishers, town, **words), http=client, copies=shelf.copies())))

    return load


def one(editions: list[Edition | Same]) -> Edition:
    """The only edition of a load that brought something new."""
    [edition] = editions
    assert isinstance(edition, Edition)
    return edition
