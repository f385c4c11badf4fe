"""What stops the start of the server is told in a sentence."""

import socket

from buurtbeeld.catalogue import CatalogueError, Problem
from tools import serve


def test_a_wrong_catalogue_stops_the_start(monkeypatch, capsys):
    def wrong():
        raise CatalogueError([Problem("themes.toml", "people.title", "It is missing.")])

    monkeypatch.setattr(serve, "load", wrong)
    assert serve.main() == 2
    assert "themes.toml" in (said := capsys.readouterr().err) and "It is missing." in said


def test_a_wrong_setting_stops_the_start(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "many")
    assert serve.main() == 2
    assert "PORT" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told_with_a_way_out(monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert serve.main() == 1
    said = capsys.readouterr().err
    assert f"port {port}" in said and f"make run PORT={port + 1}" in said
