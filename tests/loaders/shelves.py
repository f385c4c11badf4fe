"""Copies on disk for tests of a second load."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from buurtbeeld.catalogue import Source
from loaders import Edition, Same
from loaders.http import Answer
from loaders.raw import Copy, Shelf

LOADED = datetime(2026, 11, 22, 12, tzinfo=UTC)


def kept(folder: Path, source: Source, gemeente: str, editions: Iterable[Edition | Same]) -> dict[str, Copy]:
    """The copies of a load, as the next `fetch()` finds them."""
    shelf = Shelf(folder, source, gemeente, LOADED)
    new = [each for each in editions if isinstance(each, Edition)]
    for edition in new:
        answer = Answer(host="X", url=edition.url, status=200, headers={}, retrieved_at=LOADED, body=b"")
        shelf.keep(edition.edition, answer)
    shelf.save(new)
    return shelf.copies()
