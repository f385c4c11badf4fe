"""The published mart is the old one or the new one, whatever happens, and nothing is left lying about."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import duckdb
import pytest

from buurtbeeld.warehouse import publish
from buurtbeeld.warehouse.build import BuildError, build
from buurtbeeld.warehouse.publish import KEPT, Busy
from tests.marts import settings
from tests.warehouse.town import NOW, STAMP, Town, residents

PROJECT = Path(__file__).parents[2]
NEW = "20261124T000000Z"
NEWEST = f"2024@{STAMP}.parquet"


def command(data_dir, **words):
    """`python -m buurtbeeld.warehouse` on the sample, started."""
    return subprocess.Popen(
        [sys.executable, "-m", "buurtbeeld.warehouse"],
        cwd=PROJECT, env=os.environ | {"DATA_DIR": str(data_dir)}, stderr=subprocess.PIPE, text=True, **words,
    )  # fmt: skip


def shown(data_dir):
    """The file of the published mart, which can be read to its end and is finished."""
    mart = settings(data_dir).mart_link.resolve(strict=True)
    publish.scan(mart)
    with duckdb.connect(mart, read_only=True) as con:
        assert [f"mart-{id}.duckdb" for (id,) in con.execute("SELECT id FROM build").fetchall()] == [mart.name]
    return mart


def marts(data_dir):
    """The names of the marts that are kept, by age."""
    return sorted(path.name for path in settings(data_dir).marts_dir.glob("mart-*"))


def left(data_dir):
    """What is neither a mart, nor a raw file, nor the link."""
    paths = [*data_dir.iterdir(), *settings(data_dir).marts_dir.iterdir()]
    known = {"dashboard.duckdb", "marts", "raw", ".lock"}
    return [path.name for path in paths if path.name not in known and not path.name.startswith("mart-")]


def mart(town, stamp, *made_from):
    """Puts a mart there that says only what it was made from; gives its name."""
    path = town.settings.marts_dir / f"mart-{stamp}-abcdef.duckdb"
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect(path) as con:
        con.execute("CREATE TABLE mart_input (path VARCHAR)")
        for place in made_from:
            con.execute("INSERT INTO mart_input VALUES (?)", [place])
    return path.name


def raw_files(town):
    return sorted(path.name for path in town.settings.raw_dir.rglob("*") if path.is_file() and "2024@" in path.name)


# The link


def test_link_is_relative_so_that_the_folder_can_move(town, tmp_path):
    built = town.build()
    assert os.readlink(town.settings.mart_link) == f"marts/mart-{built.id}.duckdb"


def test_nothing_is_left_beside_the_mart(town, tmp_path):
    assert town.build().path == shown(tmp_path) and left(tmp_path) == []


def test_a_refused_build_leaves_the_old_mart_and_nothing_else(town, tmp_path):
    before = town.build()
    town.figures(residents(BU99990101=-5))
    town.problems()
    assert (shown(tmp_path), marts(tmp_path), left(tmp_path)) == (before.path, [before.path.name], [])


@pytest.mark.parametrize("put", [lambda link: link.write_bytes(b"by hand"), lambda link: link.symlink_to("nowhere")])
def test_a_file_in_the_place_of_the_link_is_replaced(town, tmp_path, put):
    put(town.settings.mart_link)
    assert town.build().path == shown(tmp_path)


def test_a_folder_in_the_place_of_the_link_is_told(town, tmp_path):
    town.settings.mart_link.mkdir()
    assert "The mart could not be made in" in town.problems()
    assert marts(tmp_path) == left(tmp_path) == []


def test_a_swap_that_fails_leaves_the_old_mart(town, tmp_path, monkeypatch):
    before = town.build()
    moved = []

    def replace(source, target):
        moved.append(target)
        if len(moved) == 2:
            raise OSError(28, "No space left on device")
        os.rename(source, target)

    monkeypatch.setattr(os, "replace", replace)
    assert "No space left on device" in town.problems()
    assert (shown(tmp_path), marts(tmp_path), left(tmp_path)) == (before.path, [before.path.name], [])


def test_a_reader_of_the_old_mart_reads_on(town):
    old = town.build()
    with duckdb.connect(old.path, read_only=True) as reader:
        for _ in range(KEPT):
            town.build()
        assert not old.path.exists()
        assert reader.execute("SELECT id FROM build").fetchall() == [(old.id,)]
        assert reader.execute("SELECT count(value) FROM figure").fetchall() == [(old.figures,)]


def test_a_damaged_mart_is_found_before_it_is_shown(town):
    path = town.build().path
    whole = path.read_bytes()
    spoilt = bytearray(whole)
    for start in range(3 * 4096, len(whole), 256 * 1024):  # the blocks of a file, after its three headers
        spoilt[start + 5000 : start + 5099] = bytes(99)
    path.write_bytes(spoilt)
    with pytest.raises(duckdb.Error):
        publish.scan(path)


# Order


def test_a_clock_that_was_set_back_does_not_make_a_new_mart_old(town, tmp_path):
    tomorrow = [mart(town, f"2026112{day}T000000Z") for day in (5, 6, 7)]
    built = town.build(NOW)
    assert shown(tmp_path) == built.path and built.id.startswith("20261127T000001Z-")
    assert marts(tmp_path) == [*tomorrow[1:], built.path.name]
    assert town.ask("SELECT strftime(built_at, '%d %H') FROM build") == [("23 12",)]


def test_builds_of_one_second_keep_their_order(town):
    town.settings.marts_dir.mkdir()
    ids = []
    for _ in range(5):
        ids.append(publish.new_id(town.settings, NOW))
        (town.settings.marts_dir / f"mart-{ids[-1]}.duckdb").touch()
    assert ids == sorted(ids) and ids[0].startswith("20261123T120000Z-") and ids[4].startswith("20261123T120004Z-")


def test_only_the_last_three_are_kept(town, tmp_path):
    names = [mart(town, f"2026112{day}T000000Z") for day in range(5)]
    publish.prune(town.settings)
    assert marts(tmp_path) == names[-(KEPT - 1) :]  # none of them is published; there is room for one that is


def test_the_published_mart_is_kept_when_it_is_not_the_newest(town, tmp_path):
    names = [mart(town, f"2026112{day}T000000Z") for day in range(5)]
    town.settings.mart_link.symlink_to(town.settings.marts_dir / names[0])
    publish.prune(town.settings)
    assert marts(tmp_path) == [names[0], *names[-(KEPT - 1) :]]


def test_a_mart_somebody_put_there_stays_and_counts_for_nothing(town, tmp_path):
    names = [mart(town, f"2026112{day}T000000Z") for day in range(3)]
    (town.settings.marts_dir / "mart-mine.duckdb").touch()
    publish.prune(town.settings)
    assert marts(tmp_path) == [*names[1:], "mart-mine.duckdb"]
    assert publish.new_id(town.settings, NOW).startswith("20261123T")


# Raw files


def test_raw_files_behind_kept_marts_are_kept(town):
    old = [town.figures(residents(), stamp=f"2026110{day}T000000Z").name for day in range(1, 6)]
    for day in range(1, 5):
        mart(town, f"2026111{day}T000000Z", f"raw/cbs_key_figures/{old[day - 1]}")
    built = town.build()
    assert built.path.exists() and raw_files(town) == [*old[2:4], NEWEST, NEWEST]  # outlines and figures


def test_what_was_received_goes_with_its_raw_file(town):
    old = town.figures(residents(), stamp="20261101T000000Z")
    received = old.parent / "received"
    received.mkdir()
    for name in (f"{old.stem}.json", f"{old.stem}-1.json.gz", "2024@20261123T110000Z-1.json.gz", "tables@x.json"):
        (received / name).touch()
    town.build()
    assert sorted(path.name for path in received.iterdir()) == ["2024@20261123T110000Z-1.json.gz", "tables@x.json"]


def test_the_newest_copy_is_kept_even_when_no_mart_used_it(town):
    town.build()
    newest = town.figures(residents(), stamp=NEW)
    publish.prune(town.settings)
    assert newest.exists()


def test_copies_of_another_gemeente_are_not_superseded_by_ours(town):
    other = town.figures({"GM0344": {}}, stamp="20261101T000000Z", said={"gemeente": "GM0344"})
    unreadable = other.with_name("2024@20261102T000000Z.parquet")
    unreadable.touch()
    town.build()
    assert other.exists() and unreadable.exists()


def test_a_kept_mart_that_cannot_be_read_keeps_every_raw_file(town):
    town.figures(residents(), stamp="20261101T000000Z")
    (town.settings.marts_dir / mart(town, "20261101T000000Z")).write_bytes(b"")
    town.build()
    assert len(raw_files(town)) == 3


def test_what_cannot_be_removed_now_fails_no_build(town, tmp_path, monkeypatch):
    names = [mart(town, f"2026112{day}T000000Z") for day in range(3)]
    monkeypatch.setattr(Path, "unlink", _refuse)
    built = town.build()
    monkeypatch.undo()
    assert shown(tmp_path) == built.path and marts(tmp_path) == [*names, built.path.name]


def _refuse(*_, **__):
    raise PermissionError("read-only")


# One at a time


def test_a_second_build_leaves_at_once(town, tmp_path):
    with publish.alone(town.settings), pytest.raises(Busy, match="Another build is working"):
        town.build()
    assert town.build().path == shown(tmp_path)


def test_of_two_commands_at_once_one_wins_and_the_other_says_so(tmp_path):
    both = [command(tmp_path), command(tmp_path)]
    said = [process.communicate(timeout=60)[1] for process in both]
    ends = [process.returncode for process in both]
    assert 0 in ends and shown(tmp_path) and left(tmp_path) == []
    assert all("Another build is working" in text for text, end in zip(said, ends, strict=True) if end)


def test_left_overs_of_a_killed_build_go_with_the_next(town, tmp_path):
    town.build()
    folder = town.settings.marts_dir
    (folder / ".building-x.duckdb.tmp").mkdir()
    for path in (folder / ".building-x.duckdb", folder / ".building-x.duckdb.wal", folder / ".building-x.duckdb.tmp/1"):
        path.touch()
    (tmp_path / ".dashboard.duckdb-x").symlink_to("marts/nowhere")
    town.build()
    assert left(tmp_path) == []


@pytest.mark.parametrize("times", [8, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_kill_at_any_moment_leaves_the_old_mart_or_the_new(tmp_path, times):
    dice = random.Random(20261123)  # noqa: S311  moments, not secrets
    build(settings(tmp_path), Town(tmp_path).catalogue, NOW - timedelta(days=1))
    killed = 0
    for _ in range(times):
        before, lying = marts(tmp_path), left(tmp_path)
        process = command(tmp_path)
        while process.poll() is None and not set(left(tmp_path)) - set(lying):
            time.sleep(0.002)  # until it writes; what comes before that can do no harm
        time.sleep(dice.uniform(0, 0.8))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        assert shown(tmp_path).name in {*before, *marts(tmp_path)}
    assert killed
    built = build(settings(tmp_path), Town(tmp_path).catalogue)
    assert (shown(tmp_path), left(tmp_path)) == (built.path, []) and len(marts(tmp_path)) <= KEPT


@pytest.mark.parametrize("kilobytes", [0, 1000])
def test_a_full_disk_is_told_and_leaves_the_old_mart(tmp_path, kilobytes):
    before = build(settings(tmp_path), Town(tmp_path).catalogue, NOW)
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))
    process = command(tmp_path, preexec_fn=limit)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1 and said.startswith("The mart could not be made in") and "Traceback" not in said
    assert (shown(tmp_path), marts(tmp_path), left(tmp_path)) == (before.path, [before.path.name], [])


@pytest.mark.parametrize("folder", ["/proc/buurtbeeld", "/sys/buurtbeeld"])
def test_a_folder_that_cannot_be_written_is_told(folder):
    town = Town(Path(folder))
    with pytest.raises(BuildError, match=f"The mart could not be made in {folder}/marts"):
        town.build()


def test_a_file_where_the_marts_should_be_is_told(bare):
    bare.settings.marts_dir.touch()
    assert "The mart could not be made in" in bare.problems()
