"""What a load leaves on disk, as the next one finds it."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from loaders import Edition
from loaders.raw import Copy


def kept(folder: Path, gemeente: str, editions: Iterable[Edition]) -> dict[str, Copy]:
    """Write editions, and give them as copies by edition, oldest first."""
    found = {}
    for each in sorted(editions, key=lambda edition: edition.edition):
        path = folder / f"{each.edition}.parquet"
        pq.write_table(each.table, path)
        found[each.edition] = Copy(
            path=path,
            edition=each.edition,
            retrieved_at="2026-11-23T12:00:00Z",
            rows=each.table.num_rows,
            gemeente=gemeente,
            marker=each.marker,
            schema=pq.read_schema(path),
        )
    return found
