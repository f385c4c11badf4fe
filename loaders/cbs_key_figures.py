"""Key figures of gemeente, wijken and buurten (Kerncijfers wijken en buurten), by CBS in StatLine, OData version 3.

One table per year; the table is the year, reference date 1 January. A table is filled in stages over one to two and a
half years: population first; income, energy and care later. So editions are loaded from the newest back until every
column that the catalogue reads has a value somewhere. Odd, and handled here:

- Table ids can't be guessed: the catalogue of CBS is read, and its titles compared here.
- Codes are padded with spaces to 10. A filter with other padding answers 200 with no rows, and range filters are
  ignored without a word. So rows are asked with `substringof`, which also finds BU03630344, and chosen here.
- The number behind a column's name (`GemiddeldInkomenPerInwoner_78`) changes from year to year. Columns keep it; the
  catalogue names them without.
- More than 10,000 rows are refused with 500 by ODataApi; ODataFeed gives them in pages, by `odata.nextLink`.
- Without `$format=json` the answer is XML.
- null is not published, secret or impossible: no reason is given, and none is made up. It stays null.
"""

import re
from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task
from loaders.http import RefusedError, UnreachableError
from loaders.raw import column, match

SOURCE = Source(
    id="cbs_key_figures",
    publisher="CBS",
    title="Kerncijfers wijken en buurten",
    page="https://www.cbs.nl/nl-nl/reeksen/publicatie/kerncijfers-wijken-en-buurten",
    licence="cc-by-4.0",
    attribution="Bron: CBS, Kerncijfers wijken en buurten",
    shape="area",
    openness="rows",
    refreshed="yearly",
    hosts=("CBS_ODATA3",),
)

EDITIONS = 5  # how far back a column is looked for, the newest counted in
MAX_PAGES = 20  # of 10,000 rows: ten times the largest table
TITLE = re.compile(r"Kerncijfers wijken en buurten (\d{4})")
# For the day the catalogue can't be read. A wrong id is noticed: a table says its own title.
KNOWN_TABLES = {
    2013: "82339NED",
    2014: "82931NED",
    2015: "83220NED",
    2016: "83487NED",
    2017: "83765NED",
    2018: "84286NED",
    2019: "84583NED",
    2020: "84799NED",
    2021: "85039NED",
    2022: "85318NED",
    2023: "85618NED",
    2024: "85984NED",
    2025: "86165NED",
    2026: "86358NED",
}
NUMBERS = {"Integer": pa.int64(), "Long": pa.int64(), "Float": pa.float64(), "Double": pa.float64()}

Row = dict[str, Any]


def fetch(task: Task) -> list[Edition]:
    """The newest editions, until each column of `task.columns` has a value in one of them, and those somebody named.

    Raises LoadError when the newest edition has no rows of the gemeente, or a table is not what it should be.
    """
    tables = _tables(task)
    editions: list[Edition] = []
    wanted = set(task.columns)
    for year in sorted(tables, reverse=True)[:EDITIONS]:
        edition = _edition(task, year, _table_of(tables, year))
        if edition is None:
            if not editions:
                raise LoadError(
                    f"Table {tables[year][0]} ({year}) has no rows of {task.gemeente}. Look whether that gemeente "
                    "still exists, or load again later."
                )
            task.note(f"{year} and before are not loaded: table {tables[year][0]} has no rows of {task.gemeente}.")
            break
        editions.append(edition)
        wanted -= _filled(edition.table, wanted)
        if not wanted:
            break
    if wanted:
        task.note(f"No value since {editions[-1].edition} for {', '.join(sorted(wanted))}.")
    loaded = {edition.edition for edition in editions}
    for year in task.editions:
        if str(year) not in loaded:
            edition = _edition(task, year, _table_of(tables, year))
            if edition is None:
                raise LoadError(f"Table {tables[year][0]} ({year}) has no rows of {task.gemeente}.")
            editions.append(edition)
    return editions


def look(task: Task) -> Look:
    """The newest table's columns with their units, and how many areas of each level it has."""
    tables = _tables(task)
    year = max(tables)
    table, label = _table_of(tables, year), str(year)
    key, topics = _properties(task, table, label)
    codes = [row[key] for row in _own_rows(task, table, label, key, select=key)]
    columns = {name: str(topic.get("Unit") or "").strip() for name, topic in topics.items()}
    return Look(edition=label, columns={"ID": "", key: ""} | columns, counts=Counter(_code(code)[:2] for code in codes))


def _tables(task: Task) -> dict[int, list[str]]:
    """Ids of the tables by year. More than one for a year is an error only for whoever needs that year."""
    known = {year: [table] for year, table in KNOWN_TABLES.items()}
    params = {"$format": "json", "$select": "Identifier,Title"}
    try:
        rows = _rows(task, "/ODataCatalog/Tables", params, "tables")
    except UnreachableError:
        raise
    except LoadError as error:
        task.note(f"The catalogue of CBS can't be read, so the tables known when this was written are used. {error}")
        return known
    found: dict[int, list[str]] = {}
    for row in rows:
        title = TITLE.fullmatch(str(row.get("Title")).strip())
        if title:
            found.setdefault(int(title[1]), []).append(str(row.get("Identifier")).strip())
    if not found:
        task.note("The catalogue of CBS names no Kerncijfers wijken en buurten, so the tables known before are used.")
    return found or known


def _table_of(tables: dict[int, list[str]], year: int) -> str:
    ids = tables.get(year, [])
    if len(ids) != 1:
        there = f"two tables, {' and '.join(ids)}; remove one from what is asked" if ids else "no table"
        raise LoadError(
            f"CBS has {there} of Kerncijfers wijken en buurten {year}; there are {min(tables)} to {max(tables)}."
        )
    return ids[0]


def _edition(task: Task, year: int, table: str) -> Edition | None:
    """One year, every column as published. None when the table has no rows of the gemeente."""
    label = str(year)
    _check_title(task, table, year)
    key, topics = _properties(task, table, label)
    for wanted in task.columns:
        names = match(wanted, topics)
        if len(names) > 1:
            groups = ", ".join(f"{name} (“{str(topics[name].get('Title')).strip()}”)" for name in names)
            raise LoadError(
                f"{wanted} may be several columns of {table} ({year}): {groups}. Name one of them in indicators.toml."
            )
    rows = sorted(_own_rows(task, table, label, key), key=lambda row: _code(row[key]))
    if not rows:
        return None
    _check_codes(task.gemeente, table, [_code(row[key]) for row in rows])
    return Edition(
        edition=label,
        table=_table(rows, year, key, topics),
        url=task.http.address("CBS_ODATA3", f"/ODataApi/odata/{table}/TypedDataSet", _params(task, key)),
        attribution=f"Bron: CBS, Kerncijfers wijken en buurten {year} (StatLine {table})",
    )


def _check_title(task: Task, table: str, year: int) -> None:
    """A table id is only a number; its title says whether it is the table that was meant."""
    infos = _rows(task, f"/ODataApi/odata/{table}/TableInfos", {"$format": "json"}, str(year))
    title = str(infos[0].get("Title")).strip() if infos else ""
    meant = TITLE.fullmatch(title)
    if not meant or int(meant[1]) != year:
        raise LoadError(
            f"Table {table} at CBS is called “{title}”, not “Kerncijfers wijken en buurten {year}”. "
            "Look in StatLine which table it is now."
        )


def _properties(task: Task, table: str, label: str) -> tuple[str, dict[str, Row]]:
    """The name of the column with codes, and what CBS says of each other column, by its name."""
    properties = _rows(task, f"/ODataApi/odata/{table}/DataProperties", {"$format": "json"}, label)
    keys = [str(row.get("Key")) for row in properties if str(row.get("Type")).startswith("Geo")]  # …Dimension, …Detail
    if len(keys) != 1:
        raise LoadError(
            f"Table {table} should have one column with area codes, but has {len(keys)}: {', '.join(keys)}."
        )
    return keys[0], {str(row.get("Key")): row for row in properties if row.get("Type") == "Topic"}


def _params(task: Task, key: str, select: str = "") -> dict[str, str]:
    params = {"$format": "json", "$filter": f"substringof('{task.gemeente[2:]}',{key})"}
    return params | ({"$select": select} if select else {})


def _own_rows(task: Task, table: str, label: str, key: str, select: str = "") -> list[Row]:
    """The rows of the gemeente, its wijken and its buurten, as published."""
    path, params = f"odata/{table}/TypedDataSet", _params(task, key, select)
    try:
        rows = _rows(task, f"/ODataApi/{path}", params, label)
    except RefusedError as error:
        if not (error.answer.status == 500 and b"10000" in error.answer.body):
            raise
        rows = _rows(task, f"/ODataFeed/{path}", params, label)
    if any(not isinstance(row.get(key), str) for row in rows):
        raise LoadError(f"Table {table} has rows without a code in {key}. Load again later.")
    digits = task.gemeente[2:]
    return [row for row in rows if _code(row[key]).startswith((f"GM{digits}", f"WK{digits}", f"BU{digits}"))]


def _rows(task: Task, path: str, params: dict[str, str], label: str) -> list[Row]:
    """All rows behind an address, page after page."""
    answer = task.http.get("CBS_ODATA3", path, params, label=label)
    rows: list[Row] = []
    for _ in range(MAX_PAGES):
        page = answer.json()
        value = page.get("value")
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise answer.problem("sent JSON without rows (a list called value)")
        rows += value
        if "odata.nextLink" not in page:
            return rows
        answer = task.http.follow(answer, str(page["odata.nextLink"]), label=label)
    raise answer.problem("leads from page to page without end")


def _code(published: str) -> str:
    return published.strip().upper()


def _check_codes(gemeente: str, table: str, codes: list[str]) -> None:
    digits = gemeente[2:]
    problems = [
        f"“{code}” is no code of {gemeente}."
        for code in codes
        if not re.fullmatch(f"GM{digits}|WK{digits}[0-9A-Z]{{2}}|BU{digits}[0-9A-Z]{{4}}", code)
    ]
    problems += [f"{code} is there {times} times." for code, times in Counter(codes).items() if times > 1]
    problems += [f"There is no row that begins with {level}." for level in ("GM", "WK", "BU") if not _any(codes, level)]
    if problems:
        raise LoadError(f"Table {table} can't be used. " + " ".join(problems[:10]))


def _any(codes: list[str], level: str) -> bool:
    return any(code.startswith(level) for code in codes)


def _table(rows: list[Row], year: int, key: str, topics: dict[str, Row]) -> pa.Table:
    """Key columns, then every column as published with its unit.

    Raises LoadError when a column of numbers holds something else, or a column that was announced is not there.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    lost = [name for name in topics if name not in names]
    if lost:
        raise LoadError(
            f"CBS announces columns of {year} that its rows do not have: {', '.join(lost)}. Load again later."
        )
    arrays: list[pa.Array] = [
        pa.array([_code(row[key]) for row in rows], type=pa.string()),
        pa.array([date(year, 1, 1)] * len(rows), type=pa.date32()),
        pa.array([year] * len(rows), type=pa.int32()),
    ]
    fields = [pa.field("area_code", pa.string()), pa.field("period", pa.date32()), pa.field("edition", pa.int32())]
    for name in names:
        topic = topics.get(name, {})
        number = NUMBERS.get(str(topic.get("Datatype")))
        values = column(name, [row.get(name) for row in rows], empty=number)
        if number and pa.types.is_string(values.type):
            first = next(value for value in values.to_pylist() if value is not None)
            raise LoadError(
                f"CBS says {name} of {year} holds numbers, but it holds “{first}”. Look what changed there."
            )
        if number == pa.float64():  # 2 and 2.5 are one kind of number, also in a year with whole ones only
            values = values.cast(number)
        about = {key: str(topic.get(key.capitalize()) or "").strip() for key in ("unit", "title")} if topic else {}
        arrays.append(values)
        fields.append(pa.field(name, values.type, metadata=about or None))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _filled(table: pa.Table, wanted: set[str]) -> set[str]:
    """The wanted columns that have a value for at least one area."""
    return {
        name
        for name in wanted
        for published in match(name, table.column_names)
        if table[published].null_count < table.num_rows
    }
