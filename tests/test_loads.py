"""What came of the last load stands beside its source, in the visitor's language, and never stops a page."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from buurtbeeld import loads, sources
from buurtbeeld.loads import OUTCOMES, Load
from buurtbeeld.texts import LANGUAGES
from tests.figures import mart_of, view_of

AT = datetime(2026, 11, 28, 14, 0)


def left(folder, source="pdok_areas", **words):
    said = {"outcome": "new", "at": "2026-11-28T14:00:00Z", "gemeente": "GM0344"} | words
    (folder / source).mkdir()
    (folder / source / "last.json").write_text(json.dumps(said), encoding="utf-8")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_last_load_is_what_the_loaders_said(tmp_path, outcome):
    left(tmp_path, outcome=outcome)
    assert loads.last(tmp_path, "GM0344") == {"pdok_areas": Load(outcome, AT)}


@pytest.mark.parametrize("words", [{"gemeente": "GM0363"}, {"outcome": "<script>"}, {"at": "yesterday"}, {"at": None}])
def test_what_can_not_be_read_or_is_of_another_says_nothing(tmp_path, words):
    left(tmp_path, **words)
    left(tmp_path, "police_crime")
    assert list(loads.last(tmp_path, "GM0344")) == ["police_crime"]


def test_half_a_file_and_no_file_say_nothing(tmp_path):
    (tmp_path / "pdok_areas").mkdir()
    (tmp_path / "pdok_areas" / "last.json").write_text('{"outcome": "n')
    assert loads.last(tmp_path, "GM0344") == loads.last(tmp_path / "nowhere", "GM0344") == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_failure_says_from_when_what_is_shown_is(sample, lang):
    view = view_of(mart_of(sample), taal=lang)
    row = replace(sources.listed(view)[0], retrieved_at=datetime(2026, 11, 20, 3, 0))
    said = {outcome: sources.loaded(view, row, Load(outcome, AT)) for outcome in OUTCOMES}
    kept = view.words.day(row.retrieved_at.date())
    assert {outcome for outcome, text in said.items() if kept in text} == set(OUTCOMES) - {"new", "unchanged"}
    assert len(set(said.values())) == len(OUTCOMES) - 1
    assert all(view.words.moment(AT) in text for text in said.values())


def test_a_source_that_was_never_loaded_says_nothing(sample):
    view = view_of(mart_of(sample))
    assert sources.loaded(view, sources.listed(view)[0], None) == ""
