"""What can't be true of any load, whatever its publisher says: each doubt is one sentence.

What a publisher alone can get wrong is checked in its own file.
"""

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from buurtbeeld.catalogue import Source
from buurtbeeld.catalogue.source import Shape
from loaders import Edition

KEYS: dict[Shape, pa.Schema] = {
    "outline": pa.schema(
        [
            ("code", pa.string()),
            ("level", pa.string()),
            ("name", pa.string()),
            ("parent_code", pa.string()),
            ("edition", pa.int32()),
            ("changed", pa.int32()),
            ("geometry", pa.binary()),
        ]
    ),
    "area": pa.schema([("area_code", pa.string()), ("period", pa.date32()), ("edition", pa.int32())]),
    "name": pa.schema([("area_code", pa.string()), ("name", pa.string())]),
    "point": pa.schema(
        [
            ("id", pa.string()),
            ("kind", pa.string()),
            ("name", pa.string()),
            ("lon", pa.float64()),
            ("lat", pa.float64()),
        ]
    ),
    "reading": pa.schema(
        [
            ("sensor", pa.string()),
            ("quantity", pa.string()),
            ("time", pa.timestamp("us")),
            ("value", pa.float64()),
            ("unit", pa.string()),
        ]
    ),
    "list": pa.schema([("id", pa.string()), ("title", pa.string()), ("link", pa.string()), ("date", pa.date32())]),
}
"""Shape → its key columns."""
OPTIONAL: dict[Shape, pa.Schema] = {"reading": pa.schema([("stars", pa.int8())])}
"""Shape → columns that mean something wherever they are there."""
UNIQUE: dict[Shape, tuple[str, ...]] = {
    "outline": ("code",),
    "area": ("area_code", "period"),
    "name": ("area_code", "name"),
    "point": ("id",),
    "reading": ("sensor", "quantity", "time"),
    "list": ("id",),
}
NETHERLANDS = (3.0, 50.0, 8.0, 54.0)
SHOWN = 3  # examples of one kind


def doubts(edition: Edition, source: Source, gemeente: str) -> list[str]:
    """What is wrong with an edition, in sentences; empty when nothing is."""
    shape, table = edition.shape or source.shape, edition.table
    where = f"Edition {edition.edition} of {source.id}"
    optional = [field for field in OPTIONAL.get(shape, ()) if field.name in table.column_names]
    wrong = [
        f"{where} should have a column {field.name} of {field.type}."
        for field in (*KEYS[shape], *optional)
        if field.name not in table.column_names or table.schema.field(field.name).type not in _same(field.type)
    ]
    if wrong:
        return wrong
    if not table.num_rows:
        return [f"{where} has no rows."]
    found = [*_twice(table, UNIQUE[shape]), *_of_shape(shape, table, gemeente)]
    return [f"{where} {doubt}" for doubt in found]


def in_netherlands(lon: float, lat: float) -> bool:
    """Whether a point can be in the Netherlands; false where longitude and latitude were exchanged."""
    west, south, east, north = NETHERLANDS
    return west < lon < east and south < lat < north


def _of_shape(shape: Shape, table: pa.Table, gemeente: str) -> Iterator[str]:
    match shape:
        case "area":
            yield from _area(table, gemeente)
        case "name":
            yield from _area(table, gemeente)
            yield from _name(table)
        case "outline":
            yield from _outline(table, gemeente)
        case "point":
            yield from _point(table)
        case "reading":
            yield from _reading(table)
        case "list":
            yield from _list(table)


def _same(kind: pa.DataType) -> tuple[pa.DataType, ...]:
    return (kind, pa.int64()) if kind == pa.int32() else (kind,)


def _twice(table: pa.Table, keys: tuple[str, ...]) -> Iterator[str]:
    counted = table.group_by(list(keys)).aggregate([([], "count_all")])
    twice = counted.filter(pc.greater(counted["count_all"], 1)).sort_by([(key, "ascending") for key in keys])
    if twice.num_rows:
        examples = ", ".join(" ".join(map(str, row.values())) for row in twice.select(keys).slice(0, SHOWN).to_pylist())
        yield f"has {twice.num_rows} rows more than once, such as {examples}."


def _few(values: list[object]) -> str:
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(f"“{value}”" for value in values[:SHOWN]) + more


def _area(table: pa.Table, gemeente: str) -> Iterator[str]:
    digits = gemeente[2:]
    code = re.compile(rf"GM{digits}|WK{digits}[0-9A-Z]{{2}}|SW{digits}[0-9A-Z]+|BU{digits}[0-9A-Z]{{4}}")
    if strange := [each for each in table["area_code"].unique().to_pylist() if not code.fullmatch(str(each))]:
        yield f"has rows of {_few(strange)}, which is not {gemeente}."


def _name(table: pa.Table) -> Iterator[str]:
    names = zip(table["area_code"].to_pylist(), table["name"].to_pylist(), strict=True)
    if nameless := [code for code, name in names if not (name or "").strip()]:
        yield f"has names that are empty, of {_few(nameless)}."


def _outline(table: pa.Table, gemeente: str) -> Iterator[str]:
    if gemeente not in table["code"].to_pylist():
        yield f"does not hold {gemeente}."


def _point(table: pa.Table) -> Iterator[str]:
    outside = [
        row["id"]
        for row in table.select(["id", "lon", "lat"]).to_pylist()
        if row["lon"] is None or row["lat"] is None or not in_netherlands(row["lon"], row["lat"])
    ]
    if outside:
        yield f"has places that are not in the Netherlands: {_few(outside)}."


def _reading(table: pa.Table) -> Iterator[str]:
    if table["time"].null_count or table["sensor"].null_count:
        yield "has readings without a sensor or a time."


def _list(table: pa.Table) -> Iterator[str]:
    entries = zip(table["id"].to_pylist(), table["title"].to_pylist(), strict=True)
    if untitled := [id for id, title in entries if not (title or "").strip()]:
        yield f"has entries without a title: {_few(untitled)}."
    links = table["link"].drop_null().to_pylist()
    if strange := [link for link in links if not re.match(r"https?://\S+$", link)]:
        yield f"has links that are no addresses: {_few(strange)}."
