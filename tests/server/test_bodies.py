"""A body is compressed once, and not sent to whoever has it."""

import gzip

import pytest
from starlette.requests import Request

from buurtbeeld.server.bodies import FOREVER, answer, has_already, pack


def request(**headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": named})


def test_text_is_kept_compressed_and_the_same_each_time():
    body = pack(b"{}" * 1000, "application/json")
    assert body.zipped and gzip.decompress(body.content) == b"{}" * 1000
    assert body == pack(b"{}" * 1000, "application/json")


def test_what_is_packed_already_is_left_alone():
    assert pack(b"png", "image/png").content == b"png"


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "deflate,gzip ; q=1"])
def test_a_client_that_reads_gzip_gets_gzip(accepted):
    response = answer(request(accept_encoding=accepted), pack(b"text", "text/plain"), FOREVER)
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(response.body) == b"text"


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip ; q=0.0, br", "xgzipx"])
def test_another_client_gets_the_text_itself(accepted):
    response = answer(request(accept_encoding=accepted), pack(b"text", "text/plain"), FOREVER)
    assert (response.body, response.headers.get("content-encoding")) == (b"text", None)
    assert response.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("held", ['W/"a"', '"a"', '"x", W/"a"', "*"])
def test_a_tag_is_recognised_in_every_form(held):
    assert has_already(request(if_none_match=held), 'W/"a"')


@pytest.mark.parametrize("held", ["", "a", '"b"', 'W/"ab"', '"'])
def test_another_tag_is_not(held):
    assert not has_already(request(if_none_match=held), 'W/"a"')


def test_the_tag_follows_the_contents():
    assert pack(b"a", "text/plain").etag != pack(b"b", "text/plain").etag
