"""A catalogue of datasets in JSON:API with the words of DCAT, as Utrecht's portal speaks it.

The list was seen: 180 datasets in one answer, with no more than a title each, and `start` for the next page. What a
dataset and its files look like was not. So a word is looked for with and without its prefix, and a value may be text, a
list, or an object that says it by one of a few names.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from buurtbeeld.settings import HOSTS
from loaders.files import table
from loaders.http import Answer, Http

PREFIXES = ("dct:", "dcat:", "foaf:", "")
NAMES = (
    "@value",
    "foaf:name",
    "name",
    "dct:title",
    "title",
    "label",
    "prefLabel",
    "@id",
    "id",
)  # what an object is called
MAX_PAGES = 50
HERE = ZoneInfo("Europe/Amsterdam")  # of times that name no zone
READ = ("csv", "json")  # forms of a file, the first of which is read; workbooks are not

Attributes = Mapping[str, Any]


@dataclass(frozen=True)
class File:
    """One file of a dataset: what it is called, in which form ("csv"), and where it is."""

    title: str
    form: str
    url: str


def datasets(http: Http, host: str, *, label: str) -> list[tuple[str, Attributes]]:
    """Id and attributes of every public dataset. Raises LoadError for a list that can't be, or that has no end."""
    found: dict[str, Attributes] = {}
    start = 0
    for _ in range(MAX_PAGES):
        answer = http.get(host, "/api/datasets", {"start": str(start)}, label=label)
        page = answer.json()
        rows, meta = page.get("data"), page.get("meta")
        if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("id") for row in rows):
            raise answer.problem("sent a list without datasets")
        if not isinstance(meta, dict) or not isinstance(meta.get("total"), int):
            raise answer.problem("does not say how many datasets there are")
        found |= {str(row["id"]): _attributes(row) for row in rows if _public(row)}
        start += len(rows)
        if start >= meta["total"]:
            return sorted(found.items())
        if not rows:
            raise answer.problem(f"says there are {meta['total']} datasets, and sent {start}")
    raise answer.problem("leads from page to page without end")


def dataset(http: Http, host: str, id: str, *, label: str) -> Attributes:
    """What is said of one dataset. Raises RefusedError when it is not given, LoadError when it is none."""
    answer = http.get(host, f"/api/datasets/{id}", label=label)
    body = answer.json()
    data = body.get("data", body)
    if not isinstance(data, dict) or not _attributes(data):
        raise answer.problem("sent a dataset of which nothing is said")
    return _attributes(data)


def files(http: Http, host: str, id: str, *, label: str) -> list[File]:
    """The files of one dataset. Raises as `dataset`."""
    answer = http.get(host, f"/api/datasets/{id}/distributions", label=label)
    return [_file(_attributes(row)) for row in _listed(answer)]


def readable(found: list[File]) -> File | None:
    """The first file that `rows` can read: a table or JSON, on a server that has a setting."""
    return next((file for file in found if file.form in READ and _place(file.url)), None)


def rows(http: Http, file: File, *, label: str) -> list[dict[str, Any]]:
    """The rows of a file that is `readable`. Raises RefusedError when it is not given, LoadError when it has none."""
    host, path = _place(file.url) or ("", "")
    answer = http.get(host, path, label=label)
    if "html" in answer.content_type:
        raise answer.problem("sent a page where a file was expected")
    if file.form == "json":
        return answer.rows()
    return table(answer.text(), f"The file at {answer.url}")


def _place(url: str) -> tuple[str, str] | None:
    """The setting of the server that an address is at, and its path there; None for a server without one."""
    for host, server, _ in HOSTS:
        if url.startswith(f"{server}/"):
            return host, url.removeprefix(server)
    return None


def said(attributes: Attributes, word: str) -> list[str]:
    """Everything that is said under a word such as "keyword", as text."""
    for prefix in PREFIXES:
        if found := list(_texts(attributes.get(prefix + word))):
            return found
    return []


def one(attributes: Attributes, word: str) -> str:
    """The first that is said under a word; "" for nothing."""
    return next(iter(said(attributes, word)), "")


def day(text: str) -> date | None:
    """The day of a date or time, in the Netherlands; None for anything else. Of days with two digits first, as here."""
    if dutch := re.match(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})\b", text):
        text = f"{dutch[3]}-{dutch[2]:0>2}-{dutch[1]:0>2}"
    with suppress(ValueError):
        at = datetime.fromisoformat(text.strip())
        return (at.astimezone(HERE) if at.tzinfo else at).date()
    return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        yield from _texts(next((value[name] for name in NAMES if value.get(name)), None))
    elif value is not None and (text := str(value).strip()):
        yield text


def _attributes(row: Mapping[str, Any]) -> Attributes:
    own = row.get("attributes", row)
    return own if isinstance(own, dict) else {}


def _public(row: Mapping[str, Any]) -> bool:
    meta = row.get("meta")
    return not isinstance(meta, dict) or meta.get("visibility", "public") == "public"


def _listed(answer: Answer) -> list[dict[str, Any]]:
    rows = answer.json().get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise answer.problem("sent a dataset without a list of its files")
    return rows


def _file(attributes: Attributes) -> File:
    """The form is a word, a media type or an address; the last part of any of these says it: csv."""
    url = one(attributes, "downloadURL") or one(attributes, "accessURL")
    form = one(attributes, "format") or one(attributes, "mediaType") or url.rpartition(".")[2]
    return File(one(attributes, "title"), form.rstrip("/").rpartition("/")[2].lower(), url)
