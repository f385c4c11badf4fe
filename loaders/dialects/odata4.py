"""StatLine in OData version 4: one row per area and measure. Here it becomes one row per area, as in version 3.

Measures have an id (`M001642`) that stays the same from year to year, and a title. Odd, and handled here:

- Version 3 made its column names of titles: accents and marks away, every word with a capital, `k_` before a digit
  ("Wmo-cliënten" is WmoClienten, "0 tot 15 jaar" is k_0Tot15Jaar). `name` does the same, and the measure's place in the
  list (`Index`) is the number behind it. That number is another than in version 3, and so is the name where version 3
  cut a title off ("WerknemersMetVasteArbeidsr"): such a column is not found by the name of version 3.
- A row that is not there is not published. `Value` null has its reason in `ValueAttribute`, "None" where nothing is the
  matter; the reasons are kept in a column `<name>_ValueAttribute_<number>`, where there are any.
- An answer holds at most 100,000 cells; `@odata.nextLink` leads on.
- Keys are said to need no padding here. They are trimmed all the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from loaders import LoadError
from loaders.dialects.statline import Row, Topic, code, group, pages
from loaders.http import Http

BASE = "/odata/v1/CBS"
NEXT = "@odata.nextLink"
NOTHING_THE_MATTER = ("None", "", None)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure: the column it becomes, and what is said of it."""

    name: str
    number: str
    topic: Topic

    @property
    def column(self) -> str:
        return f"{self.name}_{self.number}"

    @property
    def reason(self) -> str:
        return f"{self.name}_ValueAttribute_{self.number}"


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of CBS. Every answer is kept under `label`."""

    http: Http
    host: str
    id: str
    label: str

    def info(self) -> Row:
        """What is said of the table as a whole: Title, Modified and more."""
        return self.http.get(self.host, f"{BASE}/{self.id}/Properties", label=self.label).json()

    def key(self) -> str:
        """The column with area codes. Raises LoadError when there is not one."""
        rows = self._rows("Dimensions")
        keys = [str(row.get("Identifier")) for row in rows if str(row.get("Kind")).startswith("Geo")]
        if len(keys) != 1:
            raise LoadError(
                f"Table {self.id} should have one column with area codes, but has {len(keys)}: {', '.join(keys)}."
            )
        return keys[0]

    def measures(self) -> dict[str, Measure]:
        """The measures by their id."""
        groups = {row.get("Id"): row for row in self._rows("MeasureGroups")}
        return {str(row.get("Identifier")): _measure(row, groups) for row in self._rows("MeasureCodes")}

    def observations(self, condition: str) -> Iterator[Row]:
        """The rows that pass a filter, as published, page by page."""
        return self._rows("Observations", {"$filter": condition})

    def address(self, condition: str) -> str:
        """Where its rows are, for whoever wants to see them there."""
        return self.http.address(self.host, f"{BASE}/{self.id}/Observations", {"$filter": condition})

    def _rows(self, part: str, params: Mapping[str, str] | None = None) -> Iterator[Row]:
        answer = self.http.get(self.host, f"{BASE}/{self.id}/{part}", params, label=self.label)
        return pages(self.http, answer, NEXT, self.label)


def catalogue(http: Http, host: str) -> dict[str, str]:
    """Titles of the tables by their id."""
    rows = pages(http, http.get(host, f"{BASE}/Datasets", label="tables"), NEXT, "tables")
    return {str(row.get("Identifier")).strip(): str(row.get("Title")).strip() for row in rows}


def name(title: str) -> str:
    """The name that version 3 gave a column of this title, without its number."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", title) if not unicodedata.combining(each))
    words = re.findall(r"[A-Za-z0-9]+", plain)
    joined = "".join(word[0].upper() + word[1:] for word in words)
    return f"k_{joined}" if joined[:1].isdigit() else joined


def wide(rows: Iterable[Row], key: str, measures: Mapping[str, Measure]) -> list[Row]:
    """One row per area with a column per measure, null where there was no row; by code.

    Raises LoadError for a measure that is not in the list, or that an area has twice.
    """
    areas: dict[str, Row] = {}
    reasons: set[str] = set()
    for row in rows:
        area = areas.setdefault(code(str(row[key])), {key: row[key]})
        measure = measures.get(str(row.get("Measure")))
        if measure is None or measure.column in area:
            wrong = "is in no list of its table" if measure is None else f"is there twice for {code(str(row[key]))}"
            raise LoadError(f"Measure {row.get('Measure')} {wrong}. Load again later.")
        area[measure.column] = row.get("StringValue" if measure.topic.datatype == "String" else "Value")
        if row.get("ValueAttribute") not in NOTHING_THE_MATTER:
            area[measure.reason] = row["ValueAttribute"]
            reasons.add(measure.reason)
    names = [
        each
        for measure in measures.values()
        for each in (measure.column, measure.reason)
        if each == measure.column or each in reasons
    ]
    return [{key: areas[area][key]} | {name: areas[area].get(name) for name in names} for area in sorted(areas)]


def _measure(row: Row, groups: Mapping[object, Row]) -> Measure:
    said = {part: str(row.get(part) or "").strip() for part in ("Title", "Unit", "DataType")}
    above = group(row, groups, ("MeasureGroupId", "ParentId"))
    return Measure(
        name=name(said["Title"]),
        number=str(row.get("Index")),
        topic=Topic(title=said["Title"], unit=said["Unit"], datatype=said["DataType"], group=above),
    )
