"""CBS: key figures in StatLine, in OData version 3 and, with a row per figure, in version 4."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from tests.publishers import statline
from tests.publishers.server import Request, Response
from tests.publishers.towns import COLUMNS, Town

OTHERS = (
    {"Identifier": "70072NED", "Title": "Regionale kerncijfers Nederland"},
    {"Identifier": "70904NED", "Title": "Kerncijfers wijken en buurten 2009-2012"},
)
# What version 4 calls them: not the names of version 3, but the titles those were made of.
TITLES = {
    "AantalInwoners": "Aantal inwoners",
    "k_0Tot15Jaar": "0 tot 15 jaar",
    "k_65JaarOfOuder": "65 jaar of ouder",
    "GemiddeldeWOZWaardeVanWoningen": "Gemiddelde WOZ-waarde van woningen",
}


class Cbs:
    """Kerncijfers wijken en buurten of `years`; `late` are the columns that a year does not have yet.

    `modified` says of each year when its table was.
    """

    hosts = ("CBS_ODATA3", "CBS_ODATA4")

    def __init__(
        self,
        *towns: Town,
        years: Iterable[int] = (2024,),
        late: Mapping[int, Iterable[str]] | None = None,
        most_rows: int = 10_000,
        tables: Mapping[int, str] | None = None,
        units: Mapping[int, Mapping[str, str]] | None = None,
    ) -> None:
        self.towns = towns
        self.late = {year: frozenset(columns) for year, columns in (late or {}).items()}
        self.most_rows = most_rows  # in one answer
        self.ids = {year: (tables or {}).get(year, f"9{year}NED") for year in years}  # not the real ones
        self.units = units or {}  # where a year has another than COLUMNS
        self.modified = {year: f"{year}-09-01T02:00:00" for year in self.ids}

    def answer(self, host: str, request: Request) -> Response:
        if host == "CBS_ODATA4":
            return self._by_measure(request)
        return statline.answer(request, [self._table(year) for year in self.ids], OTHERS, self.most_rows)

    def _table(self, year: int) -> statline.Table:
        return statline.Table(
            id=self.ids[year],
            title=_title(year),
            said={"Modified": self.modified[year]},
            properties=self._properties(year),
            keys={},
            rows=self._rows[year],
        )

    @cached_property
    def _rows(self) -> dict[int, list[dict[str, Any]]]:
        return {year: self._of(year) for year in self.ids}

    def _of(self, year: int) -> list[dict[str, Any]]:
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
                row: dict[str, Any] = {"ID": len(rows), _key(year): f"{area.code:<10}"}
                row |= {name: None if base in late else values.get(base) for base, name in _numbered(year).items()}
                rows.append(row)
        return rows

    def _unit(self, year: int, base: str, unit: str) -> str:
        return self.units.get(year, {}).get(base, unit)

    def _properties(self, year: int) -> list[dict[str, Any]]:
        names = _numbered(year)
        key = {"ID": 0, "ParentID": None, "Type": "GeoDimension", "Key": _key(year), "Title": "Wijken en buurten"}
        group = {"ID": 1, "ParentID": None, "Type": "TopicGroup", "Key": "", "Title": "Bevolking"}
        topics = [
            {
                "ID": number,
                "ParentID": 1,
                "Type": "Topic",
                "Key": names[base],
                "Title": base,
                "Unit": f"{self._unit(year, base, unit)} ",
                "Datatype": kind,
            }
            for number, (base, unit, kind) in enumerate(COLUMNS, start=2)
        ]
        return [key, group, *topics]

    def _by_measure(self, request: Request) -> Response:
        if request.path == "/odata/v1/CBS/Datasets":
            return _answer([{"Identifier": id, "Title": _title(year)} for year, id in self.ids.items()])
        years = {id: year for year, id in self.ids.items()}
        found = re.fullmatch(r"/odata/v1/CBS/(\w+)/(\w+)", request.path)
        if not found or found[1] not in years:
            return Response(404, b'{"error": {"code": "404", "message": "Not found"}}')
        year = years[found[1]]
        match found[2]:
            case "Properties":
                said = {"Identifier": found[1], "Title": _title(year), "Modified": f"{self.modified[year]}+02:00"}
                return Response(200, json.dumps(said).encode())
            case "Dimensions":
                return _answer([{"Identifier": _key(year), "Title": "Wijken en buurten", "Kind": "GeoDetail"}])
            case "MeasureGroups":
                return _answer([{"Id": "1", "Title": "Bevolking", "ParentId": None}])
            case "MeasureCodes":
                return _answer([self._measure(year, number) for number in range(len(COLUMNS))])
            case "Observations":
                return self._observations(request, year)
        return Response(404, b"")

    def _measure(self, year: int, number: int) -> dict[str, Any]:
        base, unit, kind = COLUMNS[number]
        return {
            "Identifier": f"M{number:06}",
            "Index": number + 1,
            "Title": TITLES.get(base, base.removeprefix("k_")),
            "MeasureGroupId": "1",
            "DataType": {"Integer": "Long"}.get(kind, kind),
            "Unit": self._unit(year, base, unit),
        }

    def _observations(self, request: Request, year: int) -> Response:
        """What is missing has a row with its reason, or no row at all where the whole column is late."""
        begins = re.findall(r"startswith\(\w+,'(\w+)'\)", request.query["$filter"])
        rows = [
            {
                "Measure": f"M{number:06}",
                "Value": None if kind == "String" else value,
                "StringValue": value if kind == "String" else None,
                "ValueAttribute": "None" if value is not None else "Impossible",
                _key(year): row[_key(year)].strip(),
            }
            for row in self._rows[year]
            if row[_key(year)].startswith(tuple(begins))
            for number, (base, _, kind) in enumerate(COLUMNS)
            if base not in self.late.get(year, ())
            for value in [row[_numbered(year)[base]]]
        ]
        start, most = int(request.query.get("$skip", 0)), self.most_rows * 10
        link = f"{request.address}{request.path}?$filter={quote(request.query['$filter'])}&$skip={start + most}"
        return _answer(rows[start : start + most], {"@odata.nextLink": link} if start + most < len(rows) else {})


def _title(year: int) -> str:
    return f"Kerncijfers wijken en buurten {year}"


def _key(year: int) -> str:
    return "RegioS" if year == 2013 else "WijkenEnBuurten"


def _numbered(year: int) -> dict[str, str]:
    """Column names of a year by base name. The numbers move from year to year."""
    return {base: f"{base}_{number + year % 3}" for number, (base, _, _) in enumerate(COLUMNS, start=1)}


def _answer(rows: list[dict[str, Any]], more: Mapping[str, str] | None = None) -> Response:
    body = {"@odata.context": "http://127.0.0.1/$metadata", "value": rows} | dict(more or {})
    return Response(200, json.dumps(body).encode(), "application/json; odata.metadata=minimal")
