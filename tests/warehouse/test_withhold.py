"""What is too small to show of closed data is hidden in the mart, so well that nobody can subtract his way to it."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.subtracting import can_be, tree
from tests.warehouse.town import BUURTEN, CODE, CRIMES, NOW, Town, residents, source

LIMIT = 5
WIJKEN = ("WK999901", "WK999902")
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


def shown(town: Town) -> dict[str, tuple[float | None, str]]:
    """(value, status) of the crimes of every area."""
    rows = town.ask("SELECT code, value, status FROM figure WHERE indicator = 'crimes'")
    return {code: (value, status) for code, value, status in rows}


def hidden(found: Mapping[str, tuple[float | None, str]]) -> set[str]:
    return {code for code, (_, status) in found.items() if status == "withheld"}


@pytest.fixture
def shut(bare: Town) -> Town:
    return closed(bare)


def test_a_small_count_is_hidden_and_so_is_the_least_that_would_give_it_away(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build()
    found = shown(shut)
    assert hidden(found) == {BUURTEN[0], BUURTEN[1]}
    assert found[WIJKEN[0]] == (23, "ok") and found[BUURTEN[2]] == (40, "ok")


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


def again(town: Town, *buurten: int) -> dict[str, tuple[float | None, str]]:
    """Builds anew from revised counts."""
    counted(town, *buurten, stamp="20261124T110000Z")
    town.build(NOW + timedelta(days=1))
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


def test_a_mart_that_can_not_be_read_stops_the_build(shut):
    counted(shut, 3, 20, 40, 60)
    shut.build().path.write_bytes(b"damaged")
    assert "so nobody knows what it hid" in shut.problems()
