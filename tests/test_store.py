"""One connection per build, answers that are kept, and a reason when there is no mart."""

import os
import shutil
import threading
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from buurtbeeld import queries, store
from buurtbeeld.catalogue import Figure
from buurtbeeld.store import MARTS_OPEN, Mart, NoMart, Store
from tests import marts
from tests.warehouse.town import Town, residents


@pytest.fixture
def own(sample, tmp_path):
    """A DATA_DIR of the test's own, with the sample's mart."""
    return marts.own(sample, tmp_path)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A town whose mart is built in a moment."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.outlines()
    town.figures(residents())
    return town


def opened(folder):
    return Store(marts.settings(folder))


def reason(folder):
    with pytest.raises(NoMart) as none:
        opened(folder).current().ask(queries.held)
    return none.value.reason


# No mart


@pytest.mark.parametrize("state", ["corrupt", "blank"])
def test_a_mart_that_cannot_be_read_is_damaged(own, state):
    getattr(marts, state)(own)
    assert reason(own) == "damaged"


def test_no_link_is_missing(own):
    marts.missing(own)
    assert reason(own) == "missing"


def test_no_folder_is_missing(tmp_path):
    assert reason(tmp_path / "nowhere") == "missing"


@pytest.mark.parametrize("target", ["nowhere", "dashboard.duckdb"])
def test_a_link_to_nothing_is_missing(tmp_path, target):
    (tmp_path / "dashboard.duckdb").symlink_to(target)
    assert reason(tmp_path) == "missing"


@pytest.mark.parametrize("content", [b"", b"a text\n" * 2000, b"DUCK" * 5000, bytes(300_000)])
def test_another_kind_of_file_is_damaged(tmp_path, content):
    (tmp_path / "dashboard.duckdb").write_bytes(content)
    assert reason(tmp_path) == "damaged"


def test_a_folder_is_damaged(tmp_path):
    (tmp_path / "dashboard.duckdb").mkdir()
    assert reason(tmp_path) == "damaged"


def test_a_database_without_tables_is_damaged(tmp_path):
    duckdb.connect(tmp_path / "dashboard.duckdb").close()
    assert reason(tmp_path) == "damaged"


def test_a_mart_without_build_row_is_damaged(own):
    with duckdb.connect(marts.settings(own).mart_link.resolve()) as con:
        con.execute("DELETE FROM mart_build")
    assert reason(own) == "damaged"


def test_a_mart_without_figures_opens(own):
    marts.empty(own)
    assert opened(own).current().ask(queries.held) == ()


def test_a_mart_that_comes_later_is_found(own):
    link = marts.settings(own).mart_link
    away = link.rename(link.with_name("away"))
    kept = opened(own)
    with pytest.raises(NoMart):
        kept.current()
    away.rename(link)
    assert kept.current().build.gemeente == "GM0344"


# Builds


def test_a_build_is_opened_once(own):
    kept = opened(own)
    assert kept.current() is kept.current()


def test_a_new_build_is_seen_and_the_old_one_answers_on(town):
    kept = Store(town.settings)
    town.build()
    old = kept.current()
    built = town.build()
    assert kept.current().build.id == built.id != old.build.id
    assert old.ask(queries.build).id == old.build.id


def test_a_build_of_a_moment_ago_is_found_by_its_id(town):
    kept = Store(town.settings)
    ids = []
    for _ in range(MARTS_OPEN + 1):
        town.build()
        ids.append(kept.current().build.id)
    assert [mart and mart.build.id for mart in map(kept.of_build, ids)] == [None, *ids[1:]]
    assert kept.of_build("nothing") is None


def of_another_gemeente(kept):
    """The town's mart is not of the gemeente that is set, so it is found, and not shown."""
    with pytest.raises(NoMart) as error:
        kept.current()
    return error.value.reason == "other"


def test_a_file_that_is_replaced_by_hand_is_seen(own, town):
    kept, path = opened(own), marts.settings(own).mart_link.resolve()
    assert kept.current().build.gemeente == "GM0344"
    shutil.copyfile(town.build().path, path.with_name("new"))
    os.replace(path.with_name("new"), path)
    assert of_another_gemeente(kept)


def test_a_file_that_is_replaced_while_it_is_read_is_seen_after_that(own, town):
    kept, path = opened(own), marts.settings(own).mart_link.resolve()
    reader = kept.current()
    shutil.copyfile(town.build().path, path.with_name("new"))
    os.replace(path.with_name("new"), path)
    assert kept.current() is reader
    del reader
    assert of_another_gemeente(kept)


def test_a_mart_cannot_be_written_nor_reach_out(own):
    mart = opened(own).current()
    for statement in ("DELETE FROM mart_figure", "FROM read_csv('/etc/hostname')", "INSTALL spatial", "ATTACH 'x.db'"):
        with pytest.raises(NoMart):
            mart.read(lambda con, text: con.execute(text).fetchall(), statement)
    assert not Path("x.db").exists()


# Answers


def test_an_answer_is_made_once(own):
    mart = opened(own).current()
    asked: Counter[str] = Counter()

    def question(_, word):
        asked[word] += 1
        return word

    assert [mart.ask(question, word) for word in "aab"] == ["a", "a", "b"]
    assert asked == {"a": 1, "b": 1}


def test_what_is_read_is_not_kept(own):
    mart = opened(own).current()
    asked: Counter[str] = Counter()
    for _ in range(2):
        mart.read(lambda _: asked.update(["x"]))
    assert asked == {"x": 2}


def test_a_question_that_fails_is_asked_again(own):
    mart, answers = opened(own).current(), iter([duckdb.Error("no"), 5])

    def question(_):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(NoMart):
        mart.ask(question)
    assert mart.ask(question) == 5


def test_only_so_many_answers_are_kept(own, monkeypatch):
    monkeypatch.setattr(store, "ANSWERS_KEPT", 2)
    mart, made = opened(own).current(), []
    for key in "abacab":
        mart.keep((key,), lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "b"]


def test_many_threads_ask_at_once(own):
    mart = opened(own).current()
    wrong: list[Figure] = []
    ids = [held.indicator for held in mart.ask(queries.held) if held.level == "buurt"]

    def visitor(first):
        for turn in range(12):
            id = ids[(first * 5 + turn) % len(ids)]
            found = mart.read(queries.figures_of, (id,), ("BU03440111", "GM0344"))
            wrong.extend(figure for figure in found if figure.indicator != id)

    threads = [threading.Thread(target=visitor, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_store_of_this_process_is_one(monkeypatch, own):
    monkeypatch.setenv("DATA_DIR", str(own))
    store.shared.cache_clear()
    assert store.shared() is store.shared() and isinstance(store.shared().current(), Mart)
    store.shared.cache_clear()
