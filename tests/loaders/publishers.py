"""PDOK and CBS on this machine: a server that speaks their dialects, about a made-up town or the sample's Utrecht.

    with Publishers(small_town()) as publishers:
        main([], environ=publishers.environ | {...})

    python -m tests.loaders.publishers utrecht     serves until stopped; prints the settings to use

It says what the real ones say where that hurts: the limits without a word, the padded codes, the 200 that is an error.
"""

import base64
import csv
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import shapely
from shapely.geometry import box, mapping, shape

from buurtbeeld.settings import PROJECT

SAMPLE = PROJECT / "data" / "sample"

# Base name, unit and type of the columns of Kerncijfers wijken en buurten that the sample holds, and some around them.
COLUMNS = (
    ("Gemeentenaam", "", "String"),
    ("SoortRegio", "", "String"),
    ("Codering", "", "String"),
    ("IndelingswijzigingWijkenEnBuurten", "", "String"),
    ("AantalInwoners", "aantal", "Integer"),
    ("k_0Tot15Jaar", "aantal", "Integer"),
    ("k_65JaarOfOuder", "aantal", "Integer"),
    ("HuishoudensTotaal", "aantal", "Integer"),
    ("GemiddeldeHuishoudensgrootte", "aantal", "Double"),
    ("Bevolkingsdichtheid", "aantal inwoners per km²", "Integer"),
    ("GemiddeldeWOZWaardeVanWoningen", "x 1 000 euro", "Integer"),
    ("PercentageEengezinswoning", "%", "Integer"),
    ("Koopwoningen", "%", "Integer"),
    ("GemiddeldInkomenPerInwoner", "x 1 000 euro", "Double"),
    ("AfstandTotHuisartsenpraktijk", "km", "Double"),
    ("AfstandTotGroteSupermarkt", "km", "Double"),
    ("AfstandTotSchool", "km", "Double"),
    ("ScholenBinnen3Km", "aantal", "Double"),
    ("OppervlakteLand", "ha", "Integer"),
    ("MateVanStedelijkheid", "code", "Integer"),
    ("Omgevingsadressendichtheid", "aantal per km²", "Integer"),
    ("MeestVoorkomendePostcode", "code", "String"),
)


@dataclass(frozen=True)
class Area:
    """One area as PDOK has it; water has the code of the land beside it."""

    code: str
    level: str
    name: str
    parent: str
    outline: shapely.Geometry
    water: str = "NEE"


@dataclass(frozen=True)
class Town:
    """A gemeente: its areas, and its key figures by code and base name of the column."""

    code: str
    name: str
    areas: tuple[Area, ...]
    figures: Mapping[str, Mapping[str, Any]]


def town(gemeente: str, wijken: int, buurten: int, *, letters: bool = False) -> Town:
    """A made-up gemeente of squares: `buurten` dealt over `wijken`, and one pond. Every figure is made up too.

    With `letters` the codes look like Amsterdam's: WK0363A1, BU0363A101.
    """
    digits, name = gemeente[2:], f"Gemeente {gemeente[2:]}"
    parts = [f"A{_digit(n)}" if letters else f"{n:02}" for n in range(1, wijken + 1)]
    areas = [
        Area(
            f"BU{digits}{parts[n % wijken]}{_letters(n // wijken) if letters else f'{n // wijken:02}'}",
            "buurt",
            f"Buurt {n + 1}",
            f"WK{digits}{parts[n % wijken]}",
            _square(n % wijken, n // wijken),
        )
        for n in range(buurten)
    ]
    pond = replace(areas[0], outline=_square(0, -1), water="JA")
    for part in parts:
        code = f"WK{digits}{part}"
        own = [area.outline for area in areas if area.parent == code]
        areas.append(Area(code, "wijk", f"Wijk {part} Kwartier {part}", gemeente, shapely.union_all(own)))
    whole = shapely.union_all([area.outline for area in areas if area.level == "wijk"])
    areas.append(Area(gemeente, "gemeente", name, "", whole))
    figures = {area.code: _figures(number) for number, area in enumerate(areas)}
    return Town(gemeente, name, (*areas, pond), figures)


def small_town(gemeente: str = "GM0344") -> Town:
    """3 wijken, 7 buurten, and a pond."""
    return town(gemeente, wijken=3, buurten=7)


def big_town(gemeente: str = "GM0363") -> Town:
    """More buurten than PDOK puts on one page, with letters in their codes."""
    return town(gemeente, wijken=9, buurten=1100, letters=True)


def utrecht() -> Town:
    """The gemeente of the sample: its own names, outlines and key figures."""
    lines = (SAMPLE / "outlines.geojson").read_text(encoding="utf-8")
    outlines = {feature["properties"]["code"]: shape(feature["geometry"]) for feature in json.loads(lines)["features"]}
    rows = list(csv.DictReader((SAMPLE / "areas.csv").read_text(encoding="utf-8").splitlines()))
    for level in ("wijk", "gemeente"):
        for row in rows:
            if row["level"] == level:
                parts = [outlines[part["code"]] for part in rows if part["parent_code"] == row["code"]]
                outlines[row["code"]] = shapely.union_all(parts)
        rows.sort(key=lambda row: ("buurt", "wijk", "gemeente").index(row["level"]))
    areas = tuple(
        Area(
            row["code"],
            row["level"],
            f"Wijk {row['code'][-2:]} {row['name']}" if row["level"] == "wijk" else row["name"],
            row["parent_code"],
            outlines[row["code"]],
        )
        for row in rows
    )
    kinds = {base: kind for base, _, kind in COLUMNS}
    key_figures = csv.DictReader((SAMPLE / "cbs_key_figures.csv").read_text(encoding="utf-8").splitlines())
    figures = {
        row["area_code"]: {name: _value(row[name], kinds[name]) for name in row if name in kinds} for row in key_figures
    }
    return Town("GM0344", "Utrecht", areas, figures)


def _value(text: str, kind: str) -> str | float | None:
    if not text:
        return None
    return text if kind == "String" else int(text) if kind == "Integer" else float(text)


def _digit(number: int) -> str:
    return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 36]


def _letters(number: int) -> str:
    return _digit(number // 36) + _digit(number)


def _square(column: int, row: int) -> shapely.Geometry:
    """A square of some 300 m, in the Netherlands."""
    west, south = round(5 + column * 0.004, 6), round(52 + row * 0.003, 6)
    return box(west, south, round(west + 0.004, 6), round(south + 0.003, 6))


def _figures(number: int) -> dict[str, Any]:
    """Figures that differ by area and are plainly invented."""
    return {
        base: {"String": f"{1000 + number}", "Integer": 100 + number, "Double": 0.5 + number}[kind]
        for base, _, kind in COLUMNS[4:]
    }


@dataclass(frozen=True)
class Response:
    """An answer on its way out. `claimed` is the length it says it has; `pause` comes before every piece."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    claimed: int | None = None
    pause: float = 0
    dropped: bool = False


Fault = Callable[[Response], Response]


def status(number: int, **headers: str) -> Fault:
    """Another status, with headers such as `retry_after="3"`."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return lambda _: Response(number, b"busy", "text/plain", named)


def maintenance(_: Response) -> Response:
    """A page for people, with status 200."""
    return Response(200, b"<!DOCTYPE html><html><title>Onderhoud</title><p>Even geduld.</html>", "text/html")


def disguised_maintenance(_: Response) -> Response:
    """The same page, that says it is JSON."""
    return replace(maintenance(_), content_type="application/json")


def json_error(_: Response) -> Response:
    """An error in JSON, with status 200."""
    return Response(200, b'{"error": {"code": 400, "message": "Invalid query"}}')


def half(response: Response) -> Response:
    """Half an answer, that says it is whole."""
    return replace(response, body=response.body[: len(response.body) // 2])


def cut_off(response: Response) -> Response:
    """Half an answer, cut off on the way."""
    return replace(half(response), claimed=len(response.body))


def too_large(response: Response) -> Response:
    """More than anybody asked for."""
    return replace(response, body=b'{"value": ["' + b"x" * 2_000_000 + b'"]}')


def dripping(response: Response) -> Response:
    """An answer that comes in drops."""
    return replace(response, pause=0.02)


def dropped(response: Response) -> Response:
    """A connection closed without an answer."""
    return replace(response, dropped=True)


def changed(change: Callable[[dict[str, Any]], object]) -> Fault:
    """The right answer with something changed in its JSON."""

    def fault(response: Response) -> Response:
        value = json.loads(response.body)
        change(value)
        return replace(response, body=json.dumps(value).encode())

    return fault


class Publishers:
    """The server. `years` are the editions both publishers have; `late` the columns that a year does not have yet."""

    def __init__(
        self,
        *towns: Town,
        years: Iterable[int] = (2024,),
        late: Mapping[int, Iterable[str]] | None = None,
        most_features: int = 1000,
        most_rows: int = 10_000,
        tables: Mapping[int, str] | None = None,
    ) -> None:
        self.towns = towns
        self.years = tuple(years)
        self.late = {year: frozenset(columns) for year, columns in (late or {}).items()}
        self.most_features = most_features  # of PDOK, on one page
        self.most_rows = most_rows  # of CBS, in one answer
        self.tables = {year: (tables or {}).get(year, f"9{year}NED") for year in self.years}  # ids, not the real ones
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self._faults: list[tuple[str, Fault, list[None]]] = []
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"publishers": self}))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environ(self) -> dict[str, str]:
        """The settings that lead here."""
        return {"BASE_URL_PDOK": f"{self.address}/pdok", "BASE_URL_CBS_ODATA3": f"{self.address}/cbs"}

    @property
    def base_urls(self) -> dict[str, str]:
        return {name.removeprefix("BASE_URL_"): url for name, url in self.environ.items()}

    def fault(self, part: str, fault: Fault, times: int = 1_000_000) -> None:
        """Spoil the next `times` answers to addresses that hold `part`."""
        self._faults.append((part, fault, [None] * times))

    def __enter__(self) -> "Publishers":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str) -> Response:
        """What is sent to a path with its query."""
        self.asked.append(target)
        url = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        path = unquote(url.path)
        response = self._pdok(path, query) if path.startswith("/pdok/") else self._cbs(path, query)
        for part, fault, left in self._faults:
            if part in target and left:
                left.pop()
                return fault(response)
        return response

    # PDOK: gokoala, OGC API Features

    def _pdok(self, path: str, query: dict[str, str]) -> Response:
        found = re.fullmatch(r"/pdok/cbs/wijken-en-buurten-(\d{4})/ogc/v1/collections/(\w+)/items", path)
        levels = {"gemeenten": "gemeente", "wijken": "wijk", "buurten": "buurt"}
        if not found or int(found[1]) not in self.years or found[2] not in levels:
            return _problem(404, "Not Found", f"{path} does not exist")
        properties = ("gemeentecode", "wijkcode", "buurtcode", "water")
        unknown = query.keys() - {"f", "limit", "cursor", "crs", "bbox", "bbox-crs", *properties}
        if unknown:
            return _problem(400, "Bad Request", f"unknown query parameter(s) found: {'&'.join(sorted(unknown))}")
        features = [
            feature(area, owner, int(found[1]))
            for owner in self.towns
            for area in owner.areas
            if area.level == levels[found[2]]
        ]
        for name in properties:
            if name in query:
                features = [feature for feature in features if feature["properties"].get(name) == query[name]]
        limit = min(int(query.get("limit", 10)), self.most_features)  # 10 unless asked, and cut without a word
        start = int(base64.urlsafe_b64decode(query["cursor"])) if "cursor" in query else 0
        page = features[start : start + limit]
        links = [{"rel": "self", "href": f"{self.address}{path}"}]
        if start + limit < len(features):
            cursor = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
            rest = "&".join(f"{name}={quote(value)}" for name, value in query.items() if name != "cursor")
            links.append({"rel": "next", "href": f"{self.address}{path}?cursor={cursor}&{rest}"})
        body = {
            "type": "FeatureCollection",
            "timeStamp": f"2026-11-23T00:00:{len(self.asked) % 60:02}Z",  # no two answers are the same
            "links": links,
            "features": page,
            "numberReturned": len(page),
        }
        crs = {"Content-Crs": "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"}
        return Response(200, json.dumps(body).encode(), "application/geo+json", crs)

    # CBS: OData version 3

    def _cbs(self, path: str, query: dict[str, str]) -> Response:
        if query.get("$format") != "json":
            return Response(200, b"<?xml version='1.0'?><feed/>", "application/atom+xml")
        tables = {table: year for year, table in self.tables.items()}
        if path == "/cbs/ODataCatalog/Tables":
            rows = [
                {"Identifier": table, "Title": f"Kerncijfers wijken en buurten {tables[table]}"} for table in tables
            ]
            rows += [
                {"Identifier": "70072NED", "Title": "Regionale kerncijfers Nederland"},
                {"Identifier": "70904NED", "Title": "Kerncijfers wijken en buurten 2009-2012"},
            ]
            return _odata(_selected(rows, query))
        found = re.fullmatch(r"/cbs/OData(Api|Feed)/odata/(\w+)/(\w+)", path)
        if not found or found[2] not in tables:
            return Response(404, b"<html><title>404 - Not found</title></html>", "text/html")
        year = tables[found[2]]
        if found[3] == "TableInfos":
            return _odata([{"ID": 0, "Title": f"Kerncijfers wijken en buurten {year}", "Modified": f"{year}-09-01"}])
        if found[3] == "DataProperties":
            return _odata(_data_properties(year))
        return self._typed_data_set(path, query, year, found[1])

    def _typed_data_set(self, path: str, query: dict[str, str], year: int, service: str) -> Response:
        rows = self._rows(year)
        try:
            rows = [row for row in rows if _passes(row, query.get("$filter", ""))]
        except ValueError as error:
            return odata_error(str(error))
        rows = _selected(rows, query)
        start = int(query.get("$skip", 0)) if service == "Feed" else 0
        if service == "Api" and len(rows) > self.most_rows:
            return odata_error("The query returns more than 10000 records. Use the OData Feed service.")
        more = start + self.most_rows < len(rows)
        rest = "&".join(f"{name}={quote(value)}" for name, value in query.items() if name != "$skip")
        link = f"{self.address}{path}?{rest}&$skip={start + self.most_rows}"
        return _odata(rows[start : start + self.most_rows], {"odata.nextLink": link} if more else {})

    def _rows(self, year: int) -> list[dict[str, Any]]:
        late = self.late.get(year, frozenset())
        rows: list[dict[str, Any]] = []
        for owner in self.towns:
            for area in sorted(owner.areas, key=lambda area: ("gemeente", "wijk", "buurt").index(area.level)):
                if area.water != "NEE":
                    continue
                words = {
                    "Gemeentenaam": f"{owner.name:<40}",
                    "SoortRegio": f"{area.level.title():<10}",
                    "Codering": f"{area.code:<10}",
                    "IndelingswijzigingWijkenEnBuurten": "1",
                }
                values = words | dict(owner.figures.get(area.code, {}))
                row: dict[str, Any] = {"ID": len(rows), "WijkenEnBuurten": f"{area.code:<10}"}
                row |= {name: None if base in late else values.get(base) for base, name in _numbered(year).items()}
                rows.append(row)
        return rows


def _numbered(year: int) -> dict[str, str]:
    """Column names of a year by base name. The numbers move from year to year."""
    return {base: f"{base}_{number + year % 3}" for number, (base, _, _) in enumerate(COLUMNS, start=1)}


def _data_properties(year: int) -> list[dict[str, Any]]:
    names = _numbered(year)
    key = {"ID": 0, "ParentID": None, "Type": "GeoDimension", "Key": "WijkenEnBuurten", "Title": "Wijken en buurten"}
    group = {"ID": 1, "ParentID": None, "Type": "TopicGroup", "Key": "", "Title": "Bevolking"}
    topics = [
        {
            "ID": number,
            "ParentID": 1,
            "Type": "Topic",
            "Key": names[base],
            "Title": base,
            "Unit": f"{unit} ",
            "Datatype": kind,
        }
        for number, (base, unit, kind) in enumerate(COLUMNS, start=2)
    ]
    return [key, group, *topics]


def _passes(row: Mapping[str, Any], condition: str) -> bool:
    """Whether a row passes an OData filter, as CBS reads it. Raises ValueError for what CBS refuses."""
    return not condition or any(
        all(_holds(row, term.strip()) for term in part.split(" and ")) for part in condition.split(" or ")
    )


def _holds(row: Mapping[str, Any], term: str) -> bool:
    if found := re.fullmatch(r"substringof\('(.*)',(\w+)\)", term):
        return found[1] in _key(row, found[2])
    if found := re.fullmatch(r"startswith\((\w+),'(.*)'\)", term):
        return _key(row, found[1]).startswith(found[2])
    if found := re.fullmatch(r"(\w+) (eq|ge|gt|le|lt) '(.*)'", term):
        # Only the padded code is equal; a range is not looked at.
        return found[2] != "eq" or _key(row, found[1]) == found[3]
    raise ValueError(f"Syntax error in {term}")


def _key(row: Mapping[str, Any], name: str) -> str:
    if name != "WijkenEnBuurten":
        raise ValueError(f"{name} can't be filtered")
    return str(row[name])


def _selected(rows: Iterable[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    names = query["$select"].split(",") if "$select" in query else None
    top = int(query["$top"]) if "$top" in query else None
    return [{name: row[name] for name in names} if names else row for row in islice(rows, top)]


def _odata(rows: list[dict[str, Any]], more: Mapping[str, str] | None = None) -> Response:
    body = {"odata.metadata": "http://127.0.0.1/$metadata", "value": rows} | dict(more or {})
    return Response(200, json.dumps(body).encode(), "application/json;odata=minimalmetadata;charset=utf-8")


def odata_error(text: str) -> Response:
    body = {"odata.error": {"code": "", "message": {"lang": "nl-NL", "value": text}}}
    return Response(500, json.dumps(body).encode(), "application/json;odata=minimalmetadata")


def _problem(number: int, title: str, detail: str) -> Response:
    body = json.dumps({"title": title, "status": number, "detail": detail})
    return Response(number, body.encode(), "application/problem+json")


def feature(area: Area, owner: Town, year: int) -> dict[str, Any]:
    properties: dict[str, Any] = {
        f"{area.level}code": area.code,
        f"{area.level}naam": area.name,
        "gemeentecode": owner.code,
        "gemeentenaam": owner.name,
        "water": area.water,
        "indelingswijziging_wijken_en_buurten": 1,
        "aantal_inwoners": -99995,
        "jrstatcode": f"{year}{area.code}",
        "jaar": year,
    }
    if area.level == "buurt":
        properties["wijkcode"] = area.parent
    geometry = mapping(area.outline)
    return {"type": "Feature", "id": area.code, "properties": properties, "geometry": geometry}


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about; a mistake of this server is not."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    disable_nagle_algorithm = True  # or every answer waits 40 ms
    publishers: Publishers

    def do_GET(self) -> None:
        self.publishers.agents.add(self.headers["User-Agent"])
        response = self.publishers.answer(self.path)
        if response.dropped:
            self.close_connection = True
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        for name, value in response.headers.items():
            self.send_header(name, value)
        length = len(response.body) if response.claimed is None else response.claimed
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.close_connection = self.close_connection or length != len(response.body)
        try:
            for start in range(0, len(response.body), 100 if response.pause else 1_000_000):
                time.sleep(response.pause)
                self.wfile.write(response.body[start : start + (100 if response.pause else 1_000_000)])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client had enough of it

    def log_message(self, *_: object) -> None:
        """Nothing: tests talk for themselves."""


def serve(name: str) -> None:
    """Serve `utrecht`, `small` or `big` until stopped."""
    towns = {"utrecht": utrecht, "small": small_town, "big": big_town}
    chosen = towns[name]()
    with Publishers(chosen, years=range(2023, time.gmtime().tm_year + 1)) as publishers:
        words = [f"GEMEENTE={chosen.code}", *(f"{name}={url}" for name, url in publishers.environ.items())]
        sys.stdout.write(" ".join(words) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    serve(*sys.argv[1:] or ["utrecht"])
