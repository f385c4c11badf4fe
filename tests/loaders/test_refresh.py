"""`--every`: what is due is loaded, and a mart is built only when something is new."""

import argparse
import io
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

import loaders
from buurtbeeld import settings
from buurtbeeld.catalogue import load
from loaders import refresh
from loaders.http import Gate, Limits
from loaders.run import Line, Run, alone
from tests.publishers import faults, towns

Tried = dict[str, tuple[datetime, bool]]
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    """What time it is: a list of one."""
    return [START]


@pytest.fixture
def builds(monkeypatch):
    """The commands that were run in another process."""
    run: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: run.append(command))
    return run


class Turn:
    """One time round, and what it is made with."""

    def __init__(self, run, server):
        self.run, self.server = run, server

    def __call__(self, tried):
        said: list[Line] = []
        refresh.turn(self.run, list(self.run.loaders.values()), tried, said.extend)
        return {line.source: line.result for line in said}


@pytest.fixture
def turn(serve, tmp_path, clock, builds):
    """One time round over PDOK and CBS: `turn(tried)` gives what each source came to."""
    server = serve(towns.small_town(), years=(2025,))
    known = {name: each for name, each in loaders.discover().items() if name in ("pdok_areas", "cbs_key_figures")}
    run = Run(
        settings=settings.read({"DATA_DIR": str(tmp_path), **server.environ}),
        catalogue=load(),
        loaders=known,
        editions=(),
        accept=False,
        now=lambda: clock[0],
        sleep=lambda _: None,
        gate=Gate(lambda _: None),
        limits=Limits(),
        console=Console(file=io.StringIO()),
    )

    return Turn(run, server)


def test_first_turn_loads_everything_and_builds(turn, builds):
    assert turn({}) == {"pdok_areas": "new", "cbs_key_figures": "new"}
    assert [command[1:] for command in builds] == [["-m", "buurtbeeld.warehouse", "--changed"]]


def test_what_changes_once_a_year_is_due_once_a_day(turn, clock, builds):
    tried: Tried = {}
    turn(tried)
    clock[0] += timedelta(hours=23)
    assert turn(tried) == {}
    clock[0] += timedelta(hours=1)
    assert set(turn(tried).values()) == {"unchanged"}
    # At each turn: it builds nothing when nothing changed, makes up for a failed build, and sees what streams wrote.
    assert len(builds) == 3


def test_what_failed_is_tried_again_after_an_hour(turn, clock):
    tried: Tried = {}
    turn.server.fault("/pdok/", faults.maintenance)
    assert turn(tried) == {"pdok_areas": "failed", "cbs_key_figures": "new"}
    clock[0] += timedelta(minutes=59)
    assert turn(tried) == {}
    turn.server.well()
    clock[0] += timedelta(minutes=1)
    assert turn(tried) == {"pdok_areas": "new"}


def test_what_changes_by_the_hour_is_due_twice_an_hour():
    daily = loaders.discover()["pdok_areas"]
    hourly = replace(daily, source=replace(daily.source, refreshed="hourly"))
    assert not refresh.due(hourly, (START, False), START + timedelta(minutes=20))
    assert refresh.due(hourly, (START, False), START + timedelta(minutes=30))
    assert not refresh.due(daily, (START, False), START + timedelta(minutes=30))


def test_what_has_not_begun_does_not_begin_when_the_process_was_asked_to_stop(turn, builds):
    turn.run.stop.set()
    assert turn({}) == {}
    assert not builds and not turn.server.asked


def test_turn_is_left_out_while_another_load_runs(turn, builds):
    with alone(turn.run.settings.raw_dir):
        assert turn({}) == {}
    assert not builds


@pytest.mark.parametrize(("text", "seconds"), [("10m", 600), ("1h", 3600), ("60s", 60), ("1d", 86_400)])
def test_interval_is_read(text, seconds):
    assert refresh.interval(text) == seconds


@pytest.mark.parametrize("text", ["10", "m", "-10m", "1s", "0m", "10 minutes", "1w"])
def test_what_is_no_interval_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="no time of a minute or more"):
        refresh.interval(text)
