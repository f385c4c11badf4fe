"""The files of our own."""

import io

import numpy as np
import pytest
from PIL import Image

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


def test_the_hatch_is_a_mask_that_can_be_laid_side_by_side(client):
    hatch = Image.open(io.BytesIO(client.ask("/assets/hatch.png").content))
    assert (hatch.size, hatch.mode) == ((128, 128), "RGBA")
    opaque = np.asarray(hatch.getchannel("A"), dtype=int)
    assert (opaque.min(), opaque.max()) == (0, 255)
    # A line that leaves at the right comes back at the left, one pixel higher.
    assert abs(opaque[1:, 127] - opaque[:-1, 0]).max() <= 1
