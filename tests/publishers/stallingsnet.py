"""Stallingsnet: what is counted now, by name alone; parts beside the whole, and sums that do not add up."""

import json

from tests.publishers.server import Request, Response

COUNTED = {"Knoop": (2956, 1705, 1224), "Knoop Hoog": (1400, 800, 590), "Knoop Laag": (1556, 905, 634)}


class Stallingsnet:
    """`time` is when it counted."""

    hosts = ("STALLINGSNET",)

    def __init__(self, *, time: str = "2026-11-23T11:49:30.100Z") -> None:
        self.time = time

    def answer(self, host: str, request: Request) -> Response:
        if request.path != "/api/1/parkingcount/utrecht":
            return Response(404, b"Not Found", "text/html")
        rows = [
            {"facilityName": name, "time": self.time, "totalPlaces": all, "freePlaces": free, "occupiedPlaces": taken}
            for name, (all, free, taken) in COUNTED.items()
        ]
        return Response(200, json.dumps(rows).encode())
