"""Nothing simulated escapes without its badge: on a page, in a drawing, on a map, in a file, from the API.

Every figure is simulated in two marts that differ in their values alone. What a page shows differently over the one
than over the other was made of them, so all of that has to wear the badge.
"""

import csv
import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from buurtbeeld import own, queries
from buurtbeeld.addresses import PAGES, Page
from buurtbeeld.catalogue import load
from buurtbeeld.maps import shading
from buurtbeeld.sensors.simulate import COUNTS, Plan, simulate
from buurtbeeld.texts import LANGUAGES, words
from buurtbeeld.warehouse.build import build
from tests import marts
from tests.conftest import Show
from tests.figures import mart_of, view_of

BADGES = {"nl": "SIMULATIE", "en": "SIMULATED"}
OWN = "BU03440131,BU03440132,BU03440911"
BUURT = "BU03440131"
VIEWS: tuple[dict[str, str], ...] = (
    {},
    {"gebied": BUURT, "eigen": OWN, "indicator": "good_health"},
    {"gebied": "WK034401", "indicator": "residents", "niveau": "wijk"},
    {"gebied": f"{BUURT},BU03440611,GM0344", "indicator": "crimes", "vanaf": "2021"},
    {"gebied": f"{BUURT},GM0344", "indicator": "crimes_per_1000", "manier": "index"},
    {"gebied": f"{BUURT},GM0344", "indicator": "good_health", "manier": "verschil", "tegen": "home_value"},
)
OF_FIGURES = ("", "kaart", "profiel", "trends", "vergelijken", "eigen-gebied")  # pages that show them in each view
LEGEND = re.compile(r'<table class="legend">.*?</table>', re.DOTALL)
FILE = 'url: "/mock/media/'  # of a file to download, which has a column for it
both_languages = pytest.mark.parametrize("lang", LANGUAGES)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.segment or "start")


@pytest.fixture(scope="module")
def made_up(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two DATA_DIRs in which every figure is simulated, with other values in each."""
    folders = []
    # By area and by period, so that what compares two of either differs too.
    for times in ("1", "(0.8 + area_id % 7 / 50 + year(period) % 5 / 60)"):
        folder = marts.own(sample, tmp_path_factory.mktemp("made_up"))
        marts.simulated(folder, times)
        folders.append(folder)
    return folders[0], folders[1]


def pieces(app: AppTest) -> Iterator[str]:
    """What stands on a page, in pieces that may be read apart: a text, a row of a table, a card, a drawing."""
    for element in elements(app._tree):
        proto = getattr(element, "proto", None)
        if proto is None or element.type in ("button", "page_link"):  # the way to something else
            continue
        spec = getattr(proto, "spec", None) or getattr(proto, "json", None)
        if spec:
            yield str(spec)
            continue
        # A large value has its badge above it, as its label.
        body = str(proto if element.type == "metric" else getattr(proto, "body", "") or proto)
        for drawing in re.findall(r'src="data:image/svg\+xml,([^"]*)"', body):
            yield unquote(drawing)
        body = re.sub(r'src="data:image[^"]*"', "", body)
        # The rows of a legend are read below its title.
        yield from re.findall(LEGEND, body)
        body = re.sub(LEGEND, "", body)
        # Rows of another table wear it each, and so do cards, small charts and sentences.
        for piece in re.split(r"\n(?=\|)|<tr|</tr>|<section|</section>|<figure|</figure>", body):
            yield html.unescape(piece)


def elements(block: Any) -> Iterator[Any]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from elements(child)


def seen(show: Show, folder: Path, page: Page, lang: str, view: Mapping[str, str]) -> list[str]:
    app = show(folder, page, taal=lang, **view)
    assert not app.exception and not app.error
    return list(pieces(app))


@both_languages
@every_page
def test_what_is_made_of_simulated_figures_says_so(show, made_up, page, lang):
    one, other = ([seen(show, folder, page, lang, view) for view in VIEWS] for folder in made_up)
    made = [piece for mine, others in zip(one, other, strict=True) for piece in mine if piece not in set(others)]
    assert made or page.segment not in OF_FIGURES
    escaped = [piece for piece in made if BADGES[lang] not in piece and FILE not in piece]
    assert not escaped, "\n".join(escaped)


@both_languages
@every_page
def test_maps_and_source_notes_wear_it(show, made_up, page, lang):
    """Their pieces are the same over both marts: a map is an address, and a source has no value."""
    say, worn, cited = words(lang), f":gray-badge[{BADGES[lang]}]", 0
    for view in VIEWS:
        app = show(made_up[0], page, taal=lang, **view)
        proto = [element.proto for element in elements(app._tree) if getattr(element, "proto", None)]
        decks = [json.loads(each.json) for each in proto if "GeoJsonLayer" in getattr(each, "json", "")]
        maps = [deck for deck in decks if any(layer["id"] == "values" for layer in deck["layers"])]
        assert maps or page.segment not in ("", "kaart")
        for deck in maps:
            [badge] = [layer for layer in deck["layers"] if layer["@@type"] == "TextLayer"]
            assert badge["data"][0]["text"] == BADGES[lang]
        texts = [each.value for each in app.markdown]
        assert texts.count(worn) == len(maps)
        begin = say.t("source.line", attribution="", licence="", date="").split()[0]
        notes = [line for text in texts for line in text.split("  \n") if line.startswith(f":small[:gray[{begin}")]
        cited += len(notes)
        assert [line for line in notes if worn not in line] == []
    assert cited or page.segment not in OF_FIGURES


@both_languages
@every_page
def test_without_anything_simulated_the_word_is_nowhere(show, sample, page, lang):
    for view in VIEWS:
        assert [piece for piece in seen(show, sample, page, lang, view) if BADGES[lang] in piece] == []


@both_languages
def test_only_what_is_simulated_wears_it(show, sample, tmp_path, lang):
    folder = marts.own(sample, tmp_path)
    marts.simulated(folder, only="crimes")
    page = next(page for page in PAGES if page.segment == "kaart")
    crimes, others = (
        "\n".join(seen(show, folder, page, lang, {"indicator": indicator, "gebied": BUURT}))
        for indicator in ("crimes", "residents")
    )
    assert BADGES[lang] in crimes and BADGES[lang] not in others


@both_languages
def test_places_that_are_simulated_wear_it_on_the_map_and_in_words(show, serve, placed, lang):
    """The places of this mart are of a simulated source."""
    page = next(page for page in PAGES if page.segment == "kaart")
    app = show(placed, page, taal=lang, plekken="waste_container", gebied=marts.CONVERTED, indicator="residents")
    app.session_state["places_list"] = True
    texts = [each.value for each in app.run().markdown]
    assert f":gray-badge[{BADGES[lang]}]" in texts
    assert [text for text in texts if text.startswith(f"{BADGES[lang]}\\:")]
    assert any(f"glass \\({BADGES[lang]}\\)" in text for text in texts)
    client = serve(placed)
    build = client.ask("/healthz").json()["build"]
    features = client.ask(f"/map/{build}/{lang}/places/waste_container.geojson").json()["features"]
    about = [feature["properties"] for feature in features]
    assert about and all(each["is_simulated"] and BADGES[lang] in each["text"] for each in about)


@both_languages
@pytest.mark.parametrize(
    "path",
    [
        "{lang}/buurt/home_value/2024/rounded-5",
        "{lang}/wijk/residents/2024/quantiles-5",
        "{lang}/buurt/good_health/2012/city-4",
        "{lang}/change/buurt/good_health/2012/2024",
        "{lang}/change/buurt/crimes/2021/2025",
        "circles/buurt/crimes/2021/natural-5-all",
    ],
)
def test_the_files_of_maps_wear_it(serve, sample, made_up, lang, path):
    for folder, worn in ((made_up[0], True), (sample, False)):
        client = serve(folder)
        build = client.ask("/healthz").json()["build"]
        features = client.ask(f"/map/{build}/{path.format(lang=lang)}.geojson").json()["features"]
        shown = [each["properties"] for each in features if each["properties"].get("value", 0) is not None]
        assert len(shown) >= 10
        assert {each.get("is_simulated", False) for each in shown} == {worn}
        assert {BADGES[lang] in each["text"] for each in shown if "text" in each} <= {worn}


@pytest.mark.parametrize("query", ["indicator=crimes,home_value&period=all", "indicator=good_health&level=gemeente"])
def test_what_the_api_gives_says_so(serve, sample, made_up, query):
    for folder, worn in ((made_up[0], True), (sample, False)):
        client = serve(folder)
        address = f"/api/v1/figures?{query}&format="
        items = client.ask(f"{address}json").json()["items"]
        assert {item["is_simulated"] for item in items if item["value"] is not None} == {worn}
        rows = list(csv.DictReader(io.StringIO(client.ask(f"{address}csv").text)))
        assert {row["is_simulated"] for row in rows if row["value"]} == {str(worn).lower()}
        table = pq.read_table(io.BytesIO(client.ask(f"{address}parquet").content)).to_pylist()
        assert {row["is_simulated"] for row in table if row["value"] is not None} == {worn}
        assert {source["is_simulated"] for source in client.ask("/api/v1/sources").json()["items"]} == {worn}


@both_languages
def test_the_sentence_in_a_file_says_so(serve, sample, made_up, lang):
    for folder, worn in ((made_up[0], True), (sample, False)):
        path = f"/api/v1/figures?indicator=home_value&format=parquet&taal={lang}"
        about = pq.read_schema(io.BytesIO(serve(folder).ask(path).content)).metadata[b"about"].decode()
        assert (BADGES[lang] in about) == worn


def test_the_file_of_an_area_of_ones_own_says_so(sample, made_up):
    for folder, worn in ((made_up[0], True), (sample, False)):
        view = view_of(mart_of(folder), eigen=OWN)
        rows = own.file(view).to_pylist()
        assert {row["is_simulated"] for row in rows if row["value"] is not None} == {worn}


def test_a_change_is_simulated_when_one_of_both_figures_is(sample):
    now = mart_of(sample).ask(queries.figures, "home_value", "wijk", date(2024, 1, 1))
    for first, second in ((True, False), (False, True)):
        made = shading.changes(
            [replace(each, is_simulated=first) for each in now], [replace(each, is_simulated=second) for each in now]
        )
        assert all(each.is_simulated for each in made)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR with the mart of the sample and of what the simulator made."""
    folder = tmp_path_factory.mktemp("simulator")
    now = datetime.now(UTC).replace(tzinfo=None)
    # Two days, so that at whatever time this runs one of them is whole, and a figure.
    simulate(marts.settings(folder), Plan(COUNTS, 2, 1, now), now)
    build(marts.settings(folder), load())
    return folder


@both_languages
@every_page
def test_what_the_simulator_made_wears_it_and_nothing_else_does(show, serve, simulator, page, lang):
    sources = serve(simulator).ask("/api/v1/sources").json()["items"]
    simulated = {source["id"]: source["is_simulated"] for source in sources}
    assert sum(simulated.values()) == len(COUNTS)
    assert all(worn == id.startswith("simulated_") for id, worn in simulated.items())
    told = seen(show, simulator, page, lang, {"plekken": "waste_container", "indicator": "residents"})
    sums = [piece for piece in told if ("150" in piece and "afvalcontainer" in piece) or "150 registered" in piece]
    assert bool(sums) == (page.segment == "kaart") and all(BADGES[lang] in piece for piece in sums)
    named = [piece for piece in told if "Simulatie, geen meting" in piece]
    assert bool(named) == (page.segment == "verantwoording") and all(BADGES[lang] in piece for piece in named)
    # The profile has the figures that came of them; the other pages show something else.
    worn = [piece for piece in told if BADGES[lang] in piece]
    assert bool(worn) == (page.segment in ("kaart", "verantwoording", "nu", "profiel"))
    assert all(piece in worn for piece in told if "verzonnen, niet gemeten" in piece)


@both_languages
@pytest.mark.parametrize(
    ("path", "empty"),
    [("lucht/begin", None), ("buurten/containers", None), ("bekend/pm25", "now.known.nobody.here")],
)
def test_the_files_of_the_map_of_now_wear_it(serve, simulator, lang, path, empty):
    client, say = serve(simulator), words(lang)
    build = client.ask("/healthz").json()["build"]
    features = client.ask(f"/map/{build}/{lang}/nu/{path}.geojson").json()["features"]
    about = [feature["properties"] for feature in features]
    nothing = say.t(empty) if empty else say.n("now.sensors", 0)
    worn = [each for each in about if each["text"] != nothing]
    assert worn and all(each["is_simulated"] and BADGES[lang] in each["text"] for each in worn)
    assert not any("is_simulated" in each for each in about if each["text"] == nothing)


def test_a_simulation_makes_the_data_no_younger(serve, sample, simulator):
    ages = [serve(folder).ask("/healthz").json()["data_age_s"] for folder in (sample, simulator)]
    assert abs(ages[0] - ages[1]) < 3600
