"""Waste containers from GeoServer: those that are there, each where it is, or nothing at all."""

import json

import pytest
from shapely.geometry import Point

from loaders import LoadError, utrecht_waste_containers
from loaders.utrecht_waste_containers import fetch, look
from tests.loaders.conftest import whole
from tests.publishers import faults, towns
from tests.publishers.server import Response
from tests.publishers.utrecht_geo import EXCEPTION, UtrechtGeoServer

TOWN = towns.small_town()


def rows(editions):
    [edition] = editions
    return edition.table.to_pylist()


def each(change):
    """A fault that changes every feature."""
    return faults.changed(lambda page: [change(feature) for feature in page["features"]])


def test_containers_that_are_there_with_where_they_are(serving, task):
    found = rows(fetch(task(serving(UtrechtGeoServer(TOWN)), TOWN)))
    assert [row["id"] for row in found] == [str(1000 + number) for number in range(7)]
    assert {(row["kind"], row["name"]) for row in found} == {("waste_container", "afval apart plaats")}
    assert all(whole(TOWN).contains(Point(row["lon"], row["lat"])) for row in found)


def test_what_is_gone_is_left_out(serving, task):
    server = serving(UtrechtGeoServer(TOWN))
    found = rows(fetch(task(server, TOWN)))
    assert {row["VERVAL_TIJDSTIP"] for row in found} == {None}
    assert look(task(server, TOWN)).counts == {"waste_container": 7}


def test_a_layer_of_more_than_one_answer_is_read_whole(serving, task):
    server = serving(UtrechtGeoServer(TOWN, most=3))
    assert len(rows(fetch(task(server, TOWN)))) == 7
    assert len(server.asked) == 3


def test_a_container_without_a_place_is_left_out_and_said(serving, task, notes):
    server = serving(UtrechtGeoServer(TOWN))
    server.fault("wfs", faults.changed(lambda page: page["features"][0].update(geometry=None)))
    assert len(rows(fetch(task(server, TOWN)))) == 6
    assert notes == ["1 containers without a place were left out."]


@pytest.mark.parametrize("status", [200, 400])
def test_an_exception_in_xml_is_told_whatever_its_status(serving, task, status):
    server = serving(UtrechtGeoServer(TOWN))
    server.fault("wfs", lambda _: Response(status, EXCEPTION.encode(), "application/xml"))
    with pytest.raises(LoadError, match=r"UTRECHT_GEOSERVER .*BGT_BAK_SWC.*") as refused:
        fetch(task(server, TOWN))
    assert "Exception" in str(refused.value)


def test_longitude_and_latitude_that_were_exchanged_are_refused(serving, loads):
    server = serving(UtrechtGeoServer(TOWN))
    server.fault("wfs", each(lambda feature: feature["geometry"].update(coordinates=[52.0, 5.0])))
    with pytest.raises(LoadError, match="places that are not in the Netherlands"):
        loads(utrecht_waste_containers, server, TOWN)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (each(lambda feature: feature["properties"].pop("VERVAL_TIJDSTIP")), "has no VERVAL_TIJDSTIP"),
        (
            each(lambda feature: feature["properties"].update(ID=None, IMGEO_LOKAALID="")),
            "without ID or IMGEO_LOKAALID",
        ),
        (each(lambda feature: feature["properties"].pop("IMGEO_TYPE_PLUS")), "says nothing under IMGEO_TYPE_PLUS"),
        (each(lambda feature: feature.update(geometry={"type": "LineString", "coordinates": []})), "is no point"),
        (faults.changed(lambda page: page.update(numberMatched=9)), "says there are 9 features, and sent 8"),
        (
            faults.changed(lambda page: page.update(features=[], numberMatched=8)),
            "says there are 8 features, and sent 0",
        ),
        (faults.changed(lambda page: page.pop("features")), "without features"),
    ],
)
def test_what_can_not_be_is_refused(serving, task, fault, said):
    server = serving(UtrechtGeoServer(TOWN))
    server.fault("wfs", fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_pages_without_end_are_not_followed_without_end(serving, task):
    publisher = UtrechtGeoServer(TOWN)
    server = serving(publisher)
    page = {"features": publisher.features, "numberMatched": 10**9}
    server.fault("wfs", lambda _: Response(200, json.dumps(page).encode()))
    with pytest.raises(LoadError, match="UTRECHT_GEOSERVER leads from page to page without end"):
        fetch(task(server, TOWN))
