"""Registers that the municipality of Utrecht keeps in the open: what is asked, processed, filmed and leaked.

Each is a dataset of the open-data portal. A table or JSON file is read for its titles, links and days, and for nothing
else: the other columns name council members and other people. Which columns the files have could not be confirmed, so a
few names are tried; a register that can't be read that way is one entry, that leads to the dataset. One that could be
read before is not exchanged for such an entry: then somebody has to look.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task
from loaders.dialects import dcat
from loaders.http import RefusedError

SOURCE = Source(
    id="utrecht_registers",
    publisher="Gemeente Utrecht",
    title="Openbare registers van de gemeente Utrecht",
    page="https://open.utrecht.nl",
    licence="unknown",
    attribution="Bron: gemeente Utrecht, open data",
    shape="list",
    openness="rows",
    refreshed="daily",
    hosts=("UTRECHT_PORTAAL", "UTRECHT_FILES"),
)
PRIVATE = True
GEMEENTEN = ("GM0344",)
LARGEST_LOSS = 0.5  # leaks and cameras are few

HOST = "UTRECHT_PORTAAL"
PAGE = "https://open.utrecht.nl/dataset/"
LINK = ("link", "url", "document", "webadres")
DAY = ("datum", "datum indiening", "ingediend", "datum melding", "datum ontdekking", "ingangsdatum", "date")


@dataclass(frozen=True)
class Register:
    """A register: its dataset, and what its column of titles may be called. That may never be one of people's names."""

    dataset: str
    titles: tuple[str, ...]


REGISTERS = (
    Register("schriftelijke-vragen-gemeenteraad", ("onderwerp", "titel", "title")),
    Register("register-verwerkingen-gemeente-utrecht", ("naam verwerking", "verwerking", "titel", "title")),
    Register("cameraregister-utrecht", ("locatie", "straat", "straatnaam", "titel", "title")),
    Register("openbaar-datalekregister-utrecht", ("omschrijving", "incident", "onderwerp", "titel", "title")),
)


def fetch(task: Task) -> list[Edition]:
    """One edition for each register. Raises LoadError when the portal has none, or one can't be read any more."""
    editions, refused = [], []
    for register in REGISTERS:
        try:
            editions.append(_edition(task, register))
        except RefusedError as error:
            refused.append(str(error))
    if not editions:
        raise LoadError(f"{HOST} has none of the registers. {refused[0]}")
    for each in refused:
        task.note(each)
    return editions


def look(task: Task) -> Look:
    """What is known of the first register."""
    dcat.dataset(task.http, HOST, REGISTERS[0].dataset, label=REGISTERS[0].dataset)
    return Look(edition=REGISTERS[0].dataset, columns={"register": ""}, counts={})


def _edition(task: Task, register: Register) -> Edition:
    id, link = register.dataset, f"{PAGE}{register.dataset}"
    described = dcat.dataset(task.http, HOST, id, label=id)
    title, changed = dcat.one(described, "title"), dcat.day(dcat.one(described, "modified"))
    if not title:
        raise LoadError(f"{HOST} says of {id} only {', '.join(described)}. Look which words it uses now.")
    entries = _entries(task, register, link) or [{"id": id, "title": title, "link": link, "date": changed}]
    kinds = {"id": pa.string(), "title": pa.string(), "link": pa.string(), "date": pa.date32()}
    columns = {name: pa.array([entry[name] for entry in entries], kind) for name, kind in kinds.items()}
    table = pa.table(columns | {"register": pa.array([id] * len(entries), pa.string())})
    return Edition(edition=id, table=table, url=link)


def _entries(task: Task, register: Register, link: str) -> list[dict[str, Any]]:
    """The entries of a register by day and title; none, with a note, where it can't be read."""
    id = register.dataset
    files = dcat.files(task.http, HOST, id, label=id)
    file = dcat.readable(files)
    if file is None:
        forms = ", ".join(sorted({each.form for each in files})) or "no file"
        return _unread(task, id, f"it has {forms}")
    rows = dcat.rows(task.http, file, label=id)
    names = {name.strip().casefold(): name for name in rows[0]} if rows else {}
    title, day, to = (_first(names, wanted) for wanted in (register.titles, DAY, LINK))
    if title is None:
        return _unread(task, id, f"its file has no column {' or '.join(register.titles)}")
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        said = " ".join(str(row[title] or "").split())
        address = str(row[to] or "").strip() if to else ""
        entry = {
            "title": said,
            "link": address if address.startswith("https://") and " " not in address else link,
            "date": dcat.day(str(row[day] or "")) if day else None,
        }
        key = hashlib.sha256("\n".join(map(str, entry.values())).encode()).hexdigest()[:12]
        if said:
            found[key] = {"id": f"{id}/{key}", **entry}
    return sorted(found.values(), key=lambda entry: (str(entry["date"]), entry["title"], entry["id"]))


def _unread(task: Task, id: str, why: str) -> list[dict[str, Any]]:
    """No entries, and a note why. Raises LoadError when there were some before."""
    copy = task.copies.get(id)
    table = copy.table(["id"]) if copy else None
    if table and table["id"].to_pylist() != [id]:
        raise LoadError(f"{id} of {HOST} could be read before, and now {why}. Look what changed there ({PAGE}{id}).")
    task.note(f"{id}: only a link, because {why}.")
    return []


def _first(names: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    return next((names[name] for name in wanted if name in names), None)
