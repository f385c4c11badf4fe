"""Outlines, codes and names of the gemeente, its wijken and its buurten, by CBS and Kadaster at PDOK.

Published once a year (reference date 1 January), and published again for some two and a half years as more key figures
arrive. Editions since 2023 are OGC API Features, one dataset each; of those before there is a WFS each, in other names.
Odd, and handled here:

- Water has features of its own with the same code; (code, water) is the unique key. They are left out.
- Wijk and buurt codes may hold letters (BU0363AF08). Wijk names begin with "Wijk 01 ", which says what the code says.
- −99995 and the like stand for missing in the published columns, and stay.
- Names of properties differ: `aantal_inwoners`, `aantalInwoners`, `AANT_INW`. The few that are read here are found
  under each of theirs (`NAMES`); the rest stays as published. Layers of a WFS are called buurten, cbs_buurten_2021, or
  gemeenten2019, so they are looked up.
- When the server refuses to choose by gemeente (400), it is asked for the box around the gemeente's last outline, and
  the choice is made here.

What changed is asked of a collection's own description (`updated`). The server sends neither ETag nor Last-Modified
(its source, PDOK/gokoala, has none); whether PDOK always fills in `updated` is unconfirmed, and an edition without it
is loaded whole. An edition of more than three years ago had its last version, so its copy is kept without asking. An
edition that somebody names is loaded whole, whatever these say.

Unconfirmed: that there is a WFS of 2019; of 2020 to 2022 there are users. What PDOK calls
"wijken-en-buurten-historisch" is left alone: nobody has written down what is in it.

A gemeente that was merged has no outlines of before under its code. Which areas became it is not looked up: the
outlines say only what a code covered, so that would need the whole country of each year.

Outlines keep their full detail; the warehouse makes them lighter for the screen.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

import pyarrow as pa
import shapely
from shapely.geometry import shape

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task
from loaders.dialects import ogc_features, wfs
from loaders.dialects.ogc_features import PAGE, Feature
from loaders.http import NotThereError, RefusedError
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
    hosts=("PDOK", "PDOK_SERVICE"),
)

LEVELS = {"gemeente": "gemeenten", "wijk": "wijken", "buurt": "buurten"}  # level: collection
FIRST = 2019  # the oldest edition that is loaded without being asked for
OGC_SINCE = 2023
YEARS_BACK = 5
LAST_VERSION = 3  # years after which an edition is not published again
NOT_LAND = ("JA", "B")  # water, and abroad
MISSING = -99990  # at or below: no value
# Property that is read here: what editions call it.
NAMES = {
    "gemeentecode": ("gemeentecode", "GM_CODE"),
    "gemeentenaam": ("gemeentenaam", "GM_NAAM"),
    "wijkcode": ("wijkcode", "WK_CODE"),
    "wijknaam": ("wijknaam", "WK_NAAM"),
    "buurtcode": ("buurtcode", "BU_CODE"),
    "buurtnaam": ("buurtnaam", "BU_NAAM"),
    "water": ("water", "WATER"),
    "changed": ("indelingswijziging_wijken_en_buurten", "indelingswijzigingWijkenEnBuurten", "IND_WBI"),
}

SHOWN = 10  # problems in one message


class _WithoutGemeenteError(LoadError):
    """An edition of when the gemeente did not exist, or had another code."""


@dataclass
class _Findings:
    """What came up while reading an edition."""

    problems: list[str] = field(default_factory=list)
    """Why it can't be used, one sentence each."""
    repaired: list[str] = field(default_factory=list)
    """Codes of outlines that were mended."""


def fetch(task: Task) -> list[Edition | Same]:
    """The newest edition, those somebody named, and all since `FIRST` or that figures are drawn with.

    Raises LoadError naming everything that is wrong with an edition.
    """
    newest = _newest(task)
    editions = {newest.edition: newest}
    for year in task.editions:
        if str(year) not in editions:
            editions[str(year)] = _as_needed(task, year)
    absent, before = [], []
    for year in sorted({*range(FIRST, int(newest.edition)), *task.figure_years}):
        if str(year) not in editions:
            try:
                editions[str(year)] = _as_needed(task, year)
            except NotThereError:
                absent.append(str(year))
            except _WithoutGemeenteError:
                before.append(str(year))
    if absent:
        task.note(f"PDOK has no outlines of {', '.join(absent)}; figures of those years have no border of their own.")
    if before:
        task.note(
            f"{task.gemeente} is not in the outlines of {', '.join(before)}: it had another code, or was not there yet."
        )
    return list(editions.values())


def look(task: Task) -> Look:
    """The newest edition's columns, and how many wijken it has. Of the buurten only one is asked: they are heavy."""
    for year in _years(task):
        features: list[Feature] = []
        try:
            for level in LEVELS:
                features += next(_by_gemeente(task, year, level, 1 if level == "buurt" else PAGE))
        except NotThereError:
            continue
        codes = {_text(feature["properties"], "wijkcode").upper() for feature in _land(task, features)}
        return Look(
            edition=str(year),
            columns=dict.fromkeys((name for feature in features for name in feature["properties"]), ""),
            counts={"WK": len(codes - {""})},
        )
    raise LoadError(_nowhere(task))


def _newest(task: Task) -> Edition | Same:
    for year in _years(task):
        try:
            return _as_needed(task, year)
        except NotThereError:
            continue
    raise LoadError(_nowhere(task))


def _years(task: Task) -> range:
    return range(task.today.year, task.today.year - YEARS_BACK, -1)


def _nowhere(task: Task) -> str:
    years = _years(task)
    return (
        f"PDOK has no wijken en buurten of {years[-1]} to {years[0]} under "
        f"{_collection(years[0], 'gemeente')}. Look whether the address changed."
    )


def _collection(year: int, level: str) -> str:
    return f"/cbs/wijken-en-buurten-{year}/ogc/v1/collections/{LEVELS[level]}"


def _service(year: int) -> str:
    return f"/cbs/wijkenbuurten/{year}/wfs/v1_0"


def _as_needed(task: Task, year: int) -> Edition | Same:
    """An edition, or that its copy is still what there is. Raises as `_edition`."""
    copy = task.copies.get(str(year)) if year not in task.editions else None
    if copy and year < task.today.year - LAST_VERSION:
        return Same(copy.edition)
    marker = _marker(task, year)
    if copy and marker and copy.marker == marker:
        return Same(copy.edition)
    return _edition(task, year, marker)


def _marker(task: Task, year: int) -> str:
    """When PDOK updated an edition, "" when that is not known. Raises NotThereError when it does not have it."""
    if year < OGC_SINCE:
        return ""
    try:
        return ogc_features.updated(task.http, "PDOK", _collection(year, "buurt"), label=str(year))
    except NotThereError:
        raise
    except LoadError:  # then the edition is loaded whole, and says itself what is wrong
        return ""


def _edition(task: Task, year: int, marker: str) -> Edition:
    """One edition. Raises NotThereError when PDOK does not have it, _WithoutGemeenteError when the gemeente is not in
    it, LoadError for everything that is wrong with it.
    """
    rows: list[dict[str, Any]] = []
    found = _Findings()
    read = _reader(task, year)
    for level in LEVELS:
        try:
            own = _land(task, read(level))
        except NotThereError as error:
            if not rows:
                raise
            # The gemeente is there and its parts are not: that is no year without an edition.
            raise LoadError(str(error)) from error
        if not own and level == "gemeente":
            raise _WithoutGemeenteError(
                f"Edition {year} of PDOK's wijken en buurten has no gemeente of {task.gemeente}; was the gemeente "
                "merged?"
            )
        if not own:
            found.problems.append(f"There is no {level} of {task.gemeente}.")
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
        url=_address(task, year),
        attribution=f"Bron: CBS Wijken en Buurten {year} / Kadaster (PDOK)",
        marker=marker,
    )


def _address(task: Task, year: int) -> str:
    if year < OGC_SINCE:
        return task.http.address("PDOK_SERVICE", _service(year), {"service": "WFS", "request": "GetCapabilities"})
    path = f"{_collection(year, 'buurt')}/items"
    return task.http.address("PDOK", path, {"f": "json", "gemeentecode": task.gemeente})


def _reader(task: Task, year: int) -> Callable[[str], list[Feature]]:
    """What gives the features of a level, by the service that has the year. Raises NotThereError when none has."""
    if year >= OGC_SINCE:
        return partial(_by_ogc, task, year)
    layers = wfs.type_names(task.http, "PDOK_SERVICE", _service(year), label=str(year))
    return partial(_by_wfs, task, year, layers)


def _by_ogc(task: Task, year: int, level: str) -> list[Feature]:
    try:
        return list(chain.from_iterable(_by_gemeente(task, year, level)))
    except RefusedError as error:
        if error.answer.status != 400:
            raise
        try:
            box = ",".join(f"{edge:.5f}" for edge in task.outline().bounds)
        except LoadError:
            raise error from None
    pages = ogc_features.pages(task.http, "PDOK", _collection(year, level), {"bbox": box}, label=str(year))
    return list(chain.from_iterable(pages))


def _by_gemeente(task: Task, year: int, level: str, limit: int = PAGE) -> Iterator[list[Feature]]:
    own = {"gemeentecode": task.gemeente}
    return ogc_features.pages(task.http, "PDOK", _collection(year, level), own, label=str(year), limit=limit)


def _by_wfs(task: Task, year: int, layers: list[str], level: str) -> list[Feature]:
    fitting = [layer for layer in layers if LEVELS[level] in layer.rpartition(":")[2]]
    if len(fitting) != 1:
        raise LoadError(
            f"PDOK_SERVICE should have one layer of {LEVELS[level]} at {_service(year)}; it has {', '.join(layers)}. "
            "Look what changed there."
        )
    pages = wfs.pages(
        task.http, "PDOK_SERVICE", _service(year), fitting[0], "gemeentecode", task.gemeente, label=str(year)
    )
    return list(chain.from_iterable(pages))


def _land(task: Task, features: list[Feature]) -> list[Feature]:
    """The features on land that belong to the gemeente. The server was asked for no others, which proves nothing."""
    return [
        feature
        for feature in features
        if _text(feature["properties"], "gemeentecode").upper() == task.gemeente
        and _text(feature["properties"], "water").upper() not in NOT_LAND
    ]


def _published(properties: Mapping[str, Any], name: str) -> Any:
    """The value of a property under any of its names, None when it has none of them."""
    return next((properties[known] for known in NAMES[name] if known in properties), None)


def _text(properties: Mapping[str, Any], name: str) -> str:
    return str(_published(properties, name) or "").strip()


def _row(gemeente: str, feature: dict[str, Any], level: str, year: int, found: _Findings) -> dict[str, Any]:
    """Key columns and published columns of one feature."""
    properties: dict[str, Any] = feature["properties"]
    code = _text(properties, f"{level}code").upper()
    if not re.fullmatch(_pattern(level, gemeente), code):
        found.problems.append(f"“{code}” is no code of a {level} in {gemeente}.")
    if str(properties.get("jaar", year)) != str(year):
        found.problems.append(f"{code} is of {properties['jaar']}.")
    name = _text(properties, f"{level}naam")
    if not name:
        found.problems.append(f"{code} has no name.")
    keys = {
        "code": code,
        "level": level,
        "name": name.removeprefix(f"Wijk {code[-2:]} ") if level == "wijk" else name,
        "parent_code": {"gemeente": None, "wijk": gemeente, "buurt": _text(properties, "wijkcode").upper()}[level],
        "edition": year,
        "changed": _changed(properties),
        "geometry": _outline(code, feature.get("geometry"), found),
    }
    if taken := keys.keys() & properties.keys():
        found.problems.append(f"{code} has columns of its own called {', '.join(sorted(taken))}.")
    return keys | properties


def _pattern(level: str, gemeente: str) -> str:
    digits = gemeente[2:]
    return {"gemeente": gemeente, "wijk": f"WK{digits}[0-9A-Z]{{2}}", "buurt": f"BU{digits}[0-9A-Z]{{4}}"}[level]


def _changed(properties: Mapping[str, Any]) -> int | None:
    """The publisher's code for what happened to the border since the edition before; None when there is none."""
    value = _published(properties, "changed")
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
