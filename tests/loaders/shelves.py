"""Whole loads for tests: asked, read, doubted and kept, so that the next one finds what the one before left."""

from dataclasses import replace
from pathlib import Path
from types import ModuleType

from loaders import Edition, Same, Task
from loaders.http import Http
from loaders.raw import Shelf
from tests.publishers.server import Server


def loaded(task: Task, server: Server, module: ModuleType, folder: Path) -> list[Edition | Same]:
    """What a load of `module` brought, as the command does it."""
    shelf = Shelf(folder, module.SOURCE, task.gemeente, task.now)
    with Http(
        server.base_urls, keep=shelf.keep, known=shelf.known, parts=shelf.parts, sleep=lambda _seconds: None
    ) as http:
        editions: list[Edition | Same] = module.fetch(replace(task, http=http, copies=shelf.copies()))
    shelf.save(editions, task.columns, largest_loss=getattr(module, "LARGEST_LOSS", 0.2))
    return editions


def one(editions: list[Edition | Same]) -> Edition:
    """The only edition of a load that brought something new."""
    [edition] = editions
    assert isinstance(edition, Edition)
    return edition
