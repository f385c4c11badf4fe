"""Streets of Utrecht and the buurten they lie in, from the municipality's open-data portal.

Dataset `straatnamen`: a table with a row per street and buurt, as far as is known. Its columns could not be confirmed,
so a few names are tried for each, and a buurt may be given by its code in any of the municipality's ways of writing
(BU03440311, 0311, 03.11, or 311 where a spreadsheet took the zero) or by its name. A street can lie in several buurten.
"""

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task
from loaders.dialects import dcat

SOURCE = Source(
    id="utrecht_streets",
    publisher="Gemeente Utrecht",
    title="Straatnamen",
    page="https://open.utrecht.nl/dataset/straatnamen",
    licence="unknown",
    attribution="Bron: gemeente Utrecht, open data (straatnamen)",
    shape="name",
    openness="rows",
    refreshed="monthly",
    hosts=("UTRECHT_PORTAAL", "UTRECHT_FILES"),
)
GEMEENTEN = ("GM0344",)

HOST, DATASET = "UTRECHT_PORTAAL", "straatnamen"
EDITION = "streets"
STREET = ("straatnaam", "straat", "naam", "openbare ruimte")
BUURT = ("buurtcode", "buurt", "buurtnummer", "buurtnaam")
MOST_UNKNOWN = 0.1  # of the rows; more is no matter of single streets


def fetch(task: Task) -> list[Edition]:
    """Every street with each of its buurten; nothing, with a note, where the portal has no file that can be read.

    Raises LoadError when the file has other columns, or more than `MOST_UNKNOWN` of its rows name no known buurt.
    """
    files = dcat.files(task.http, HOST, DATASET, label=EDITION)
    file = dcat.readable(files)
    if file is None:
        forms = ", ".join(sorted({each.form for each in files})) or "nothing"
        task.note(f"Dataset {DATASET} of {HOST} can't be read: it has {forms}. Streets are not found by their names.")
        return []
    rows = dcat.rows(task.http, file, label=EDITION)
    street, buurt = _column(rows, STREET, file), _column(rows, BUURT, file)
    buurten = _written(task)
    found = {(buurten.get(_plain(row[buurt])), str(row[street] or "").strip()) for row in rows}
    unknown = sorted({str(row[buurt]) for row in rows if _plain(row[buurt]) not in buurten})
    lost = sum(_plain(row[buurt]) not in buurten for row in rows)
    if lost > MOST_UNKNOWN * len(rows):
        raise LoadError(
            f"{lost} of {len(rows)} rows of {file.url} name no buurt of {task.gemeente}, “{unknown[0]}” for one. Look "
            "how the file writes buurten now."
        )
    if unknown:
        task.note(f"{lost} rows of {file.url} name no buurt that is known, “{unknown[0]}” for one.")
    names = sorted((code, name) for code, name in found if code and name)
    table = pa.table(
        {
            "area_code": pa.array([code for code, _ in names], pa.string()),
            "name": pa.array([name for _, name in names], pa.string()),
        }
    )
    return [Edition(edition=EDITION, table=table, url=file.url)]


def look(task: Task) -> Look:
    """The files there are: what is in them is not asked."""
    files = dcat.files(task.http, HOST, DATASET, label=EDITION)
    if dcat.readable(files) is None:
        raise LoadError(f"Dataset {DATASET} of {HOST} has no file that can be read, but {len(files)} others.")
    return Look(edition=EDITION, columns={}, counts={})


def _column(rows: list[dict[str, object]], names: tuple[str, ...], file: dcat.File) -> str:
    """The column that is called by one of `names`, the first that is there."""
    called = {name.strip().casefold(): name for name in rows[0]} if rows else {}
    for name in names:
        if name in called:
            return called[name]
    raise LoadError(
        f"{file.url} has no column {' or '.join(names)}, but {', '.join(called) or 'nothing'}. Add the name that it "
        "uses now to loaders/utrecht_streets.py."
    )


def _written(task: Task) -> dict[str, str]:
    """Every way to write a buurt, plain → its code."""
    found: dict[str, str] = {}
    for area in task.areas():
        if area.level == "buurt":
            short = area.code[6:]
            for way in (area.code, area.code[2:], short, short.lstrip("0"), f"{short[:2]}.{short[2:]}", area.name):
                found[_plain(way)] = area.code
    return found


def _plain(value: object) -> str:
    return " ".join(str(value).split()).casefold()
