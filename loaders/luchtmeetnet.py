"""Official air quality by the hour: stations of Luchtmeetnet in the gemeente, and those within 25 km around it.

Published as JSON, an hour some 5 to 60 minutes after it ended, and revised later; a year is validated elsewhere. No
answer holds a unit. Odd, and handled here:

- `timestamp_measured` is the END of the hour, in UTC.
- On the last page `next_page` may be 1 or the page itself. `current_page` and `last_page` are what counts.
- The list of stations holds no place. Each station has to be asked for, so that is done once a month; at the 100
  requests in five minutes that are fair, this takes five minutes.
- The API answers 302 to another host; its answers are the same there.
- Small negative values are real: near zero an instrument's noise goes below it. They stay.
- A list of stations in one question is not documented. When it gives one station or none, each is asked by itself.

The unit of what is not in `UNITS` is not confirmed, so it has none here. Nor is the licence: the publishers say that
their data are open and want to be named.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task, readings
from loaders.believe import KEYS
from loaders.http import RefusedError
from loaders.readings import LABEL, PLACES, Reading

SOURCE = Source(
    id="luchtmeetnet",
    publisher="RIVM, GGD'en, omgevingsdiensten en provincies (Luchtmeetnet)",
    title="Luchtmeetnet: luchtkwaliteit per uur",
    page="https://www.luchtmeetnet.nl",
    licence="unknown",
    attribution=(
        "Bron: Luchtmeetnet (RIVM, GGD'en, omgevingsdiensten en provincies) – voorlopige, ongevalideerde data"
    ),
    shape="reading",
    openness="rows",
    refreshed="hourly",
    hosts=("LUCHTMEETNET",),
)
LARGEST_LOSS = 1.0  # a day that has just begun has few hours

AROUND = 25  # km; many a gemeente has no station of its own
MONTH = timedelta(days=30)
AGAIN = timedelta(hours=6)
MAX_PAGES = 100
UNITS = dict.fromkeys(("NO2", "NO", "O3", "PM10", "PM25", "SO2", "NH3"), "µg/m³")
PUBLISHED = ("type", "municipality", "province", "organisation", "year_start", "components")
STATIONS = pa.schema([*KEYS["point"], ("within", pa.bool_()), *((name, pa.string()) for name in PUBLISHED)])

Row = dict[str, Any]


def fetch(task: Task) -> list[Edition | Same]:
    """Places once a month; readings and the air quality index (quantity LKI) per day, as `readings.py` says.

    Raises LoadError when an answer is not what it should be.
    """
    known = readings.known_places(task, MONTH)
    places = _places(task) if known is None else Same(PLACES)
    table = places.table if isinstance(places, Edition) else known
    if not table:
        task.note(f"There is no station within {AROUND} km of {task.gemeente}.")
        return []
    begin = readings.since(task, AGAIN)
    stations = table["id"].to_pylist()
    found = [reading for what in ("measurements", "lki") for reading in _readings(task, what, stations, begin)]
    if not found:
        raise LoadError(
            f"Luchtmeetnet has no reading near {task.gemeente} since {begin:%Y-%m-%d %H:%M} UTC. Load again later."
        )
    url = task.http.address("LUCHTMEETNET", "/open_api/measurements", _asked(task, stations, begin))
    return [places, *readings.editions(task, found, begin, url)]


def look(task: Task) -> Look:
    """What is said of the first station of the list."""
    rows = next(_pages(task, "/open_api/stations", {"order_by": "number"}, PLACES))
    if not rows:
        raise LoadError("Luchtmeetnet names no station at all. Look whether its API moved.")
    detail = _detail(task, _number(rows[0]))
    columns = [name for name in STATIONS.names if name in detail or name not in PUBLISHED]
    return Look(edition=PLACES, columns=dict.fromkeys(columns, ""), counts={})


def _places(task: Task) -> Edition:
    outline, found, lost = task.outline(), [], 0
    for rows in _pages(task, "/open_api/stations", {"order_by": "number"}, PLACES):
        for row in rows:
            number = _number(row)
            detail = _detail(task, number)
            # The type is “point”, which is no type of GeoJSON; so only the coordinates are read.
            point = readings.point_of(detail.get("geometry"))
            away = readings.kilometres(outline, *point) if point else 0
            lost += point is None
            if point and away <= AROUND:
                found.append(
                    {
                        "id": number,
                        "kind": "air_station",
                        "name": str(detail.get("location") or number).strip(),
                        "lon": point[0],
                        "lat": point[1],
                        "within": away == 0,
                    }
                    | {name: _text(detail.get(name)) for name in PUBLISHED}
                )
    if lost and not found:
        raise LoadError(f"Of {lost} stations of Luchtmeetnet no place can be read. Look what changed in its API.")
    if lost:
        task.note(f"{lost} stations have no place that can be read, or one outside the Netherlands.")
    return readings.places(task, found, STATIONS, task.http.address("LUCHTMEETNET", "/open_api/stations"))


def _text(value: object) -> str | None:
    """A published value as text; a list with spaces."""
    return " ".join(map(str, value)) if isinstance(value, list) else None if value is None else str(value)


def _number(row: Row) -> str:
    return str(readings.cell(row, "number", "A station of Luchtmeetnet")).strip()


def _detail(task: Task, number: str) -> Row:
    answer = task.http.get("LUCHTMEETNET", f"/open_api/stations/{number}", label=PLACES)
    detail = answer.json().get("data")
    if not isinstance(detail, dict):
        raise answer.problem("sent JSON without a station")
    return detail


def _asked(task: Task, stations: Sequence[str], begin: datetime) -> dict[str, str]:
    """At most a week: that is all one question may ask."""
    return {
        "start": f"{begin:%Y-%m-%dT%H:00:00Z}",
        "end": f"{task.now:%Y-%m-%dT%H:00:00Z}",
        "station_number": ",".join(stations),
        "order_by": "timestamp_measured",
        "order_direction": "asc",
    }


def _readings(task: Task, what: str, stations: Sequence[str], begin: datetime) -> Iterator[Reading]:
    """Those of the stations that were asked for; what comes beside them is not ours."""
    try:
        rows = _rows(task, what, stations, begin)
    except RefusedError:
        if len(stations) == 1:
            raise
        rows = []
    if len(stations) > 1 and len({row.get("station_number") for row in rows}) <= 1:
        rows = [row for station in stations for row in _rows(task, what, [station], begin)]
    for row in rows:
        station, formula = (readings.cell(row, name, f"A row of {what}") for name in ("station_number", "formula"))
        name = f"{formula} of {station}"
        value = readings.number_of(readings.cell(row, "value", name), name)
        if station in stations and value is not None:
            time = readings.time_of(readings.cell(row, "timestamp_measured", name), name)
            yield Reading(station, formula, time, value, UNITS.get(formula))


def _rows(task: Task, what: str, stations: Sequence[str], begin: datetime) -> list[Row]:
    pages = _pages(task, f"/open_api/{what}", _asked(task, stations, begin), LABEL)
    return [row for rows in pages for row in rows]


def _pages(task: Task, path: str, params: dict[str, str], label: str) -> Iterator[list[Row]]:
    """The rows of a list, page by page, to its last."""
    for page in range(1, MAX_PAGES + 1):
        answer = task.http.get("LUCHTMEETNET", path, params | {"page": str(page)}, label=label)
        body = answer.json()
        rows = body.get("data")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise answer.problem("sent JSON without a list of data")
        yield rows
        pages = body.get("pagination") or {}
        if pages.get("current_page", page) != page:
            break
        if page >= pages.get("last_page", page):
            return
    raise answer.problem("leads from page to page without end")
