"""What not everybody may have is shown sensor by sensor nowhere, and where a feed is says no key."""

import gzip
import json
from datetime import UTC, datetime

import duckdb
import pytest

from buurtbeeld import queries
from buurtbeeld.now import page, telling
from tests import marts
from tests.figures import mart_of, view_of
from tests.measuring import AT, CITY, MEASURED, SENSORS
from tests.publishers import towns
from tests.publishers.waste import WasteFeed
from tests.way import Way, items, near

TOWN = towns.small_town("GM0363")  # the sample has nothing of it
KEY, NAME, PASSWORD = "k3y+in/the=query", "somebody", "h0rse staple"


@pytest.fixture(scope="module", params=["aggregate", "none"])
def closed(request, sample, tmp_path_factory):
    """A mart with sensors of which not everybody may have the readings."""
    made = marts.own(sample, tmp_path_factory.mktemp("closed"))
    marts.measured(made)
    marts.changed(made, "closed", f"UPDATE mart_source SET openness = '{request.param}' WHERE id = 'test_feed'")
    return made


def test_no_sensor_no_reading_and_no_alert_can_be_asked_for(closed):
    with duckdb.connect(marts.settings(closed).mart_link.resolve(), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM alert").fetchall()[0][0] > 0
        assert (queries.sensors(con), queries.readings(con), queries.open_alerts(con)) == ((), (), ())
        assert queries.sensor_kinds(con) == {}
        for still in (None, True, False):
            assert (queries.alert_count(con, still), queries.alert_table(con, still).num_rows) == (0, 0)


def test_figures_of_areas_stay(closed):
    with duckdb.connect(marts.settings(closed).mart_link.resolve(), read_only=True) as con:
        hour = queries.newest_hour(con, CITY, "no2")
        assert hour and queries.areas_at(con, "no2", hour)[MEASURED].median == 20.0


def test_neither_the_page_nor_its_maps_nor_the_api_has_any_of_them(closed, serve, monkeypatch):
    monkeypatch.setattr(page, "moment", lambda view: AT)
    mart = mart_of(closed)
    assert telling.every(mart) == ()
    assert page.alerts(view_of(mart, deel="containers")) == ()
    client = serve(closed)
    build = client.ask("/healthz").json()["build"]
    said = [client.ask(f"/map/{build}/nl/nu/{part}/begin.geojson").text for part in ("lucht", "containers")]
    said.append(client.ask("/api/v1/alerts").text)
    assert json.loads(said[-1])["items"] == []
    assert not [id for id in SENSORS for text in said if id in text or id.replace("_", " ") in text]


def test_a_key_in_the_address_of_a_feed_is_told_nowhere(tmp_path, serve, monkeypatch, caplog):
    caplog.set_level("DEBUG")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("GEMEENTE", TOWN.code)
    way, now = Way(tmp_path, TOWN), datetime(2026, 11, 23, 12, tzinfo=UTC)
    with near(TOWN, 2024, WasteFeed(TOWN)) as server:
        host = server.address.removeprefix("http://")
        where = f"http://{NAME}:h0rse%20staple@{host}/waste/v2/entities"
        monkeypatch.setenv("WASTE", f"{where}?type=WasteContainer&api_key=k3y%2Bin%2Fthe%3Dquery")
        way.says("waste_fill", server, "", url="", url_from="WASTE", format="fiware", scale="0-1")
        said = way.loads(server, now, "pdok_areas", "waste_fill")
        assert any("api_key=k3y%2Bin/the%3Dquery" in asked for asked in server.asked)
    way.build(now)
    # The link of the page of sources is that of the mart.
    assert way.ask("SELECT url FROM source WHERE id = 'waste_fill'") == [(f"{server.address}/waste/v2/entities",)]
    assert f"{server.address}/waste/v2/entities" in [each["url"] for each in items(serve(way.data_dir), "/sources")]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    held = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files]
    assert len(files) > 5
    for secret in (KEY, "k3y%2Bin", PASSWORD, "h0rse%20staple", NAME, "api_key"):
        assert secret not in said + caplog.text
        assert not [file for file, content in zip(files, held, strict=True) if secret.encode() in content]
