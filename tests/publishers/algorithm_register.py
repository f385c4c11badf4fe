"""The Dutch algorithm register: a choice by id that it echoes, pages of at most 100, and HTML in every text."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town


class AlgorithmRegister:
    """`own` entries of the first town, among those of a province with the same name and of others.

    chooses: whether it looks at the choice of an organisation.
    """

    hosts = ("ALGORITMEREGISTER",)

    def __init__(self, town: Town, *, own: int = 3, others: int = 4, chooses: bool = True) -> None:
        self.chooses = chooses
        self.rows = [
            *(_entry(number, f"Gemeente {town.name}", town.code.lower()) for number in range(own)),
            *(_entry(500 + number, f"Provincie {town.name}", "pv99") for number in range(others)),
        ]

    def answer(self, host: str, request: Request) -> Response:
        if request.path == "/api/downloads/NLD":
            return Response(200, _csv(self.rows), "text/csv; charset=utf-8")
        if request.path != "/api/algoritme/NLD":
            return Response(404, b'{"detail":"Not Found"}')
        asked = json.loads(request.body)
        if not 1 <= asked.get("limit", 10) <= 100:
            return Response(422, b'{"detail":[{"msg":"Input should be less than or equal to 100"}]}')
        rows, filters = self.rows, []
        if self.chooses and (organisation := asked.get("organisation")):
            rows = [row for row in rows if row["org_id"] == organisation]
            filters = [{"key": "organisation", "value": row["organization"]} for row in rows[:1]]
        start, limit = (asked.get("page", 1) - 1) * asked.get("limit", 10), asked.get("limit", 10)
        body = {
            "results": rows[start : start + limit],
            "total_count": len(rows),
            "filter_data": {},
            "selected_filters": filters,
        }
        return Response(200, json.dumps(body).encode())


def _entry(number: int, organisation: str, org_id: str) -> dict[str, Any]:
    return {
        "name": f"Bedacht algoritme <b>{number}</b> &amp; meer",
        "organization": organisation,
        "department": None,
        "description_short": "<p>Bestaat niet.</p>",
        "type": None,
        "category": ["Verkeer"] if number % 2 else "Verkeer",
        "status": "In gebruik",
        "goal": "<p>Geen</p>",
        "contact_email": "niemand@example.org",
        "begin_date": "-",
        "end_date": None,
        "impacttoetsen_grouping": [{"title": "DPIA", "link": None}],
        "publication_category": "Overige algoritmes",
        "lars": f"{81_000_000 + number}",
        "language": "NLD",
        "create_dt": "2026-09-29T13:29:52.399171Z",
        "code": organisation.lower().replace(" ", "-"),
        "org_id": org_id,
    }


def _csv(rows: Iterable[dict[str, Any]]) -> bytes:
    """With a mark in front, without the ids of organisations, and with another name for the number."""
    names = ("algorithm_id", "name", "organization", "status", "goal", "contact_email")
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    for row in rows:
        writer.writerow([(row | {"algorithm_id": row["lars"]})[name] for name in names])
    return text.getvalue().encode("utf-8-sig")
