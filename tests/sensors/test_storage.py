"""What is listed of a folder whose files are merged, replaced or moved at that very moment."""

import os
from types import SimpleNamespace

import pytest

from buurtbeeld.sensors import storage
from tests.sensors.listed import Looks

DAY = "2026-03-10"


@pytest.fixture
def day(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "PAUSES", (0.0,) * len(storage.PAUSES))
    folder = tmp_path / DAY
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_bytes(b"12")
    return folder


def merged(day, number):
    """Puts one file in the place of all of the day."""
    size = sum(path.stat().st_size for path in day.iterdir())
    old = list(day.iterdir())
    (day / f"merged-{number}").write_bytes(b"." * size)
    for path in old:
        path.unlink()


@pytest.mark.parametrize("before", [True, False], ids=["while", "after"])
@pytest.mark.parametrize("turn", [1, 2])
def test_what_is_merged_during_a_look_is_not_lost(day, tmp_path, monkeypatch, turn, before):
    looks = Looks(lambda number: merged(day, number) if number == turn else None, day, before=before)
    monkeypatch.setattr(storage, "os", looks)
    assert storage.listing(str(tmp_path)) in ({f"{DAY}/merged-{turn}": 4}, {f"{DAY}/a": 2, f"{DAY}/b": 2})
    assert storage.listing(str(tmp_path)) == {f"{DAY}/merged-{turn}": 4}


def test_a_folder_that_never_stops_changing_is_told(day, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "os", Looks(lambda number: merged(day, number), day, before=False))
    with pytest.raises(storage.StorageError, match=r"2026-03-10 were replaced again and again"):
        storage.listing(str(tmp_path))


def test_files_that_only_come_are_no_reason_to_look_again(day, tmp_path, monkeypatch):
    looks = Looks(lambda number: (day / f"new-{number}").write_bytes(b""), day, before=False)
    monkeypatch.setattr(storage, "os", looks)
    assert storage.listing(str(tmp_path)).keys() == {f"{DAY}/{name}" for name in ("a", "b", "new-1")}
    assert looks.number == 2


def test_what_is_not_finished_comes_and_goes(day, tmp_path, monkeypatch):
    def happens(number):
        (day / f".{number - 1}.tmp").unlink(missing_ok=True)
        (day / f".{number}.tmp").write_bytes(b"")

    (day / ".0.tmp").write_bytes(b"")
    monkeypatch.setattr(storage, "os", Looks(happens, day, before=False))
    assert storage.listing(str(tmp_path)).keys() >= {f"{DAY}/a", f"{DAY}/b"}


def test_a_link_to_nothing_is_no_file(day, tmp_path):
    (day / "c").symlink_to(tmp_path / "nowhere")
    assert storage.listing(str(tmp_path)) == {f"{DAY}/a": 2, f"{DAY}/b": 2}


@pytest.mark.parametrize("back", [True, False])
def test_a_day_that_is_moved_away_during_a_look_may_have_come_back(day, tmp_path, monkeypatch, back):
    real, looks, away = os.scandir, [], f"{tmp_path}-away"

    def scandir(folder):
        looks.append(folder)
        if folder == str(day) and looks.count(folder) == 1:
            os.rename(day, away)
            try:
                return real(folder)
            finally:
                if back:
                    os.rename(away, day)
        return real(folder)

    monkeypatch.setattr(storage, "os", SimpleNamespace(**vars(os) | {"scandir": scandir}))
    assert storage.listing(str(tmp_path)) == ({f"{DAY}/a": 2, f"{DAY}/b": 2} if back else {})


@pytest.mark.parametrize("turn", [1, 2])
def test_object_storage_is_looked_at_again_too(monkeypatch, turn):
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    real, looks, cleared = type(memory).find, [], []
    memory.pipe({"/listed/day/a": b"12", "/listed/day/b": b"12"})

    def find(self, root, **more):
        looks.append(root)
        if len(looks) != turn:
            return real(self, root, **more)
        before = real(self, root, **more)
        memory.pipe("/listed/day/merged", b"1234")
        for path in before:
            memory.rm(path)
        return {}  # page by page: it had passed where the new one stands

    monkeypatch.setattr(type(memory), "find", find)
    monkeypatch.setattr(type(memory), "invalidate_cache", lambda self, path=None: cleared.append(len(looks)))
    assert storage.listing("memory://listed") == {"day/merged": 4}
    assert cleared == list(range(len(looks)))
    memory.rm("/listed", recursive=True)
