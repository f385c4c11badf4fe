"""Crimes that the police recorded, by year, area and kind of crime, in StatLine at dataderden.cbs.nl.

One table (47018NED) with all years since 2012, on the borders of one year for all of them: "division of 1-1-2025" in
2026. So there is one edition, that of its borders, and it is loaded when the table says it was modified. A year is one
request: all of them together would be more than 10,000 rows. Years are as published, never added up from months. What
is odd about the tables of the police is in loaders/dialects/police.py.

A crime counts where it happened. The licence is expected to be CC BY 4.0, and not confirmed.
"""

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task
from loaders.dialects import police, statline

SOURCE = Source(
    id="police_crime",
    publisher="Politie, via CBS",
    title="Geregistreerde misdrijven; soort misdrijf, wijk, buurt, jaarcijfers",
    page="https://data.politie.nl/#/Politie/nl/dataset/47018NED/table",
    licence="cc-by-4.0",
    attribution="Bron: Politie (data.politie.nl), via CBS",
    shape="area",
    openness="rows",
    refreshed="monthly",
    hosts=("CBS_DERDEN",),
)

KNOWN_TABLE = "47018NED"
KNOWN_DIVISION = 2025
YEAR = r"\d{4}JJ00"


def fetch(task: Task) -> list[Edition | Same]:
    """All years of the gemeente, unless the table was not modified. Raises LoadError for what can't be right."""
    crimes = police.Crimes(task, police.find(task, SOURCE.title, KNOWN_TABLE), SOURCE.title)
    edition = crimes.division(KNOWN_DIVISION)
    copy = task.copies.get(str(edition))
    if copy and crimes.modified and copy.marker == crimes.modified:
        return [Same(str(edition))]
    years = crimes.periods(YEAR)
    found = [(year, row) for year in years for row in crimes.rows(year, str(edition))]
    if not found:
        raise LoadError(f"Table {crimes.id} has no rows of {task.gemeente}. Load again later.")
    table = statline.table(
        [row for _, row in found],
        key=crimes.key,
        periods=[police.first_day(year) for year, _ in found],
        edition=edition,
        topics=crimes.topics,
        provisional=[_provisional(crimes, year, task.today.year) for year, _ in found],
    )
    attribution = f"{SOURCE.attribution} ({crimes.id})"
    url = crimes.address(years[-1])
    return [Edition(edition=str(edition), table=table, url=url, attribution=attribution, marker=crimes.modified)]


def look(task: Task) -> Look:
    """The columns there are now, by the table that was known when this was written."""
    crimes = police.Crimes(task, KNOWN_TABLE, SOURCE.title)
    columns = {crimes.key: ""} | {name: topic.unit for name, topic in crimes.topics.items()}
    return Look(edition=str(crimes.division(KNOWN_DIVISION)), columns=columns, counts={})


def _provisional(crimes: police.Crimes, year: str, now: int) -> bool:
    definitive = crimes.definitive(year)
    return int(year[:4]) >= now if definitive is None else not definitive
