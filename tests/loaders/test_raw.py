"""The raw files: whole or not there, with their provenance, and only replaced by what can be true."""

import errno
import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from buurtbeeld.catalogue import Source, Wanted
from loaders import Edition, LoadError
from loaders.believe import KEYS
from loaders.http import Answer
from loaders.raw import METADATA, Shelf, column

WORTH = Wanted(("Worth",))
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
SOURCE = Source(
    id="made_up",
    publisher="Nobody",
    title="Made up",
    page="https://example.org",
    licence="cc0",
    attribution="Nobody",
    shape="area",
    openness="rows",
    refreshed="never",
)


def answer(body=b'{"value": []}', status=200):
    headers = {"content-type": "application/json; charset=utf-8"}
    return Answer(host="PDOK", url="https://example.org/x", status=status, headers=headers, retrieved_at=NOW, body=body)


def edition(rows=10, year="2024", unit="euro", gemeente="GM0344"):
    keys = [("area_code", pa.string()), ("period", pa.date32()), ("edition", pa.int32())]
    fields = [*map(pa.field, *zip(*keys, strict=True)), pa.field("Worth_3", pa.int64(), metadata={"unit": unit})]
    codes = [f"{gemeente.replace('GM', 'BU')}{number:04}" for number in range(rows)]
    days, years = [date(int(year), 1, 1)] * rows, [int(year)] * rows
    table = pa.Table.from_arrays([codes, days, years, list(range(rows))], schema=pa.schema(fields))
    return Edition(edition=year, table=table, url="https://example.org/x")


@pytest.fixture
def shelf(tmp_path):
    """A shelf with one answer kept for 2024 and 2025: `shelf(days=1)` is one of tomorrow."""

    def make(days=0, gemeente="GM0344"):
        made = Shelf(tmp_path, SOURCE, gemeente, NOW + timedelta(days=days))
        made.keep("2024", answer())
        made.keep("2025", answer())
        return made

    return make


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_file_explains_itself(shelf, tmp_path):
    shelf().save([edition()])
    said = json.loads(pq.read_schema(tmp_path / "made_up" / "2024@20261123T120000Z.parquet").metadata[METADATA])
    assert said == {
        "source": SOURCE.as_dict(),
        "cited": "Nobody",
        "edition": "2024",
        "url": "https://example.org/x",
        "retrieved_at": "2026-11-23T12:00:00Z",
        "sha256": hashlib.sha256(b'{"value": []}').hexdigest(),
        "rows": 10,
        "is_simulated": False,
        "gemeente": "GM0344",
        "marker": "",
    }


def test_bytes_are_kept_as_received(shelf, tmp_path):
    shelf().keep("2026", answer(b"<html>"))
    folder = tmp_path / "made_up" / "received"
    entry = json.loads((folder / "2026@20261123T120000Z.json").read_text())[0]
    body = gzip.decompress((folder / entry["file"]).read_bytes())
    assert (body, entry["sha256"]) == (b"<html>", hashlib.sha256(b"<html>").hexdigest())
    assert (entry["url"], entry["status"], entry["retrieved_at"]) == (
        "https://example.org/x",
        200,
        "2026-11-23T12:00:00Z",
    )


def test_newest_copy_of_each_edition_counts(shelf):
    shelf().save([edition(10), edition(10, "2025")])
    shelf(days=1).save([edition(11)])
    assert {name: copy.rows for name, copy in shelf(days=2).copies().items()} == {"2024": 11, "2025": 10}


def test_same_rows_again_are_unchanged_and_not_written_again(shelf, tmp_path):
    assert [saved.unchanged for saved in shelf().save([edition()])] == [False]
    before = names(tmp_path / "made_up" / "received")
    assert [saved.unchanged for saved in shelf(days=1).save([edition()])] == [True]
    assert shelf(days=2).copies()["2024"].path.name == "2024@20261123T120000Z.parquet"
    assert set(before) <= set(names(tmp_path / "made_up" / "received"))


def test_other_rows_are_new(shelf):
    shelf().save([edition(10)])
    assert [saved.unchanged for saved in shelf(days=1).save([edition(11)])] == [False]


def test_edition_without_an_answer_behind_it_is_refused(shelf):
    with pytest.raises(LoadError, match="no answer behind it"):
        shelf().save([edition(year="1999")])


def test_one_answer_behind_several_editions_is_kept_once(shelf, tmp_path):
    both = [replace(edition(year=year), answers="week") for year in ("2024", "2025")]
    made = shelf()
    made.keep("week", answer(b'{"value": [1]}'))
    made.save(both)
    folder = tmp_path / "made_up" / "received"
    assert len(list(folder.glob("week@*.gz"))) == 1
    hashes = {
        json.loads(pq.read_schema(path).metadata[METADATA])["sha256"]
        for path in (tmp_path / "made_up").glob("*.parquet")
    }
    assert hashes == {hashlib.sha256(b'{"value": [1]}').hexdigest()}


def test_licence_of_an_edition_goes_before_that_of_its_source(shelf, tmp_path):
    shelf().save([replace(edition(), licence="cc-by-4.0")])
    said = json.loads(pq.read_schema(tmp_path / "made_up" / "2024@20261123T120000Z.parquet").metadata[METADATA])
    assert said["source"]["licence"] == "cc-by-4.0"


def test_full_disk_leaves_what_was_there(shelf, tmp_path, monkeypatch):
    shelf().save([edition(10)])
    full = shelf(days=1)

    def no_room(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(LoadError, match=r"No space left on device.*still there"):
        full.save([edition(11), edition(11, "2025")])
    assert names(tmp_path / "made_up") == ["2024@20261123T120000Z.parquet"]


def test_one_bad_edition_keeps_the_others_out_too(shelf, tmp_path):
    with pytest.raises(LoadError, match="2025 of made_up has no rows"):
        shelf().save([edition(10), edition(0, "2025")])
    assert names(tmp_path / "made_up") == []


def test_killed_while_writing_leaves_nothing_that_counts(shelf, tmp_path):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=os.getcwd(), check=False)
    assert killed.returncode == -signal.SIGKILL
    assert names(tmp_path / "made_up") == [".2024@20261123T120000Z.parquet.tmp"]
    later = shelf(days=1)
    later.tidy()
    later.save([edition()])
    assert names(tmp_path / "made_up") == ["2024@20261124T120000Z.parquet"]


KILLED = """
import os, pathlib, signal, sys
from tests.loaders.test_raw import *
shelf = Shelf(pathlib.Path(sys.argv[1]), SOURCE, "GM0344", NOW)
shelf.keep("2024", answer())
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
shelf.save([edition()])
"""


def test_losing_a_fifth_of_the_rows_is_accepted_and_more_is_not(shelf):
    shelf().save([edition(10)])
    shelf(days=1).save([edition(8)])
    with pytest.raises(LoadError, match=r"2024 has 6 rows; the copy of 2024 had 8.*--accept"):
        shelf(days=2).save([edition(6)])


def test_a_new_edition_is_compared_with_the_one_before(shelf):
    shelf().save([edition(10)])
    with pytest.raises(LoadError, match="2025 has 5 rows; the copy of 2024 had 10"):
        shelf(days=1).save([edition(5, "2025")])


def test_accept_lets_a_loss_pass(shelf):
    shelf().save([edition(10)])
    assert shelf(days=1).save([edition(5)], accept=True)[0].rows == 5


def test_accept_does_not_let_nothing_pass(shelf):
    with pytest.raises(LoadError, match="no rows"):
        shelf().save([edition(0)], accept=True)


def test_copy_of_another_gemeente_is_no_measure(shelf):
    shelf(gemeente="GM0363").save([edition(500, gemeente="GM0363")])
    assert shelf(days=1).save([edition(10)])[0].unchanged is False


def test_changed_unit_of_a_column_in_use_is_refused_until_accepted(shelf):
    shelf().save([edition(unit="euro")], [WORTH])
    with pytest.raises(LoadError, match="Worth is in “x 1 000 euro” in edition 2025, and in “euro” in 2024"):
        shelf(days=1).save([edition(year="2025", unit="x 1 000 euro")], [WORTH])
    shelf(days=1).save([edition(year="2025", unit="x 1 000 euro")], [WORTH], accept=True)
    assert shelf(days=2).save([edition(year="2025", unit="x 1 000 euro")], [WORTH])


def test_units_that_differ_within_one_load_are_refused(shelf):
    with pytest.raises(LoadError, match="Worth is in “euro” in edition 2025"):
        shelf().save([edition(year="2025"), edition(unit="x 1 000 euro")], [WORTH])


def test_unit_of_a_column_nobody_reads_may_change(shelf):
    shelf().save([edition(unit="euro")])
    assert shelf(days=1).save([edition(unit="x 1 000 euro")], [Wanted(("Other",))])


def test_spaces_and_capitals_are_no_change_of_unit(shelf):
    shelf().save([edition(unit="x 1 000 euro")], [WORTH])
    assert shelf(days=1).save([edition(unit="X 1 000  Euro ")], [WORTH])


def test_two_loads_in_one_second_have_two_stamps(shelf):
    first = shelf()
    first.save([edition()])
    assert shelf().stamp == "20261123T120001Z" > first.stamp


def test_clock_that_was_set_back_does_not_make_a_new_copy_old(shelf):
    shelf(days=1).save([edition(10)])
    shelf(days=0).save([edition(11)])
    assert shelf(days=2).copies()["2024"].rows == 11


def test_unreadable_copy_is_no_copy(shelf, tmp_path):
    shelf().save([edition()])
    (tmp_path / "made_up" / "2024@20261123T120000Z.parquet").write_bytes(b"PAR1 half")
    assert shelf(days=1).copies() == {}


def test_copy_before_an_unreadable_one_is_the_last_good_one(shelf, tmp_path):
    shelf().save([edition(10)])
    (tmp_path / "made_up" / "2024@20261124T120000Z.parquet").write_bytes(b"PAR1 half")
    assert shelf(days=2).copies()["2024"].rows == 10


def test_copies_of_two_gemeenten_do_not_hide_each_other(shelf):
    shelf().save([edition(10)])
    shelf(days=1, gemeente="GM0363").save([edition(500, gemeente="GM0363")])
    assert shelf(days=2).copies()["2024"].rows == 10


def test_tidy_keeps_only_the_newest_answers_of_failed_loads(shelf, tmp_path):
    for day in (0, 1, 2):
        shelf(days=day)
    Shelf(tmp_path, SOURCE, "GM0344", NOW).tidy()
    assert {name[5:13] for name in names(tmp_path / "made_up" / "received")} == {"20261125"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, None], pa.int64()), ([1, 2.5], pa.float64()), (["a"], pa.string()), ([True], pa.bool_()), ([], pa.string())],
)
def test_column_keeps_the_kind_it_came_in(values, kind):
    assert column("x", values).type == kind


def test_column_of_numbers_and_text_is_refused():
    with pytest.raises(LoadError, match=r"Column x .* 1 and '       .'"):
        column("x", [1, "       ."])


def test_damaged_copy_is_no_measure_and_is_written_again(shelf, tmp_path):
    shelf().save([edition(10)])
    path = tmp_path / "made_up" / "2024@20261123T120000Z.parquet"
    damage(path)
    later = shelf(days=1)
    assert later.copies().keys() == {"2024"} and later.whole() == {}
    assert [saved.unchanged for saved in later.save([edition(10)])] == [False]
    assert shelf(days=2).whole()["2024"].rows == 10


READINGS = replace(SOURCE, shape="reading")
LONG_AGO, LATELY = "2026-11-01", "2026-11-20"


def day_of_readings(day, rows=4):
    columns = {
        "sensor": [f"s{number}" for number in range(rows)],
        "quantity": ["pm25"] * rows,
        "time": [datetime.fromisoformat(f"{day}T10:00")] * rows,
        "value": [1.5] * rows,
        "unit": ["µg/m³"] * rows,
    }
    return Edition(edition=day, table=pa.table(columns, schema=KEYS["reading"]), url="https://example.org/x")


@pytest.fixture
def read_to_the_end(monkeypatch):
    """The names of the files that were read whole."""
    names_read = []
    read_table = pq.read_table

    def noted(path, **words):
        names_read.append(path.name.partition("@")[0])
        return read_table(path, **words)

    monkeypatch.setattr(pq, "read_table", noted)
    return names_read


@pytest.fixture
def days(tmp_path):
    """A shelf with two days of readings, one of which no load touches any more; `days()` is one of a new load."""

    def make():
        return Shelf(tmp_path, READINGS, "GM0344", NOW)

    first = make()
    for day in (LONG_AGO, LATELY):
        first.keep(day, answer())
    first.save([day_of_readings(LONG_AGO), day_of_readings(LATELY)])
    return make


def test_day_that_was_read_to_its_end_is_not_read_again_when_no_load_touches_it(days, read_to_the_end):
    first = days()
    assert first.whole().keys() == {LONG_AGO, LATELY} and read_to_the_end == [LONG_AGO, LATELY]
    first.remember({"outcome": "new"})
    assert days().whole().keys() == {LONG_AGO, LATELY} and read_to_the_end == [LONG_AGO, LATELY, LATELY]


def test_day_that_was_never_read_is_read_until_a_load_says_so(days, read_to_the_end):
    """A check reads and says nothing."""
    days().whole()
    assert days().whole().keys() == {LONG_AGO, LATELY} and read_to_the_end == [LONG_AGO, LATELY] * 2


@pytest.mark.parametrize("said", ["{", "[]", '{"a": null}', "\x00"])
def test_word_that_can_not_be_read_is_no_word(days, read_to_the_end, tmp_path, said):
    (tmp_path / "made_up" / "whole.json").write_text(said, encoding="utf-8")
    assert days().whole().keys() == {LONG_AGO, LATELY} and LONG_AGO in read_to_the_end


@pytest.mark.parametrize("day", [LONG_AGO, LATELY])
def test_day_that_was_changed_since_is_read_again_and_its_damage_found(days, tmp_path, day):
    first = days()
    first.whole()
    first.remember({"outcome": "new"})
    path = next((tmp_path / "made_up").glob(f"{day}@*.parquet"))
    damage(path)
    assert day in days().copies() and day not in days().whole()


def test_damage_without_a_sign_of_a_day_that_a_load_touches_is_found(days, tmp_path):
    first = days()
    first.whole()
    first.remember({"outcome": "new"})
    path = next((tmp_path / "made_up").glob(f"{LATELY}@*.parquet"))
    before = path.stat()
    damage(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert days().whole().keys() == {LONG_AGO}


def test_day_that_is_gone_is_forgotten(days, tmp_path):
    first = days()
    first.whole()
    first.remember({"outcome": "new"})
    next((tmp_path / "made_up").glob(f"{LONG_AGO}@*.parquet")).unlink()
    later = days()
    later.whole()
    later.remember({"outcome": "new"})
    assert [name[:10] for name in json.loads((tmp_path / "made_up" / "whole.json").read_text())] == [LATELY]


def test_of_a_source_without_readings_every_copy_is_read(shelf, read_to_the_end, tmp_path):
    first = shelf()
    first.save([edition()])
    first.whole()
    first.remember({"outcome": "new"})
    shelf(days=300).whole()
    assert read_to_the_end == ["2024", "2024"] and not (tmp_path / "made_up" / "whole.json").exists()


def damage(path):
    """Overwrite everything but what the file says of itself."""
    whole = path.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    path.write_bytes(bytes(len(whole) - footer) + whole[-footer:])


def test_of_answers_that_hold_something_of_persons_only_the_hash_is_kept(tmp_path):
    private = Shelf(tmp_path, SOURCE, "GM0344", NOW, private=True)
    private.keep("2024", answer(b"somebody"))
    assert names(tmp_path / "made_up" / "received") == ["2024@20261123T120000Z.json"]
    assert [saved.rows for saved in private.save([edition()])] == [10]


def test_older_copies_of_a_day_are_removed_and_those_of_another_gemeente_are_not(tmp_path):
    for hours, gemeente in enumerate(("GM0307", "GM0344", "GM0344", "GM0344")):
        made = Shelf(tmp_path, READINGS, gemeente, NOW + timedelta(hours=hours))
        made.keep(LATELY, answer())
        made.save([day_of_readings(LATELY, rows=4 + hours)])
    Shelf(tmp_path, READINGS, "GM0344", NOW + timedelta(days=1)).tidy()
    stamps = [name.partition("@")[2] for name in names(tmp_path / "made_up") if name.endswith(".parquet")]
    assert stamps == [f"20261123T{hour}0000Z.parquet" for hour in (12, 14, 15)]
