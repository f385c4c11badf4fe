"""What a look finds beside the copy on disk."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders import Look
from loaders.believe import KEYS
from loaders.check import differences
from loaders.raw import Copy


@pytest.fixture
def schools(tmp_path):
    """A copy of three places: two schools and a station."""
    path, kinds = tmp_path / "places.parquet", ("school", "school", "stop")
    rows = [{"id": str(number), "kind": kind, "lon": 5.1, "lat": 52.1} for number, kind in enumerate(kinds)]
    table = pa.Table.from_pylist(rows, schema=KEYS["point"])
    pq.write_table(table, path)
    return Copy(path=path, edition="places", retrieved_at="", rows=3, gemeente="GM0344", marker="", schema=table.schema)


def test_places_are_compared_by_kind_and_other_counts_are_not(schools):
    look = Look(edition="places", columns={}, counts={"school": 3, "stop": 1, "things": 9})
    assert differences(look, schools, ()).news == ("3 of school; the copy has 2.",)


def test_columns_of_our_own_are_nobodys_news(schools):
    look = Look(edition="places", columns={"id": "", "kind": "", "brin": ""}, counts={})
    assert differences(look, schools, ()).news == ("New: brin.",)


def test_nothing_of_all_that_was_counted_breaks(schools):
    look = Look(edition="places", columns={"id": ""}, counts={"school": 0, "stop": 0})
    assert differences(look, schools, ()).breaks == ("There is nothing any more of what was 3 rows.",)
