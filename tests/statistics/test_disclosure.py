"""Small counts can't be found by subtracting. The attacker enumerates whole tables and knows no linear programming."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld.statistics.disclosure import Table, exposed, protect, since
from tests.subtracting import CITY, can_be, tree

wijken = st.lists(
    st.lists(st.one_of(st.integers(0, 4), st.integers(0, 30)), min_size=1, max_size=4), min_size=1, max_size=4
)
limits = st.integers(1, 6)


@given(wijken, limits)
@settings(max_examples=60)
def test_no_small_count_can_be_told_from_any_other(counts, limit):
    table = tree(counts, limit)
    hidden = protect(table)
    assert table.small <= hidden
    for cell in table.small:
        assert all(can_be(table, hidden, cell, value) for value in range(limit))


@given(wijken, limits, st.data())
@settings(max_examples=60)
def test_the_audit_finds_what_the_attacker_finds(counts, limit, data):
    table = tree(counts, limit)
    hidden = frozenset(data.draw(st.sets(st.integers(0, len(table.values) - 1)))) | table.small
    found = {cell for cell in table.small if not all(can_be(table, hidden, cell, value) for value in range(limit))}
    assert exposed(table, hidden) == found


@given(wijken, limits)
@settings(max_examples=30)
def test_nothing_is_hidden_that_could_be_shown(counts, limit):
    table = tree(counts, limit)
    hidden = protect(table)
    for cell in hidden - table.small:
        assert exposed(table, hidden - {cell})


@given(wijken, limits)
def test_without_small_counts_all_is_shown(counts, limit):
    table = tree([[value + limit for value in wijk] for wijk in counts], limit)
    assert protect(table) == frozenset()


def test_a_hidden_buurt_alone_in_its_wijk_is_found():
    table = tree([[2, 20, 30], [15, 25]])
    assert exposed(table, table.small) == {3}
    assert not can_be(table, {3}, 3, 1)


def test_the_least_that_suffices_is_hidden_with_it():
    """The wijk of 52 is shown, so one of 20 and 30 must go: the smaller."""
    assert protect(tree([[2, 20, 30], [15, 25]])) == {3, 4}


def test_two_that_are_small_together_do_not_protect_each_other():
    """1 + 1 = 2: neither can be above 2, but below 5 there are also 3 and 4. A third has to go."""
    table = tree([[1, 1, 9, 30], [40]], limit=5)
    assert exposed(table, table.small) == {3, 4}
    assert protect(table) == {3, 4, 5}


def test_a_small_wijk_hides_its_buurten_and_another_wijk_with_one_of_its_buurten():
    table = tree([[1, 1], [40, 60], [500, 300], [400, 200]])
    assert protect(table) == {1, 5, 6, 2, 7}


def test_a_cell_that_nobody_gave_is_nobodys_to_find():
    table = tree([[0, 20, 30]])
    assert protect(Table(table.values, table.sums, 3, absent=frozenset({2}))) == {2}
    assert protect(Table(table.values, (), 3)) == {2}


# --- two versions of the same figures

revisions = st.tuples(st.lists(st.integers(0, 7), min_size=2, max_size=4), st.integers(1, 3)).flatmap(
    lambda first: st.tuples(
        st.just(first[0]),
        st.lists(st.one_of(st.none(), st.integers(0, 7)), min_size=len(first[0]), max_size=len(first[0])),
        st.just(first[1]),
    )
)


def wijk(counts, limit):
    """One wijk and its buurten."""
    return Table((sum(counts), *counts), ({0: 1} | dict.fromkeys(range(1, len(counts) + 1), -1),), limit)


def could_be(then, then_hidden, now, now_hidden):
    """What each cell of `now` can be for who has both versions, and sees whether anything hidden then was revised."""
    revised = any(then.values[cell] != now.values[cell] for cell in then_hidden)
    parts = range(1, len(now.values))
    found: list[set[int]] = [set() for _ in now.values]
    for guess in product(*(range(18) if each in now_hidden else [now.values[each]] for each in parts)):
        table = (sum(guess), *guess)
        agrees = 0 in now_hidden or table[0] == now.values[0]
        for cell, value in enumerate(table):
            if cell not in then_hidden and then.values[cell] == now.values[cell]:
                agrees &= value == then.values[cell]
        if not revised:
            whole, *rest = (table[i] if i in then_hidden else then.values[i] for i in range(len(table)))
            agrees &= whole == sum(rest)
        if agrees:
            for each, value in enumerate(table):
                found[each].add(value)
    return found


@given(revisions)
@settings(max_examples=60)
def test_two_versions_tell_no_more_than_one(revision):
    counts, changes, limit = revision
    then = wijk(counts, limit)
    then_hidden = protect(then)
    now = wijk([old if new is None else new for old, new in zip(counts, changes, strict=True)], limit)
    shown = {cell: value for cell, value in enumerate(then.values) if cell not in then_hidden}
    linked = since(now, shown, then_hidden)
    hidden = protect(linked, then_hidden)
    assert then_hidden <= hidden
    beyond_help = exposed(linked, range(len(now.values)))
    assert exposed(linked, hidden) == beyond_help
    found = could_be(then, then_hidden, now, hidden)
    for cell in now.small - linked.known - beyond_help:
        assert set(range(limit)) <= found[cell]


def test_without_a_memory_the_second_version_gives_the_first_away():
    """Then 2 was hidden together with 8; now 8 is 9, and of the two others only 2 + 8 was known to be 10."""
    then, now = wijk([2, 8, 9], 3), wijk([2, 8, 4], 3)
    then_hidden = protect(then)
    assert then_hidden == {1, 2}
    now_hidden = protect(now)
    assert now_hidden == {1, 3}
    assert could_be(then, then_hidden, now, now_hidden)[1] == {2}
    linked = since(now, {0: 19, 3: 9}, then_hidden)
    assert could_be(then, then_hidden, now, protect(linked, then_hidden))[1] >= {0, 1, 2}


def test_what_was_shown_and_stays_the_same_can_not_be_taken_back():
    now = wijk([2, 8, 9], 3)
    linked = since(now, {0: 19, 1: 2, 2: 8, 3: 9}, ())
    assert linked.known == {0, 1, 2, 3}
    assert protect(linked) == {1}
    assert could_be(now, frozenset(), now, {1})[1] == {2}


def test_a_sum_that_was_shown_and_stays_the_same_can_not_be_taken_back_either():
    """Then 0 and 1 were hidden, but together were 3 less 2. So now their wijk is not 0, though it is hidden."""
    then = wijk([2, 0, 1], 2)
    assert protect(then) == {2, 3}
    linked = since(wijk([0, 0, 1], 2), {0: 3, 1: 2}, {2, 3})
    assert protect(linked, {2, 3}) == {0, 1, 2, 3}
    assert exposed(linked, range(4)) == {0}


@pytest.mark.parametrize("limit", [1, 5, 10])
def test_a_city_of_usual_size(limit):
    counts = [[(place * 7 + wijk * 13) % 40 + (wijk + place) % 3 * 60 for place in range(11)] for wijk in range(10)]
    table = tree(counts, limit)
    hidden = protect(table)
    assert table.small
    assert exposed(table, hidden) == frozenset()
    assert CITY not in hidden
