"""Figures of the municipality's own research (Utrecht in Cijfers), among which its survey of residents, in ABF's Swing.

Asked one variable and one kind of area at a time, for the newest period, or for the years that somebody names
(`--edition`). What was loaded before of other periods stays. Which variables there are could not be confirmed: the city
chooses, by naming one as the `column` of an indicator. Odd, and handled here:

- A table has three columns: area, period, value. Everything in it is text; `-`, `?`, `.`, `x` and nothing stand where
  there is no number, and stay.
- Areas are named, not coded; a wijk without its number. They are found by the names of the outlines, and subwijken by
  those of the city's own list, without which they are left out. What is not known where is of "onbekend".
- A survey holds for some kinds of area only; what is not published for a kind is empty or refused.
- The service moved from /viewer/ to /jive/ at other cities; both are tried. Which type it gives its JSON is not known.

Under which licence it is published could not be confirmed: ask the municipality's research department.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Area, Edition, LoadError, Task
from loaders.http import Answer, RefusedError

SOURCE = Source(
    id="utrecht_in_cijfers",
    publisher="Gemeente Utrecht, Onderzoek & Advies",
    title="Utrecht in Cijfers",
    page="https://utrecht.incijfers.nl",
    licence="unknown",
    attribution="Bron: gemeente Utrecht, Utrecht in Cijfers",
    shape="area",
    openness="rows",
    refreshed="monthly",
    hosts=("UTRECHT_INCIJFERS",),
)
GEMEENTEN = ("GM0344",)
AFTER_OUTLINES = True

HOST = "UTRECHT_INCIJFERS"
PATHS = ("/jive/selectiontableasjson.ashx", "/viewer/selectiontableasjson.ashx")
EDITION = "survey"
LEVELS = {"gemeente": "utrecht", "wijk": "wijk", "subwijk": "subwijk", "buurt": "buurt"}  # ours: theirs
NOWHERE = "onbekend"
MOST_UNKNOWN = 0.1  # of the areas of a table; more is no matter of single ones

Key = tuple[str, date]


def fetch(task: Task) -> list[Edition]:
    """All variables that the catalogue reads, on top of what was there; nothing, with a note, when it reads none.

    Raises LoadError when a variable is published for no kind of area, or its table is another than expected.
    """
    if not task.columns:
        task.note("No indicator names a variable of Utrecht in Cijfers yet, so there is nothing to ask.")
        return []
    areas = task.areas()
    if not any(area.level == "subwijk" for area in areas):
        task.note("Subwijken are left out until city/subwijken.csv says which buurten they are made of.")
    rows = _before(task, {area.code for area in areas})
    variables = tuple(wanted.names[0] for wanted in task.columns)
    for variable in variables:
        for (code, period), value in _variable(task, variable, areas).items():
            row = rows.setdefault((code, period), {"area_code": code, "period": period})
            row |= {"edition": next(area.edition for area in areas if area.code == code), variable: value}
    return [Edition(edition=EDITION, table=_table(rows, variables), url=SOURCE.page)]


def _before(task: Task, known: set[str]) -> dict[Key, dict[str, Any]]:
    """The rows of the copy on disk, without subwijken that the city took out of its list."""
    copy = task.copies.get(EDITION)
    table = copy.table() if copy else None
    rows = table.to_pylist() if table else []
    return {
        (row["area_code"], row["period"]): row
        for row in rows
        if row["area_code"] in known or not row["area_code"].startswith("SW")
    }


def _variable(task: Task, variable: str, areas: Sequence[Area]) -> dict[Key, str]:
    """Area and period → value as published, of every kind of area that there is."""
    found: dict[Key, str] = {}
    refused = []
    for level, theirs in LEVELS.items():
        names = {_plain(area.name): area.code for area in areas if area.level == level}
        if names:
            try:
                found |= _rows(task, _asked(task, variable, theirs), names)
            except RefusedError as error:
                refused.append(str(error))
    if not found:
        why = refused[0] if refused else "It has no rows for any kind of area."
        raise LoadError(f"{HOST} gives nothing of {variable}. {why} Look whether the variable is still called that.")
    return found


def _asked(task: Task, variable: str, level: str) -> Answer:
    """The answer of the first of `PATHS` that has one. Raises RefusedError when none does."""
    period = ",".join(map(str, task.editions)) or "mostrecent"
    query = {"var": variable, "geolevel": level, "period": period, "flip_table": "false"}
    for path in PATHS[:-1]:
        try:
            return task.http.get(HOST, path, query, label=EDITION)
        except RefusedError:
            continue
    return task.http.get(HOST, PATHS[-1], query, label=EDITION)


def _rows(task: Task, answer: Answer, names: dict[str, str]) -> dict[Key, str]:
    found: dict[Key, str] = {}
    unknown = []
    for name, period, value in _cells(answer):
        if not (len(period) == 4 and period.isdecimal()):
            raise answer.problem(f"gives figures of “{period}”, which is no year")
        if code := names.get(_plain(name)):
            key = code, date(int(period), 1, 1)
            if key in found:
                raise answer.problem(f"gives {name} in {period} more than once")
            found[key] = value
        elif _plain(name) != NOWHERE:
            unknown.append(name)
    if unknown:
        few = len(unknown) <= MOST_UNKNOWN * (len(found) + len(unknown))
        left_out = "so their figures are left out" if few else "so all figures of this kind of area are left out"
        task.note(f"{len(unknown)} names are of no area, “{unknown[0]}” for one, {left_out} ({answer.url}).")
        return found if few else {}
    return found


def _cells(answer: Answer) -> Iterator[tuple[str, str, str]]:
    """The rows of a table. Raises LoadError when it is another one."""
    # Whatever type the service gives it: a page with status 200 is no JSON, and is noticed as that.
    said = replace(answer, headers={**answer.headers, "content-type": "application/json"}).json()
    headers, rows = said.get("headers"), said.get("rows")
    if not isinstance(headers, list) or not isinstance(rows, list):
        raise answer.problem("sent JSON without headers and rows")
    if len(headers) != 3 or not all(isinstance(row, list) and len(row) == 3 for row in rows):
        raise answer.problem(f"sent a table of {len(headers)} columns where area, period and value were expected")
    for area, period, value in rows:
        yield str(area).strip(), str(period).strip(), "" if value is None else str(value)


def _table(rows: dict[Key, dict[str, Any]], variables: tuple[str, ...]) -> pa.Table:
    ordered = [rows[key] for key in sorted(rows)]
    kinds = {"area_code": pa.string(), "period": pa.date32(), "edition": pa.int32()}
    kinds |= dict.fromkeys(variables, pa.string())
    return pa.table({name: pa.array([row.get(name) for row in ordered], kind) for name, kind in kinds.items()})


def _plain(name: str) -> str:
    """A name without what the city and the outlines write differently: capitals, spaces, commas, hyphens."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())
