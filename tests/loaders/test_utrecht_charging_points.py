"""Charging points from ArcGIS: all pages, only when they changed, and nothing about who edited them."""

import json

import pytest

from loaders import LoadError, utrecht_charging_points
from loaders.utrecht_charging_points import fetch, look
from tests.publishers import faults, towns
from tests.publishers.server import Response
from tests.publishers.utrecht_geo import UtrechtArcGis

TOWN = towns.small_town()


def rows(editions):
    [edition] = editions
    return edition.table.to_pylist()


def test_charging_points_with_what_is_said_of_them(serving, task):
    found = rows(fetch(task(serving(UtrechtArcGis(TOWN)), TOWN)))
    assert len(found) == 7
    first = found[0]
    assert (first["id"], first["kind"]) == ("00000000-0000-0000-0000-000000000001", "charging_point")
    assert (first["name"], first["Geplaatst"]) == ("Bedachtestraat 1", 1_600_000_000_001)


def test_who_edited_a_point_is_not_even_asked(serving, task):
    server = serving(UtrechtArcGis(TOWN))
    assert "Bewerker" not in rows(fetch(task(server, TOWN)))[0]
    assert not any("Bewerker" in target for target in server.asked)


def test_pages_shorter_than_asked_are_followed_as_long_as_there_is_more(serving, task):
    server = serving(UtrechtArcGis(TOWN, most=3))
    server.fault("FeatureServer/0?", faults.changed(lambda layer: layer.update(maxRecordCount=2000)))
    assert len(rows(fetch(task(server, TOWN)))) == 7
    assert sum("resultOffset" in target for target in server.asked) == 3


def test_a_layer_that_did_not_change_is_not_asked_again(serving, loads):
    server = serving(UtrechtArcGis(TOWN))
    loads(utrecht_charging_points, server, TOWN)
    server.asked.clear()
    [saved] = loads(utrecht_charging_points, server, TOWN)
    assert saved.unchanged and not any("query" in target for target in server.asked)


def test_a_layer_that_changed_is_asked_again(serving, loads):
    publisher = UtrechtArcGis(TOWN)
    server = serving(publisher)
    loads(utrecht_charging_points, server, TOWN)
    publisher.edited += 1
    publisher.features.pop()
    [saved] = loads(utrecht_charging_points, server, TOWN)
    assert (saved.rows, saved.unchanged) == (6, False)


def test_the_newest_of_services_that_end_in_a_date_is_read(serving, task):
    server = serving(UtrechtArcGis(TOWN, name="laadpalen_gemeente_Utrecht_20260101"))
    older = {"name": "Laadpalen_gemeente_Utrecht_20240101", "type": "FeatureServer"}
    server.fault("services?", faults.changed(lambda listed: listed["services"].append(older)))
    fetch(task(server, TOWN))
    assert "laadpalen_gemeente_Utrecht_20260101/FeatureServer/0/query" in server.asked[-1]


def test_a_service_that_is_gone_is_told_with_what_there_is(serving, task):
    with pytest.raises(LoadError, match=r"no service like laadpalen.* among 2, such as Bomenkaart_update_2024, Palen"):
        fetch(task(serving(UtrechtArcGis(TOWN, name="Palen")), TOWN))


@pytest.mark.parametrize(
    ("part", "fault", "said"),
    [
        ("query", faults.json_error, "an error with status 200"),
        ("resultOffset", faults.changed(lambda page: page["features"].pop()), "says there are 7 features, and sent 6"),
        ("returnCountOnly", faults.changed(lambda said: said.pop("count")), "does not say how many features"),
        ("FeatureServer/0?", faults.changed(lambda layer: layer.pop("fields")), "a layer without fields"),
        ("services?", faults.changed(lambda listed: listed.pop("services")), "no list of services"),
    ],
)
def test_what_can_not_be_is_refused(serving, task, part, fault, said):
    server = serving(UtrechtArcGis(TOWN))
    server.fault(part, fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_pages_without_end_are_not_followed_without_end(serving, task):
    publisher = UtrechtArcGis(TOWN)
    server = serving(publisher)
    page = {"features": publisher.features, "exceededTransferLimit": True}
    server.fault("resultOffset", lambda _: Response(200, json.dumps(page).encode()))
    with pytest.raises(LoadError, match="UTRECHT_ARCGIS leads from page to page without end"):
        fetch(task(server, TOWN))


def test_look_tells_the_fields(serving, task):
    seen = look(task(serving(UtrechtArcGis(TOWN)), TOWN))
    assert list(seen.columns) == ["OBJECTID", "GlobalID", "Adres", "Geplaatst"]
