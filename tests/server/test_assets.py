"""The files of our own."""

import pytest

from buurtbeeld.maps import palettes
from buurtbeeld.server import assets


@pytest.mark.parametrize("name", [path.name for path in assets.ASSETS.iterdir()])
def test_every_asset_is_served_as_what_it_is(client, name):
    answer = client.ask(f"/assets/{name}")
    assert answer.content == (assets.ASSETS / name).read_bytes()
    assert answer.headers["content-type"] == {"svg": "image/svg+xml", "png": "image/png"}[name.rpartition(".")[2]]
    assert client.ask(f"/assets/{name}", If_None_Match=answer.headers["etag"]).status_code == 304


@pytest.mark.parametrize("path", ["/assets/", "/assets/nosuch.png", "/assets/favicon.svg/", "/assets/__init__.py"])
def test_nothing_else_is_served(client, path):
    assert client.ask(path).status_code in (308, 404)


def test_the_hatches_are_those_of_the_legend(client):
    answer = client.ask("/assets/hatch.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == palettes.PATTERNS
