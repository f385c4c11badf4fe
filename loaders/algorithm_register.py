"""Algorithms that the gemeente entered in the Dutch algorithm register (Algoritmeregister), by the ministry of BZK.

Published continuously; asked by the API of its website, in pages of at most 100. Odd, and handled here:

- Organisations are chosen by their id ("gm0344"); until 2025 it was by name. A choice that is not looked at gives the
  whole register. So the answer must echo the choice, and every row is looked at; else all of it is gone through.
- `searchtext` falls back to what looks alike without a word, and is never used.
- When the list can't be had, there is a CSV file of everything. It knows organisations by name only, and calls the id
  of an entry `algorithm_id`.
- Texts hold HTML, numbers may be text, lists may be text, and "-" stands for nothing.

Titles are made plain here; every other text stays as its organisation wrote it, and is theirs. Columns that name people
or addresses, such as the one for e-mail, are left out. Under which licence entries are published is unconfirmed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task
from loaders.files import table as csv_table
from loaders.http import RefusedError

SOURCE = Source(
    id="algorithm_register",
    publisher="Ministerie van Binnenlandse Zaken en Koninkrijksrelaties",
    title="Algoritmeregister van de Nederlandse overheid",
    page="https://algoritmes.overheid.nl",
    licence="unknown",
    attribution="Bron: Algoritmeregister van de Nederlandse overheid",
    shape="list",
    openness="rows",
    refreshed="daily",
    hosts=("ALGORITMEREGISTER",),
)
PRIVATE = True

HOST = "ALGORITMEREGISTER"
LIST, FILE = "/api/algoritme/NLD", "/api/downloads/NLD"
EDITION = "register"
PAGE = 100
MAX_PAGES = 100  # 10,000 entries; the whole register had some 1,500 in 2026
ENTRY = "https://algoritmes.overheid.nl/nl/algoritme/"
KEPT = (
    "name",
    "organization",
    "department",
    "description_short",
    "goal",
    "type",
    "category",
    "status",
    "publication_category",
    "impacttoetsen_grouping",
    "begin_date",
    "end_date",
    "create_dt",
)

Row = Mapping[str, Any]


def fetch(task: Task) -> list[Edition]:
    """The entries of the gemeente. Raises LoadError when it has none, or neither list nor file can be had."""
    try:
        rows = _entries(task)
    except RefusedError as error:
        task.note(f"The list of the algorithm register could not be had, so its CSV file was read. {error}")
        rows = _from_file(task)
    if not rows and EDITION not in task.copies:
        task.note(f"{task.gemeente} has no entries in the algorithm register.")
        return []
    if not rows:
        raise LoadError(
            f"{HOST} has no entries of {task.gemeente} ({task.http.address(HOST, LIST)}). Look on its website whether "
            "the gemeente is there under another id."
        )
    return [Edition(edition=EDITION, table=table(rows), url=task.http.address(HOST, LIST))]


def look(task: Task) -> Look:
    """The columns of one entry that are kept, and how many the gemeente has."""
    page = _page(task, 1, _organisation(task), 1)
    names = [name for name in KEPT if any(name in row for row in page["results"])]
    return Look(edition=EDITION, columns=dict.fromkeys(names, ""), counts={"entries": page["total_count"]})


def table(rows: Iterable[Row]) -> pa.Table:
    """Entries as the list gives them, each with its number `lars`: key columns, then `KEPT` as published."""
    entries = sorted(rows, key=lambda row: str(row["lars"]))
    columns: dict[str, pa.Array] = {
        "id": pa.array([str(row["lars"]) for row in entries], pa.string()),
        "title": pa.array([plain(str(row.get("name") or "")) for row in entries], pa.string()),
        "link": pa.array([f"{ENTRY}{row['lars']}" for row in entries], pa.string()),
        "date": pa.array([_day(row.get("create_dt")) for row in entries], pa.date32()),
    }
    columns |= {name: pa.array([_text(row.get(name)) for row in entries], pa.string()) for name in KEPT}
    return pa.table(columns)


def plain(html: str) -> str:
    """Text without its marks, on one line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return " ".join("".join(reader.said).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as its base says
        if tag in ("p", "br", "li", "div"):
            self.said.append(" ")


def _organisation(task: Task) -> str:
    return task.gemeente.lower()


def _entries(task: Task) -> list[Row]:
    """The entries of the gemeente, from the list that was chosen for it, else from the whole register."""
    chosen = list(_rows(task, _organisation(task)))
    return _own(task, chosen) or _own(task, list(_rows(task, "")))


def _own(task: Task, rows: Iterable[Row]) -> list[Row]:
    """Those of the gemeente itself that have a number: Provincie Utrecht is another organisation."""
    return [row for row in rows if row.get("org_id") == _organisation(task) and str(row.get("lars") or "").strip()]


def _rows(task: Task, organisation: str) -> Iterator[Row]:
    """Every entry of an organisation, or of all ("") page by page; nothing where the choice was not looked at."""
    seen = 0
    for number in range(1, MAX_PAGES + 1):
        page = _page(task, number, organisation, PAGE)
        if organisation and not _echoed(page):
            return
        yield from page["results"]
        seen += len(page["results"])
        if not page["results"] or seen >= page["total_count"]:
            return
    raise LoadError(
        f"{HOST} leads from page to page without end ({task.http.address(HOST, LIST)}). Look what changed there."
    )


def _page(task: Task, number: int, organisation: str, limit: int) -> dict[str, Any]:
    body: dict[str, Any] = {"page": number, "limit": limit, "searchtext": ""}
    if organisation:
        body |= {"organisation": organisation, "include_children": True}
    answer = task.http.post(HOST, LIST, body, label=EDITION)
    page = answer.json()
    rows = page.get("results")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise answer.problem("sent JSON without results")
    if not isinstance(page.get("total_count"), int):
        raise answer.problem("does not say how many entries there are")
    if lacking := [name for name in ("lars", "name", "org_id") if any(name not in row for row in rows)]:
        raise answer.problem(f"sent entries without {', '.join(lacking)}")
    return page


def _echoed(page: Row) -> bool:
    """Whether an answer says that it looked at the choice of an organisation."""
    filters = page.get("selected_filters")
    return isinstance(filters, list) and any(
        isinstance(each, dict) and each.get("key") == "organisation" and each.get("value") for each in filters
    )


def _from_file(task: Task) -> list[Row]:
    """The entries by the name of the gemeente, from the file of everything."""
    name = next(area.name for area in task.areas() if area.level == "gemeente")
    answer = task.http.get(HOST, FILE, {"filetype": "csv"}, label=EDITION)
    rows = csv_table(answer.text(), f"The file of {HOST} ({answer.url})")
    if lacking := {"algorithm_id", "name", "organization"} - (rows[0].keys() if rows else set()):
        raise answer.problem(f"sent a table without {', '.join(sorted(lacking))}")
    own = [row for row in rows if row["organization"].strip().casefold() == f"gemeente {name}".casefold()]
    return [row | {"lars": row["algorithm_id"]} for row in own if row["algorithm_id"].strip()]


def _text(value: object) -> str | None:
    """A published value as text; a list or an object as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _day(value: object) -> date | None:
    """The day of a time such as 2026-09-29T13:29:52.399171Z; None where there is none."""
    found = re.match(r"\d{4}-\d{2}-\d{2}", str(value))
    return date.fromisoformat(found[0]) if found else None
