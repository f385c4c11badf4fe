"""Snuffelfiets: one CSV of rides, with two scales of dust in one column and places that are none. All made up."""

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

COLUMNS = (
    "entity_id recording_timestamp error_code humidity latitude longitude no2 pm10 pm1_0 pm2_5 pressure temperature"
    " version_major"
)


class Snuffelfiets:
    """`bicycles` cross one square between 9 and 10, each of another version than the one before it."""

    hosts = ("BIKES",)

    def __init__(self, town: Town, *, bicycles: int = 3) -> None:
        whole = next(area.outline for area in town.areas if area.level == "gemeente")
        self._point = whole.representative_point()
        self._bicycles = bicycles

    def answer(self, host: str, request: Request) -> Response:
        if request.path != "/rides.csv":
            return Response(404, b"", "text/html")
        rows = [self._row(n, errors=0) for n in range(self._bicycles)]
        rows += [self._row(0, errors=32), self._row(0, errors=32, place=False), self._row(1, errors=2048, dust=90_000)]
        rows += [self._row(2, errors=4, dust=90_000)]
        return Response(200, "\n".join([",".join(COLUMNS.split()), *rows, ""]).encode(), "text/csv")

    def _row(self, bicycle: int, *, errors: int, place: bool = True, dust: int = 12) -> str:
        version, scale = (2, 100) if bicycle % 2 else (1, 1)
        lat, lon = (self._point.y, self._point.x) if place else (0.0, 0.0)
        time = f"2026-11-23T09:1{bicycle}:12"
        cells = (time, errors, 70, lat, lon, 0, dust * scale, 5 * scale, 9 * scale, 1011, 185, version)
        return ",".join(map(str, (100_000_000_000_000 + bicycle, *cells)))
