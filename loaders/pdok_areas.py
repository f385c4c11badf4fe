"""Outlines, codes and names of the gemeente, its wijken and its buurten, by CBS and Kadaster at PDOK.

Published once a year as OGC API Features, one dataset per edition (reference date 1 January), and published again as
more key figures arrive. Odd, and handled here:

- A page holds 10 features unless more is asked, never more than 1,000, and a larger limit is cut without a word. No
  answer says how many there are in all. So the `next` links are followed to the end, always.
- An unknown query parameter is refused with 400.
- Water has features of its own with the same code; (code, water) is the unique key. They are left out.
- Wijk and buurt codes may hold letters (BU0363AF08). Wijk names begin with "Wijk 01 ", which says what the code says.
- −99995 and the like stand for missing in the published columns, and stay.

Outlines keep their full detail; the warehouse makes them lighter for the screen.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import shapely
from shapely.geometry import shape

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Task
from loaders.http import NotThereError
from loaders.raw import column

SOURCE = Source(
    id="pdok_areas",
    publisher="CBS / Kadaster (PDOK)",
    title="Wijken en buurten: grenzen en namen",
    page="https://www.pdok.nl/introductie/-/article/cbs-wijken-en-buurten",
    licence="cc-by-4.0",
    attribution="Bron: CBS Wijken en Buurten / Kadaster (PDOK)",
    shape="outline",
    openness="rows",
    refreshed="yearly",
    hosts=("PDOK",),
)

LEVELS = {"gemeente": "gemeenten", "wijk": "wijken", "buurt": "buurten"}  # level: collection
PAGE = 1000
MAX_PAGES = 100  # 100,000 areas; the whole country has some 18,000
YEARS_BACK = 5
NOT_LAND = ("JA", "B")  # water, and abroad
MISSING = -99990  # at or below: no value
# What an edition calls the change of an area's border. Every other name that is used here is the same in all of them.
CHANGED = ("indelingswijziging_wijken_en_buurten", "indelingswijzigingWijkenEnBuurten")

SHOWN = 10  # problems in one message


@dataclass
class _Findings:
    """What came up while reading an edition."""

    problems: list[str] = field(default_factory=list)
    """Why it can't be used, one sentence each."""
    repaired: list[str] = field(default_factory=list)
    """Codes of outlines that were mended."""


def fetch(task: Task) -> list[Edition]:
    """The newest edition, those somebody named, and those that figures are drawn with: gemeente, wijken and buurten.

    Raises LoadError naming everything that is wrong with an edition.
    """
    newest = _newest(task)
    editions = {newest.edition: newest}
    for year in task.editions:
        if str(year) not in editions:
            editions[str(year)] = _edition(task, year)
    for year in task.figure_years:
        if str(year) not in editions:
            try:
                editions[str(year)] = _edition(task, year)
            except NotThereError:
                task.note(
                    f"PDOK has no outlines of {year}; the figures of that edition have no border of their own year."
                )
    return list(editions.values())


def look(task: Task) -> Look:
    """The newest edition's columns, and how many wijken it has. Of the buurten only one is asked: they are heavy."""
    for year in _years(task):
        features: list[dict[str, Any]] = []
        try:
            for level in LEVELS:
                features += next(_pages(task, year, level, str(year), 1 if level == "buurt" else PAGE))
        except NotThereError:
            continue
        codes = {_code(feature["properties"], "wijk") for feature in _land(task, features)}
        return Look(
            edition=str(year),
            columns=dict.fromkeys((name for feature in features for name in feature["properties"]), ""),
            counts={"WK": len(codes - {""})},
        )
    raise LoadError(_nowhere(task))


def _newest(task: Task) -> Edition:
    for year in _years(task):
        try:
            return _edition(task, year)
        except NotThereError:
            continue
    raise LoadError(_nowhere(task))


def _years(task: Task) -> range:
    return range(task.today.year, task.today.year - YEARS_BACK, -1)


def _nowhere(task: Task) -> str:
    years = _years(task)
    return (
        f"PDOK has no wijken en buurten of {years[-1]} to {years[0]} under "
        f"{_path(years[0], 'gemeenten')}. Look whether the address changed."
    )


def _path(year: int, collection: str) -> str:
    return f"/cbs/wijken-en-buurten-{year}/ogc/v1/collections/{collection}/items"


def _edition(task: Task, year: int) -> Edition:
    """One edition. Raises NotThereError when PDOK does not have it, LoadError for everything that is wrong with it."""
    rows: list[dict[str, Any]] = []
    found = _Findings()
    for level in LEVELS:
        try:
            features = [feature for page in _pages(task, year, level, str(year)) for feature in page]
        except NotThereError as error:
            if not rows:
                raise
            # The gemeente is there and its parts are not: that is no year without an edition.
            raise LoadError(str(error)) from error
        own = _land(task, features)
        if not own:
            found.problems.append(f"There is no {level} of {task.gemeente}; was the gemeente merged?")
        rows += [_row(task.gemeente, feature, level, year, found) for feature in own]
    found.problems += _family_problems(rows)
    if found.problems:
        more = len(found.problems) - SHOWN
        shown = found.problems[:SHOWN] + ([f"And {more} more."] if more > 0 else [])
        raise LoadError(f"Edition {year} of PDOK's wijken en buurten can't be used. " + " ".join(shown))
    if found.repaired:
        task.note(f"{year}: outlines that crossed themselves were repaired: {', '.join(found.repaired)}.")
    rows.sort(key=lambda row: (list(LEVELS).index(row["level"]), row["code"]))
    return Edition(
        edition=str(year),
        table=_table(rows),
        url=task.http.address("PDOK", _path(year, "buurten"), {"f": "json", "gemeentecode": task.gemeente}),
        attribution=f"Bron: CBS Wijken en Buurten {year} / Kadaster (PDOK)",
    )


def _pages(task: Task, year: int, level: str, label: str, limit: int = PAGE) -> Iterator[list[dict[str, Any]]]:
    """The features of a collection, page by page, as published."""
    params = {"f": "json", "gemeentecode": task.gemeente, "limit": str(limit)}
    answer = task.http.get("PDOK", _path(year, LEVELS[level]), params, label=label)
    seen = set()
    while True:
        crs = answer.headers.get("content-crs", "")
        if crs and "CRS84" not in crs:
            raise answer.problem(f"sent coordinates in {crs}, not in longitude and latitude (CRS84)")
        page = answer.json()
        features = page.get("features")
        if not isinstance(features, list) or not all(_is_feature(feature) for feature in features):
            raise answer.problem("sent JSON without features")
        if page.get("numberReturned", len(features)) != len(features):
            raise answer.problem(f"says it sent {page['numberReturned']} features, and sent {len(features)}")
        yield features
        links = [link for link in page.get("links") or [] if isinstance(link, dict) and link.get("rel") == "next"]
        if not links:
            return
        seen.add(answer.url)
        answer = task.http.follow(answer, str(links[0].get("href")), label=label)
        if answer.url in seen or len(seen) >= MAX_PAGES:
            raise answer.problem("leads from page to page without end")


def _is_feature(feature: object) -> bool:
    return isinstance(feature, dict) and isinstance(feature.get("properties"), dict)


def _land(task: Task, features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The features on land that belong to the gemeente. The server was asked for no others, which proves nothing."""
    return [
        feature
        for feature in features
        if _code(feature["properties"], "gemeente") == task.gemeente
        and str(feature["properties"].get("water")).strip().upper() not in NOT_LAND
    ]


def _row(gemeente: str, feature: dict[str, Any], level: str, year: int, found: _Findings) -> dict[str, Any]:
    """Key columns and published columns of one feature."""
    properties: dict[str, Any] = feature["properties"]
    code = _code(properties, level)
    if not re.fullmatch(_pattern(level, gemeente), code):
        found.problems.append(f"“{code}” is no code of a {level} in {gemeente}.")
    if str(properties.get("jaar", year)) != str(year):
        found.problems.append(f"{code} is of {properties['jaar']}.")
    name = str(properties.get(f"{level}naam") or "").strip()
    if not name:
        found.problems.append(f"{code} has no name.")
    keys = {
        "code": code,
        "level": level,
        "name": name.removeprefix(f"Wijk {code[-2:]} ") if level == "wijk" else name,
        "parent_code": {"gemeente": None, "wijk": gemeente, "buurt": _code(properties, "wijk")}[level],
        "edition": year,
        "changed": _changed(properties),
        "geometry": _outline(code, feature.get("geometry"), found),
    }
    if taken := keys.keys() & properties.keys():
        found.problems.append(f"{code} has columns of its own called {', '.join(sorted(taken))}.")
    return keys | properties


def _code(properties: Mapping[str, Any], level: str) -> str:
    return str(properties.get(f"{level}code") or "").strip().upper()


def _pattern(level: str, gemeente: str) -> str:
    digits = gemeente[2:]
    return {"gemeente": gemeente, "wijk": f"WK{digits}[0-9A-Z]{{2}}", "buurt": f"BU{digits}[0-9A-Z]{{4}}"}[level]


def _changed(properties: Mapping[str, Any]) -> int | None:
    """The publisher's code for what happened to the border since the edition before; None when there is none."""
    value = next((properties[name] for name in CHANGED if name in properties), None)
    return value if isinstance(value, int) and value > MISSING else None


def _outline(code: str, geometry: object, found: _Findings) -> bytes | None:
    """The outline as WKB, repaired when its rings cross."""
    try:
        outline = shapely.force_2d(shape(geometry))
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
        found.problems.append(f"{code} has no outline that can be read.")
        return None
    if outline.geom_type not in ("Polygon", "MultiPolygon"):
        found.problems.append(f"{code} has a {outline.geom_type} for an outline.")
        return None
    if not outline.is_valid:
        found.repaired.append(code)
        # Only the surfaces: the lines and points that a repair can leave are no part of an area.
        parts = shapely.get_parts(shapely.make_valid(outline))
        outline = shapely.union_all([part for part in parts if part.geom_type in ("Polygon", "MultiPolygon")])
    if outline.is_empty:
        found.problems.append(f"{code} has an outline without a surface.")
        return None
    west, south, east, north = outline.bounds
    if not (3 < west <= east < 8 and 50 < south <= north < 54):
        found.problems.append(f"{code} lies outside the Netherlands ({west:g}, {south:g}, {east:g}, {north:g}).")
    return bytes(shapely.to_wkb(outline))


def _family_problems(rows: list[dict[str, Any]]) -> Iterator[str]:
    for code, times in Counter(row["code"] for row in rows).items():
        if times > 1:
            yield f"{code} is there {times} times."
    wijken = {row["code"] for row in rows if row["level"] == "wijk"}
    for row in rows:
        if row["level"] == "buurt" and (
            row["parent_code"] not in wijken or row["parent_code"] != f"WK{row['code'][2:8]}"
        ):
            yield f"{row['code']} says it is in {row['parent_code'] or 'no wijk'}, which can't be."


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    keys = {
        "code": pa.string(),
        "level": pa.string(),
        "name": pa.string(),
        "parent_code": pa.string(),
        "edition": pa.int32(),
        "changed": pa.int32(),
        "geometry": pa.binary(),
    }
    published = dict.fromkeys(name for row in rows for name in row if name not in keys)
    columns = {name: pa.array([row[name] for row in rows], type=kind) for name, kind in keys.items()}
    columns |= {name: column(name, [row.get(name) for row in rows]) for name in published}
    return pa.table(columns)
