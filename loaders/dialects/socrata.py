"""Socrata (SODA 2.1): tables of a publisher, row by row as JSON.

- Without `$limit` 1,000 rows come, without a word that there are more; so the next are asked until fewer come.
- Only `$where` chooses. A column as a parameter beside it makes the server choose otherwise than either says.
- Every value is text. What a row does not have is no null but a key that is not there.
- Rows have no key of their own, so the same row twice on a page can't be told from one row: it counts once.
"""

import json
from collections.abc import Collection, Iterator
from typing import Any

from loaders import LoadError
from loaders.http import Http

PAGE = 10_000
UNASKED = 1000  # rows that come when a limit is not looked at
MAX_PAGES = 100

Row = dict[str, Any]


def rows(http: Http, host: str, table: str, where: str, *, label: str, needed: Collection[str] = ()) -> Iterator[Row]:
    """The rows of a table (its id, such as "adw6-9hsg") for which `where` holds, in the same order every time.

    Raises LoadError when not one of them has a column of `needed`: then that is called something else now.
    """
    start, lacking = 0, set(needed)
    for _ in range(MAX_PAGES):
        answer = http.get(host, f"/resource/{table}.json", _asked(where, start), label=label)
        page = answer.rows()
        for row in {json.dumps(row, sort_keys=True): row for row in page}.values():
            lacking -= row.keys()
            yield row
        start += len(page)
        if len(page) < UNASKED:
            break
    else:
        raise answer.problem("leads from page to page without end")
    if start and lacking:
        raise LoadError(
            f"Table {table} of {host} has no column {', '.join(sorted(lacking))} any more ({answer.url}). "
            "Look what it is called now."
        )


def columns(http: Http, host: str, table: str, where: str, *, label: str) -> list[str]:
    """The columns that the first rows have, for which `where` holds."""
    answer = http.get(host, f"/resource/{table}.json", _asked(where, 0, UNASKED), label=label)
    return list(dict.fromkeys(name for row in answer.rows() for name in row))


def _asked(where: str, start: int, most: int = PAGE) -> dict[str, str]:
    return {"$where": where, "$order": ":id", "$limit": str(most), "$offset": str(start)}
