"""Hiding small counts so that nobody can subtract their way to them.

What is hidden is any count below a limit. But counts add up: where one buurt of a wijk is hidden, it is the wijk less
its other buurten. So more has to be hidden, as little as possible, until what is shown rules out no value from 0 to
limit - 1 for any small count: whoever subtracts then learns no more than the rule itself says.

A table is given by its cells, numbered from 0: `values` are counts, and each of `sums` is {cell: ±1, …}, saying that
those cells add up to nothing (a whole +1, its parts -1). A table that does not add up exactly, because some people have
no known buurt, is treated as if the remainder were known to everybody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linprog

Sum = Mapping[int, int]


@dataclass(frozen=True)
class Table:
    """Counts that add up. `absent`: cells without a count of our own, which therefore are nobody's to find.

    known: cells that were shown before with the same count, so that hiding them protects nothing.
    """

    values: tuple[int, ...]
    sums: tuple[Sum, ...]
    limit: int
    absent: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()

    @property
    def small(self) -> frozenset[int]:
        """The cells that must be hidden: those below the limit."""
        return frozenset(i for i, value in enumerate(self.values) if value < self.limit and i not in self.absent)


def protect(table: Table, hidden: Collection[int] = ()) -> frozenset[int]:
    """The cells to hide: the small ones, those of `hidden`, and as many others as it takes to protect the small ones.

    For each small cell the cheapest shift of the hidden table that turns it into limit - 1, and into 0, is found by
    linear programming; whatever that shift needs is hidden too. It costs a cell its count, so small areas go before
    wholes. At the end every cell that turns out superfluous is shown again, largest first. The heuristic of J.P. Kelly,
    B.L. Golden and A.A. Assad, "Cell suppression: disclosure protection for sensitive tabular data", Networks 22 (1992)
    397-417; the protection that is asked is that of L. Willenborg and T. de Waal, "Elements of Statistical Disclosure
    Control" (2001), chapter 4. Small cells that are known anyhow are hidden too, without any promise.
    """
    must = table.small | table.absent | frozenset(hidden)
    found = set(must)
    for cell in sorted(table.small - table.known, key=lambda i: table.values[i]):
        for shift in (table.limit - 1 - table.values[cell], -table.values[cell]):
            found |= _needed(table, found, cell, shift) or set()
    exposed_before = exposed(table, found)
    for cell in sorted(found - must, key=lambda i: -table.values[i]):
        if exposed(table, found - {cell}) <= exposed_before:
            found.remove(cell)
    return frozenset(found)


def since(table: Table, shown: Mapping[int, int], hidden: Collection[int]) -> Table:
    """`table` for a world that kept an earlier version of it. shown: the counts it gave then; hidden: what it hid then.

    Whoever compares the two sees what was not revised. So a cell shown then with the count it has now is known, and
    where nothing in a sum was revised, what was hidden in it then adds up to the same still; where something was,
    nobody can tell which hidden cell it was. To be used together with hiding again whatever was hidden:
    `protect(since(…), hidden)`. What was shown and has not been revised, a count or a sum of counts, can't be taken
    back: the small cells for which that matters are `exposed` whatever else is hidden.
    """
    then = frozenset(hidden)
    before = [shown.get(cell, value) for cell, value in enumerate(table.values)]
    kept = []
    for row in table.sums:
        same = _left(row, before) == _left(row, table.values)
        if same and (part := {cell: sign for cell, sign in row.items() if cell in then}):
            kept.append(part)
    known = frozenset(cell for cell, value in shown.items() if table.values[cell] == value)
    return replace(table, sums=(*table.sums, *kept), known=table.known | known)


def _left(row: Sum, values: Sequence[int]) -> int:
    """What a whole has more than its parts together: nothing, or people without a known buurt."""
    return sum(sign * values[cell] for cell, sign in row.items())


def exposed(table: Table, hidden: Collection[int]) -> frozenset[int]:
    """The small cells of which the shown cells rule out a value from 0 to limit - 1, which nobody may be able to.

    An audit after L.H. Cox, "Suppression methodology and statistical disclosure control", JASA 75 (1980) 377-385: the
    shown cells and the sums are linear equations, and counts are not negative, so the least and the most that a hidden
    cell can be are found by linear programming. A known cell is shown in effect, and is nobody's to protect any more.
    """
    free = frozenset(hidden)
    return frozenset(
        cell
        for cell in table.small - table.known
        if cell not in free
        or _needed(table, free, cell, table.limit - 1 - table.values[cell], more=False) is None
        or _needed(table, free, cell, -table.values[cell], more=False) is None
    )


def _needed(table: Table, hidden: Collection[int], cell: int, shift: int, more: bool = True) -> frozenset[int] | None:
    """The shown cells that must change for `cell` to change by `shift`; None when it can't by hidden cells alone.

    more: whether shown cells may change at all. The equations are those of a tree, so whole shifts have whole answers.
    """
    free = (set(range(len(table.values))) if more else set(hidden)) - table.known | {cell}
    near = _joined(table.sums, cell, free)
    place = {each: number for number, each in enumerate(near)}
    rows = np.array([[row.get(each, 0) for each in near] for row in table.sums if place.keys() & row.keys()])
    # Up and down apart, since a cell costs the same either way; it can't go down by more than it is.
    cost = np.array([0.0 if each in hidden else 1.0 + table.values[each] for each in near] * 2)
    bounds = [(0, None)] * len(near) + [(0, table.values[each]) for each in near]
    up, down = place[cell], place[cell] + len(near)
    bounds[up], bounds[down] = (max(shift, 0),) * 2, (max(-shift, 0),) * 2
    equal = {"A_eq": np.hstack([rows, -rows]), "b_eq": np.zeros(len(rows))} if len(rows) else {}
    found = linprog(cost, bounds=bounds, method="highs", **equal)
    if found.status == _INFEASIBLE:
        return None
    moved = found.x[: len(near)] - found.x[len(near) :]
    return frozenset(each for each, by in zip(near, moved, strict=True) if abs(by) > 1e-6 and each not in hidden)


_INFEASIBLE = 2  # as linprog numbers it


def _joined(sums: Sequence[Sum], cell: int, free: Collection[int]) -> tuple[int, ...]:
    """The cells of `free` that `cell` can push by way of sums, itself included."""
    found, ahead = {cell}, [cell]
    while ahead:
        now = ahead.pop()
        new = {each for row in sums if now in row for each in row if each in free} - found
        found |= new
        ahead += new
    return tuple(sorted(found))
