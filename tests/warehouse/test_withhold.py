"""What is too small to show of closed data is hidden in the mart, so well that nobody can subtract his way to it."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld.catalogue import Catalogue
from buurtbeeld.statistics import disclosure
from buurtbeeld.warehouse import ledger, publish
from buurtbeeld.warehouse.publish import KEPT
from tests.subtracting import can_be, tree
from tests.warehouse.town import BUURTEN, CODE, CRIMES, NOW, Row, Town, residents, source

LIMIT = 5
WIJKEN = ("WK999901", "WK999902")
MANY = ("BU99990101", "BU99990102", "BU99990103", "BU99990201", "BU99990202")
CODES = (CODE, *WIJKEN, *BUURTEN)
CLOSED = {"source": source("police_crime", openness="aggregate").as_dict()}


def closed(town: Town) -> Town:
    """A town of whose crimes those below `LIMIT` are not for everybody's eyes, on all three levels."""
    entry = town.catalogue.indicators["crimes"]
    changed = entry.model_copy(update={"withhold_below": LIMIT, "interval": "none"})
    town.catalogue = replace(town.catalogue, indicators=town.catalogue.indicators | {"crimes": changed})
    town.outlines()
    town.figures(residents())
    return town


def counted(town: Town, *buurten: int, stamp: str = "20261123T110000Z", **others: int) -> None:
    """Writes the counts of the four buurten, which add up; `others` replaces some by code."""
    first, second = buurten[:2], buurten[2:]
    values = dict(zip(CODES, (sum(buurten), sum(first), sum(second), *buurten), strict=True)) | others
    town.figures(
        {code: {CRIMES: value} for code, value in values.items()}, source="police_crime", said=CLOSED, stamp=stamp
    )


def put(town: Town, counts: Mapping[str, int | None], **words: Any) -> None:
    """Writes those counts, by area."""
    rows: dict[str, Row] = {code: {CRIMES: count} for code, count in counts.items()}
    town.figures(rows, source="police_crime", said=CLOSED, **words)


def without_crimes(catalogue: Catalogue) -> Catalogue:
    """Without anything to hide."""
    others = {id: entry for id, entry in catalogue.indicators.items() if not id.startswith("crimes")}
    return replace(catalogue, indicators=others)


def shown(town: Town) -> dict[str, tuple[float | None, str]]:
    """(value, status) of the crimes of every area."""
    rows = town.ask("SELECT code, value, status FROM figure WHERE indicator = 'crimes'")
    return {code: (value, status) for code, value, status in rows}


def hidden(found: Mapping[str, tuple[float | None, str]]) -> set[str]:
    return {code for code, (_, status) in found.items() if status == "withheld"}


def flip(file: Path) -> None:
    """Changes a byte of what it holds."""
    content = bytearray(file.read_bytes())
    content[content.index(BUURTEN[0].encode()) + 3] ^= 1
    file.write_bytes(content)


def refuse(*_: object) -> None:
    raise OSError(5, "Input/output error")


@pytest.fixture
def shut(bare: Town) -> Town:
    return closed(bare)


def test_a_small_count_is_hidden_and_so_is_what_would_give_it_away(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    found = shown(shut)
    assert hidden(found) == {BUURTEN[0], BUURTEN[1]}
    assert found[WIJKEN[0]] == (23, "ok") and found[BUURTEN[2]] == (40, "ok")


def test_every_period_is_protected_not_the_newest_alone(shut):
    years = {2023: (3, 20, 40, 60), 2024: (20, 30, 2, 60)}
    rows = [
        {"area_code": code, "period": date(year, 1, 1), "edition": 2024, CRIMES: value}
        for year, counts in years.items()
        for code, value in zip(CODES, (sum(counts), sum(counts[:2]), sum(counts[2:]), *counts), strict=True)
    ]
    shut.write("police_crime", 2024, pa.Table.from_pylist(rows), said=CLOSED)
    shut.build()
    found = shut.ask("SELECT year(period), code FROM figure WHERE indicator = 'crimes' AND status = 'withheld'")
    assert set(found) == {(2023, code) for code in BUURTEN[:2]} | {(2024, code) for code in BUURTEN[2:]}


def test_what_is_derived_from_it_is_hidden_with_it(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    rates = dict(shut.ask("SELECT code, status FROM figure WHERE indicator = 'crimes_per_1000' AND n IS NULL"))
    assert {code for code, status in rates.items() if status == "withheld"} == {BUURTEN[0], BUURTEN[1]}


def test_without_a_rule_nothing_is_hidden(town):
    town.figures({code: {CRIMES: 1} for code in CODES}, source="police_crime")
    town.build()
    assert hidden(shown(town)) == set()


def test_without_small_counts_nothing_is_hidden(shut):
    counted(shut, 5, 20, 40, 60)
    shut.build()
    assert hidden(shown(shut)) == set()


def test_a_wijk_that_is_not_published_is_no_cover(shut):
    """The city less three buurten is the fourth, also without a row for its wijk."""
    shut.figures(
        {code: {CRIMES: value} for code, value in zip((CODE, *BUURTEN), (123, 3, 20, 40, 60), strict=True)},
        source="police_crime",
        said=CLOSED,
    )
    shut.build()
    assert hidden(shown(shut)) == {BUURTEN[0], BUURTEN[1]}


@given(st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=4, max_size=4))
@settings(max_examples=10)
def test_nobody_can_subtract_his_way_to_it(counts):
    with tempfile.TemporaryDirectory() as folder:
        town = closed(Town(Path(folder)))
        counted(town, *counts)
        town.build()
        found = shown(town)
    # All that a page, the API or a file can show comes from these rows.
    table = tree([counts[:2], counts[2:]], LIMIT)
    values = [found.get(code, (None, ""))[0] for code in CODES]
    left = {cell for cell, value in enumerate(values) if value is None}
    assert all(value is None or value == table.values[cell] for cell, value in enumerate(values))
    for cell in table.small:
        assert all(can_be(table, left, cell, value) for value in range(LIMIT))


def test_no_file_of_the_mart_holds_what_is_hidden(shut):
    """Not in another table either, nor in a block that was let go."""
    counted(shut, 3, 7_654_321, 7_654_329, 60)
    path = shut.build().path
    assert hidden(shown(shut)) == {BUURTEN[0], BUURTEN[1]}
    tables = [name for (name,) in shut.ask("SELECT table_name FROM duckdb_tables()")]
    rows = "\n".join(str(row) for name in tables for row in shut.ask(f'FROM "{name}"'))
    assert "7654329" in rows and "7654321" not in rows
    assert path.exists()


def test_no_hash_of_a_closed_file_lets_anyone_try_what_is_in_it(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    assert set(shut.ask("SELECT openness, sha256 = '' FROM source")) == {("rows", False), ("aggregate", True)}
    assert set(shut.ask("SELECT path LIKE '%police%', sha256 = '' FROM mart_input")) == {(False, False), (True, True)}


def test_closed_data_without_a_rule_is_refused(town):
    town.figures({CODE: {CRIMES: 9}}, source="police_crime", said=CLOSED)
    problems = town.problems()
    assert "Indicator crimes is read from police_crime, which is aggregate: it needs withhold_below" in problems


# --- two builds


def again(town: Town, *buurten: int, days: int = 1) -> dict[str, tuple[float | None, str]]:
    """Builds anew from revised counts, so many days later."""
    counted(town, *buurten, stamp=f"{NOW + timedelta(days=days):%Y%m%dT%H%M%SZ}")
    town.build(NOW + timedelta(days=days))
    return shown(town)


def test_what_was_hidden_once_stays_hidden(shut):
    """3 and 20 were hidden. If 20 were shown now, 23 - 20 would give the other away."""
    counted(shut, 3, 20, 40, 60)
    shut.build()
    assert hidden(again(shut, 8, 20, 40, 60)) == {BUURTEN[0], BUURTEN[1]}


def test_what_was_shown_once_is_no_cover(shut):
    """20 was shown, so 18 less 20 … the wijk goes, and with it what would give the wijk away."""
    counted(shut, 30, 20, 40, 60)
    shut.build()
    assert hidden(shown(shut)) == set()
    found = hidden(again(shut, 3, 20, 40, 60))
    assert {BUURTEN[0], WIJKEN[0], CODE} <= found


def test_what_was_shown_two_versions_ago_is_no_cover_either(shut):
    """20, then 26, then 20 again: the version in between shows nothing that tells, the first one does."""
    assert hidden(again(shut, 30, 20, 40, 60, days=0)) == set()
    assert hidden(again(shut, 30, 26, 40, 60, days=1)) == set()
    found = hidden(again(shut, 3, 20, 40, 60, days=2))
    assert {BUURTEN[0], WIJKEN[0], CODE} <= found


def test_it_stays_hidden_when_no_mart_remembers_it(shut):
    """The source was away for as many builds as marts are kept; then 3 became 8."""
    counted(shut, 3, 20, 40, 60)
    shut.build()
    file = shut.settings.raw_dir / "police_crime"
    file.rename(shut.settings.data_dir / "away")
    for day in range(1, KEPT + 1):
        shut.build(NOW + timedelta(days=day))
    (shut.settings.data_dir / "away").rename(file)
    assert not shut.ask("SELECT 1 FROM figure WHERE indicator = 'crimes'")
    counted(shut, 8, 20, 40, 60, stamp="20261130T110000Z")
    shut.build(NOW + timedelta(days=7))
    assert hidden(shown(shut)) == {BUURTEN[0], BUURTEN[1]}


def test_what_is_no_longer_given_stays_hidden(shut):
    """If its row were seen to be gone, 23 - 20 would tell what it was."""
    counted(shut, 3, 20, 40, 60)
    shut.build()
    rows = dict(zip((CODE, *WIJKEN, *BUURTEN[1:]), (120, 20, 100, 20, 40, 60), strict=True))
    put(shut, rows, stamp="20261124T110000Z")
    shut.build(NOW + timedelta(days=1))
    assert hidden(shown(shut)) == {BUURTEN[0], BUURTEN[1]}


def test_who_has_a_row_later_is_not_the_difference(shut):
    """29 without it and 32 with it: the wijk goes, and the city."""
    shut.outlines(buurten=MANY)
    put(shut, dict(zip((CODE, *WIJKEN, *MANY), (110, 10, 100, 2, 8, None, 40, 60), strict=True)))
    shut.build()
    assert hidden(shown(shut)) == {MANY[0], MANY[1]}
    rows = dict(zip((CODE, *WIJKEN, *MANY), (113, 13, 100, 2, 8, 3, 40, 60), strict=True))
    put(shut, rows, stamp="20261124T110000Z")
    shut.build(NOW + timedelta(days=1))
    assert {CODE, WIJKEN[0], *MANY[:3]} <= hidden(shown(shut))


def test_other_areas_than_before_are_refused(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    for file in (shut.settings.raw_dir / "police_crime").iterdir():
        file.unlink()
    shut.outlines(2025, buurten=("BU99990101", "BU99990103", "BU99990201", "BU99990202"))
    rows = dict(zip((CODE, *WIJKEN, "BU99990101", "BU99990103"), (123, 23, 100, 3, 20), strict=True))
    period = date(2024, 1, 1)
    put(shut, rows, edition=2025, period=period)
    assert "was published for BU99990102 in 2024-01-01, and is now drawn on areas without it" in shut.problems()


@pytest.mark.parametrize("damage", [lambda file: file.write_bytes(file.read_bytes()[:-9]), Path.unlink, flip])
def test_a_ledger_that_is_damaged_or_gone_stops_the_build(shut, damage):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    damage(ledger.path(shut.settings))
    said = shut.problems()
    assert "nobody knows" in said and "Put back a copy" in said


def test_an_older_copy_of_the_ledger_stops_the_build(shut):
    """It is whole, and knows nothing of the version in which the 3 was hidden."""
    file = ledger.path(shut.settings)
    counted(shut, 30, 20, 40, 60)
    shut.build()
    older = file.read_bytes()
    again(shut, 3, 20, 40, 60)
    newer, mart = file.read_bytes(), shut.settings.mart_link.resolve()
    file.write_bytes(older)
    said = shut.problems()
    assert f"What was shown and hidden in {mart} is not in {file}, which is older than that mart" in said
    assert "nobody knows" in said and "Put back a copy" in said
    file.write_bytes(newer)
    assert again(shut, 3, 20, 40, 60, days=2)


def test_a_ledger_of_the_same_length_that_tells_something_else_stops_the_build(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    file = ledger.path(shut.settings)
    ledger.write(file, "other", [line.replace("null", "40", 1) for line in file.read_text().splitlines()[1:]])
    assert ledger.read(file) and "Put back a copy" in shut.problems()


def test_a_mart_that_can_not_be_read_may_have_shown_what_an_older_ledger_does_not_know(shut):
    """26, then 20: with the older ledger 3 would be made without the wijk, 23 - 20. Who has the newer one goes on."""
    file = ledger.path(shut.settings)
    counted(shut, 30, 26, 40, 60)
    shut.build()
    older = file.read_bytes()
    again(shut, 30, 20, 40, 60)
    newer, mart = file.read_bytes(), shut.settings.mart_link.resolve()
    mart.write_bytes(b"")
    file.write_bytes(older)
    counted(shut, 3, 20, 40, 60, stamp="20261125T110000Z")
    said = shut.problems()
    assert said.startswith(f"{mart} can't be read, so nobody knows whether {file} holds all that was shown and hidden")
    assert f"Make sure that {file} is the copy that was made after the last build; then remove {mart}" in said
    file.write_bytes(newer)
    mart.unlink()
    shut.build(NOW + timedelta(days=2))
    assert {BUURTEN[0], WIJKEN[0], CODE} <= hidden(shown(shut))


def test_without_a_ledger_a_mart_that_can_not_be_read_may_have_hidden_something(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    shut.settings.mart_link.resolve().write_bytes(b"")
    ledger.path(shut.settings).unlink()
    assert "can't be read, so nobody knows whether" in shut.problems()


def test_without_closed_data_a_mart_that_can_not_be_read_stops_nothing(town):
    town.build().path.write_bytes(b"")
    town.build(NOW + timedelta(days=1))
    assert town.ask("SELECT 1 FROM build")


@pytest.mark.parametrize("when", ["before", "meanwhile", "after"])
@pytest.mark.parametrize("older", [True, False])
def test_a_ledger_that_is_older_or_gone_is_noticed_when_the_indicator_returns(shut, when, older):
    """Also when no mart is kept any more that had something to hide, and a wrong ledger was there all the while."""
    file = ledger.path(shut.settings)
    counted(shut, 30, 26, 40, 60)
    shut.build()
    first = file.read_bytes()
    again(shut, 30, 20, 40, 60)
    newer = file.read_bytes()
    spoil = (lambda: file.write_bytes(first)) if older else file.unlink
    catalogue = shut.catalogue
    shut.catalogue = without_crimes(catalogue)
    for day in range(2, 3 + KEPT):
        if when == {2: "before", 3: "meanwhile"}.get(day):
            spoil()
        shut.build(NOW + timedelta(days=day))
    if when == "after":
        spoil()
    shut.catalogue = catalogue
    counted(shut, 3, 20, 40, 60, stamp="20261128T110000Z")
    assert "Put back a copy" in shut.problems()
    file.write_bytes(newer)
    shut.build(NOW + timedelta(days=9))
    assert {BUURTEN[0], WIJKEN[0], CODE} <= hidden(shown(shut))


def test_a_mart_with_nothing_to_hide_keeps_no_digest_of_a_damaged_ledger(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    kept = shut.ask("FROM mart_ledger")
    flip(ledger.path(shut.settings))
    shut.catalogue = without_crimes(shut.catalogue)
    shut.build(NOW + timedelta(days=1))
    assert shut.ask("FROM mart_ledger") == kept


def test_a_mart_of_another_gemeente_has_a_ledger_of_its_own(shut):
    counted(shut, 3, 20, 40, 60)
    with duckdb.connect(shut.build().path) as con:
        con.execute("UPDATE mart_build SET gemeente = 'GM0001'")
    ledger.path(shut.settings).unlink()
    assert hidden(again(shut, 3, 20, 40, 60)) == {BUURTEN[0], BUURTEN[1]}


def test_a_build_that_is_not_published_leaves_the_ledger_as_it_was(shut, monkeypatch):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    before = ledger.path(shut.settings).read_bytes()
    monkeypatch.setattr(publish, "scan", refuse)
    counted(shut, 30, 20, 40, 60, stamp="20261124T110000Z")
    shut.problems()
    assert ledger.path(shut.settings).read_bytes() == before


def test_the_ledger_holds_no_hidden_count(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    [version] = ledger.read(ledger.path(shut.settings))["crimes", date(2024, 1, 1)]
    assert version == dict(zip(CODES, (123, 23, 100, None, None, 40, 60), strict=True))


def test_the_same_again_is_no_new_version(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    before = ledger.path(shut.settings).read_bytes()
    shut.build(NOW + timedelta(days=1))
    assert ledger.path(shut.settings).read_bytes() == before


def test_without_closed_data_there_is_no_ledger(town):
    town.build()
    assert not ledger.path(town.settings).exists()


def renamed(catalogue: Catalogue, **words: object) -> Catalogue:
    """The crimes are called offences."""
    entry = catalogue.indicators["crimes"].model_copy(update={"id": "offences", **words})
    others = without_crimes(catalogue)
    return replace(others, indicators=others.indicators | {"offences": entry})


def test_what_was_shown_by_another_name_counts_when_that_is_said(shut):
    counted(shut, 30, 20, 40, 60)
    shut.build()
    counted(shut, 3, 20, 40, 60, stamp="20261124T110000Z")
    crimes, shut.catalogue = shut.catalogue, renamed(shut.catalogue)
    said = shut.problems()
    assert "what was shown and hidden of offences, but it is of crimes, which the catalogue no longer has." in said
    assert 'give offences formerly = ["crimes"], and else formerly = [], and leave it there for good' in said
    for day in (1, 2):
        shut.catalogue = renamed(crimes, formerly=("crimes",))
        shut.build(NOW + timedelta(days=day))
        found = shut.ask("SELECT code FROM figure WHERE indicator = 'offences' AND status = 'withheld'")
        assert {(BUURTEN[0],), (WIJKEN[0],), (CODE,)} <= set(found)


def test_what_is_said_to_be_another_figure_has_no_past(shut):
    counted(shut, 30, 20, 40, 60)
    shut.build()
    counted(shut, 3, 20, 40, 60, stamp="20261124T110000Z")
    shut.catalogue = renamed(shut.catalogue, formerly=())
    shut.build(NOW + timedelta(days=1))
    found = shut.ask("SELECT code FROM figure WHERE indicator = 'offences' AND status = 'withheld'")
    assert set(found) == {(BUURTEN[0],), (BUURTEN[1],)}


# --- areas


def test_every_level_is_looked_at_on_the_areas_that_it_is_drawn_on(shut):
    """The gemeente is drawn on the areas of 2024, its buurten on those of 2023, of which one is no more."""
    shut.outlines(2023)
    shut.outlines(2024, buurten=("BU99990101", "BU99990201", "BU99990202"))
    period = date(2023, 1, 1)
    rows = dict(zip((*WIJKEN, *BUURTEN), (33, 100, 30, 3, 40, 60), strict=True))
    put(shut, rows, edition=2023, period=period)
    put(shut, {CODE: 133}, edition=2024, period=period)
    shut.build()
    assert hidden(shown(shut)) == {BUURTEN[0], BUURTEN[1]}


def test_a_count_that_is_drawn_nowhere_is_refused(shut):
    """A buurt of 2023 among those of 2024: nobody would see it, but it counts in its wijk."""
    shut.outlines(2023)
    shut.outlines(2024, buurten=("BU99990101", "BU99990201", "BU99990202"))
    put(shut, dict(zip((CODE, *WIJKEN, *BUURTEN), (123, 23, 100, 3, 20, 40, 60), strict=True)))
    assert "Indicator crimes has a count of BU99990102 in 2024-01-01, but is not drawn on" in shut.problems()


def test_a_buurt_without_a_row_is_no_cover(shut):
    """4 could be hidden behind it, if anybody lived there of whom nothing is known."""
    shut.outlines(buurten=MANY)
    rows = dict(zip((CODE, *WIJKEN, *MANY), (124, 24, 100, 4, 20, None, 40, 60), strict=True))
    put(shut, {code: count for code, count in rows.items() if count is not None})
    shut.build()
    assert hidden(shown(shut)) == {MANY[0], MANY[1]}


def test_nothing_below_the_limit_is_published_whatever_was_decided(shut, monkeypatch):
    monkeypatch.setattr(disclosure, "protect", lambda *_: frozenset())
    counted(shut, 3, 20, 40, 60)
    assert f"Figure crimes of {BUURTEN[0]} in 2024-01-01 is below 5, so it should have been hidden." in shut.problems()


def test_two_closed_counts_of_one_source_are_refused(shut):
    """10 crimes of which 8 are others: then 2 are burglaries, hidden or not."""
    entry = shut.catalogue.indicators["crimes"]
    burglary = entry.model_copy(update={"id": "burglary", "column": "Inbraak"})
    shut.catalogue = replace(shut.catalogue, indicators=shut.catalogue.indicators | {"burglary": burglary})
    shut.figures({CODE: {CRIMES: 10, "Inbraak_1": 8}}, source="police_crime", said=CLOSED)
    assert "Indicators burglary and crimes are both read from police_crime" in shut.problems()
