"""StatLine in OData version 3, for all who publish there: padded keys, ranges that are not looked at, errors as 500."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import quote

from tests.publishers.server import Request, Response

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: what is said of it, its columns (`DataProperties`), its lists of keys, and its rows."""

    id: str
    title: str
    properties: Sequence[Row]
    keys: Mapping[str, Sequence[Row]]
    rows: Sequence[Row]
    said: Mapping[str, str] = field(default_factory=dict)
    """More of `TableInfos`, such as Modified and Description."""

    @property
    def dimensions(self) -> set[str]:
        return {str(row["Key"]) for row in self.properties if re.search("Dimension|GeoDetail", row["Type"])}


def answer(request: Request, tables: Iterable[Table], others: Iterable[Row] = (), most_rows: int = 10_000) -> Response:
    """What is sent. `others` are tables that stand in the catalogue only."""
    path, query, there = request.path, request.query, {table.id: table for table in tables}
    if query.get("$format") != "json":
        return Response(200, b"<?xml version='1.0'?><feed/>", "application/atom+xml")
    if path == "/ODataCatalog/Tables":
        rows = [{"Identifier": table.id, "Title": table.title} for table in there.values()]
        return answer_of(_selected([*rows, *others], query))
    found = re.fullmatch(r"/OData(Api|Feed)/odata/(\w+)/(\w+)", path)
    if not found or found[2] not in there:
        return Response(404, b"<html><title>404 - Not found</title></html>", "text/html")
    table = there[found[2]]
    if found[3] == "TableInfos":
        return answer_of([{"ID": 0, "Title": table.title, **table.said}])
    if found[3] == "DataProperties":
        return answer_of(table.properties)
    if found[3] in table.keys:
        return answer_of(table.keys[found[3]])
    return _typed_data_set(request, table, found[1], most_rows)


def refused(text: str) -> Response:
    """An error, as StatLine gives it."""
    body = {"odata.error": {"code": "", "message": {"lang": "nl-NL", "value": text}}}
    return Response(500, json.dumps(body).encode(), "application/json;odata=minimalmetadata")


def _typed_data_set(request: Request, table: Table, service: str, most_rows: int) -> Response:
    query = request.query
    try:
        passes = _filter(query.get("$filter", ""), table.dimensions)
    except ValueError as error:
        return refused(str(error))
    rows = _selected(filter(passes, table.rows), query)
    start = int(query.get("$skip", 0)) if service == "Feed" else 0
    if service == "Api" and len(rows) > most_rows:
        return refused("The query returns more than 10000 records. Use the OData Feed service.")
    more = start + most_rows < len(rows)
    rest = "&".join(f"{name}={quote(value)}" for name, value in query.items() if name != "$skip")
    link = f"{request.address}{request.path}?{rest}&$skip={start + most_rows}"
    return answer_of(rows[start : start + most_rows], {"odata.nextLink": link} if more else {})


Passes = Callable[[Row], bool]


def _filter(condition: str, dimensions: set[str]) -> Passes:
    """An OData filter, as StatLine reads it. Raises ValueError for what it refuses."""
    parts = [[_term(term.strip(), dimensions) for term in part.split(" and ")] for part in condition.split(" or ")]
    return lambda row: any(all(holds(row) for holds in terms) for terms in parts)


def _term(term: str, dimensions: set[str]) -> Passes:
    def checked(name: str) -> str:
        if name not in dimensions:
            raise ValueError(f"{name} can't be filtered")
        return name

    if not term:
        return lambda _: True
    if term.startswith("(") and term.endswith(")"):
        term = term[1:-1]
    if found := re.fullmatch(r"substringof\('(.*)',(\w+)\)", term):
        text, name = found[1], checked(found[2])
        return lambda row: text in row[name]
    if found := re.fullmatch(r"startswith\((\w+),'(.*)'\)", term):
        name, text = checked(found[1]), found[2]
        return lambda row: bool(row[name].startswith(text))
    if found := re.fullmatch(r"substring\((\w+),(\d+),(\d+)\) eq '(.*)'", term):
        name, start, end, text = checked(found[1]), int(found[2]), int(found[2]) + int(found[3]), found[4]
        return lambda row: bool(row[name][start:end] == text)
    if found := re.fullmatch(r"(\w+) (eq|ge|gt|le|lt) '(.*)'", term):
        # Only the padded key is equal; a range is not looked at.
        name, equal, text = checked(found[1]), found[2] == "eq", found[3]
        return lambda row: not equal or row[name] == text
    raise ValueError(f"Syntax error in {term}")


def _selected(rows: Iterable[Row], query: Mapping[str, str]) -> list[Row]:
    names = query["$select"].split(",") if "$select" in query else None
    top = int(query["$top"]) if "$top" in query else None
    return [{name: row[name] for name in names} if names else row for row in islice(rows, top)]


def answer_of(rows: Sequence[Row], more: Mapping[str, str] | None = None) -> Response:
    """Rows as they are sent, and what comes along with them."""
    body = {"odata.metadata": "http://127.0.0.1/$metadata", "value": rows} | dict(more or {})
    return Response(200, json.dumps(body).encode(), "application/json;odata=minimalmetadata;charset=utf-8")
