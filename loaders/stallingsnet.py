"""Free and taken places in Utrecht's guarded bicycle parkings, as Stallingsnet counts them.

Published as one JSON list of the moment. Odd, and handled here:

- A parking has a name and no place. Who wants them on a map fills in where they are, in `[stallingsnet.places]` of
  `city/feeds.toml` (docs/feeds.md).
- “Knoop Hoog” and “Knoop Laag” are parts of “Knoop”. Whoever adds up would count their places twice, so parts are left
  out, readings and place, also when their whole is not counted for a while. “Pop Up” parkings come and go.
- Free and taken places do not add up to the total, and are not made to.

It is of Utrecht alone. Its licence is not known.
"""

from typing import Any

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task, feeds, readings
from loaders.believe import KEYS
from loaders.readings import LABEL, PLACES, WEEK, Reading

SOURCE = Source(
    id="stallingsnet",
    publisher="Gemeente Utrecht (Stallingsnet)",
    title="Fietsenstallingen: vrije en bezette plekken",
    page="https://stallingsnet.nl",
    licence="unknown",
    attribution="Bron: Gemeente Utrecht, Stallingsnet",
    shape="reading",
    openness="rows",
    refreshed="hourly",
    hosts=("STALLINGSNET",),
)
GEMEENTEN = ("GM0344",)
LARGEST_LOSS = 1.0  # a day that has just begun has few readings

PATH = "/api/1/parkingcount/utrecht"
QUANTITIES = ("totalPlaces", "freePlaces", "occupiedPlaces")
PARTS = (" Hoog", " Laag")


def fetch(task: Task) -> list[Edition]:
    """What is counted now, and where the parkings are, as far as the city filled that in.

    Raises LoadError when the answer or the city's table can't be used.
    """
    known = _places(task)
    rows = _rows(task)
    found = [
        Reading(name, quantity, readings.time_of(readings.cell(row, "time", name), name), value, "places")
        for name, row in rows.items()
        for quantity in QUANTITIES
        if (value := readings.number_of(readings.cell(row, quantity, name), f"{quantity} of {name}")) is not None
    ]
    url = task.http.address("STALLINGSNET", PATH)
    days = readings.editions(task, found, readings.utc(task.now) - WEEK, url)
    if strange := sorted(known.keys() - rows.keys()):
        task.note(f"city/feeds.toml says where {', '.join(strange)} is, which Stallingsnet does not count now.")
    if not known:
        task.note("Where the parkings are is not published; [stallingsnet.places] in city/feeds.toml can say it.")
        return days
    places = [
        {"id": name, "kind": "bicycle_parking", "name": name, "lon": lon, "lat": lat}
        for name, (lon, lat) in known.items()
    ]
    return [readings.places(task, places, KEYS["point"], url, LABEL), *days]


def look(task: Task) -> Look:
    """How many parkings are counted now, parts of them left out."""
    rows = _rows(task)
    for name, row in rows.items():
        for quantity in QUANTITIES:
            readings.cell(row, quantity, name)
    today = readings.day(readings.utc(task.now))
    edition, schema = (PLACES, KEYS["point"]) if _places(task) else (today, KEYS["reading"])
    return Look(edition=edition, columns=dict.fromkeys(schema.names, ""), counts={"parkings": len(rows)})


def _rows(task: Task) -> dict[str, dict[str, Any]]:
    """What is counted, by the name of the parking, without parts of parkings."""
    answer = task.http.get("STALLINGSNET", PATH, label=LABEL)
    rows = {str(readings.cell(row, "facilityName", "A parking")).strip(): row for row in answer.rows()}
    if not rows:
        raise answer.problem("counts no parking at all")
    if parts := sorted(name for name in rows if name.endswith(PARTS)):
        task.note(f"{', '.join(parts)}: left out as a part of a parking, whose places are counted there.")
    return {name: row for name, row in rows.items() if name not in parts}


def _places(task: Task) -> dict[str, tuple[float, float]]:
    """Where the city says that its parkings are. Raises LoadError naming every one that can't be."""
    said = feeds.read(task.city_dir, SOURCE.id).get("places", {})
    found = {str(name): readings.point_of({"coordinates": place}) for name, place in said.items()}
    if wrong := [name for name, place in found.items() if place is None]:
        raise LoadError(
            f"[stallingsnet.places] in city/feeds.toml has no place in the Netherlands for {', '.join(wrong)}: write "
            "[longitude, latitude], such as [5.1096, 52.0875]."
        )
    return {name: place for name, place in found.items() if place and not name.endswith(PARTS)}
