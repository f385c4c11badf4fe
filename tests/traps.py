"""A made-up gemeente of areas on which figures go wrong: whoever shows them must not break, guess or say zero."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from buurtbeeld.catalogue import Catalogue, load
from tests.warehouse.town import CODE, Row, Town, areas, changed

EDITIONS = (2023, 2024)
YEARS = (2021, 2022, 2023, 2024)  # of crimes
NEW_DISTRICT = "WK999903"
SECRET_DISTRICT = "WK999904"  # noqa: S105  a code, not a password


HIDDEN_BELOW = 5


class Trap(NamedTuple):
    """One such area: its name holds no digits, so that any digit said of it is a figure."""

    code: str
    name: str
    indicator: str  # the figure that tells


EMPTY = Trap("BU99990151", "Leegveld", "residents_65plus_share")
FOUR = Trap("BU99990152", "Vierhuis", "residents_65plus_share")
TWENTY = Trap("BU99990153", "Twintigveld", "crimes_per_1000")
SECRET = Trap("BU99990401", "Zwijghoek", "home_value")
MOVED = Trap("BU99990201", "Schuifgrens", "residents")
NEW = Trap("BU99990301", "Nieuwland", "crimes_per_1000")
HOMELESS = Trap("BU99990202", "Zonderhuis", "home_value")
SHIELDED = Trap("BU99990154", "Schuilplaats", "residents_0_15")
HIDDEN_WIJK = Trap(SECRET_DISTRICT, "Stilwijk", "residents")
SILENT = (SECRET, HIDDEN_WIJK)  # not one figure of them is published
TRAPS = (EMPTY, FOUR, TWENTY, SECRET, MOVED, NEW, HOMELESS, SHIELDED, HIDDEN_WIJK)

ORDINARY = tuple(f"BU9999{wijk:02}{buurt:02}" for wijk in (1, 2) for buurt in range(11, 23))
BUURTEN = tuple(sorted((*ORDINARY, *(trap.code for trap in TRAPS if trap.code.startswith("BU")))))
HOMES = {"home_value", "owner_occupied_share", "single_family_share"}
CODES = (-99997, -99995, -99991, -99999999, -99993, None)  # -99993 is in no list: a code that CBS may bring tomorrow


def town(folder: Path) -> Town:
    """The gemeente with its mart, in `folder`; the catalogue is the project's own, but for a count that is hidden."""
    made = Town(folder)
    own = load()
    young = own.indicators[SHIELDED.indicator].model_copy(update={"withhold_below": HIDDEN_BELOW})
    made.catalogue = replace(own, indicators=own.indicators | {young.id: young})
    for edition in EDITIONS:
        made.write("pdok_areas", edition, _outlines(edition), shape="outline")
        made.figures(_rows("cbs_key_figures", edition, made.catalogue), edition)
    for year in YEARS:
        period = date(year, 1, 1)
        made.figures(_rows("police_crime", year, made.catalogue), year, source="police_crime", period=period)
        health = _rows("rivm_perceived_health", year, made.catalogue)
        made.figures(health, year, source="rivm_perceived_health", period=period)
    made.figures(_rows("rivm_health", 2024, made.catalogue), 2024, source="rivm_health")
    made.build()
    return made


def _buurten(edition: int) -> tuple[str, ...]:
    return BUURTEN if edition >= EDITIONS[-1] else tuple(code for code in BUURTEN if not code.startswith("BU999903"))


def _outlines(edition: int) -> pa.Table:
    table = areas(_buurten(edition), edition)
    table = changed(table, "name", {trap.code: trap.name for trap in TRAPS})
    # Where an area lies does not depend on what else there is that year.
    newest = areas(BUURTEN)
    shapes = zip(newest["code"].to_pylist(), newest["geometry"].to_pylist(), strict=True)
    table = changed(table, "geometry", {code: shape for code, shape in shapes if code in table["code"].to_pylist()})
    if edition == EDITIONS[-1]:
        news = dict.fromkeys(table["code"].to_pylist(), 1) | {MOVED.code: 3, NEW.code: 2, NEW_DISTRICT: 2}
        table = changed(table, "changed", news)
    return table


def _rows(source: str, year: int, catalogue: Catalogue) -> dict[str, Row]:
    """Every column of `source` for every area: usual numbers, and what the traps have instead."""
    mine = [entry for entry in catalogue.indicators.values() if entry.source == source]
    rows: dict[str, Row] = {}
    for place, code in enumerate(areas(_buurten(year))["code"].to_pylist()):
        row: Row = {entry.column or "": _usual(entry.unit, entry.id, place, code) / entry.scale for entry in mine}
        for turn, entry in enumerate(mine):
            if (found := _trapped(entry.id, code, turn)) is not _USUAL:
                row[entry.column or ""] = found
        if source == "police_crime":
            row["provisional"] = year == YEARS[-1]
        rows[code] = row
    return rows


_USUAL = object()


def _trapped(id: str, code: str, turn: int) -> object:
    """What an area has in place of a usual number; `_USUAL` where it has one."""
    if code in (SECRET.code, HIDDEN_WIJK.code):
        return CODES[turn % len(CODES)]
    if code == EMPTY.code:
        return 0 if id in ("residents", "residents_65plus", "residents_0_15", "households", "crimes") else -99997
    if code in (FOUR.code, TWENTY.code) and id in ("residents", "households"):
        return 4 if code == FOUR.code else 20
    if code in (FOUR.code, TWENTY.code) and id in ("residents_65plus", "residents_0_15"):
        return 0
    if code == SHIELDED.code and id == SHIELDED.indicator:
        return HIDDEN_BELOW - 2
    if code == HOMELESS.code and id in HOMES:
        return -99997
    if code == NEW.code and id == "crimes":
        return 4  # so few among so many residents that the rate is unreliable
    return _USUAL


def _usual(unit: str, id: str, place: int, code: str) -> float:
    """A number as large as such figures are, another one for each area and figure; a whole is larger than its parts."""
    spread = (place * 37 + len(id) * 11) % 40
    size = {"percent": 20, "urbanity": 1, "people_per_household": 2, "km": 1, "euro": 300_000}.get(unit, 60)
    part = spread / 10 if size < 10 else spread * size / 50
    usual = float(round(min(size + part, 5) if unit == "urbanity" else size + part))
    counted = {"residents": 1500, "households": 700, "cars": 700, "total_area": 700, "crimes": 60}.get(id, 200)
    counted += spread * 3
    if unit in ("people", "households", "crimes", "vehicles") or id == "total_area":
        usual = float(counted * (30 if code == CODE else 12 if code.startswith("WK") else 1))
    return usual
