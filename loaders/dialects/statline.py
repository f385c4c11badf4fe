"""What the tables of StatLine have in common, whoever filled them and in whichever version of OData they come.

A row is of one area. Codes are padded with spaces, and so are numbers where they come as text ("    78.3"); a lone `.`
is the mark of StatLine for "there is no figure here".
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import pyarrow as pa

from loaders import LoadError
from loaders.http import Answer, Http, UnreachableError
from loaders.raw import column

Row = dict[str, Any]
Loaded = TypeVar("Loaded")

NUMBERS = {"Integer": pa.int64(), "Long": pa.int64(), "Float": pa.float64(), "Double": pa.float64()}
NO_FIGURE = ("", ".")
# Only these words may stand between: "volgens de indeling van de politie, vanaf 2012" is about something else.
BORDERS = re.compile(
    r"indeling\s+(?:(?:van|de|het|per|op|is|die|zoals|in|jaar|gemeenten,?|wijken|en|buurten)\s+)*"
    r"(?:1 januari |1-1-)?(20\d\d)\b",
    re.IGNORECASE,
)
MAX_PAGES = 100  # ten times the largest table that is read of one gemeente


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What is said of a column with figures."""

    title: str
    unit: str
    group: str
    """Titles of the groups it stands under, outermost first, with " / " between; it tells two of one title apart."""
    datatype: str

    @property
    def about(self) -> dict[str, str]:
        """What goes along with the column."""
        return {"unit": self.unit, "title": self.title, "group": self.group}


def pages(http: Http, answer: Answer, link: str, label: str) -> Iterator[Row]:
    """The rows of an answer and of those its `link` leads to, page by page. Raises LoadError for what has no rows."""
    for _ in range(MAX_PAGES):
        page = answer.json()
        value = page.get("value")
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise answer.problem("sent JSON without rows (a list called value)")
        yield from value
        if link not in page:
            return
        answer = http.follow(answer, str(page[link]), label=label)
    raise answer.problem("leads from page to page without end")


def group(row: Row, groups: Mapping[object, Row], above: tuple[str, str]) -> str:
    """Titles of the groups a column stands under. above: what a column and a group call the one they stand under."""
    of_column, of_group = above
    path: list[str] = []
    found = groups.get(row.get(of_column))
    while found and len(path) < len(groups):  # a group that stands under itself ends somewhere too
        path.insert(0, str(found.get("Title") or "").strip())
        found = groups.get(found.get(of_group))
    return " / ".join(path)


def code(published: str) -> str:
    """A key without the spaces it is padded with."""
    return published.strip().upper()


def own(rows: Iterable[Row], key: str, gemeente: str, topics: Iterable[str], where: str) -> Iterator[Row]:
    """The rows of a gemeente, its wijken and its buurten; a filter may have found other codes with the same digits.

    key: the column with codes; topics: columns that were announced. Raises LoadError for a row without one of these.
    """
    begins = tuple(letters + gemeente[2:] for letters in ("GM", "WK", "BU"))
    announced = list(topics)
    for row in rows:
        if not isinstance(row.get(key), str):
            raise LoadError(f"{where} has rows without a code in {key}. Load again later.")
        if lost := [name for name in announced if name not in row]:
            raise LoadError(
                f"{where} announces columns that its rows do not have: {', '.join(lost)}. Load again later."
            )
        if code(row[key]).startswith(begins):
            yield row


def across(rows: Iterable[Row], key: str, dimension: str, topic: str, names: Mapping[str, str]) -> list[Row]:
    """One row per area with a column per kind of `dimension`, for a table with a row per area and kind; by code.

    names: kind, trimmed → column. Other kinds are left out; a kind without a row is null. Raises LoadError for a kind
    that an area has twice.
    """
    found: dict[str, Row] = {}
    for row in rows:
        name = names.get(code(str(row[dimension])))
        if name is None:
            continue
        area = found.setdefault(code(row[key]), {key: row[key]})
        if name in area:
            raise LoadError(f"{code(row[key])} is there twice with {dimension} “{row[dimension]}”. Load again later.")
        area[name] = row[topic]
    return [found[area] | {name: found[area].get(name) for name in names.values()} for area in sorted(found)]


def table(
    rows: Sequence[Row],
    *,
    key: str,
    periods: Sequence[date],
    edition: int,
    topics: Mapping[str, Topic],
    provisional: Sequence[bool] | None = None,
) -> pa.Table:
    """The key columns of areas, then every column as published with what is said of it.

    key: the column with codes; periods and provisional go along with the rows. Raises LoadError when a column of
    numbers holds something else.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    columns: dict[str, pa.Array] = {
        "area_code": pa.array([code(row[key]) for row in rows], type=pa.string()),
        "period": pa.array(periods, type=pa.date32()),
        "edition": pa.array([edition] * len(rows), type=pa.int32()),
    }
    if provisional is not None:
        columns["provisional"] = pa.array(provisional, type=pa.bool_())
    fields = [pa.field(name, values.type) for name, values in columns.items()]
    for name in names:
        topic = topics.get(name)
        columns[name] = _values(name, [row.get(name) for row in rows], topic)
        fields.append(pa.field(name, columns[name].type, metadata=topic.about if topic else None))
    return pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields))


def number(name: str, value: object) -> object:
    """A figure as a number, also where it came as padded text; None where there is none. Raises LoadError for words."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text in NO_FIGURE:
        return None
    try:
        return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
    except ValueError:
        raise LoadError(f"{name} should hold numbers, but it holds “{value}”. Look what changed there.") from None


def division(info: Mapping[str, Any]) -> int | None:
    """The year of the borders that a table says it is drawn with, in its title or in what stands under it."""
    for part in ("Title", "ShortTitle", "Summary", "ShortDescription", "Description"):
        if found := BORDERS.search(str(info.get(part) or "")):
            return int(found[1])
    return None


def newest_first(
    years: Iterable[int], needed: Container[int], load: Callable[[int], Loaded], note: Callable[[str], None]
) -> dict[int, Loaded]:
    """`load` for each year, newest first; what fails is passed on for a year that is `needed`, and else it is noted.

    One old table that can't be used keeps no newer one out; what was loaded of it before stays.
    """
    found: dict[int, Loaded] = {}
    for year in sorted(years, reverse=True):
        try:
            found[year] = load(year)
        except UnreachableError as error:
            if not found or year in needed:
                raise
            note(f"{year} and before were not asked for. {error}")
            break
        except LoadError as error:
            if year in needed:
                raise
            note(f"{year} is not loaded. {error}")
    return found


def _values(name: str, values: list[object], topic: Topic | None) -> pa.Array:
    kind = NUMBERS.get(topic.datatype) if topic else None
    if kind is None:
        return column(name, values)
    read = column(name, [number(name, value) for value in values], empty=kind)
    # 2 and 2.5 are one kind of number, also in a year with whole ones only
    return read.cast(kind) if kind == pa.float64() else read
