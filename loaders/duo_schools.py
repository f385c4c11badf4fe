"""Where schools for primary and secondary education are in the gemeente, by DUO; their place on the map by PDOK.

Published each month as CSV files of the whole country: the locations (vestigingen) of schools for primary education
(basisonderwijs) and of those for secondary education (voortgezet onderwijs). Odd, and handled here:

- The catalogue (CKAN) may give an address on a server inside DUO, that nobody outside can reach; its path is the same
  on DUO's own.
- Separator and encoding differ between files, and the code of a location is the school's own code and two digits
  more ("32JK00"), or only those digits.
- There are no coordinates. Postcode and house number are asked of PDOK's Locatieserver, which also answers with
  something that looks like the question: another postcode or house number is no answer. What was found is in our copy
  and is not asked again.

Telephone numbers, sites and addresses for post are left out when reading. Schools for special education are in other
files, and are not here.
"""

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task, files
from loaders.believe import KEYS

SOURCE = Source(
    id="duo_schools",
    publisher="DUO",
    title="Adressen van scholen voor basis- en voortgezet onderwijs",
    page="https://onderwijsdata.duo.nl/dataset/adressen_bo",
    licence="cc-by-4.0",
    attribution="Bron: DUO, open onderwijsdata; plaats op de kaart: Kadaster (PDOK)",
    shape="point",
    openness="rows",
    refreshed="monthly",
    hosts=("DUO", "PDOK"),
)

EDITION = "places"
# Kind of place: package of the catalogue, and the file in it.
FILES = {
    "school_primary": ("adressen_bo", "vestigingenbo.csv"),
    "school_secondary": ("adressen_vo", "vestigingenvo.csv"),
}
CODE, LOCATION, NAME = "INSTELLINGSCODE", "VESTIGINGSCODE", "VESTIGINGSNAAM"
POSTCODE, NUMBER, GEMEENTE = "POSTCODE", "HUISNUMMER-TOEVOEGING", "GEMEENTENUMMER"
NEEDED = (CODE, LOCATION, NAME, POSTCODE, NUMBER, GEMEENTE)
KEPT = (*NEEDED, "STRAATNAAM", "PLAATSNAAM", "DENOMINATIE", "ONDERWIJSSTRUCTUUR")
SCHEMA = pa.schema([*KEYS["point"], *((name, pa.string()) for name in KEPT)])
SHOWN = 5  # names in one note

Row = dict[str, Any]
Place = tuple[float, float]


def fetch(task: Task) -> list[Edition | Same]:
    """The schools in the gemeente that have a place on the map; the others are a note.

    Raises LoadError when there is none, or a file is not what it should be.
    """
    found = {kind: _resource(task, *names) for kind, names in FILES.items()}
    changed = [str(resource.get("last_modified") or "") for resource in found.values()]
    marker = " ".join(changed) if all(changed) else ""
    copy = task.copies.get(EDITION)
    if copy and marker and copy.marker == marker:
        return [Same(EDITION)]
    schools = [row for kind, resource in found.items() for row in _schools(task, kind, resource)]
    if not schools:
        raise LoadError(f"DUO has no schools in {task.gemeente}. Look whether that gemeente still exists.")
    table = copy.table() if copy else None
    former = {row["id"]: row for row in table.to_pylist()} if table else {}
    placed, lost = [], []
    for school in schools:
        place = _known(school, former.get(school["id"])) or _place(task, school[POSTCODE], school[NUMBER])
        if place:
            placed.append(school | {"lon": place[0], "lat": place[1]})
        else:
            lost.append(school["name"])
    if not placed:
        raise LoadError(
            f"PDOK knows the address of none of {len(lost)} schools. Look what changed at its Locatieserver."
        )
    if lost:
        more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
        task.note(f"PDOK does not know the address of {', '.join(lost[:SHOWN])}{more}; they are left out.")
    placed.sort(key=lambda row: str(row["id"]))
    url = task.http.address("DUO", f"/dataset/{FILES['school_primary'][0]}")
    return [Edition(edition=EDITION, table=pa.Table.from_pylist(placed, schema=SCHEMA), url=url, marker=marker)]


def look(task: Task) -> Look:
    """The columns of the file of secondary schools, which has all that are kept, as DUO's database has them."""
    resource = _resource(task, *FILES["school_secondary"])
    result = _action(task, "datastore_search", {"resource_id": str(resource.get("id")), "limit": "1"})
    columns = [str(field.get("id")) for field in result.get("fields") or [] if isinstance(field, dict)]
    return Look(edition=EDITION, columns={name: "" for name in columns if name in KEPT}, counts={})


def _action(task: Task, name: str, params: Mapping[str, str]) -> Row:
    answer = task.http.get("DUO", f"/api/3/action/{name}", params, label=EDITION)
    result = answer.json().get("result")
    if not isinstance(result, dict):
        raise answer.problem("sent JSON without a result")
    return result


def _resource(task: Task, package: str, file: str) -> Row:
    """What the catalogue says of a file."""
    resources = _action(task, "package_show", {"id": package}).get("resources")
    for resource in resources if isinstance(resources, list) else []:
        if isinstance(resource, dict) and urlsplit(str(resource.get("url"))).path.endswith(f"/{file}"):
            return resource
    raise LoadError(f"DUO has no file {file} in {package} any more. Look at {SOURCE.page} what it is called now.")


def _schools(task: Task, kind: str, resource: Row) -> Iterator[Row]:
    answer = task.http.get("DUO", urlsplit(str(resource["url"])).path, label=EDITION)
    where = f"{answer.url} of DUO"
    for row in files.rows(io.StringIO(answer.text(), newline=""), where):
        if missing := [name for name in NEEDED if name not in row]:
            raise LoadError(f"{where} has no column {', '.join(missing)}; it has {', '.join(row)}.")
        if row[GEMEENTE].strip().zfill(4) == task.gemeente[2:]:
            code, location = row[CODE].strip(), row[LOCATION].strip()
            kept = {name: row.get(name) for name in KEPT}
            yield kept | {
                "id": location if location.startswith(code) else code + location.zfill(2),
                "kind": kind,
                "name": row[NAME].strip(),
            }


def _known(school: Row, former: Row | None) -> Place | None:
    """Where a school was at the last load, when it has not moved since."""
    if former and all(former[name] == school[name] for name in (POSTCODE, NUMBER)):
        return former["lon"], former["lat"]
    return None


def _place(task: Task, postcode: str, number: str) -> Place | None:
    """Longitude and latitude of an address; None when PDOK does not have it."""
    postcode, house = postcode.replace(" ", "").upper(), re.match(r"\d+", number.strip())
    if not house:
        return None
    asked = {"q": f"{postcode} {house[0]}", "fq": "type:adres", "fl": "postcode,huisnummer,centroide_ll", "rows": "1"}
    answer = task.http.get("PDOK", "/bzk/locatieserver/search/v3_1/free", asked, label="addresses")
    response = answer.json().get("response")
    documents = response.get("docs") if isinstance(response, dict) else None
    if not isinstance(documents, list) or not all(isinstance(document, dict) for document in documents):
        raise answer.problem("sent JSON without addresses (response, docs)")
    for document in documents:
        point = re.fullmatch(r"POINT\(([\d.]+) ([\d.]+)\)", str(document.get("centroide_ll")))
        if point and (document.get("postcode"), str(document.get("huisnummer"))) == (postcode, house[0]):
            return float(point[1]), float(point[2])
    return None
