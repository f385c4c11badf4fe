"""`python -m loaders`: one source failing is not the other's trouble, and nobody is left without a date."""

import fcntl
import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

import loaders
from buurtbeeld.catalogue import load
from buurtbeeld.settings import HOSTS
from loaders.__main__ import main
from loaders.raw import Shelf
from tests.publishers import faults, towns
from tests.publishers.sensor_community import SensorCommunity

TOWN = towns.town("GM0344", wijken=3, buurten=7)
YEARS = (2024, 2025)
FIGURES = ("cbs_key_figures", "pdok_areas")  # their fake publishers have every column that the catalogue reads


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command against fake publishers: `run(server, "pdok_areas")` gives its exit code and what it said.

    It knows PDOK and CBS, and a source that waits for the city.
    """
    known = ("cbs_key_figures", "pdok_areas", "waste_fill")
    monkeypatch.setattr(
        "loaders.__main__.discover",
        lambda: {id: loader for id, loader in loaders.discover().items() if id in known},
    )

    def go(server, *words, **environ):
        said = io.StringIO()
        settings = {"DATA_DIR": str(tmp_path), **server.environ, **environ}
        code = main(
            words,
            environ=settings,
            now=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC),
            sleep=lambda _: None,
            console=Console(file=said, width=400),
        )
        return code, said.getvalue()

    return go


@pytest.fixture
def server(serve):
    return serve(TOWN, years=YEARS)


def lines(said):
    """The summary as words per line, by source and edition."""
    return {tuple(line.split()[:2]): line for line in said.splitlines()[1:] if line.strip()}


def checked(said):
    """The lines of a live check about sources that have one."""
    return [line for line in lines(said).values() if "no check" not in line]


def copies(tmp_path, source):
    shelf = Shelf(tmp_path / "raw", loaders.discover()[source].source, "GM0344", datetime.now(UTC))
    return shelf.copies()


def test_loads_every_source(server, run, tmp_path):
    code, said = run(server)
    assert code == 0
    assert copies(tmp_path, "cbs_key_figures")["2025"].rows == copies(tmp_path, "pdok_areas")["2025"].rows == 11
    assert lines(said)["pdok_areas", "2025"].split()[:4] == ["pdok_areas", "2025", "11", "new"]


def test_second_load_finds_nothing_new(server, run):
    run(server)
    code, said = run(server)
    assert code == 0
    assert "unchanged" in said and " new " not in said


def test_a_name_loads_that_source_only(server, run, tmp_path):
    run(server, "pdok_areas")
    assert [path.name for path in (tmp_path / "raw").iterdir() if path.is_dir()] == ["pdok_areas"]


def test_outlines_are_loaded_for_the_years_of_the_figures(serve, run, tmp_path):
    late = {2025: [base for base, _, _ in towns.COLUMNS]}
    run(serve(TOWN, years=(2023, 2024, 2025), late=late), "--edition", "2023")
    assert copies(tmp_path, "cbs_key_figures").keys() == copies(tmp_path, "pdok_areas").keys()


def test_failing_publisher_leaves_its_last_copy_and_the_others_alone(server, run, tmp_path):
    run(server)
    before = copies(tmp_path, "cbs_key_figures")
    server.fault("/cbs_odata3/OData", faults.maintenance)
    code, said = run(server)
    assert code == 1
    assert f"The copy of 2024, 2025 stays, from {before['2025'].retrieved_at[:10]}" in said
    assert copies(tmp_path, "cbs_key_figures")["2025"].path == before["2025"].path
    assert "unchanged" in lines(said)["pdok_areas", "2025"]


def test_unreachable_publisher_leaves_the_sample(server, run):
    server.fault("/pdok/", faults.status(503))
    code, said = run(server, "pdok_areas")
    assert code == 1
    assert "4 times in a row" in said and "The sample stays, from 2026-11-23." in said


def test_gemeente_without_a_sample_has_nothing_yet(server, run):
    code, said = run(server, "pdok_areas", GEMEENTE="GM9999")
    assert code == 1
    assert "There is nothing of it yet." in said


def test_mistake_in_one_loader_does_not_stop_the_next(server, run, monkeypatch):
    monkeypatch.setattr("loaders.cbs_key_figures.fetch", lambda _: 1 / 0)
    code, said = run(server)
    assert code == 1
    assert "This should not happen (ZeroDivisionError" in said
    assert "new" in lines(said)["pdok_areas", "2025"]


def test_losing_rows_is_refused_until_accepted(server, run):
    run(server, "cbs_key_figures")
    server.fault("TableInfos", faults.changed(lambda page: page["value"][0].update(Modified="2026-11-23")))
    server.fault("TypedDataSet", faults.changed(lambda page: page.update(value=page["value"][:5])))
    code, said = run(server, "cbs_key_figures")
    assert code == 1
    assert "2025 has 5 rows; the copy of 2025 had 11" in said
    assert run(server, "cbs_key_figures", "--accept")[0] == 0


def test_answers_of_a_failed_load_are_there_to_look_at(server, run, tmp_path):
    server.fault("TypedDataSet", faults.maintenance)
    run(server, "cbs_key_figures")
    assert list((tmp_path / "raw" / "cbs_key_figures" / "received").glob("2025@*.html.gz"))


def test_second_run_says_so_and_leaves(server, run, tmp_path):
    (tmp_path / "raw").mkdir()
    with (tmp_path / "raw" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 1, since yesterday")
        lock.flush()
        assert run(server) == (
            1,
            "Another load is running (process 1, since yesterday). This one leaves; nothing was loaded by it.\n",
        )
    assert run(server)[0] == 0


def test_amsterdam_has_letters(serve, run):
    town = towns.big_town()
    code, said = run(serve(town), GEMEENTE="GM0363")
    assert code == 0
    assert "1110" in lines(said)["pdok_areas", "2024"] and "1110" in lines(said)["cbs_key_figures", "2024"]


def test_list_tells_who_and_where(server, run):
    code, said = run(server, "--list")
    assert code == 0
    assert lines(said)["pdok_areas", "CBS"].split()[-3:] == ["PDOK", server.base_urls["PDOK"], "cc-by-4.0"]


def test_unknown_name_is_a_mistake_of_usage(server, run, capsys):
    with pytest.raises(SystemExit, match="2"):
        run(server, "pdok")
    assert "there is no source pdok; there are cbs_key_figures, " in capsys.readouterr().err


def test_settings_that_can_not_be_used_are_said(server, run):
    code, said = run(server, GEMEENTE="Utrecht")
    assert code == 2
    assert "GEMEENTE is 'Utrecht'" in said


def test_folder_that_can_not_be_written_is_said(server, run, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied", "/data/raw")

    monkeypatch.setattr("pathlib.Path.mkdir", refused)
    code, said = run(server)
    assert code == 2
    assert "raw can't be written (Permission denied). Mend it, or set DATA_DIR." in said


def test_live_check_writes_nothing(server, run, tmp_path):
    code, said = run(server, "--live-check", *FIGURES)
    assert (code, list(tmp_path.iterdir())) == (0, [])
    assert "No copy to compare with" in said


def test_publisher_with_a_pause_is_not_checked_again_too_soon_by_another_process(serving, run, monkeypatch, tmp_path):
    found = {"sensor_community": loaders.discover()["sensor_community"]}
    monkeypatch.setattr("loaders.__main__.discover", lambda: found)
    server = serving(SensorCommunity(TOWN))
    assert "sensors" in run(server, "--live-check")[1]
    assert [path.name for path in tmp_path.rglob("*.json")] == ["checked.json"]
    asked = len(server.asked)
    code, said = run(server, "--live-check")
    assert code == 0 and "no check" in said and "It was asked less than 5 minutes ago, and is left alone." in said
    assert len(server.asked) == asked


def test_live_check_after_a_load_finds_the_same(server, run):
    run(server, *FIGURES)
    code, said = run(server, "--live-check", *FIGURES)
    assert code == 0
    assert {line.split()[-1] for line in checked(said)} == {"same"}


def test_live_check_says_what_changed(server, run, serve):
    run(server, *FIGURES)
    newer = serve(towns.town("GM0344", wijken=4, buurten=8), years=(2026,))
    code, said = run(newer, "--live-check", *FIGURES)
    assert code == 0
    assert "Edition 2026; the copy is of 2025. 4 areas with WK; the copy has 3." in said


def test_live_check_breaks_on_a_changed_unit_and_a_lost_column(server, run):
    run(server)

    def change(page):
        page["value"] = [row for row in page["value"] if not row["Key"].startswith("Koopwoningen")]
        for row in page["value"]:
            if row["Key"].startswith("GemiddeldeWOZ"):
                row["Unit"] = "euro"

    server.fault("DataProperties", faults.changed(change))
    code, said = run(server, "--live-check", "cbs_key_figures")
    assert code == 1
    assert "GemiddeldeWOZWaardeVanWoningen is in “euro”, and was in “x 1 000 euro”." in said
    assert "Koopwoningen is not there." in said


def test_live_check_of_nobody_is_unreachable(server, run):
    server.fault("/", faults.dropped)
    code, said = run(server, "--live-check", *FIGURES)
    assert code == 1
    assert {line.split()[1] for line in checked(said)} == {"unreachable"}


def test_source_that_waits_for_the_city_is_left_out_and_listed(server, run):
    assert "waits for [waste_fill] in city/feeds.toml" in run(server, "--list")[1]
    assert "waste_fill" not in run(server)[1]


def test_source_that_waits_says_so_when_it_is_asked_for_by_name(server, run):
    code, said = run(server, "waste_fill")
    assert code == 1 and "[waste_fill] in city/feeds.toml can't be used: url has to be filled in" in said


def test_every_source_names_known_hosts_and_a_known_licence():
    for loader in loaders.discover().values():
        assert set(loader.source.hosts) <= {host for host, _, _ in HOSTS}
        assert loader.source.licence in load().licences


def test_two_files_with_one_id_are_refused(tmp_path, monkeypatch):
    (tmp_path / "twins").mkdir()
    for name in ("__init__", "one", "two"):
        text = "from loaders.pdok_areas import SOURCE, fetch" if name != "__init__" else ""
        (tmp_path / "twins" / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="Two files in twins have the source id 'pdok_areas'"):
        loaders.discover("twins")
