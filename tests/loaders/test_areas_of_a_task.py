"""What a loader may know of the areas: their names in the newest outlines, and the city's own subwijken."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from buurtbeeld.catalogue import load
from buurtbeeld.settings import read
from loaders import LoadError, discover
from loaders.__main__ import main
from loaders.http import Gate, Limits
from loaders.run import Run, areas
from tests.publishers import towns

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOWN = towns.small_town()


@pytest.fixture
def run(tmp_path):
    """A run over a data folder of its own."""
    return Run(
        settings=read({"DATA_DIR": str(tmp_path)}),
        catalogue=load(),
        loaders=discover(),
        editions=(),
        accept=False,
        now=lambda: NOW,
        sleep=lambda _: None,
        gate=Gate(),
        limits=Limits(),
        console=Console(file=io.StringIO()),
    )


@pytest.fixture
def loaded(run, serve):
    """The same, after its outlines were loaded."""
    environ = {"DATA_DIR": str(run.settings.data_dir), **serve(TOWN, years=(2023, 2024)).environ}
    assert main(["pdok_areas"], environ=environ, now=lambda: NOW, console=run.console) == 0
    return run


def put(run, content):
    run.settings.city_dir.mkdir(exist_ok=True)
    (run.settings.city_dir / "subwijken.csv").write_bytes(content)


def test_without_outlines_it_is_said_what_to_do(run):
    with pytest.raises(LoadError, match="Load its outlines first: `python -m loaders pdok_areas`"):
        areas(run)


def test_areas_are_those_of_the_newest_outlines(loaded):
    found = {area.code: area for area in areas(loaded)}
    assert len(found) == 11 and {area.edition for area in found.values()} == {2024}
    assert found["WK034402"].name == "Kwartier 02"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_subwijken_are_those_of_the_citys_own_file(loaded, encoding):
    put(loaded, "Code;Name;Buurt\nsw0344a; Café ;BU03440101\nSW0344A;Café;BU03440201\n;;\n".encode(encoding))
    assert areas(loaded)[-1] == ("SW0344A", "subwijk", "Café", 2024)
    assert sum(area.level == "subwijk" for area in areas(loaded)) == 1


def test_a_template_that_nobody_filled_in_holds_none(loaded):
    put(loaded, b"\xef\xbb\xbfcode;name;buurt\r\n")
    assert all(area.level != "subwijk" for area in areas(loaded))


def test_another_table_is_refused_with_the_command_that_says_more(loaded):
    put(loaded, b"subwijk;buurt\nNoord;BU03440101\n")
    with pytest.raises(LoadError, match=r"subwijken.csv has no columns code and name. `make city` says"):
        areas(loaded)


def test_figures_by_name_of_the_area_are_loaded_after_the_outlines():
    assert [id for id, loader in discover().items() if loader.after_outlines] == ["utrecht_in_cijfers"]
