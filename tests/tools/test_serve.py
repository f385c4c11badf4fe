"""What stops the start of the server is told in a sentence."""

import os
import socket
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from buurtbeeld.catalogue import CatalogueError, Problem, load
from buurtbeeld.warehouse.build import build
from tests import marts
from tools import renew, serve


@pytest.fixture(autouse=True)
def nothing_made_up(monkeypatch):
    """These marts are of the sample."""
    monkeypatch.setenv("SIMULATE", "0")


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


@pytest.fixture
def own(sample, tmp_path):
    """A DATA_DIR of the test's own, with the sample's mart."""
    return marts.own(sample, tmp_path)


def test_the_mart_of_this_version_catalogue_and_gemeente_fits(own):
    settings, catalogue = marts.settings(own), load()
    assert serve.fits(settings, catalogue)
    assert not serve.fits(replace(settings, gemeente="GM0363"), catalogue)
    assert not serve.fits(settings, replace(catalogue, missing_floor=-1.0))


def test_a_mart_follows_the_files_of_the_city(own):
    settings = marts.settings(own)
    assert serve.follows_the_city(settings)
    marts.fill_in(own)
    assert not serve.follows_the_city(settings)
    build(settings, load())
    assert serve.follows_the_city(settings)
    (settings.city_dir / "targets.csv").unlink()
    assert not serve.follows_the_city(settings)
    marts.corrupt(own)
    assert serve.follows_the_city(settings)


def test_a_slip_in_a_file_of_the_city_is_told_and_what_is_there_is_served(own, monkeypatch, capfd):
    marts.fill_in(own)
    with (marts.settings(own).city_dir / "targets.csv").open("a", encoding="utf-8") as file:
        file.write("crimes;GM0344;2030;many;TEST;https://example.org\n")
    started = []
    monkeypatch.setenv("DATA_DIR", str(own))
    monkeypatch.setenv("LC_ALL", "en")
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("PORT", str(free.getsockname()[1]))
    monkeypatch.setattr("os.execv", lambda *args: started.append(args))
    serve.main()
    assert len(started) == 1 and "city/targets.csv, row 9, value: 'many'" in capfd.readouterr().err


def test_no_mart_has_to_be_built_and_a_damaged_one_stays(own):
    marts.corrupt(own)
    assert serve.fits(marts.settings(own), load())
    marts.missing(own)
    assert not serve.fits(marts.settings(own), load())


def test_a_mart_that_does_not_fit_is_built_anew_and_a_refusal_ends_the_start(own, monkeypatch, capfd):
    monkeypatch.setenv("DATA_DIR", str(own))
    monkeypatch.setenv("GEMEENTE", "GM0363")
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("PORT", str(free.getsockname()[1]))
    assert serve.main() == 1
    assert "Load it with `make data`" in capfd.readouterr().err


def test_the_start_waits_for_a_build_that_is_under_way(own, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(own))
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("PORT", str(free.getsockname()[1]))
    answers = iter((False, False, True))
    codes = iter((renew.ANOTHER_IS_BUILDING, 0))
    started = []
    monkeypatch.setattr(serve, "fits", lambda *_: next(answers))
    monkeypatch.setattr("subprocess.run", lambda *_: SimpleNamespace(returncode=next(codes)))
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("os.execv", lambda *args: started.append(args))
    serve.main()
    assert len(started) == 1


def test_a_start_makes_up_what_no_sensor_says_and_builds_a_mart_with_it(own, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(own))
    monkeypatch.setenv("SIMULATE", "1")
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("PORT", str(free.getsockname()[1]))
    built, started = [], []

    def build_it(*args):
        built.append(args)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr("subprocess.run", build_it)
    monkeypatch.setattr("os.execv", lambda *args: started.append(args))
    beside = []
    monkeypatch.setattr("subprocess.Popen", lambda command, **_: beside.append(command))
    serve.main()
    assert len(built) == len(started) == 1 and list(own.glob("raw/simulated_*/places@*.parquet"))
    assert beside == [[sys.executable, "-m", "tools.renew", str(os.getpid())]]
    serve.main()
    assert len(built) == 1 and len(started) == len(beside) == 2
