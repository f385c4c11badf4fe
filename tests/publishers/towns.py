"""The gemeenten that the publishers of the tests are about: made-up ones of squares, and the sample's Utrecht."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import shapely
from shapely.geometry import box, shape

from buurtbeeld.catalogue import load
from buurtbeeld.settings import PROJECT

SAMPLE = PROJECT / "data" / "sample"

# Base name, unit and type of the columns of Kerncijfers wijken en buurten that the sample holds, and some around them.
_OF_THE_SAMPLE = (
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


def _of_the_catalogue() -> Iterator[tuple[str, str, str]]:
    """The columns that the catalogue reads beside those, each once, in a unit that CBS would write."""
    known = {base for base, _, _ in _OF_THE_SAMPLE}
    for each in load().indicators.values():
        base = re.sub(r"_\d+$", "", each.column or "")
        if each.source == "cbs_key_figures" and base and base not in known:
            known.add(base)
            unit = {"percent": "%", "euro": "x 1 000 euro" if each.scale == 1000 else "euro"}.get(each.unit, "aantal")
            yield base, unit, "Double" if each.decimals else "Integer"


COLUMNS = (*_OF_THE_SAMPLE, *_of_the_catalogue())
_WHOLES = frozenset(
    load().indicators[each.denominator].column for each in load().indicators.values() if each.denominator
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


def buurten(owner: Town) -> list[Area]:
    """The buurten of a gemeente, without water."""
    return [area for area in owner.areas if area.level == "buurt" and area.water == "NEE"]


def postcode_of(number: int) -> str:
    """A made-up postcode, for the buurt with that number."""
    return f"{3500 + number // 26}A{chr(65 + number % 26)}"


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
    """Figures that differ by area and are plainly invented; a part is no more than its whole, a percentage than 100."""
    return {base: _figure(base, unit, kind, number) for base, unit, kind in COLUMNS[4:]}


def _figure(base: str, unit: str, kind: str, number: int) -> Any:
    if kind == "String":
        return f"{1000 + number}"
    if unit == "%":
        return 5 + number % 90
    whole = 5000 if base in _WHOLES else 100
    return whole + number if kind == "Integer" else 0.5 + number
