"""Leefbaarometer 3.0: how liveable gemeente, wijken and buurten are estimated to be, by the ministry of BZK.

Published every two years as one ZIP with a CSV per level, of the whole country and of all measurements since 2002.
Odd, and handled here:

- No page lists the files in a way that a machine can read; the year of the measurement is in the address. Years are
  tried from this one back.
- `lbm` is the score itself (some 3.5 to 4.6); the five dimensions (`fys`, `onv`, `soc`, `vrz`, `won`) are how far a
  place is above or below the national mean. None of them has a unit.
- Buurten with too few residents are left out of it; they have no row.
- Commas and points: separator and decimal sign were described in one way and may come in another; both are read.

It is a model: it expects what people would say of a place from some hundred characteristics of it. So nobody measured
that these scores follow from a policy, and BZK says it is no causal model.

Unconfirmed: the names of the files for wijken and gemeenten, which are looked for and may be missing; and that all
years stand on the division of the measurement, which the archive with outlines (one year of them) points to. Third
parties who read the page with open data say it states CC0.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task, files
from loaders.http import Answer

SOURCE = Source(
    id="leefbaarometer",
    publisher="Ministerie van Binnenlandse Zaken en Koninkrijksrelaties",
    title="Leefbaarometer 3.0: scores",
    page="https://www.leefbaarometer.nl/page/Opendata",
    licence="cc0",
    attribution="Bron: Leefbaarometer 3.0, ministerie van BZK",
    shape="area",
    openness="rows",
    refreshed="yearly",
    hosts=("LEEFBAAROMETER",),
)

YEARS_BACK = 4
# Level: its file, and its column with codes.
TABLES = {
    "gemeente": ("leefbaarometer-scores*gemeente*.csv", "gm_code"),
    "wijk": ("leefbaarometer-scores*wijk*.csv", "wk_code"),
    "buurt": ("leefbaarometer-scores*buurt*.csv", "bu_code"),
}
SCORES = ("lbm", "fys", "onv", "soc", "vrz", "won")
NOTHING = ("", "NA", "NaN", ".")

Row = dict[str, object]


def fetch(task: Task) -> list[Edition | Same]:
    """The newest measurement with all before it; its name is its year. Raises LoadError when there is none."""
    year, answer = _newest(task, task.http.download)
    if answer.kept and str(year) in task.copies:
        return [Same(str(year))]
    assert answer.file  # where a download is
    rows: list[Row] = []
    for level in TABLES:
        if level == "buurt" or files.names(answer.file, TABLES[level][0]):
            rows += _own(answer.file, level, task.gemeente)
        else:
            task.note(f"The archive of {year} has no scores by {level}.")
    if not rows:
        raise LoadError(f"{answer.url} has no scores of {task.gemeente}. Look whether that gemeente still exists.")
    newest = max(int(str(row["jaar"])) for row in rows)
    if newest != year:
        raise LoadError(
            f"{answer.url} should be of {year}; its newest scores are of {newest}. Look what changed there."
        )
    return [
        Edition(
            edition=str(year),
            table=_table(rows, year),
            url=answer.url,
            attribution=f"Bron: Leefbaarometer 3.0, meting {year}, ministerie van BZK",
        )
    ]


def look(task: Task) -> Look:
    """Of when the newest file is. What is in it can't be seen without loading it."""
    return Look(edition=str(_newest(task, task.http.peek)[0]), columns={}, counts={})


def _newest(task: Task, ask: Callable[..., Answer]) -> tuple[int, Answer]:
    years = range(task.today.year, task.today.year - YEARS_BACK, -1)
    paths = [(year, f"/resources/open-data-leefbaarometer-meting-{year}.zip") for year in years]
    if found := files.newest(ask, "LEEFBAAROMETER", paths):
        return found
    raise LoadError(
        f"LEEFBAAROMETER has no measurement of {years[-1]} to {years[0]} at "
        f"{task.http.address('LEEFBAAROMETER', '/resources/')}. Look at {SOURCE.page} where the file is now."
    )


def _own(archive: Path, level: str, gemeente: str) -> Iterator[Row]:
    """The rows of a level that are of the gemeente, numbers as numbers."""
    pattern, code = TABLES[level]
    where = f"{pattern} in {archive.name}"
    with files.member(archive, pattern) as packed:
        text = io.TextIOWrapper(packed, encoding="utf-8-sig", errors="replace", newline="")
        for row in files.rows(text, where):
            if missing := [name for name in (code, "jaar", *SCORES) if name not in row]:
                raise LoadError(f"{where} has no column {', '.join(missing)}; it has {', '.join(row)}.")
            area = row[code].strip().upper()
            if area[2:6] == gemeente[2:]:
                yield _numbers(row, area, where)


def _numbers(row: Mapping[str, str], area: str, where: str) -> Row:
    if not re.fullmatch(r"\d{4}", row["jaar"].strip()):
        raise LoadError(f"{where} has “{row['jaar'][:20]}” for a year of {area}. Look what changed there.")
    return {"area_code": area, "jaar": int(row["jaar"])} | {name: _number(row[name], where, area) for name in SCORES}


def _number(published: str, where: str, area: str) -> float | None:
    text = published.strip()
    if text in NOTHING:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise LoadError(f"{where} has “{published[:20]}” for a score of {area}. Look what changed there.") from error


def _table(rows: list[Row], year: int) -> pa.Table:
    rows = sorted(rows, key=lambda row: (str(row["area_code"]), str(row["jaar"])))
    columns = {
        "area_code": pa.array([row["area_code"] for row in rows], type=pa.string()),
        "period": pa.array([date(int(str(row["jaar"])), 1, 1) for row in rows], type=pa.date32()),
        "edition": pa.array([year] * len(rows), type=pa.int32()),
        "jaar": pa.array([row["jaar"] for row in rows], type=pa.int64()),
    }
    return pa.table(columns | {name: pa.array([row[name] for row in rows], type=pa.float64()) for name in SCORES})
