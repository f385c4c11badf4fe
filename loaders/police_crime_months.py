"""Crimes that the police recorded, by month, area and kind of crime, in StatLine at dataderden.cbs.nl.

One table (47022NED) that grows by a month about a month later, and whose last months are still revised. An edition is a
year of months. Only months are asked for that are not on disk, or that were provisional when they were loaded: the last
four, and what the publisher calls so; and those only when the table says it was modified. A month is one request: a
range of periods would be ignored, or give years among the months.

The table keeps the borders of one year for all months; when those change, its months are loaded again. Six years are
loaded, this one included, since each month is a request to a slow server; older ones when somebody names them. At the
level of a buurt and a kind most months hold ones and twos. What is odd about the tables of the police is in
loaders/dialects/police.py. The licence is expected to be CC BY 4.0, and not confirmed.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task
from loaders.dialects import police, statline

SOURCE = Source(
    id="police_crime_months",
    publisher="Politie, via CBS",
    title="Geregistreerde misdrijven; soort misdrijf, wijk, buurt, maandcijfers",
    page="https://data.politie.nl/#/Politie/nl/dataset/47022NED/table",
    licence="cc-by-4.0",
    attribution="Bron: Politie (data.politie.nl), via CBS",
    shape="area",
    openness="rows",
    refreshed="monthly",
    hosts=("CBS_DERDEN",),
)

KNOWN_TABLE = "47022NED"
MONTH = r"\d{4}MM\d{2}"
YEARS = 6
REVISED = 4  # months
LARGEST_LOSS_OF_A_MONTH = 0.2  # of its areas
LARGEST_LOSS = 1.0  # of an edition: in January it is a twelfth of the year before


def fetch(task: Task) -> list[Edition | Same]:
    """Months by year, newest first. Raises LoadError when the newest year can't be right; an older one is noted."""
    crimes = police.Crimes(task, police.find(task, SOURCE.title, KNOWN_TABLE), SOURCE.title)
    months = crimes.periods(MONTH)
    if not months:
        raise LoadError(f"Table {crimes.id} has no months. Look what changed there.")
    newest = int(months[-1][:4])
    division = crimes.division(newest)
    years = {int(month[:4]) for month in months} & {*range(newest - YEARS + 1, newest + 1), *task.editions}

    def load(year: int) -> Edition | Same:
        return _year(task, crimes, division, [month for month in months if month.startswith(str(year))])

    found = statline.newest_first(years, {newest, *task.editions}, load, task.note)
    return list(found.values())


def look(task: Task) -> Look:
    """The columns there are now, by the table that was known when this was written."""
    crimes = police.Crimes(task, KNOWN_TABLE, SOURCE.title)
    columns = {crimes.key: ""} | {name: topic.unit for name, topic in crimes.topics.items()}
    return Look(edition=crimes.periods(MONTH)[-1][:4], columns=columns, counts={})


def _year(task: Task, crimes: police.Crimes, division: int, months: Sequence[str]) -> Edition | Same:
    """The months of one year: those that stand on disk, and the others anew."""
    year = months[0][:4]
    standing = _standing(task, crimes, year, division)
    there = set(standing["period"].to_pylist()) if standing else set()
    asked = [month for month in months if police.first_day(month) not in there]
    if standing and not asked:
        return Same(year)
    found = {month: crimes.rows(month, year) for month in asked}
    _check_sizes(task, crimes.id, found)
    rows = [(month, row) for month in asked for row in found[month]]
    table = statline.table(
        [row for _, row in rows],
        key=crimes.key,
        periods=[police.first_day(month) for month, _ in rows],
        edition=division,
        topics=crimes.topics,
        provisional=[_provisional(crimes, month) for month, _ in rows],
    )
    if standing:
        table = pa.concat_tables([table, standing], promote_options="permissive")
    return Edition(
        edition=year,
        table=table.sort_by([("period", "ascending"), ("area_code", "ascending")]),
        url=crimes.address(asked[-1]),
        attribution=f"{SOURCE.attribution} ({crimes.id})",
        marker=crimes.modified,
    )


def _check_sizes(task: Task, id: str, found: Mapping[str, Sequence[statline.Row]]) -> None:
    """All months have the same areas; one with far fewer is half an answer, and one with none is not filled yet."""
    most = max(map(len, found.values()))
    if not most:
        raise LoadError(f"Table {id} has no rows of {task.gemeente} in {', '.join(found)}. Load again later.")
    for month, rows in found.items():
        if not rows:
            task.note(f"There are no rows of {task.gemeente} in {month} yet.")
        elif len(rows) < (1 - LARGEST_LOSS_OF_A_MONTH) * most:
            raise LoadError(f"{month} has {len(rows)} areas in table {id}, and another month {most}. Load again later.")


def _standing(task: Task, crimes: police.Crimes, year: str, division: int) -> pa.Table | None:
    """What of the copy of a year need not be asked again; None when there is no copy on these borders."""
    copy = task.copies.get(year)
    table = copy.table() if copy else None
    if copy is None or table is None or set(table["edition"].to_pylist()) != {division}:
        return None
    if crimes.modified and copy.marker == crimes.modified:
        return table
    return table.filter(pc.invert(table["provisional"]))


def _provisional(crimes: police.Crimes, month: str) -> bool:
    return month in crimes.periods(MONTH)[-REVISED:] or crimes.definitive(month) is False
