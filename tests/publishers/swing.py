"""Utrecht in Cijfers: ABF's Swing, that gives a table of text by name of the area, at one of two paths."""

import json

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

LEVELS = {"utrecht": "gemeente", "wijk": "wijk", "buurt": "buurt"}


class Swing:
    """`variables` by the levels they are published for; every value is made up.

    path: where it answers. subwijken: names of the city's own areas. kind: the type it gives its answers.
    """

    hosts = ("UTRECHT_INCIJFERS",)

    def __init__(
        self,
        town: Town,
        *,
        variables: dict[str, tuple[str, ...]] | None = None,
        path: str = "/jive/",
        subwijken: tuple[str, ...] = (),
        year: int = 2025,
        kind: str = "application/json",
    ) -> None:
        self.variables = variables or {"bedacht1": ("utrecht", "wijk", "subwijk"), "bedacht2": ("utrecht",)}
        self.path = path
        self.year = year
        self.kind = kind
        self.names = {level: _names(town, ours) for level, ours in LEVELS.items()} | {"subwijk": subwijken}

    def answer(self, host: str, request: Request) -> Response:
        query = request.query
        if request.path != f"{self.path}selectiontableasjson.ashx":
            return Response(404, b"<html><title>404</title></html>", "text/html")
        variable, level = query.get("var", ""), query.get("geolevel", "")
        names = self.names[level] if level in self.variables.get(variable, ()) else ()
        asked = query.get("period", "mostrecent")
        years = [str(self.year)] if asked == "mostrecent" else asked.split(",")
        rows = [[name, year, f"{10 + place}.5"] for year in years for place, name in enumerate(names)]
        if level == "wijk" and rows:
            rows += [["onbekend", years[0], "?"]]
            rows[0][2] = "-"
        headers = [{"name": level, "type": "String"}, {"name": "Jaar", "type": "String"}]
        body = {"headers": [*headers, {"name": variable, "type": "Numeric"}], "rows": rows}
        return Response(200, json.dumps(body).encode(), self.kind)


def _names(town: Town, level: str) -> tuple[str, ...]:
    """Names without the number of a wijk, as the city writes them."""
    areas = [area for area in town.areas if area.level == level and area.water == "NEE"]
    return tuple(area.name.removeprefix(f"Wijk {area.code[-2:]} ") for area in areas)
