"""StatLine in OData version 3: one row per area or per combination of keys, one column per figure.

CBS speaks it at opendata.cbs.nl, and at dataderden.cbs.nl for others. Odd, and handled here:

- Keys are padded with spaces, each dimension to its own width. A filter with other padding answers 200 with no rows;
  so keys are filtered as the list of the dimension gives them, and read without their spaces.
- ODataApi refuses more than 10,000 rows with 500; ODataFeed gives them in pages, by `odata.nextLink`.
- Range filters and `$orderby` are ignored without a word, `$skip` and `$count` can't be relied on: none is used.
- Without `$format=json` the answer is XML.
- The number behind a column's name (`GemiddeldInkomenPerInwoner_78`) changes from table to table, and a few names are
  there more than once but for that number. Names stay as they are.
- null is not published, secret or impossible: no reason is given.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from loaders import LoadError
from loaders.dialects.statline import Row, Topic, code, group, pages
from loaders.http import Http, RefusedError, UnreachableError

NEXT = "odata.nextLink"
JSON = {"$format": "json"}


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table at one host. Every answer is kept under `label`."""

    http: Http
    host: str
    id: str
    label: str

    def info(self) -> Row:
        """What is said of the table as a whole: Title, Modified, Description and more."""
        return next(self._part("TableInfos"), {})

    def structure(self) -> tuple[str, dict[str, Topic]]:
        """The column with area codes, and what is said of each with figures. Raises LoadError without the one."""
        properties = list(self._part("DataProperties"))
        keys = [str(row.get("Key")) for row in properties if str(row.get("Type")).startswith("Geo")]
        if len(keys) != 1:
            raise LoadError(
                f"Table {self.id} should have one column with area codes, but has {len(keys)}: {', '.join(keys)}."
            )
        groups = {row.get("ID"): row for row in properties if row.get("Type") == "TopicGroup"}
        topics = {str(row.get("Key")): _topic(row, groups) for row in properties if row.get("Type") == "Topic"}
        return keys[0], topics

    def keys(self, dimension: str) -> dict[str, Row]:
        """The list of a dimension by trimmed key; `Key` of a row is as published, for a filter."""
        return {code(str(row.get("Key"))): row for row in self._part(dimension)}

    def rows(self, condition: str, select: str = "") -> Iterator[Row]:
        """The rows that pass a filter, as published, page by page."""
        path, params = f"odata/{self.id}/TypedDataSet", _params(condition, select)
        try:
            first = self.http.get(self.host, f"/ODataApi/{path}", params, label=self.label)
        except RefusedError as error:
            if not (error.answer.status == 500 and b"10000" in error.answer.body):
                raise
            first = self.http.get(self.host, f"/ODataFeed/{path}", params, label=self.label)
        return pages(self.http, first, NEXT, self.label)

    def address(self, condition: str) -> str:
        """Where its rows are, for whoever wants to see them there."""
        return self.http.address(self.host, f"/ODataApi/odata/{self.id}/TypedDataSet", _params(condition, ""))

    def _part(self, name: str) -> Iterator[Row]:
        answer = self.http.get(self.host, f"/ODataApi/odata/{self.id}/{name}", JSON, label=self.label)
        return pages(self.http, answer, NEXT, self.label)


def catalogue(http: Http, host: str, name: str = "") -> dict[str, str]:
    """Titles of the tables at a host by their id; of one catalogue there, when it is named ("Politie")."""
    params = JSON | {"$select": "Identifier,Title"} | ({"$filter": f"Catalog eq '{name}'"} if name else {})
    answer = http.get(host, "/ODataCatalog/Tables", params, label="tables")
    rows = pages(http, answer, NEXT, "tables")
    return {str(row.get("Identifier")).strip(): str(row.get("Title")).strip() for row in rows}


def listed(http: Http, host: str, name: str, note: Callable[[str], None]) -> dict[str, str]:
    """As `catalogue`, and empty when it can't be read, which is noted. Raises UnreachableError."""
    try:
        return catalogue(http, host, name)
    except UnreachableError:
        raise
    except LoadError as error:
        note(f"The catalogue can't be read, so the tables known when this was written are used. {error}")
        return {}


def within(key: str, gemeente: str) -> str:
    """The filter for a gemeente, its wijken and its buurten; not for CBS, which knows `substringof` for certain."""
    return f"(substring({key},2,4) eq '{gemeente[2:]}')"


def equal(dimension: str, row: Row) -> str:
    """The filter for one key, a row of `Table.keys`."""
    return f"({dimension} eq '{row['Key']}')"


def _params(condition: str, select: str) -> dict[str, str]:
    return JSON | {"$filter": condition} | ({"$select": select} if select else {})


def _topic(row: Row, groups: Mapping[object, Row]) -> Topic:
    said = {key: str(row.get(key) or "").strip() for key in ("Title", "Unit", "Datatype")}
    above = group(row, groups, ("ParentID", "ParentID"))
    return Topic(title=said["Title"], unit=said["Unit"], datatype=said["Datatype"], group=above)
