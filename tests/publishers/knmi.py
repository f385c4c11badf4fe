"""KNMI: a text that explains itself, tenths without a point, blanks for what is not measured."""

from datetime import date, timedelta

import shapely

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

COLUMNS = {
    "DDVEC": "Vectorgemiddelde windrichting in graden (360=noord; 0=windstil) / Vector mean wind direction in degrees",
    "FG": "Etmaalgemiddelde windsnelheid (in 0.1 m/s) / Daily mean windspeed (in 0.1 m/s)",
    "TG": "Etmaalgemiddelde temperatuur (in 0.1 graden Celsius) / Daily mean temperature in (0.1 degrees Celsius)",
    "TN": "Minimum temperatuur (in 0.1 graden Celsius) / Minimum temperature (in 0.1 degrees Celsius)",
    "TX": "Maximum temperatuur (in 0.1 graden Celsius) / Maximum temperature (in 0.1 degrees Celsius)",
    "RH": "Etmaalsom van de neerslag (in 0.1 mm) (-1 voor <0.05 mm) / Daily precipitation amount (in 0.1 mm)",
    "UG": "Etmaalgemiddelde relatieve vochtigheid (in procenten) / Daily mean relative humidity (in percents)",
}
WIND_ONLY = "901"


class Knmi:
    """Three stations: one in the town that measures wind only, one near it, one far away. It has days up to `last`."""

    hosts = ("KNMI",)

    def __init__(self, town: Town, *, last: str = "2026-11-22") -> None:
        whole = next(area.outline for area in town.areas if area.level == "gemeente")
        middle = shapely.centroid(whole)
        self._stations = {"901": (middle.x, middle.y), "902": (middle.x, middle.y + 0.1), "903": (4.5, 52.9)}
        self._last = date.fromisoformat(last)

    def answer(self, host: str, request: Request) -> Response:
        query = request.query
        if request.path != "/klimatologie/daggegevens" or "start" not in query or query.get("stns") != "ALL":
            return Response(404, b"<!DOCTYPE html><title>Not Found</title>", "text/html")
        first, end = (date.fromisoformat(query[name]) for name in ("start", "end"))
        asked = query["vars"].split(":")
        lines = ["# BRON: KONINKLIJK NEDERLANDS METEOROLOGISCH INSTITUUT (KNMI)", "# Opmerking: niets hiervan is echt."]
        lines += ["# ", "# STN         LON(east)   LAT(north)  ALT(m)      NAME"]
        lines += [
            f"# {n}         {lon:.3f}       {lat:.3f}      1.90        Veld {n}   " for n, (lon, lat) in self.places
        ]
        lines += [f"# {name:10}: {COLUMNS[name]}" for name in asked]
        lines += [f"# STN,YYYYMMDD,{','.join(name.rjust(5) for name in asked)}"]
        days = [first + timedelta(days=n) for n in range((min(end, self._last) - first).days + 1)]
        lines += [f"  {n},{day:%Y%m%d},{self._cells(n, day, asked)}" for n, _ in self.places for day in days]
        return Response(200, ("\n".join(lines) + "\n").encode(), "text/plain")

    @property
    def places(self) -> list[tuple[str, tuple[float, float]]]:
        return sorted(self._stations.items())

    def _cells(self, station: str, day: date, asked: list[str]) -> str:
        values = {"DDVEC": 290, "FG": 33, "TG": day.day, "TN": -18, "TX": 64, "RH": -1, "UG": 89}
        blank = values.keys() - {"DDVEC", "FG"} if station == WIND_ONLY else {"TN"} if day.day == 20 else set()
        return ",".join(("" if name in blank else str(values[name])).rjust(5) for name in asked)
