"""A value is written with the same digits in every kind of file, and what is missing is never a number."""

import csv
import io
import json
import math
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.exports.tables import as_csv, as_features, as_json, as_parquet

AT = datetime(2024, 3, 5, 12, 0, 1, 999_999, UTC)
ROWS = pa.table(
    {
        "name": ["Lombok-Oost", 'Say "hi", no', "Één\ntwee", None],
        "value": pa.array([377000.0, 0.1, None, -0.5]),
        "n": pa.array([0, None, 3, 4], pa.int32()),
        "shown": [True, False, None, True],
        "period": pa.array([date(2024, 1, 1)] * 3 + [None]),
        "at": pa.array([AT.replace(tzinfo=None)] * 3 + [None], pa.timestamp("us")),
    }
)


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_csv_has_points_iso_dates_and_lower_case_booleans():
    first = read_csv(as_csv(ROWS))[0]
    assert list(first.values()) == ["Lombok-Oost", "377000", "0", "true", "2024-01-01", "2024-03-05T12:00:01Z"]


def test_csv_leaves_null_empty_and_keeps_zero():
    rows = read_csv(as_csv(ROWS))
    assert [row["value"] for row in rows] == ["377000", "0.1", "", "-0.5"]
    assert [row["n"] for row in rows] == ["0", "", "3", "4"]
    assert list(rows[3].values()) == ["", "-0.5", "4", "true", "", ""]


def test_csv_quotes_what_would_break_a_row():
    assert [row["name"] for row in read_csv(as_csv(ROWS))] == ["Lombok-Oost", 'Say "hi", no', "Één\ntwee", ""]


def test_csv_has_no_byte_order_mark_and_a_plain_header():
    assert as_csv(ROWS).startswith(b"name,value,n,shown,period,at\nLombok-Oost,377000,")


def test_json_keeps_the_order_of_the_columns():
    assert [list(row) for row in json.loads(as_json(ROWS))] == [ROWS.column_names] * 4


def test_json_has_null_for_null():
    assert json.loads(as_json(ROWS))[3] == {
        "name": None, "value": -0.5, "n": 4, "shown": True, "period": None, "at": None
    }  # fmt: skip


def test_a_table_without_rows_is_a_file_without_rows():
    assert as_csv(ROWS[:0]) == b"name,value,n,shown,period,at\n"
    assert as_json(ROWS[:0]) == b"[]"
    assert json.loads(as_features(areas()[:0], "code", "geometry"))["features"] == []


def test_a_number_that_is_none_is_missing():
    table = pa.table({"name": ["a", "b"], "value": [math.nan, math.inf]})
    assert as_csv(table) == b"name,value\na,\nb,\n"
    assert [row["value"] for row in json.loads(as_json(table))] == [None, None]


def test_a_time_is_cut_to_the_second_not_rounded():
    assert json.loads(as_json(ROWS))[0]["at"] == "2024-03-05T12:00:01Z"


@given(st.lists(st.tuples(st.text(), st.none() | st.floats(allow_nan=False, allow_infinity=False)), min_size=1))
def test_csv_and_json_hold_the_same_values(rows):
    names, values = zip(*rows, strict=True)
    table = pa.table({"name": pa.array(names, pa.string()), "value": pa.array(values, pa.float64())})
    listed = json.loads(as_json(table))
    assert [(row["name"], row["value"]) for row in listed] == rows
    text = [row["value"] for row in read_csv(as_csv(table.append_column("end", [["x"] * len(rows)])))]
    assert [float(value) if value else None for value in text] == list(values)


def test_parquet_keeps_types_and_says_which_build():
    table = pq.read_table(io.BytesIO(as_parquet(ROWS, {"build": "b1"})))
    assert table.schema.metadata[b"build"] == b"b1"
    assert table.equals(ROWS)


def areas() -> pa.Table:
    square = shapely.Polygon([(5.123456789, 52), (5.2, 52), (5.2, 52.1)])
    return pa.table({"code": ["BU1", "BU2"], "name": ["Eén", None], "geometry": [shapely.to_wkb(square)] * 2})


def test_features_carry_the_other_columns_and_an_id():
    feature = json.loads(as_features(areas(), "code", "geometry"))["features"][0]
    assert feature["id"] == "BU1"
    assert feature["properties"] == {"code": "BU1", "name": "Eén"}


def test_features_have_six_decimals():
    feature = json.loads(as_features(areas(), "code", "geometry"))["features"][0]
    assert feature["geometry"]["coordinates"][0][0] == [5.123457, 52.0]


@pytest.mark.parametrize("moment", [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC)])
def test_times_are_written_in_utc(moment):
    table = pa.table({"at": pa.array([moment.replace(tzinfo=None)], pa.timestamp("us"))})
    assert json.loads(as_json(table)) == [{"at": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}]
