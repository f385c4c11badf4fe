"""Every dataset in the open-data portal of the municipality of Utrecht: what it is called, from when, for whose use.

Published as a list of titles; all else is said of one dataset at a time, so that a load asks once per dataset. What was
received before is asked for with "only when it changed". The files of a dataset are asked only when it is new, or is of
another day than before, or says no day. Odd, and handled here:

- A dataset that stands in the list need not be kept up: many are years old. Its `date` is the day its publisher changed
  it, NULL where he doesn't say, and never the day it was seen here.
- Each has a licence of its own, in words or as an address. It stays as published.
- A time without a zone is that of Utrecht.
- Descriptions may name people and their addresses, and are left out.

How a dataset and its files are described could not be confirmed; `loaders/dialects/dcat.py` tells what is tried.
"""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task
from loaders.dialects import dcat
from loaders.http import RefusedError

SOURCE = Source(
    id="utrecht_catalogue",
    publisher="Gemeente Utrecht",
    title="Open data van de gemeente Utrecht: alle datasets",
    page="https://open.utrecht.nl",
    licence="unknown",
    attribution="Bron: gemeente Utrecht, open data",
    shape="list",
    openness="rows",
    refreshed="daily",
    hosts=("UTRECHT_PORTAAL",),
)
GEMEENTEN = ("GM0344",)

HOST = "UTRECHT_PORTAAL"
EDITION = "catalogue"
PAGE = "https://open.utrecht.nl/dataset/"
# Column: the word it is said under.
WORDS = {name: name for name in ("publisher", "modified", "issued", "keyword", "theme")} | {"licence": "license"}
MOST_REFUSED = 0.1  # of the datasets; more is no trouble of single ones

Row = dict[str, Any]


def fetch(task: Task) -> list[Edition]:
    """The whole list, ordered by id. Raises LoadError when more than `MOST_REFUSED` of the datasets can't be read."""
    before = _before(task)
    refused: list[str] = []
    rows: list[Row] = []
    listed = dcat.datasets(task.http, HOST, label=EDITION)
    for id, attributes in listed:
        try:
            rows.append(_row(task, id, attributes, before.get(id)))
        except RefusedError as error:
            refused.append(str(error))
            rows.append(before.get(id) or _keys(id, attributes))
    if len(refused) > MOST_REFUSED * len(listed):
        raise LoadError(f"{len(refused)} of {len(listed)} datasets of {HOST} can't be read. {refused[0]}")
    if refused:
        task.note(f"{len(refused)} datasets were not described this time and stay as they were. {refused[0]}")
    return [Edition(edition=EDITION, table=_table(rows), url=task.http.address(HOST, "/api/datasets"))]


def look(task: Task) -> Look:
    """How many datasets there are. Raises LoadError when of the first nothing is said that is read here."""
    listed = dcat.datasets(task.http, HOST, label=EDITION)
    for id, _ in listed[:1]:
        described = dcat.dataset(task.http, HOST, id, label=EDITION)
        if not any(dcat.said(described, word) for word in WORDS.values()):
            raise LoadError(f"{HOST} says of {id} only {', '.join(described)}. Look which words it uses now.")
    return Look(edition=EDITION, columns=dict.fromkeys((*WORDS, "formats"), ""), counts={"datasets": len(listed)})


def _before(task: Task) -> dict[str, Row]:
    """The rows of the copy on disk, by id."""
    copy = task.copies.get(EDITION)
    table = copy.table() if copy else None
    return {row["id"]: row for row in table.to_pylist()} if table else {}


def _row(task: Task, id: str, listed: dcat.Attributes, before: Row | None) -> Row:
    attributes = dcat.dataset(task.http, HOST, id, label=EDITION)
    words = {name: _joined(dcat.said(attributes, word)) for name, word in WORDS.items()}
    row = _keys(id, listed) | {"date": dcat.day(words["modified"] or "")} | words
    if before and before["modified"] and before["modified"] == row["modified"]:
        return row | {"formats": before["formats"]}
    files = dcat.files(task.http, HOST, id, label=EDITION)
    return row | {"formats": _joined(sorted({file.form for file in files if file.form}))}


def _keys(id: str, attributes: dcat.Attributes) -> Row:
    return {"id": id, "title": dcat.one(attributes, "title"), "link": f"{PAGE}{id}"}


def _joined(texts: Iterable[str]) -> str | None:
    return "; ".join(texts) or None


def _table(rows: list[Row]) -> pa.Table:
    kinds = {"id": pa.string(), "title": pa.string(), "link": pa.string(), "date": pa.date32()}
    kinds |= dict.fromkeys((*WORDS, "formats"), pa.string())
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in kinds.items()})
