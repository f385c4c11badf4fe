"""What is made up stays of now beside a server, and no longer than the server."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from buurtbeeld import queries
from buurtbeeld.sensors import simulate
from buurtbeeld.sensors.simulate import COUNTS, Plan
from buurtbeeld.settings import PROJECT
from tests import marts
from tests.figures import mart_of
from tools import renew


@pytest.fixture
def old(sample, tmp_path, monkeypatch):
    """Settings of a DATA_DIR with a simulation of hours ago; which kinds were silent in it."""
    own = marts.own(sample, tmp_path)
    monkeypatch.setenv("DATA_DIR", str(own))
    settings = replace(marts.settings(own), simulate=True)
    then = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=5)
    simulate.simulate(settings, Plan(COUNTS, 1, simulate.SEED, then), then)
    return settings


def turns(number):
    left = iter([True] * number)
    return lambda: next(left, False)


def test_a_mart_with_readings_of_now_is_made(old):
    renew.renew(old, turns(1))
    recent = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=2)
    seen = mart_of(old.data_dir).ask(queries.sensors)
    assert {row.kind for row in seen if row.last_at and row.last_at > recent} == set(COUNTS)


@pytest.mark.parametrize(("codes", "builds"), [((0,), 1), ((3, 3, 0), 3), ((1,), 1)])
def test_a_build_is_tried_again_only_where_another_was_under_way(old, monkeypatch, codes, builds):
    asked, answers = [], iter(codes)

    def build(command, **_):
        asked.append(command)
        return SimpleNamespace(returncode=next(answers))

    monkeypatch.setattr("subprocess.run", build)
    renew.renew(old, turns(5))
    assert len(asked) == builds


def test_where_nothing_may_be_made_up_nothing_is(old, monkeypatch):
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("built"))
    before = sorted(old.raw_dir.rglob("*.parquet"))
    renew.renew(replace(old, simulate=False), turns(2))
    assert sorted(old.raw_dir.rglob("*.parquet")) == before


def test_a_simulation_that_fails_does_not_stop_the_start(old, capsys):
    elsewhere, told = replace(old, simulate=True, gemeente="GM0363"), set[str]()
    assert not renew.made_up(elsewhere, told) and not renew.made_up(elsewhere, told)
    said = capsys.readouterr().err
    assert "There are no outlines of GM0363" in said and said.count("\n") == 1


def test_it_ends_with_the_server_that_began_it(tmp_path):
    beside = "subprocess.Popen([sys.executable, '-m', 'tools.renew', str(os.getpid())], start_new_session=True)"
    with subprocess.Popen(
        [sys.executable, "-c", f"import os, subprocess, sys; print({beside}.pid, flush=True); input()"],
        cwd=PROJECT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "SIMULATE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        other = int(server.stdout.readline())
        time.sleep(2)
        assert alive(other)
        server.kill()
    until = time.monotonic() + 30
    while alive(other) and time.monotonic() < until:
        time.sleep(0.1)
    assert not alive(other)


def alive(number):
    """Whether a process runs; one that ended and that nobody has asked about since does not."""
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
