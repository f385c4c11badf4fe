"""Features as GeoJSON, in whatever encoding a city's files have."""

import gzip

import pytest

from loaders import LoadError
from loaders.believe import in_netherlands
from loaders.dialects.geojson import features, places
from loaders.http import Answer
from tests.loaders.conftest import NOW

HEAD = {"content-type": "application/geo+json"}


def answer(body):
    return Answer(
        host="UTRECHT_FILES", url="https://example.org", status=200, headers=HEAD, retrieved_at=NOW, body=body
    )


def points(*said):
    return [
        {"type": "Feature", "properties": each, "geometry": {"type": "Point", "coordinates": [5.1, 52.1]}}
        for each in said
    ]


def table(*said):
    return places(points(*said), "Layer x", kind="mast", ids=("nr",), name="straat")


def test_street_lights_of_utrecht_in_the_old_windows_code_page(realdata):
    file = realdata / "utrecht_municipal_assets" / "mastoverzicht_lichtmasten.geojson.gz"
    masts = features(answer(gzip.decompress(file.read_bytes())))
    for number, mast in enumerate(masts):
        mast["properties"]["NR"] = number  # the file has no id that is of one mast only
    found = places(masts, "Street lights", kind="street_light", ids=("NR",), name="STRAAT")
    assert found.num_rows == 9793
    assert any("é" in name or "ë" in name for name in found["name"].to_pylist())
    assert not any("\ufffd" in name for name in found["name"].to_pylist())
    assert all(in_netherlands(row["lon"], row["lat"]) for row in found.select(["lon", "lat"]).to_pylist())
    assert "03.11" in found["BUURT"].to_pylist()


def test_a_table_has_its_keys_and_what_is_said_in_the_order_of_ids():
    found = table({"nr": "2", "straat": "B"}, {"nr": "1", "straat": "A"})
    assert found.column_names == ["id", "kind", "name", "lon", "lat", "nr", "straat"]
    assert found["name"].to_pylist() == ["A", "B"]


def test_what_holds_an_address_for_e_mail_is_left_out():
    found = table({"nr": "1", "straat": "A", "contact": "iemand@example.org"})
    assert "contact" not in found.column_names


def test_a_property_that_is_called_as_a_key_is_left_out():
    found = table({"nr": "1", "straat": "A", "lon": "5,1"})
    assert found["lon"].to_pylist() == [5.1]


def test_a_point_without_an_id_is_refused():
    with pytest.raises(LoadError, match="Layer x has a place without nr"):
        table({"straat": "A"})


def test_names_that_are_all_gone_are_refused():
    with pytest.raises(LoadError, match="Layer x says nothing under straat"):
        table({"nr": "1", "Straatnaam": "A"})
