"""NPR: one list of everything in the country, and per place an answer about it and, seldom, one about now.

In each buurt of a town (the first alone of a large one) a made-up garage, and beside it a street zone that tells
nothing about now.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town, buurten

MOST = 20  # buurten with a garage

Row = dict[str, Any]


class Npr:
    """`now` is what a garage says about now, by number; the others answer 401, or 404 when it is an odd one.

    `located` garages have coordinates in the list. `usages` is what a garage is for, by number.
    """

    hosts = ("NPR",)

    def __init__(
        self,
        *towns: Town,
        now: dict[int, Row] | None = None,
        located: bool = False,
        usages: Mapping[int, object] | None = None,
    ) -> None:
        self.towns = towns
        self.now = dict(now or {})
        self.located = located
        self.usages = dict(usages or {})

    def answer(self, host: str, request: Request) -> Response:
        path = request.path.removeprefix("/parkingdata/v2")
        if path in ("", "/"):
            facilities = [each for owner in self.towns for each in self._list(owner, request.address)]
            return _json({"ParkingFacilities": facilities})
        kind, _, identity = path.removeprefix("/").partition("/")
        owner = next((owner for owner in self.towns if identity.startswith(owner.code)), None)
        if owner is None or kind not in ("static", "dynamic"):
            return _json({"message": "Not found"}, 404)
        number = int(identity.rpartition("-")[2])
        if kind == "static":
            return _json({"parkingFacilityInformation": self._static(owner, number)})
        if number not in self.now:
            return _json({"message": "Unauthorized"}, 404 if number % 2 else 401)
        status = {"facilityActualStatus": self.now[number]}
        return _json({"parkingFacilityDynamicInformation": {"identifier": identity} | status})

    def _list(self, owner: Town, address: str) -> Iterator[Row]:
        for number, area in enumerate(buurten(owner)[:MOST]):
            identity = f"{owner.code}-{number}"
            place = {"geoLocation": self._location(owner, number)} if self.located else {}
            yield {
                "name": f"Garage {area.name} ({owner.name})",
                "identifier": identity,
                "staticDataUrl": f"{address}/parkingdata/v2/static/{identity}",
                "dynamicDataUrl": f"{address}/parkingdata/v2/dynamic/{identity}",
                "limitedAccess": False,
                "staticDataLastUpdated": 1733973747,
            } | place
            yield {"name": f"Zone {number} ({owner.name})", "identifier": f"zone-{number}", "limitedAccess": False}

    def _static(self, owner: Town, number: int) -> Row:
        return {
            "identifier": f"{owner.code}-{number}",
            "name": f"Garage {number}",
            "locationForDisplay": self._location(owner, number),
            "specifications": [
                {"capacity": 350, "usage": self.usages.get(number, "Garage parkeren"), "minimumHeightInMeters": 2}
            ],
            "contactPersons": [{"firstname": "Made", "name": "Up", "emailAddress": "made.up@example.org"}],
        }

    def _location(self, owner: Town, number: int) -> Row:
        point = buurten(owner)[number].outline.representative_point()
        return {"longitude": point.x, "latitude": f"{point.y:.6f}", "coordinatesType": "WGS84"}


def _json(body: object, status: int = 200) -> Response:
    return Response(status, json.dumps(body).encode(), "application/json;charset=utf-8")
