"""The sample holds what it says, and every value in it is one that was received.

The first part needs the repository only. The second compares each cell with the copies the sample was made from, and is
skipped where those are absent (fixture `realdata`).
"""

import csv
import json
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
FIGURES = ("cbs_key_figures", "cbs_gemeente_years", "police_crime", "rivm_perceived_health", "rivm_health")
OF_SOURCE = {"rivm_perceived_health": "rivm_health"}  # file: its source, where that has another name
KEYS = ("area_code", "period", "edition")
WITHOUT_RESIDENTS = ("BU03440911", "BU03440952")  # De Wetering, Strijkviertel
LEVELS = {"GM": "gemeente", "WK": "wijk", "BU": "buurt"}
SOURCE_FIELDS = {
    *("id", "publisher", "title", "page", "licence", "attribution", "shape", "openness", "refreshed", "hosts"),
    *("table", "edition", "url", "retrieved_at", "row_groups"),
}

# Column of the sample -> column of the received file. Both name the same figure in the same unit.
KEY_FIGURES = {
    "AantalInwoners": "inwoners",
    "k_0Tot15Jaar": "inwoners0tot15",
    "k_65JaarOfOuder": "inwoners65plus",
    "HuishoudensTotaal": "huishoudens",
    "GemiddeldeHuishoudensgrootte": "huishoudensgrootte",
    "Bevolkingsdichtheid": "dichtheid",
    "GemiddeldeWOZWaardeVanWoningen": "wozWaarde",
    "PercentageEengezinswoning": "eengezinswoning",
    "Koopwoningen": "koopwoningen",
    "GemiddeldInkomenPerInwoner": "inkomenPerInwoner",
    "AfstandTotHuisartsenpraktijk": "afstandHuisarts",
    "AfstandTotGroteSupermarkt": "afstandSupermarkt",
    "AfstandTotSchool": "afstandSchool",
    "ScholenBinnen3Km": "scholenBinnen3km",
    "OppervlakteLand": "oppervlakteLandHa",
    "MeestVoorkomendePostcode": "postcode",
    "MateVanStedelijkheid": "stedelijkheid",
    "Omgevingsadressendichtheid": "adressendichtheid",
}
GEMEENTE_YEARS = {
    "AantalInwoners": "aantal_inwoners",
    "HuishoudensTotaal": "huishoudens",
    "GemiddeldeHuishoudensgrootte": "gem_huishouden_grootte",
    "Bevolkingsdichtheid": "bevolkingsdichtheid",
    "GemiddeldeWOZWaardeVanWoningen": "gem_woz_waarde",
    "PercentageEengezinswoning": "pct_eengezins",
    "Koopwoningen": "koopwoningen",
    "AfstandTotHuisartsenpraktijk": "afstand_huisarts",
    "AfstandTotGroteSupermarkt": "afstand_supermarkt",
    "AfstandTotSchool": "afstand_basisonderwijs",
    "OppervlakteLand": "opp_land",
    "MateVanStedelijkheid": "stedelijkheid",
    "Omgevingsadressendichtheid": "omgevingsadressendichtheid",
}

Row = dict[str, str]
Cells = dict[tuple[str, str], Row]  # (area code, year) -> figure column -> text


def read(path: Path) -> list[Row]:
    """The rows of a CSV file, every cell as text; a byte-order mark is taken off."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sample(name: str) -> list[Row]:
    """The rows of one table of the sample."""
    return read(SAMPLE / f"{name}.csv")


def cells(name: str) -> Cells:
    """The figures of one table of the sample by area and year."""
    rows = sample(name)
    return {(row["area_code"], row["period"][:4]): {key: row[key] for key in row if key not in KEYS} for row in rows}


def number(text: str | None) -> Decimal | None:
    """The number in a received or written cell; None for an empty cell and for StatLine's full stop."""
    text = (text or "").strip()
    return None if text in ("", ".") else Decimal(text)


def assert_same(written: Cells, received: Cells) -> None:
    """Every cell of `written` is the one in `received`, and no area or year was lost."""
    wrong = [
        f"{area} {year} {column}: {text!r} is not {received.get((area, year), {}).get(column)!r}"
        for (area, year), row in written.items()
        for column, text in row.items()
        if number(text) != number(received.get((area, year), {}).get(column))
    ]
    assert not wrong, "\n".join(wrong[:20])
    assert set(received) <= set(written)


def outlines() -> dict[str, shapely.Polygon]:
    """The outline of each buurt by code, in degrees."""
    features = json.loads((SAMPLE / "outlines.geojson").read_text(encoding="utf-8"))["features"]
    return {feature["properties"]["code"]: shapely.geometry.shape(feature["geometry"]) for feature in features}


def in_metres(shapes: list[shapely.Polygon]) -> list[shapely.Polygon]:
    """The same shapes in the Dutch grid (EPSG:28992), in metres."""
    to_rd = pyproj.Transformer.from_crs(4326, 28992, always_xy=True).transform
    return [shapely.transform(shape, to_rd, interleaved=False) for shape in shapes]


def sources() -> dict[str, dict[str, Any]]:
    """What is said of the sample, by file."""
    return tomllib.loads((SAMPLE / "sources.toml").read_text(encoding="utf-8"))


# Areas and outlines


def test_there_are_1_gemeente_10_wijken_and_111_buurten() -> None:
    levels = [row["level"] for row in sample("areas")]
    assert {level: levels.count(level) for level in levels} == {"gemeente": 1, "wijk": 10, "buurt": 111}


def test_codes_levels_and_parents_agree() -> None:
    for row in sample("areas"):
        code = row["code"]
        parents = {"gemeente": "", "wijk": f"GM{code[2:6]}", "buurt": f"WK{code[2:8]}"}
        assert re.fullmatch(r"GM0344|WK0344\d{2}|BU0344\d{4}", code)
        assert row["level"] == LEVELS[code[:2]]
        assert row["parent_code"] == parents[row["level"]]


def test_every_parent_is_an_area() -> None:
    areas = sample("areas")
    codes = [row["code"] for row in areas]
    assert len(set(codes)) == len(codes)
    assert {row["parent_code"] for row in areas} - {""} <= set(codes)


def test_names_are_whole_and_without_prefix() -> None:
    names = {row["code"]: row["name"] for row in sample("areas")}
    assert all(name and not re.match(r"Wijk \d", name) for name in names.values())  # "Wijk C" is a real buurt
    assert names["BU03440131"].endswith(" en omgeving")  # the received list cuts it at 40 characters
    assert (names["WK034401"], names["BU03441014"]) == ("West", "Máximapark")


def test_every_buurt_has_one_valid_outline() -> None:
    shapes = outlines()
    assert list(shapes) == [row["code"] for row in sample("areas") if row["level"] == "buurt"]
    assert all(shape.is_valid and shape.geom_type == "Polygon" for shape in shapes.values())


@pytest.mark.parametrize("projected", [False, True], ids=["degrees", "metres"])
def test_outlines_are_one_coverage(projected: bool) -> None:
    shapes = list(outlines().values())
    assert shapely.coverage_is_valid(in_metres(shapes) if projected else shapes)


def test_no_two_corners_are_nearly_the_same() -> None:
    # Two points a metre apart would be one shared corner that rounding has split.
    corners = shapely.get_coordinates(in_metres(list(outlines().values())))
    points = shapely.points(sorted(set(map(tuple, corners.round(3)))))
    near = shapely.STRtree(points).query(points, predicate="dwithin", distance=1.0)
    assert near.shape[1] == len(points)


def test_outlines_dissolve_to_wijken_and_gemeente() -> None:
    shapes = outlines()
    metres = dict(zip(shapes, in_metres(list(shapes.values())), strict=True))
    wijken = [
        shapely.coverage_union_all([shape for code, shape in metres.items() if code[2:8] == wijk[2:]])
        for wijk in (row["code"] for row in sample("areas") if row["level"] == "wijk")
    ]
    gemeente = shapely.coverage_union_all(list(metres.values()))
    assert len(wijken) == 10 and shapely.coverage_is_valid(wijken)
    assert all(whole.geom_type == "Polygon" and not whole.interiors for whole in [*wijken, gemeente])
    assert gemeente.area == pytest.approx(99.35e6, rel=1e-3)


def test_outlines_can_be_read_line_by_line() -> None:
    lines = (SAMPLE / "outlines.geojson").read_text(encoding="utf-8").splitlines()
    features = [json.loads(line.rstrip(",")) for line in lines[1:-1]]
    assert len(features) == 111
    assert all(list(feature["properties"]) == ["code"] for feature in features)


def test_outlines_are_longitude_latitude_in_utrecht() -> None:
    west, south, east, north = shapely.total_bounds(list(outlines().values()))
    assert 4.96 < west < east < 5.20 and 52.02 < south < north < 52.15


# Figures


@pytest.mark.parametrize("name", FIGURES)
def test_rows_are_unique_and_sorted(name: str) -> None:
    order = {row["code"]: place for place, row in enumerate(sample("areas"))}
    keys = [(row["period"], order[row["area_code"]]) for row in sample(name)]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("name", FIGURES)
def test_cells_are_plain_numbers_or_empty(name: str) -> None:
    for row in sample(name):
        assert re.fullmatch(r"20\d\d-01-01", row["period"]) and re.fullmatch(r"20\d\d", row["edition"])
        assert all(re.fullmatch(r"(\d+(\.\d*[1-9])?)?", row[key]) for key in row if key not in KEYS)


@pytest.mark.parametrize(
    ("name", "levels", "years"),
    [
        ("cbs_key_figures", "GM WK BU", "2024"),
        ("cbs_gemeente_years", "GM", "2012 2017 2018 2019 2022 2023"),
        ("police_crime", "GM BU", "2021 2022 2023 2024 2025"),
        ("rivm_perceived_health", "GM BU", "2012 2016 2020 2022 2024"),
        ("rivm_health", "GM WK BU", "2012 2016 2020"),
    ],
)
def test_every_area_of_a_level_has_a_row_in_every_year(name: str, levels: str, years: str) -> None:
    codes = [row["code"] for row in sample("areas") if row["code"][:2] in levels.split()]
    assert set(cells(name)) == {(code, year) for code in codes for year in years.split()}


def test_city_is_not_the_sum_of_its_wijken() -> None:
    residents = {area: number(row["AantalInwoners"]) for (area, _), row in cells("cbs_key_figures").items()}
    wijken = sum(value or 0 for area, value in residents.items() if area.startswith("WK"))
    assert (residents["GM0344"], wijken) == (Decimal(374238), Decimal(374215))


def test_buurten_without_residents_are_empty_and_not_zero() -> None:
    rows = cells("cbs_key_figures")
    missing = {area for (area, _), row in rows.items() if row["AantalInwoners"] == ""}
    assert missing == set(WITHOUT_RESIDENTS)
    assert all(rows[code, "2024"]["OppervlakteLand"] for code in missing)


def test_empty_incomes_stay_empty() -> None:
    assert sum(row["GemiddeldInkomenPerInwoner"] == "" for row in cells("cbs_key_figures").values()) == 44


def test_crime_of_the_buurten_adds_up_to_that_of_the_city() -> None:
    rows = cells("police_crime")
    for year in ("2021", "2022", "2023", "2024", "2025"):
        count = {area: int(row["GeregistreerdeMisdrijven"]) for (area, at), row in rows.items() if at == year}
        assert sum(count.values()) == 2 * count["GM0344"]


def test_there_is_one_series_of_perceived_health() -> None:
    assert cells("rivm_perceived_health")["GM0344", "2012"] == {"GoedErvarenGezondheid": "78.6"}
    others = cells("rivm_health")["GM0344", "2012"]
    assert len(others) == 34 and not [name for name in others if "ErvarenGezondheid" in name]


def test_register_entries_have_a_name_and_a_link_and_no_more() -> None:
    entries = sample("algorithm_register")
    assert len({entry["id"] for entry in entries}) == 45
    assert all(list(entry) == ["id", "title", "link", "date", "status"] and all(entry.values()) for entry in entries)
    assert all(entry["link"] == f"https://algoritmes.overheid.nl/nl/algoritme/{entry['id']}" for entry in entries)


# Provenance


def test_every_file_has_a_described_source() -> None:
    files = {path.stem for path in SAMPLE.glob("*.csv")} - {"areas"}
    assert files | {"pdok_areas"} == set(sources())


@pytest.mark.parametrize("source", sources())
def test_a_source_says_everything(source: str) -> None:
    said = sources()[source]
    assert set(said) == SOURCE_FIELDS and all(said.values())
    assert said["id"] == OF_SOURCE.get(source, source)
    assert said["openness"] == "rows" and said["retrieved_at"] == "2026-11-23"
    assert said["licence"] in ("cc-by-4.0", "cc0") and said["attribution"].startswith("Bron: ")
    assert said["page"].startswith("https://") and said["url"].startswith("https://")


def test_two_files_of_a_source_say_the_same_of_it() -> None:
    own = ("table", "row_groups")  # of a file
    for file, source in OF_SOURCE.items():
        one, other = ({key: said for key, said in sources()[name].items() if key not in own} for name in (file, source))
        assert one == other


@pytest.mark.parametrize("source", sources())
def test_row_groups_cover_every_row(source: str) -> None:
    groups = sources()[source]["row_groups"]
    assert all(set(group) == {"rows", "publisher", "table", "edition", "licence"} for group in groups)
    written = len(sample("areas")) + len(outlines()) if source == "pdok_areas" else len(sample(source))
    assert sum(group["rows"] for group in groups) == written


@pytest.mark.parametrize("source", FIGURES)
def test_editions_in_the_rows_are_those_of_the_row_groups(source: str) -> None:
    assert {row["edition"] for row in sample(source)} == {group["edition"] for group in sources()[source]["row_groups"]}


def test_readme_tells_about_every_file() -> None:
    text = (SAMPLE.parent / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in SAMPLE.iterdir() if path.name not in text] == []


def test_files_are_small_plain_text() -> None:
    files = list(SAMPLE.iterdir())
    assert sum(path.stat().st_size for path in files) < 400_000
    assert all(b"\r" not in path.read_bytes() and path.read_bytes().endswith(b"\n") for path in files)
    assert not any("\ufeff" in path.read_text(encoding="utf-8") for path in files)


# Against the copies the sample was made from


def received_key_figures(realdata: Path) -> dict[str, Row]:
    """The received key figures of 2024 by area code."""
    rows = read(realdata / "cbs_kwb_2024_politie_rivm" / "utrecht_kwb2024.csv")
    return {row["code"]: row for row in rows}


def received_gemeente(realdata: Path) -> dict[str, Row]:
    """The received rows of the city by year."""
    rows = read(realdata / "cbs_gemeente_utrecht_by_year" / "utrecht_gemeente_2012_2024.csv")
    return {row["jaar"]: row for row in rows}


def received_series(path: Path, column: str, name: str) -> Cells:
    """A received long table as cells, its `column` under the sample's `name`."""
    return {(row["code"], row["jaar"]): {name: row[column]} for row in read(path)}


def received_health(realdata: Path) -> Iterator[tuple[tuple[str, str], Row]]:
    """The received health figures, column names without their number."""
    for path in sorted((realdata / "rivm_gezondheidsmonitor").glob("utrecht_gezondheid_18plus_*.csv")):
        for row in read(path):
            figures = {re.sub(r"_\d+$", "", key): text for key, text in row.items()}
            yield (row["WijkenEnBuurten"].strip(), row["Perioden"][:4]), figures


def test_key_figures_are_as_received(realdata: Path) -> None:
    received = {
        (code, "2024"): {name: row[column] for name, column in KEY_FIGURES.items()}
        for code, row in received_key_figures(realdata).items()
    }
    assert set(KEY_FIGURES) == set(cells("cbs_key_figures")["GM0344", "2024"])
    assert_same(cells("cbs_key_figures"), received)


def test_city_by_year_is_as_received(realdata: Path) -> None:
    received = {
        ("GM0344", year): {name: row[column] for name, column in GEMEENTE_YEARS.items()}
        for year, row in received_gemeente(realdata).items()
        if year != "2024"
    }
    assert set(GEMEENTE_YEARS) == set(cells("cbs_gemeente_years")["GM0344", "2012"])
    assert_same(cells("cbs_gemeente_years"), received)


def test_both_sources_of_the_city_agree_on_2024(realdata: Path) -> None:
    ours, other = cells("cbs_key_figures")["GM0344", "2024"], received_gemeente(realdata)["2024"]
    known = {name: number(other[column]) for name, column in GEMEENTE_YEARS.items() if number(other[column])}
    assert len(known) == 7
    assert known == {name: number(ours[name]) for name in known}


def test_crime_is_as_received(realdata: Path) -> None:
    path = realdata / "cbs_kwb_2024_politie_rivm" / "utrecht_misdrijven_2021_2025.csv"
    assert_same(cells("police_crime"), received_series(path, "misdrijven_totaal", "GeregistreerdeMisdrijven"))


def test_perceived_health_is_as_received(realdata: Path) -> None:
    path = realdata / "cbs_kwb_2024_politie_rivm" / "utrecht_ervaren_gezondheid_2012_2024.csv"
    received = received_series(path, "goed_ervaren_gezondheid_pct", "GoedErvarenGezondheid")
    written = cells("rivm_perceived_health")
    assert_same(written, received)
    assert {key for key, row in written.items() if not all(row.values())} == set(written) - set(received)


def test_health_is_as_received(realdata: Path) -> None:
    assert_same(cells("rivm_health"), dict(received_health(realdata)))


def test_only_the_older_perceived_health_was_left_out(realdata: Path) -> None:
    head = list(next(received_health(realdata))[1])
    columns = head[head.index("Codering") + 1 :]
    assert list(cells("rivm_health")["GM0344", "2012"]) == columns[1:]
    assert columns[0] == "ErvarenGezondheidGoedZeerGoed"


def test_outlines_are_as_received(realdata: Path) -> None:
    path = realdata / "cbs_boundaries_2024_generalised" / "utrecht_buurten_2024_coverage.geojson"
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        ours = outlines()[feature["properties"]["buurtcode"]]
        assert ours.normalize() == shapely.geometry.shape(feature["geometry"]).normalize()


def test_names_are_as_received(realdata: Path) -> None:
    received = received_key_figures(realdata)
    for row in sample("areas"):
        name = re.sub(r"^Wijk \d\d ", "", received[row["code"]]["naam"])
        assert row["name"].startswith(name) and (row["name"] == name or row["code"] == "BU03440131")
    assert {row["code"] for row in sample("areas")} == set(received)


def test_old_names_are_whole_names_of_2015(realdata: Path) -> None:
    path = realdata / "utrecht_municipal_boundaries_2015" / "buurt.raw.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    names = {f"BU0344{feature['properties']['KODE']}": feature["properties"]["NAAM"] for feature in features}
    old = {row["code"]: row["old_names"] for row in sample("areas") if row["old_names"]}
    assert old == {code: names[code] for code in ("BU03440533", "BU03441014")}
    assert all(len(name) < 20 for name in old.values())  # at 20 characters that list is cut


def test_register_entries_are_as_received(realdata: Path) -> None:
    entries = json.loads((realdata / "algoritmeregister" / "algoritmes_gemeente_utrecht.json").read_text("utf-8"))
    columns = {"id": "id", "title": "title", "link": "url", "date": "geregistreerd", "status": "status"}
    received = {entry["id"]: {ours: entry[theirs] for ours, theirs in columns.items()} for entry in entries}
    assert {entry["id"]: entry for entry in sample("algorithm_register")} == received
