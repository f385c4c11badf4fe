"""DUO: a catalogue (CKAN) of files of schools. Two made-up schools in each buurt, with the town's made-up postcodes; in
the first buurten alone of a large town.
"""

import json
from collections.abc import Iterator

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town, buurten, postcode_of

INSIDE = "https://beheer-ggm-ckan-prd.apps.prd.duo.rijksapps.nl"
MOST = 20  # buurten with schools
FILES = {"adressen_bo": "vestigingenbo.csv", "adressen_vo": "vestigingenvo.csv"}
COLUMNS = (
    "PROVINCIE",
    "BEVOEGD GEZAG NUMMER",
    "INSTELLINGSCODE",
    "VESTIGINGSCODE",
    "VESTIGINGSNAAM",
    "STRAATNAAM",
    "HUISNUMMER-TOEVOEGING",
    "POSTCODE",
    "PLAATSNAAM",
    "GEMEENTENUMMER",
    "GEMEENTENAAM",
    "DENOMINATIE",
    "TELEFOONNUMMER",
    "INTERNETADRES",
)
STRUCTURE = "ONDERWIJSSTRUCTUUR"  # of secondary education alone


class Duo:
    """`modified` is when its catalogue says that a file changed, "" when it does not say.

    `renamed` is a column by its new name; `unknown` is a school with a postcode that does not exist.
    """

    hosts = ("DUO",)

    def __init__(
        self,
        *towns: Town,
        modified: str = "2026-11-01T03:00:00",
        renamed: tuple[str, str] = ("", ""),
        unknown: int = -1,
    ) -> None:
        self.towns = towns
        self.modified = modified
        self.renamed = renamed
        self.unknown = unknown

    def answer(self, host: str, request: Request) -> Response:
        if request.path == "/api/3/action/package_show" and request.query.get("id") in FILES:
            name = request.query["id"]
            files = [self._resource(name, "instellingen.csv"), self._resource(name, FILES[name])]
            return _json({"success": True, "result": {"name": name, "license_id": "cc-by", "resources": files}})
        if request.path == "/api/3/action/datastore_search":
            fields = [{"id": "_id", "type": "int"}, *({"id": name, "type": "text"} for name in (*COLUMNS, STRUCTURE))]
            return _json({"success": True, "result": {"fields": fields, "records": [{}]}})
        if request.path == "/dataset/adressen_bo/resource/f/download/vestigingenbo.csv":
            text = self._table("adressen_bo", ",")
            return Response(200, text.encode("utf-8-sig"), "text/csv")
        if request.path == "/dataset/adressen_vo/resource/f/download/vestigingenvo.csv":
            text = self._table("adressen_vo", ";")
            return Response(200, text.encode("cp1252"), "text/csv")
        return _json({"success": False, "error": {"message": "Niet gevonden"}}, 404)

    def _resource(self, package: str, file: str) -> dict[str, str]:
        # The address of one of them is of a server that nobody outside can reach.
        server = INSIDE if package == "adressen_vo" else "https://onderwijsdata.duo.nl"
        url = f"{server}/dataset/{package}/resource/f/download/{file}"
        return {"id": f"id-{file}", "name": file, "url": url, "last_modified": self.modified}

    def _table(self, package: str, separator: str) -> str:
        old, new = self.renamed
        names = COLUMNS if package == "adressen_bo" else (*COLUMNS, STRUCTURE)
        lines = [separator.join(f'"{new if name == old else name}"' for name in names)]
        return "\r\n".join([*lines, *(separator.join(f'"{cell}"' for cell in row) for row in self._schools(package))])

    def _schools(self, package: str) -> Iterator[tuple[str, ...]]:
        primary = package == "adressen_bo"
        for owner in self.towns:
            for number, area in enumerate(buurten(owner)[:MOST]):
                code = f"{number:02}{'BO' if primary else 'VO'}"
                yield (
                    "Utrecht",
                    "99999",
                    code,
                    f"{code}00" if primary else "00",
                    f"{'Basisschool' if primary else 'Lyceum'} Één {area.name}",
                    "Schoolstraat",
                    f"{number + 1} A",
                    "9999 ZZ" if number == self.unknown else postcode_of(number),
                    owner.name.upper(),
                    owner.code[2:] if primary else owner.code[2:].lstrip("0"),
                    owner.name.upper(),
                    "Openbaar",
                    "0300000000",
                    "www.example.org",
                    *(() if primary else ("HAVO/VWO",)),
                )


def _json(body: object, status: int = 200) -> Response:
    return Response(status, json.dumps(body).encode(), "application/json;charset=utf-8")
