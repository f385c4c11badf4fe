"""In which buurt each whole postcode (PC6) of the gemeente lies, by CBS: addresses with their buurt, of 1 August.

Published once a year, around September, as a ZIP of some 22 MB with one large CSV of the whole country (8 million
addresses) and small ones with names. Odd, and handled here:

- No page lists the files. Since 2024 they are under /postcode/, and that of 2023 is under /maatwerk/; both are tried,
  from this year back. Those before 2023 are on another server, and are not asked for.
- Codes have no letters in front ("03440111", and "0363AF01" in Amsterdam), and where somebody took them for numbers, no
  zero either. The columns end in the year of the division: Buurt2025, Gemeente2025.
- A postcode may lie in several buurten, and then has a row for each.

House numbers are left out when reading: a postcode in a buurt is all that is asked. It is public, also where only one
address has that postcode.
"""

import io
import re
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task, files
from loaders.http import Answer

SOURCE = Source(
    id="cbs_postcodes",
    publisher="CBS",
    title="Buurt, wijk en gemeente voor postcode-huisnummer",
    page="https://www.cbs.nl/nl-nl/maatwerk/2025/38/buurt-wijk-en-gemeente-2025-voor-postcode-huisnummer",
    licence="cc-by-4.0",
    attribution="Bron: CBS, Buurt, wijk en gemeente voor postcode-huisnummer",
    shape="name",
    openness="rows",
    refreshed="yearly",
    hosts=("CBS_DOWNLOAD",),
)

FOLDERS = ("postcode", "maatwerk")
YEARS_BACK = 4
TABLE = "pc6hnr*.csv"
COLUMNS = {"postcode": "pc6", "buurt": r"buurt\d{4}", "gemeente": r"gem(eente)?\d{4}"}


def fetch(task: Task) -> list[Edition | Same]:
    """The newest edition; its name is the year of the division into buurten. Raises LoadError when there is none."""
    year, answer = _newest(task, task.http.download)
    if answer.kept and str(year) in task.copies:
        return [Same(str(year))]
    assert answer.file  # where a download is
    division, found = _buurten(answer.file, task.gemeente)
    if division != year:
        raise LoadError(f"{answer.url} should be of {year}, and is of {division}. Look what CBS changed.")
    if not found:
        raise LoadError(f"{answer.url} has no address in {task.gemeente}. Look whether that gemeente still exists.")
    rows = sorted(found)
    table = pa.table({"area_code": [code for code, _ in rows], "name": [postcode for _, postcode in rows]})
    attribution = f"Bron: CBS, Buurt, wijk en gemeente {year} voor postcode-huisnummer"
    return [Edition(edition=str(year), table=table, url=answer.url, attribution=attribution)]


def look(task: Task) -> Look:
    """Of when the newest file is. What is in it can't be seen without loading it."""
    return Look(edition=str(_newest(task, task.http.peek)[0]), columns={}, counts={})


def _newest(task: Task, ask: Callable[..., Answer]) -> tuple[int, Answer]:
    years = range(task.today.year, task.today.year - YEARS_BACK, -1)
    paths = [(y, f"/{folder}/{y}-cbs-pc6huisnr{y}0801_buurt.zip") for y in years for folder in FOLDERS]
    if found := files.newest(ask, "CBS_DOWNLOAD", paths):
        return found
    raise LoadError(
        f"CBS_DOWNLOAD has no postcodes of {years[-1]} to {years[0]} at "
        f"{task.http.address('CBS_DOWNLOAD', f'/{FOLDERS[0]}/')}. Look at {SOURCE.page} where the file is now."
    )


def _buurten(archive: Path, gemeente: str) -> tuple[int, set[tuple[str, str]]]:
    """The year of the division, and (buurt, postcode) of every address in the gemeente."""
    where = f"{TABLE} in {archive.name}"
    found: set[tuple[str, str]] = set()
    with files.member(archive, TABLE) as packed:
        text = io.TextIOWrapper(packed, encoding="utf-8-sig", errors="replace", newline="")
        rows = files.rows(text, where)
        first = next(rows, None)
        if first is None:
            raise LoadError(f"{where} has no rows. Load again later.")
        postcode, buurt, gemeente_column = (_column(first, what, where) for what in COLUMNS)
        for row in chain([first], rows):
            if row[gemeente_column].strip().zfill(4) == gemeente[2:]:
                found.add((f"BU{row[buurt].strip().upper().zfill(8)}", _postcode(row[postcode], where)))
    return int(buurt.strip()[-4:]), found


def _column(row: Mapping[str, str], what: str, where: str) -> str:
    """What a column is called this time."""
    names = [name for name in row if re.fullmatch(COLUMNS[what], name.strip(), re.IGNORECASE)]
    if len(names) != 1:
        raise LoadError(f"{where} should have one column of {what}; it has {', '.join(row)}. Look what CBS changed.")
    return names[0]


def _postcode(published: str, where: str) -> str:
    postcode = published.replace(" ", "").upper()
    if not re.fullmatch(r"[1-9]\d{3}[A-Z]{2}", postcode):
        raise LoadError(f"{where} has “{published[:20]}” for a postcode. Look what CBS changed.")
    return postcode
