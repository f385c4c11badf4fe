"""CBS: StatLine in OData version 3. Padded codes, columns with numbers that move, a filter that is not looked at."""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from tests.publishers.server import Request, Response
from tests.publishers.towns import COLUMNS, Town


class Cbs:
    """Kerncijfers wijken en buurten of `years`; `late` are the columns that a year does not have yet."""

    hosts = ("CBS_ODATA3",)

    def __init__(
        self,
        *towns: Town,
        years: Iterable[int] = (2024,),
        late: Mapping[int, Iterable[str]] | None = None,
        most_rows: int = 10_000,
        tables: Mapping[int, str] | None = None,
    ) -> None:
        self.towns = towns
        self.late = {year: frozenset(columns) for year, columns in (late or {}).items()}
        self.most_rows = most_rows  # in one answer
        self.tables = {year: (tables or {}).get(year, f"9{year}NED") for year in years}  # ids, not the real ones

    def answer(self, host: str, request: Request) -> Response:
        path, query = request.path, request.query
        if query.get("$format") != "json":
            return Response(200, b"<?xml version='1.0'?><feed/>", "application/atom+xml")
        tables = {table: year for year, table in self.tables.items()}
        if path == "/ODataCatalog/Tables":
            rows = [
                {"Identifier": table, "Title": f"Kerncijfers wijken en buurten {tables[table]}"} for table in tables
            ]
            rows += [
                {"Identifier": "70072NED", "Title": "Regionale kerncijfers Nederland"},
                {"Identifier": "70904NED", "Title": "Kerncijfers wijken en buurten 2009-2012"},
            ]
            return _odata(_selected(rows, query))
        found = re.fullmatch(r"/OData(Api|Feed)/odata/(\w+)/(\w+)", path)
        if not found or found[2] not in tables:
            return Response(404, b"<html><title>404 - Not found</title></html>", "text/html")
        year = tables[found[2]]
        if found[3] == "TableInfos":
            return _odata([{"ID": 0, "Title": f"Kerncijfers wijken en buurten {year}", "Modified": f"{year}-09-01"}])
        if found[3] == "DataProperties":
            return _odata(_data_properties(year))
        return self._typed_data_set(request, year, found[1])

    def _typed_data_set(self, request: Request, year: int, service: str) -> Response:
        query, rows = request.query, self._rows(year)
        try:
            rows = [row for row in rows if _passes(row, query.get("$filter", ""))]
        except ValueError as error:
            return odata_error(str(error))
        rows = _selected(rows, query)
        start = int(query.get("$skip", 0)) if service == "Feed" else 0
        if service == "Api" and len(rows) > self.most_rows:
            return odata_error("The query returns more than 10000 records. Use the OData Feed service.")
        more = start + self.most_rows < len(rows)
        rest = "&".join(f"{name}={quote(value)}" for name, value in query.items() if name != "$skip")
        link = f"{request.address}{request.path}?{rest}&$skip={start + self.most_rows}"
        return _odata(rows[start : start + self.most_rows], {"odata.nextLink": link} if more else {})

    def _rows(self, year: int) -> list[dict[str, Any]]:
        late = self.late.get(year, frozenset())
        rows: list[dict[str, Any]] = []
        for owner in self.towns:
            for area in sorted(owner.areas, key=lambda area: ("gemeente", "wijk", "buurt").index(area.level)):
                if area.water != "NEE":
                    continue
                words = {
                    "Gemeentenaam": f"{owner.name:<40}",
                    "SoortRegio": f"{area.level.title():<10}",
                    "Codering": f"{area.code:<10}",
                    "IndelingswijzigingWijkenEnBuurten": "1",
                }
                values = words | dict(owner.figures.get(area.code, {}))
                row: dict[str, Any] = {"ID": len(rows), "WijkenEnBuurten": f"{area.code:<10}"}
                row |= {name: None if base in late else values.get(base) for base, name in _numbered(year).items()}
                rows.append(row)
        return rows


def _numbered(year: int) -> dict[str, str]:
    """Column names of a year by base name. The numbers move from year to year."""
    return {base: f"{base}_{number + year % 3}" for number, (base, _, _) in enumerate(COLUMNS, start=1)}


def _data_properties(year: int) -> list[dict[str, Any]]:
    names = _numbered(year)
    key = {"ID": 0, "ParentID": None, "Type": "GeoDimension", "Key": "WijkenEnBuurten", "Title": "Wijken en buurten"}
    group = {"ID": 1, "ParentID": None, "Type": "TopicGroup", "Key": "", "Title": "Bevolking"}
    topics = [
        {
            "ID": number,
            "ParentID": 1,
            "Type": "Topic",
            "Key": names[base],
            "Title": base,
            "Unit": f"{unit} ",
            "Datatype": kind,
        }
        for number, (base, unit, kind) in enumerate(COLUMNS, start=2)
    ]
    return [key, group, *topics]


def _passes(row: Mapping[str, Any], condition: str) -> bool:
    """Whether a row passes an OData filter, as CBS reads it. Raises ValueError for what CBS refuses."""
    return not condition or any(
        all(_holds(row, term.strip()) for term in part.split(" and ")) for part in condition.split(" or ")
    )


def _holds(row: Mapping[str, Any], term: str) -> bool:
    if found := re.fullmatch(r"substringof\('(.*)',(\w+)\)", term):
        return found[1] in _key(row, found[2])
    if found := re.fullmatch(r"startswith\((\w+),'(.*)'\)", term):
        return _key(row, found[1]).startswith(found[2])
    if found := re.fullmatch(r"(\w+) (eq|ge|gt|le|lt) '(.*)'", term):
        # Only the padded code is equal; a range is not looked at.
        return found[2] != "eq" or _key(row, found[1]) == found[3]
    raise ValueError(f"Syntax error in {term}")


def _key(row: Mapping[str, Any], name: str) -> str:
    if name != "WijkenEnBuurten":
        raise ValueError(f"{name} can't be filtered")
    return str(row[name])


def _selected(rows: Iterable[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    names = query["$select"].split(",") if "$select" in query else None
    top = int(query["$top"]) if "$top" in query else None
    return [{name: row[name] for name in names} if names else row for row in islice(rows, top)]


def _odata(rows: list[dict[str, Any]], more: Mapping[str, str] | None = None) -> Response:
    body = {"odata.metadata": "http://127.0.0.1/$metadata", "value": rows} | dict(more or {})
    return Response(200, json.dumps(body).encode(), "application/json;odata=minimalmetadata;charset=utf-8")


def odata_error(text: str) -> Response:
    body = {"odata.error": {"code": "", "message": {"lang": "nl-NL", "value": text}}}
    return Response(500, json.dumps(body).encode(), "application/json;odata=minimalmetadata")
