"""RDW: tables of the parking register at Socrata. Everything is text, what is missing has no key, and what has ended or
is still to begin is there too. In each buurt of a town one area of made-up prices, and in the first also a garage.
"""

import json
import re
from typing import Any

from shapely import to_wkt

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town, buurten

Row = dict[str, Any]
UNASKED = 1000

OPEN = "29991231"


class Rdw:
    """`tables` hold the rows by id, and may be changed while it serves; `most` rows come at once, whatever is asked."""

    hosts = ("RDW",)

    def __init__(self, *towns: Town, most: int = 50_000) -> None:
        self.most = most
        self.tables: dict[str, list[Row]] = {}
        for owner in towns:
            for name, rows in _tables(owner).items():
                self.tables.setdefault(name, []).extend(rows)

    def answer(self, host: str, request: Request) -> Response:
        found = re.fullmatch(r"/resource/([\w-]+)\.json", request.path)
        if not found or found[1] not in self.tables:
            body = json.dumps({"code": "dataset.missing", "error": True, "message": "Not found"})
            return Response(404, body.encode())
        query, rows = request.query, self.tables[found[1]]
        wanted = re.fullmatch(r"areamanagerid='(\d+)'", query.get("$where", ""))
        if wanted and "areamanagerid" not in query:  # a column as a parameter makes it choose otherwise
            rows = [row for row in rows if row["areamanagerid"] == wanted[1]]
        start = int(query.get("$offset", 0))
        page = rows[start : start + min(int(query.get("$limit", UNASKED)), self.most)]
        return Response(200, json.dumps(page).encode(), "application/json;charset=utf-8", tagged=True)


def _tables(owner: Town) -> dict[str, list[Row]]:
    manager = {"areamanagerid": str(int(owner.code[2:]))}
    areas = buurten(owner)
    middle = areas[0].outline.representative_point()
    location = {"latitude": f"{middle.y:.6f}", "longitude": f"{middle.x:.6f}"}
    long = {"startdatearea": "20160601", "enddatearea": OPEN}
    tables: dict[str, list[Row]] = {
        "adw6-9hsg": [
            *({"areaid": f"Z{n}", "areadesc": f"Zone {n}", "usageid": "BETAALDP"} | long for n in range(len(areas))),
            {"areaid": "G1", "areadesc": "Garage Een", "usageid": "GARAGEP"} | long,
            {"areaid": "OLD", "areadesc": "Was", "usageid": "BETAALDP"} | long | {"enddatearea": "20200101"},
            {"areaid": "NEW", "areadesc": "Wordt", "usageid": "BETAALDP"} | long | {"startdatearea": "20300101000000"},
            {"areaid": "LOST", "areadesc": "Nergens", "usageid": "VERGUNP"} | long,
        ],
        "nsk3-v9n7": [
            {
                "areaid": f"Z{number}",
                "startdatearea": "2016-06-01T00:00:00.000",
                "areageometryastext": to_wkt(area.outline, rounding_precision=6),
            }
            for number, area in enumerate(areas)
        ]
        + [{"areaid": "OLD", "startdatearea": "2016-06-01T00:00:00.000", "areageometryastext": "POINT (5.001 52.001)"}]
        + [{"areaid": "LOST", "startdatearea": "2016-06-01T00:00:00.000", "areageometryastext": "POLYGON EMPTY"}],
        "t5pc-eb34": [
            {
                "areaid": "G1",
                "areadesc": "Garage Een",
                "usageid": "GARAGEP",
                "location": location,
                "startdataarea": "20100101",
                "enddataarea": OPEN,
            }
        ],
        "b3us-f26s": [
            {
                "areaid": "G1",
                "capacity": "335",
                "chargingpointcapacity": "4",
                "disabledaccess": "0",
                "maximumvehicleheight": "200",
                "limitedaccess": "N",
                "startdatespecifications": "20141101000000",
                "enddatespecifications": "20991231235959",
            },
            {"areaid": "Z0", "capacity": "40", "startdatespecifications": "20141101000000"},
        ],
        "cgqw-pfbp": [
            {
                "sellingpointid": f"{8704 + number}",
                "sellingpointdesc": f"Straat {number}",
                "location": {"latitude": f"{point.y:.9f}", "longitude": f"{point.x:.9f}"},
                "startdatesellingpoint": "20180604",
            }
            for number, point in enumerate(area.outline.representative_point() for area in areas[:2])
        ],
        "qtex-qwd8": [
            {"areaid": f"Z{number}", "regulationid": rule, "usageid": "BETAALDP"}
            | {"startdatearearegulation": "20160101000000", "enddatearearegulation": end}
            for number in range(len(areas) - 1)
            for rule, end in (("R1", "29991231235959"), ("R0", "20191231235959"))
        ],
        "yefi-qfiq": [
            {"regulationid": rule, "startdateregulation": "20160101", "enddateregulation": OPEN}
            for rule in ("R0", "R1")
        ],
        "ixf8-gtwq": [
            {"regulationid": rule, "daytimeframe": day, "starttimetimeframe": "900", "endtimetimeframe": "2400"}
            | {
                "startdatetimeframe": "20160101000000",
                "enddatetimeframe": "29991231235959",
                "farecalculationcode": fare,
            }
            for rule, day, fare in (("R1", "MAANDAG", "T1"), ("R1", "ZONDAG", "T2"), ("R0", "MAANDAG", "T9"))
        ]
        + [
            {"regulationid": "R1", "daytimeframe": "DINSDAG", "starttimetimeframe": "0", "endtimetimeframe": "2400"}
            | {"startdatetimeframe": "20160101000000", "enddatetimeframe": "29991231235959"}
        ],
        "nfzq-8g7y": [
            {"farecalculationcode": code, "farecalculationdesc": f"Tarief {code}", "vatpercentage": "0"}
            | {"startdatefare": "20160101", "enddatefare": OPEN}
            for code in ("T1", "T2", "T9")
        ],
        "534e-5vdg": [
            {
                "farecalculationcode": code,
                "startdurationfarepart": begin,
                "enddurationfarepart": end,
                "stepsizefarepart": step,
                "amountfarepart": amount,
                "startdatefarepart": start,
                "enddatefarepart": last,
            }
            for code, begin, end, step, amount, start, last in (
                ("T1", "0", "60", "1", "0.06666667", "20260101", OPEN),
                ("T1", "60", "999999", "60", "5.00000000", "20260101", OPEN),
                ("T1", "0", "999999", "1", "9.00000000", "20160101", "20251231"),
                ("T2", "0", "999999", "30", "1.50000000", "20260101", OPEN),
                ("T9", "0", "999999", "1", "1.00000000", "20160101", OPEN),
            )
        ],
    }
    return {name: [manager | row for row in rows] for name, rows in tables.items()}
