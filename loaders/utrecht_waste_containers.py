"""Waste containers in the streets of Utrecht, from the map of public space (BGT) at the municipality's GeoServer.

Some 4,600 places where containers stand or stood, one point each. Odd, and handled here:

- What is gone stays in the layer, with the time it went (`VERVAL_TIJDSTIP`). It is left out.
- It is not said which kind of waste goes where, nor how full a container is.
- The coordinates are the country's own unless others are asked.

How often the layer is renewed could not be confirmed. It says no sign of change, so every load asks all of it.
"""

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task
from loaders.dialects import geojson, geoserver

SOURCE = Source(
    id="utrecht_waste_containers",
    publisher="Gemeente Utrecht",
    title="Afvalcontainers in de openbare ruimte (BGT)",
    page="https://open.utrecht.nl/dataset/afvalbakken",
    licence="cc0",
    attribution="Bron: gemeente Utrecht, open data (afvalcontainers, CC0)",
    shape="point",
    openness="rows",
    refreshed="monthly",
    hosts=("UTRECHT_GEOSERVER",),
)
GEMEENTEN = ("GM0344",)

HOST, PATH, LAYER = "UTRECHT_GEOSERVER", "/geoserver/UtrechtOpen/wfs", "BGT_BAK_SWC"
EDITION, KIND = "containers", "waste_container"
GONE = "VERVAL_TIJDSTIP"
IDS = ("ID", "IMGEO_LOKAALID")
NAME = "IMGEO_TYPE_PLUS"


def fetch(task: Task) -> list[Edition]:
    """The containers that are there. Raises LoadError when the layer does not say which are gone."""
    found, url = _layer(task)
    there = [feature for feature in found if not feature["properties"][GONE] and feature.get("geometry")]
    if nowhere := sum(not feature.get("geometry") for feature in found):
        task.note(f"{nowhere} containers without a place were left out.")
    table = geojson.places(there, f"Layer {LAYER} of {HOST}", kind=KIND, ids=IDS, name=NAME)
    return [Edition(edition=EDITION, table=table, url=url)]


def look(task: Task) -> Look:
    """All of the layer, which is one request."""
    found, _ = _layer(task)
    return Look(
        edition=EDITION,
        columns=dict.fromkeys((name for feature in found for name in feature["properties"]), ""),
        counts={KIND: sum(not feature["properties"][GONE] for feature in found)},
    )


def _layer(task: Task) -> tuple[list[geojson.Feature], str]:
    found, url = geoserver.layer(task.http, HOST, PATH, LAYER, label=EDITION)
    if any(GONE not in feature["properties"] for feature in found):
        raise LoadError(f"Layer {LAYER} of {HOST} has no {GONE}, which says what is gone ({url}). Look what changed.")
    return found, url
