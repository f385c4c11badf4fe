"""Weather of each day at the KNMI station nearest to the gemeente: wind, temperature, rain and humidity.

Published as text, for any days and stations in one question and without a key; a day comes the morning after, and is
checked on working days, so it may change for some days. Files with everything of one station are made the same way.
Odd, and handled here:

- The table stands under a long text: where the stations are, and what each column is and in which unit. The line with
  the names begins with “# STN,”; the one with “# STN ” is of the stations.
- Numbers are whole tenths, and stay so: TG 74 is 7.4 °C. The unit says it.
- A blank is not measured. RH −1 is less than 0.05 mm, and stays −1.
- A day is one of UTC. A reading has the time it ends at.
- Some stations measure the wind only. So the nearest one that has all of `NEEDED` counts.

That a question may also be asked as an address (GET) is how others ask; KNMI itself describes a form (POST).
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task, readings
from loaders.believe import KEYS
from loaders.http import Answer
from loaders.readings import LABEL, PLACES, WEEK, Reading

SOURCE = Source(
    id="knmi_daily",
    publisher="KNMI",
    title="KNMI: daggegevens van het weer",
    page="https://www.knmi.nl/nederland-nu/klimatologie/daggegevens",
    licence="cc-by-4.0",
    attribution="Bron: Koninklijk Nederlands Meteorologisch Instituut (KNMI)",
    shape="reading",
    openness="rows",
    refreshed="daily",
    hosts=("KNMI",),
)
LARGEST_LOSS = 1.0  # the next station may measure less

PATH = "/klimatologie/daggegevens"
ASKED = ("DDVEC", "FG", "TG", "TN", "TX", "RH", "UG")
NEEDED = {"FG", "TG", "UG"}
_STATION = re.compile(r"#?\s*(\d{3}):?\s+(-?[\d.]+)\s+(-?[\d.]+)\s+-?[\d.]+\s+(\S.*)")
_COLUMN = re.compile(r"#?\s*([A-Z0-9]+)\s*[=:]\s+(.*)")
_UNIT = re.compile(r"\bin ([^()]+?)\s*[()]")
_HEAD = re.compile(r"#\s*STN\s*,")


class Station(NamedTuple):
    """Where a station stands, and what it is called."""

    lon: float
    lat: float
    name: str


class Days(NamedTuple):
    """A text of KNMI, read. `units`: column → unit as published, where its description has one."""

    stations: dict[str, Station]
    units: dict[str, str]
    rows: list[tuple[str, date, dict[str, float]]]
    """Station, day, and each value that is not blank, by its column."""


def fetch(task: Task) -> list[Edition]:
    """The days of the last week, one edition each, and where the station is.

    Raises LoadError when no station has what is needed, or the text is not what it should be.
    """
    answer = _ask(task, task.today - WEEK)
    days = read(answer.text(), answer.url)
    number, station = _nearest(task, days)
    found = [
        Reading(number, column, datetime.combine(day, time.min) + timedelta(days=1), value, days.units.get(column))
        for station_of_row, day, values in days.rows
        for column, value in values.items()
        if station_of_row == number
    ]
    place = {"id": number, "kind": "weather_station", "name": station.name, "lon": station.lon, "lat": station.lat}
    places = (readings.former_places(task) | {number: place}).values()
    begin = datetime.combine(task.today - WEEK, time.min)
    return [
        readings.places(task, places, KEYS["point"], answer.url, LABEL),
        *readings.editions(task, found, begin, answer.url),
    ]


def look(task: Task) -> Look:
    """How many values of each column there are in the last days."""
    answer = _ask(task, task.today - timedelta(days=3))
    counts = Counter(column for _, _, values in read(answer.text(), answer.url).rows for column in values)
    return Look(edition=PLACES, columns=dict.fromkeys(KEYS["point"].names, ""), counts=counts)


def _ask(task: Task, begin: date) -> Answer:
    params = {"stns": "ALL", "vars": ":".join(ASKED), "start": f"{begin:%Y%m%d}", "end": f"{task.today:%Y%m%d}"}
    return task.http.get("KNMI", PATH, params, label=LABEL)


def _nearest(task: Task, days: Days) -> tuple[str, Station]:
    outline = task.outline()
    whole = {number for number, _, values in days.rows if values.keys() >= NEEDED} & days.stations.keys()
    if not whole:
        raise LoadError(f"No station of KNMI has {', '.join(sorted(NEEDED))} of the last week. Load again later.")
    number = min(whole, key=lambda each: readings.kilometres(outline, *days.stations[each][:2]))
    return number, days.stations[number]


def read(text: str, where: str) -> Days:
    """A text of days, of one station or of many. Raises LoadError naming `where` when it is none."""
    lines = iter(text.splitlines())
    stations, units, names = dict[str, Station](), dict[str, str](), list[str]()
    for line in lines:
        if _HEAD.match(line):
            names = [name.strip() for name in line.lstrip("# ").split(",")]
            break
        if station := _STATION.fullmatch(line.strip()):
            stations[station[1]] = Station(float(station[2]), float(station[3]), station[4].strip())
        elif (column := _COLUMN.fullmatch(line.strip())) and (unit := _UNIT.search(column[2])):
            units[column[1]] = unit[1]
    if names[:2] != ["STN", "YYYYMMDD"]:
        raise LoadError(f"{where} is no table of days: it has no line that begins with “# STN,YYYYMMDD”.")
    return Days(stations, units, list(_rows(lines, names, where)))


def _rows(lines: Iterator[str], names: list[str], where: str) -> Iterator[tuple[str, date, dict[str, float]]]:
    for line in lines:
        cells = [cell.strip() for cell in line.split(",")]
        if cells == [""]:
            continue
        if len(cells) != len(names):
            raise LoadError(
                f"{where} has a line of {len(cells)} cells under {len(names)} names: “{line.strip()[:100]}”."
            )
        day = readings.time_of(cells[1], f"Station {cells[0]} in {where}").date()
        numbers: dict[str, Any] = {
            name: readings.number_of(cell, f"{name} in {where}")
            for name, cell in zip(names[2:], cells[2:], strict=True)
        }
        yield cells[0], day, {name: number for name, number in numbers.items() if number is not None}
