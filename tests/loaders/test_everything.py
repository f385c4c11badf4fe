"""All sources from all publishers into one mart, for any gemeente: the whole way, with nothing made up in between."""

import io
import json
from datetime import UTC, datetime

import duckdb
import pytest
from rich.console import Console

from buurtbeeld.catalogue import load
from buurtbeeld.settings import read
from buurtbeeld.warehouse.build import build, is_current
from loaders import Edition, discover
from loaders.__main__ import main
from tests.publishers import everybody, towns
from tests.publishers.knmi import Knmi
from tests.publishers.luchtmeetnet import Luchtmeetnet
from tests.publishers.npr import Npr
from tests.publishers.samen_meten import SamenMeten
from tests.publishers.sensor_community import SensorCommunity
from tests.publishers.snuffelfiets import Snuffelfiets
from tests.publishers.stallingsnet import Stallingsnet
from tests.publishers.waste import WasteFeed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GEMEENTEN = {
    "GM0344": towns.small_town(),
    "GM0363": towns.town("GM0363", wijken=3, buurten=40, letters=True),
}


@pytest.fixture(scope="module", params=GEMEENTEN)
def loaded(request, tmp_path_factory):
    """(settings, exit code, what was said) after everything was loaded of a gemeente, and built."""
    folder = tmp_path_factory.mktemp("everything")
    with everybody(GEMEENTEN[request.param]) as server:
        environ = {"DATA_DIR": str(folder), "GEMEENTE": request.param, **server.environ}
        said = io.StringIO()
        console = Console(file=said, width=2_000)
        code = main([], environ=environ, now=lambda: NOW, sleep=lambda _: None, console=console)
    settings = read(environ)
    build(settings, load())
    return settings, code, said.getvalue()


def ask(settings, query):
    with duckdb.connect(settings.mart_link.resolve(), read_only=True) as con:
        return con.execute(query).fetchall()


def test_everything_is_loaded(loaded):
    settings, code, said = loaded
    assert code == 0, said
    of_this = {id for id, each in discover().items() if each.gemeenten is None or settings.gemeente in each.gemeenten}
    waiting = {id for id in of_this if discover()[id].waits_for(settings.city_dir)}
    assert {line.split()[0] for line in said.splitlines()[1:] if line[:1].strip()} == of_this - waiting


def test_every_area_has_figures_and_every_figure_its_source(loaded):
    settings, _, _ = loaded
    areas = len(GEMEENTEN[settings.gemeente].areas) - 1  # the pond
    assert ask(settings, "SELECT count(*) FROM area_now") == [(areas,)]
    assert ask(settings, "SELECT count(DISTINCT code) FROM figure WHERE value IS NOT NULL") == [(areas,)]
    assert ask(settings, "SELECT DISTINCT source FROM figure WHERE source NOT IN (SELECT id FROM source)") == []
    assert ask(settings, "SELECT DISTINCT substr(code, 3, 4) FROM figure") == [(settings.gemeente[2:],)]


def test_places_lie_in_a_buurt_and_lists_have_titles(loaded):
    settings, _, _ = loaded
    kinds = dict(ask(settings, "SELECT kind, count(code) FROM place GROUP BY kind"))
    assert {"school_primary", "school_secondary"} <= kinds.keys() and any(kinds.values())
    assert ask(settings, "SELECT count(*) > 0, count(*) FILTER (trim(title) = '') FROM entry") == [(True, 0)]


def test_a_postcode_leads_to_its_buurt(loaded):
    settings, _, _ = loaded
    names = ask(settings, "SELECT code, name FROM area_name WHERE kind = 'postcode6'")
    assert names and all(code.startswith("BU") for code, _ in names)


def test_nothing_is_built_again_from_the_same_files(loaded):
    settings, _, _ = loaded
    assert is_current(settings, load())


def test_whatever_a_loader_of_readings_says_measures_is_a_kind_of_sensor(serving, task, tmp_path):
    """Of another kind nothing would come into the mart, and what is simulated would stand on beside it."""
    town = GEMEENTEN["GM0344"]
    status = {"lastUpdated": NOW.timestamp(), "vacantSpaces": 35, "parkingCapacity": 350}
    measuring = (Luchtmeetnet, SamenMeten, SensorCommunity, Knmi, WasteFeed, Snuffelfiets)
    parking = Npr(town, now={0: status}, usages={1: "park and ride"})
    server = serving(parking, Stallingsnet(), *(publisher(town) for publisher in measuring))
    feeds = {
        "waste_fill": {"url": f"{server.address}/waste/v2/entities?type=WasteContainer", "format": "fiware"}
        | {"scale": "0-1"},
        "snuffelfiets": {"url": f"{server.address}/bikes/rides.csv"},
    }
    told = {"licence": "cc0", "attribution": "Bron: niemand"}
    lines = ["[stallingsnet.places]", "Knoop = [5.11, 52.09]"]
    for name, feed in feeds.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in (feed | told).items())]
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "feeds.toml").write_text("\n".join(lines), encoding="utf-8")

    kinds = {}
    for id, loader in discover().items():
        if loader.source.shape == "reading":
            [places] = [each for each in loader.fetch(task(server, town)) if each.edition == "places"]
            assert isinstance(places, Edition)
            kinds[id] = set(places.table["kind"].to_pylist())
    # A station of KNMI is of the whole country: its weather is no sensor of the gemeente.
    assert kinds.pop("knmi_daily") == {"weather_station"}
    assert all(kinds.values())
    assert set().union(*kinds.values()) == load().sensor_kinds.keys()
