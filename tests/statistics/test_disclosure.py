"""Small counts can't be found by subtracting, by attackers who go about it in another way than the program."""

from collections import defaultdict
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld.statistics.disclosure import Table, exposed, protect, since
from tests.subtracting import CITY, Version, bounds, can_be, tree

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


def with_total(parts, most):
    """All whole numbers from 0 that are at most `most` together."""
    if not parts:
        return [()]
    return [(first, *rest) for first in range(most + 1) for rest in with_total(parts - 1, most - first)]


@pytest.mark.parametrize(("shape", "most"), [((4,), 7), ((2, 2), 6)])
def test_who_knows_the_program_can_not_rule_a_count_out_either(shape, most):
    """He runs it on every table there can be, and keeps those that it would have published exactly so."""
    limit = 2
    published: dict[tuple[frozenset[int], tuple[int, ...]], list[tuple[int, ...]]] = defaultdict(list)
    for counts in with_total(sum(shape), most):
        left = iter(counts)
        table = tree([[next(left) for _ in range(size)] for size in shape], limit)
        hidden = protect(table)
        published[hidden, tuple(v for cell, v in enumerate(table.values) if cell not in hidden)].append(table.values)
    told = 0
    for (hidden, _), tables in published.items():
        if CITY not in hidden:  # else there are larger tables, which were not run
            for cell in hidden:
                found = {values[cell] for values in tables}
                if min(found) < limit:
                    told += 1
                    assert set(range(limit)) <= found
    assert told


@given(wijken, limits)
def test_without_small_counts_all_is_shown(counts, limit):
    table = tree([[value + limit for value in wijk] for wijk in counts], limit)
    assert protect(table) == frozenset()


def test_a_hidden_buurt_alone_in_its_wijk_is_found():
    table = tree([[2, 20, 30], [15, 25]])
    assert exposed(table, table.small) == {3}
    assert not can_be(table, {3}, 3, 1)


def test_a_neighbour_is_hidden_with_it():
    """The wijk of 102 is shown, so one of the others must go: its neighbour, however large."""
    assert protect(tree([[2, 50, 20, 30], [15, 25]])) == {3, 4}


def test_two_that_are_small_together_do_not_protect_each_other():
    """1 + 1 = 2: neither can be above 2, but below 5 there are also 3 and 4. A third has to go."""
    table = tree([[1, 1, 9, 30], [40]], limit=5)
    assert exposed(table, table.small) == {3, 4}
    assert protect(table) == {3, 4, 5, 6}


def test_a_small_wijk_hides_its_buurten_and_the_next_wijk_with_two_of_its_buurten():
    table = tree([[1, 1], [40, 60], [500, 300], [400, 200]])
    assert protect(table) == {1, 5, 6, 2, 7, 8}


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
    linked = since(now, [shown | dict.fromkeys(then_hidden)])
    hidden = protect(linked, then_hidden)
    assert then_hidden <= hidden
    beyond_help = exposed(linked, range(len(now.values)))
    assert exposed(linked, hidden) == beyond_help
    found = could_be(then, then_hidden, now, hidden)
    for cell in now.small - linked.known - beyond_help:
        assert set(range(limit)) <= found[cell]


def test_a_sum_through_a_whole_that_was_hidden_is_remembered():
    """Then 20 and 60 were shown of 91, so the two others were 11; now that gives 73 - 60 - 11 away."""
    now = tree([[2, 3], [8, 60]], limit=5)
    linked = since(now, [{0: 91, 3: 20, 4: None, 5: None, 6: 60}])
    assert linked.kept == ({4: 1, 5: 1},)
    assert exposed(linked, {1, 2, 3, 4, 5}) == {3}
    assert not exposed(linked, protect(linked, {4, 5}))


def test_who_has_a_row_later_was_nobody_before():
    """Then two of 29 were hidden and 19 shown; now the wijk is 32, so who is new would be 3."""
    now = wijk([2, 8, 3, 19], 5)
    linked = since(now, [{0: 29, 1: None, 2: None, 4: 19}])
    assert linked.kept == ({1: -1, 2: -1},)
    assert exposed(linked, {1, 2, 3}) == {3}
    assert not exposed(linked, protect(linked, {1, 2}))


def test_a_sum_that_was_revised_tells_of_its_parts_together_only():
    """Both wijken were revised, each within its hidden buurten: there is nothing to subtract one from the other for."""
    now = tree([[2, 8], [3, 9]], limit=5)
    linked = since(now, [{0: 18, 1: 8, 2: 10} | dict.fromkeys((3, 4, 5, 6))])
    assert linked.kept == ()


def test_without_a_memory_the_second_version_gives_the_first_away():
    """Then 2 and 8 were hidden. Where 8 is shown now, 10 - 8 is known: so it stays hidden, though nothing is small."""
    then, now = wijk([2, 8, 9, 9], 3), wijk([5, 8, 9, 9], 3)
    assert protect(then) == {1, 2} and protect(now) == frozenset()
    linked = since(now, [{0: 28, 1: None, 2: None, 3: 9, 4: 9}])
    assert protect(linked, {1, 2}) == {1, 2}


def test_what_was_shown_and_stays_the_same_can_not_be_taken_back():
    now = wijk([2, 8, 9], 3)
    linked = since(now, [{0: 19, 1: 2, 2: 8, 3: 9}])
    assert linked.known == {0, 1, 2, 3}
    assert protect(linked) == {1}
    assert could_be(now, frozenset(), now, {1})[1] == {2}


def test_a_sum_that_was_shown_and_stays_the_same_can_not_be_taken_back_either():
    """Then 0 and 1 were hidden, but together were 6 less 2 and 3. So now their wijk is not 0, though it is hidden."""
    then = wijk([2, 3, 0, 1], 2)
    assert protect(then) == {3, 4}
    linked = since(wijk([0, 0, 0, 1], 2), [{0: 6, 1: 2, 2: 3, 3: None, 4: None}])
    assert protect(linked, {3, 4}) == {0, 1, 2, 3, 4}
    assert exposed(linked, range(5)) == {0}


# --- several versions, of tables of every kind

count = st.one_of(st.integers(0, 4), st.integers(0, 12))
SHAPES = {
    "one wijk": tree([[0, 0, 0]]),
    "two wijken": tree([[0, 0, 0], [0, 0]]),
    "three wijken": tree([[0, 0], [0, 0], [0, 0]]),
}


def filled(shape, counts, limit, absent):
    """The table of that shape with these counts in its smallest cells; `absent` wholes and parts have none."""
    left, values = iter(counts), [0] * len(shape.values)
    parts = shape.parts

    def fill(cell):
        if cell in parts:
            values[cell] = sum(values[part] for part in parts[cell])
        else:
            given = next(left)
            values[cell] = 0 if cell in absent else given

    def below(cell):
        return 1 + max(map(below, parts[cell])) if cell in parts else 0

    for cell in sorted(range(len(values)), key=below):
        fill(cell)
    return replace(shape, values=tuple(values), limit=limit, absent=absent, known=absent - parts.keys())


@pytest.mark.parametrize("kind", SHAPES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_three_versions_tell_no_more_than_one(kind, data):
    shape = SHAPES[kind]
    leaves = [cell for cell in range(len(shape.values)) if cell not in shape.parts]
    limit = data.draw(st.integers(2, 4))
    counts = data.draw(st.lists(count, min_size=len(leaves), max_size=len(leaves)))
    unpublished = data.draw(st.sets(st.sampled_from(sorted(shape.parts)), max_size=2))
    versions: list[Version] = []
    for _ in range(3):
        missing = data.draw(st.sets(st.sampled_from(leaves), max_size=1))
        for place, new in data.draw(st.dictionaries(st.integers(0, len(leaves) - 1), count, max_size=2)).items():
            counts[place] = new
        again = frozenset().union(*(version.hidden - version.absent for version in versions))
        # A count that was hidden and is no longer given stays hidden: whoever knew that it is gone could subtract it.
        absent = frozenset(unpublished | (missing - again))
        table = filled(shape, [0 if leaf in missing else counts[n] for n, leaf in enumerate(leaves)], limit, absent)
        linked = since(table, [version.given for version in versions])
        hidden = protect(linked, again)
        assert table.small | again <= hidden
        versions.append(Version(table.values, hidden, absent))
        most_hidden = [*versions[:-1], replace(versions[-1], hidden=frozenset(range(len(table.values))))]
        for cell in table.small:
            if spread(shape, most_hidden, cell, limit):
                assert spread(shape, versions, cell, limit)


def spread(shape, versions, cell, limit):
    """Whether `cell` can be anything from 0 to limit - 1."""
    least, most = bounds(shape.sums, versions, cell)
    return least < 1e-6 and most > limit - 1 - 1e-6


@pytest.mark.parametrize("limit", [1, 5, 10])
def test_a_city_of_usual_size(limit):
    counts = [[(place * 7 + wijk * 13) % 40 + (wijk + place) % 3 * 60 for place in range(11)] for wijk in range(10)]
    table = tree(counts, limit)
    hidden = protect(table)
    assert table.small
    assert exposed(table, hidden) == frozenset()
    assert CITY not in hidden
