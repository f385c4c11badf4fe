"""Utrecht's open-data portal: JSON:API in which the list holds titles only, and files at the older portal.

How it describes a dataset is not known, so this one does it in every way that the loaders try: with and without a
prefix, as text, as a list and as an object.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

LIST = "application/vnd.api+json"


@dataclass(frozen=True)
class Dataset:
    """A dataset: what is said of it, and its files by name."""

    title: str
    said: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    visibility: str = "public"


REGISTERS = {
    "schriftelijke-vragen-gemeenteraad": Dataset(
        "Schriftelijke vragen gemeenteraad",
        {"dct:modified": "2025-06-01"},
        {"vragen.csv": "Nummer;Raadslid;Onderwerp;Datum\n1;B. Dacht;Bomen in de wijk;31-01-2024\n"},
    ),
    "register-verwerkingen-gemeente-utrecht": Dataset("Register verwerkingen", {"dct:modified": "2025-06-01"}),
    "cameraregister-utrecht": Dataset("Cameraregister", {"dct:modified": "2025-06-01"}, {"cameras.xlsx": "x"}),
    "openbaar-datalekregister-utrecht": Dataset("Datalekregister", {"dct:modified": "2025-06-01"}),
}
"""Datasets that stand for registers, all made up."""


class UtrechtPortal:
    """`datasets` by id, on top of some that say little; `most` stand on a page of the list."""

    hosts = ("UTRECHT_PORTAAL", "UTRECHT_FILES")

    def __init__(self, town: Town, datasets: Mapping[str, Dataset] | None = None, *, most: int = 200) -> None:
        self.datasets = {**_usual(town), **(datasets or {})}
        self.most = most

    def answer(self, host: str, request: Request) -> Response:
        if host == "UTRECHT_FILES":
            return self._file(request.path.rpartition("/")[2])
        match request.path.strip("/").split("/"):
            case ["api", "datasets"]:
                return self._list(int(request.query.get("start", 0)))
            case ["api", "datasets", id] if id in self.datasets:
                return _tagged({"data": _described(id, self.datasets[id])})
            case ["api", "datasets", id, "distributions"] if id in self.datasets:
                return _tagged({"data": [_distribution(name) for name in self.datasets[id].files]})
        return Response(404, b'{"errors":[{"status":"404","title":"Not Found"}]}', LIST)

    def _list(self, start: int) -> Response:
        rows = [_listed(id, each) for id, each in self.datasets.items()][start : start + self.most]
        meta = {"start": start, "rows": len(rows), "total": len(self.datasets)}
        return _tagged({"jsonapi": {"version": "1.0"}, "meta": meta, "data": rows})

    def _file(self, name: str) -> Response:
        for dataset in self.datasets.values():
            if name in dataset.files:
                content = dataset.files[name]
                kind = "application/json" if name.endswith(".json") else "text/csv"
                return Response(200, content if isinstance(content, bytes) else content.encode(), kind, tagged=True)
        return Response(404, b"<html><title>Niet gevonden</title></html>", "text/html")


def _usual(town: Town) -> dict[str, Dataset]:
    buurten = [area for area in town.areas if area.level == "buurt" and area.water == "NEE"]
    streets = "".join(f"Bedachtestraat {n // 2};{area.code[6:]}\r\n" for n, area in enumerate(buurten))
    return {
        "afvalbakken": Dataset(
            "Afvalbakken",
            {
                "dct:modified": "2025-03-01T23:30:00Z",
                "dct:license": {"@id": "http://creativecommons.org/publicdomain/zero/1.0/deed.nl"},
                "dct:publisher": {"foaf:name": "Gemeente Utrecht"},
                "dcat:keyword": ["afval", "bak"],
                "dct:description": "Vragen? Mail iemand@example.org",
            },
            {"bakken.csv": "id;naam\n1;Bak\n", "bakken.shp": "x"},
        ),
        "bomen": Dataset("Bomen", {"modified": "2019-05-06", "license": "CC0", "publisher": "Gemeente Utrecht"}),
        "grondwater": Dataset("Grondwater", {"dct:title": "Grondwater"}),
        "straatnamen": Dataset(
            "Straatnamen", {"dct:modified": "2024-01-31"}, {"straatnamen.csv": f"STRAAT;BUURT\r\n{streets}"}
        ),
        "geheim": Dataset("Nog niet openbaar", {"dct:modified": "2026-01-01"}, visibility="private"),
    }


def _listed(id: str, dataset: Dataset) -> dict[str, Any]:
    return {
        "type": "dataset",
        "id": id,
        "attributes": {"dct:title": dataset.title},
        "links": {"self": f"https://open.utrecht.nl/dataset/{id}"},
        "meta": {"visibility": dataset.visibility},
    }


def _described(id: str, dataset: Dataset) -> dict[str, Any]:
    return {"type": "dataset", "id": id, "attributes": {"dct:title": dataset.title, **dataset.said}}


def _distribution(name: str) -> dict[str, Any]:
    url = f"https://data.utrecht.nl/sites/default/files/open-data/{name}"
    form = name.rpartition(".")[2]
    media = {"csv": "text/csv", "json": "application/json"}.get(form, f"http://publications.europa.eu/file-type/{form}")
    said = {"dct:title": name, "dct:format": media, "dcat:accessURL": {"@id": url}}
    return {"type": "distribution", "id": name, "attributes": said}


def _tagged(body: Mapping[str, Any]) -> Response:
    return Response(200, json.dumps(body).encode(), LIST, tagged=True)
