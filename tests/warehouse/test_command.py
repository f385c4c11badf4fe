"""`python -m buurtbeeld.warehouse`: what it prints and how it ends."""

from dataclasses import replace

import pytest

from buurtbeeld.catalogue import CatalogueError, load
from buurtbeeld.warehouse import __main__ as command
from buurtbeeld.warehouse import publish
from tests.marts import settings
from tests.warehouse.town import Town, residents


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Runs the command with these settings; gives (exit code, what it printed, what it complained of)."""

    def main(*options, **environ):
        for name, value in {"DATA_DIR": str(tmp_path), **environ}.items():
            monkeypatch.setenv(name, value)
        code = command.main(options)
        return code, *capsys.readouterr()

    return main


def test_a_built_mart_is_told_in_one_line(run):
    code, said, complained = run()
    assert (code, complained) == (0, "")
    assert "122 areas, 53 indicators" in said and "(sample in part or whole)" in said and said.count("\n") == 1


def test_a_figure_that_a_publisher_dropped_is_told_and_the_rest_is_built(run, tmp_path):
    town = Town(tmp_path)
    town.outlines()
    town.figures({code: row | {"GemiddeldInkomenPerInwoner_78": 30} for code, row in residents().items()})
    code, said, complained = run(GEMEENTE="GM9999")
    assert code == 0 and said.startswith("Mart ")
    assert complained.startswith("No file of cbs_key_figures has what these indicators read")
    assert "cars (PersonenautoSTotaal)" in complained


def test_a_refused_build_says_what_and_that_nothing_changed(run):
    code, said, complained = run(GEMEENTE="GM0363")
    assert (code, said) == (1, "")
    assert complained.startswith("There are no outlines for GM0363") and "Nothing was published" in complained


def test_wrong_settings_are_told(run):
    code, _, complained = run(PORT="x", GEMEENTE="Utrecht")
    assert code == 2 and "PORT" in complained and "GEMEENTE" in complained


def test_a_wrong_catalogue_is_told(run, monkeypatch):
    def load():
        raise CatalogueError([])

    monkeypatch.setattr(command, "load", load)
    assert run()[0] == 2


def test_another_build_is_told(run, tmp_path):
    with publish.alone(settings(tmp_path)):
        code, _, complained = run()
    assert code == 3 and complained.startswith("Another build is working")


def test_nothing_is_built_when_nothing_changed(run, tmp_path):
    assert run("--changed")[1].startswith("Mart ")
    before = settings(tmp_path).mart_link.resolve()
    assert run("--changed") == (0, "Nothing changed since the mart was made, so it stays.\n", "")
    assert settings(tmp_path).mart_link.resolve() == before


def test_a_file_of_the_city_is_a_change(run, tmp_path):
    run("--changed")
    folder = settings(tmp_path).city_dir
    folder.mkdir()
    (folder / "targets.csv").write_text("indicator,code,year,value,document,link\n", encoding="utf-8")
    assert run("--changed")[1].startswith("Mart ")


def test_a_mart_that_can_not_be_read_is_built_anew(run, tmp_path):
    run("--changed")
    settings(tmp_path).mart_link.resolve().write_bytes(b"half")
    assert run("--changed")[1].startswith("Mart ")


def test_another_catalogue_is_a_change(run, monkeypatch):
    run("--changed")
    own = load()
    monkeypatch.setattr(command, "load", lambda: replace(own, missing_floor=-1e9))
    assert run("--changed")[1].startswith("Mart ")
