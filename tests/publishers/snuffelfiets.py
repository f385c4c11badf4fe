"""Snuffelfiets: one CSV of rides, with two scales of dust in one column and places that are none. All made up."""

from datetime import datetime, timedelta

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

COLUMNS = (
    "entity_id recording_timestamp error_code humidity latitude longitude no2 pm10 pm1_0 pm2_5 pressure temperature"
    " version_major"
)
RIDDEN = datetime(2026, 11, 21, 9, 10)
STEPS, STEP, SECONDS = 100, 0.00075, 12  # degrees of longitude, some 50 m: 15 km/h


class Snuffelfiets:
    """`bicycles` ride from west to east, right across the town, each of another version than the one before it.

    They start and end some 2.5 km outside. A few rows more are of no use. `days` are when they ride.
    """

    hosts = ("BIKES",)

    def __init__(self, town: Town, *, bicycles: int = 5, days: tuple[int, ...] = (0,)) -> None:
        whole = next(area.outline for area in town.areas if area.level == "gemeente")
        self._point = whole.representative_point()
        self.bicycles, self.days = bicycles, days

    def answer(self, host: str, request: Request) -> Response:
        if request.path != "/rides.csv":
            return Response(404, b"", "text/html")
        rows = [
            self._row(bicycle, step, day)
            for bicycle in range(self.bicycles)
            for day in self.days
            for step in range(STEPS)
        ]
        halfway = STEPS // 2
        rows += [self._row(0, halfway, errors=32), self._row(0, halfway, errors=32, place=False)]
        rows += [self._row(1, halfway, errors=2048, dust=90_000), self._row(2, halfway, errors=4, dust=90_000)]
        return Response(200, "\n".join([",".join(COLUMNS.split()), *rows, ""]).encode(), "text/csv")

    def _row(
        self, bicycle: int, step: int, day: int = 0, *, errors: int = 0, place: bool = True, dust: int = 12
    ) -> str:
        version, scale = (2, 100) if bicycle % 2 else (1, 1)
        lat, lon = (self._point.y, self._point.x + (step - STEPS / 2) * STEP) if place else (0.0, 0.0)
        time = (RIDDEN + timedelta(days=day, seconds=step * SECONDS + bicycle)).isoformat()
        cells = (time, errors, 70, lat, lon, 0, dust * scale, 5 * scale, 9 * scale, 1011, 185, version)
        return ",".join(map(str, (100_000_000_000_000 + bicycle, *cells)))
