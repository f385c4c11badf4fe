"""Points and entries of lists in, with the buurt that each point lies in."""

from collections.abc import Sequence

import pyarrow as pa

from buurtbeeld.statistics import within
from buurtbeeld.warehouse import areas
from buurtbeeld.warehouse.inputs import Input

POINTS = pa.schema(
    [
        ("source", pa.string()),
        ("id", pa.string()),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("lon", pa.float64()),
        ("lat", pa.float64()),
        ("year", pa.int32()),
        ("same_as", pa.string()),
    ]
)
ENTRIES = pa.schema(
    [
        ("source", pa.string()),
        ("id", pa.string()),
        ("title", pa.string()),
        ("link", pa.string()),
        ("date", pa.date32()),
        ("licence", pa.string()),
    ]
)


def points(item: Input) -> pa.Table:
    """The places of one file, with the year in which they were received. Raises InputError when it can't be used.

    `same_as`: the id that another source has for the same place, where the file tells it.
    """
    return _with_source(item, _with(item.table(), "same_as"), POINTS, {"year": item.retrieved_at.year})


def entries(item: Input) -> pa.Table:
    """The entries of one file, with their licence where a column tells it. Raises InputError when it can't be used."""
    return _with_source(item, _with(item.table(), "licence"), ENTRIES, {})


def located(points: pa.Table, outlines: Sequence[Input]) -> pa.Table:
    """`points` with `code`: the buurt of the newest outlines that each lies in, NULL outside all of them.

    The outlines are those that were received, not the lighter ones of the screen. On a border the first code counts.
    """
    newest = max(outlines, key=lambda item: int(item.edition), default=None)
    buurten = areas.buurten(newest) if newest and points.num_rows else {}
    codes = within.codes(points["lon"].to_numpy(), points["lat"].to_numpy(), buurten)
    return points.append_column("code", pa.array(codes, type=pa.string()))


def _with(table: pa.Table, column: str) -> pa.Table:
    """`table` with an empty `column` where it has none."""
    if column in table.column_names:
        return table
    return table.append_column(column, pa.nulls(table.num_rows, pa.string()))


def _with_source(item: Input, table: pa.Table, schema: pa.Schema, values: dict[str, int]) -> pa.Table:
    columns = {"source": [item.source.id] * table.num_rows} | {
        name: [value] * table.num_rows for name, value in values.items()
    }
    return pa.table(
        {field.name: columns.get(field.name) or table[field.name].cast(field.type) for field in schema}, schema=schema
    )
