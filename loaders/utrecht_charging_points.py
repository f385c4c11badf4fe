"""Public charging points for electric cars in Utrecht, from the municipality's layers at ArcGIS Online.

One layer of points; the name of its service was seen, its fields were not. So the id, the name and the sign of change
are those that the layer itself declares. A layer that did not change since the copy is not asked again.
"""

from buurtbeeld.catalogue import Source
from loaders import Edition, Look, Same, Task
from loaders.dialects import arcgis, geojson

SOURCE = Source(
    id="utrecht_charging_points",
    publisher="Gemeente Utrecht",
    title="Openbare laadpalen",
    page="https://open.utrecht.nl",
    licence="unknown",
    attribution="Bron: gemeente Utrecht, open data (laadpalen)",
    shape="point",
    openness="rows",
    refreshed="monthly",
    hosts=("UTRECHT_ARCGIS",),
)
GEMEENTEN = ("GM0344",)

HOST, BASE = "UTRECHT_ARCGIS", "/SMnoOtmU2UWf0vRp/arcgis/rest/services"
SERVICE = "laadpalen_gemeente_utrecht.*"
EDITION = "charging_points"


def fetch(task: Task) -> list[Edition | Same]:
    """Every charging point, or the word that nothing changed since the copy."""
    layer = _layer(task)
    copy = task.copies.get(EDITION)
    if copy and layer.changed and copy.marker == f"{layer.path} {layer.changed}":
        return [Same(EDITION)]
    found = arcgis.everything(task.http, layer, label=EDITION)
    table = geojson.places(found, f"{layer.path} of {HOST}", kind="charging_point", ids=layer.ids, name=layer.name)
    url = task.http.address(HOST, layer.path)
    return [Edition(edition=EDITION, table=table, url=url, marker=f"{layer.path} {layer.changed}")]


def look(task: Task) -> Look:
    """The fields of the layer."""
    return Look(edition=EDITION, columns=dict.fromkeys(_layer(task).fields, ""), counts={})


def _layer(task: Task) -> arcgis.Layer:
    path = arcgis.service(task.http, HOST, BASE, SERVICE, label=EDITION)
    return arcgis.layer(task.http, HOST, f"{path}/0", label=EDITION)
