"""Hiding small counts so that nobody can subtract their way to them.

What is hidden is any count below a limit. But counts add up: where one buurt of a wijk is hidden, it is the wijk less
its other buurten. So more has to be hidden, until what is shown rules out no value from 0 to limit - 1 for any small
count: whoever subtracts then learns no more than the rule itself says.

A table is given by its cells, numbered from 0: `values` are counts, and each of `sums` is {whole: 1, part: -1, …},
saying that the whole is its parts together. A table that does not add up exactly, because some people have no known
buurt, is treated as if the remainder were known to everybody.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd

import numpy as np
from scipy.optimize import linprog

Sum = Mapping[int, int]
_Column = int | tuple[int, int] | None
_Row = dict[_Column, int]
_GAP = None  # the column for what a row is off by when today's counts are filled in


@dataclass(frozen=True)
class Table:
    """Counts that add up. `absent`: cells without a count of our own, which therefore are nobody's to find.

    known: cells of which everybody knows the count, so that hiding them protects nothing. kept: sums of hidden cells
    that are known, as {cell: factor}.
    """

    values: tuple[int, ...]
    sums: tuple[Sum, ...]
    limit: int
    absent: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()
    kept: tuple[Sum, ...] = ()

    @property
    def small(self) -> frozenset[int]:
        """The cells that must be hidden: those below the limit."""
        return frozenset(i for i, value in enumerate(self.values) if value < self.limit and i not in self.absent)

    @property
    def parts(self) -> dict[int, tuple[int, ...]]:
        """The parts of each whole, in order; of a whole that adds up in several ways, those of the first."""
        return dict(reversed([_split(row) for row in self.sums]))


def protect(table: Table, hidden: Collection[int] = ()) -> frozenset[int]:
    """The cells to hide: the small ones, those of `hidden`, and as many others as it takes to protect the small ones.

    First every hidden part takes its neighbour in the same whole along: parts are paired in their order, and the last
    three go together when their number is odd. Then, for each small cell, the cheapest shift of the hidden table that
    turns it into limit - 1, and into 0, is found by linear programming; whatever that shift needs is hidden too, with
    its neighbours. A cell costs the number of smallest cells in it, so buurten go before wijken. Where no shift does,
    everything that adds up with the cell is hidden: somebody who doesn't know all that was revised may still be misled.

    Neither pairs nor costs depend on a count, and nothing that turns out superfluous is shown again. A program that
    hides the least it can gives itself away: of two counts either of which would do, the one that was hidden tells
    something of both (R.C.-W. Wong and others, "Minimality attack in privacy preserving data publishing", VLDB 2007).

    Assumes that the sums are all there is between the cells and that every part has one whole, as areas within areas
    have: such equations are those of a tree, of which whole shifts have whole answers. That counts are whole, not
    negative, and that a remainder is known. With `kept` sums, a value for which only fractions fit counts as possible.
    Small cells that are known, or `exposed` whatever is hidden, are hidden too, without any promise.

    Reference: the heuristic of J.P. Kelly, B.L. Golden and A.A. Assad, "Cell suppression: disclosure protection for
    sensitive tabular data", Networks 22 (1992) 397-417; for what protection is, L. Willenborg and T. de Waal, "Elements
    of Statistical Disclosure Control" (2001), chapter 6, and for hiding cells, chapters 8 and 9.
    """
    found = _paired(table, table.small | frozenset(hidden)) | table.absent
    costs = _costs(table)
    for cell in sorted(table.small - table.known):
        for shift in (table.limit - 1 - table.values[cell], -table.values[cell]):
            needed = _needed(table, found, cell, shift, costs)
            found |= _beside(table, cell) if needed is None else needed
    return _paired(table, found - table.absent) | table.absent


def _beside(table: Table, cell: int) -> frozenset[int]:
    """Every cell that can push `cell`, and is not known."""
    able = frozenset(range(len(table.values))) - table.known
    return frozenset(_joined((*table.sums, *table.kept), cell, able))


def _split(row: Sum) -> tuple[int, tuple[int, ...]]:
    """The whole of a sum and its parts, in order."""
    [whole] = [cell for cell, sign in row.items() if sign > 0]
    return whole, tuple(sorted(cell for cell, sign in row.items() if sign < 0))


def _costs(table: Table) -> list[float]:
    """How many smallest cells there are in each; of equals, the first costs least."""
    parts = table.parts

    def size(cell: int) -> int:
        return sum(size(part) for part in parts[cell]) if cell in parts else 1

    many = len(table.values)
    return [size(cell) + cell / many for cell in range(many)]


def _paired(table: Table, hidden: frozenset[int]) -> frozenset[int]:
    """`hidden` and whatever is paired with it: at least two parts of a whole, unless only one can be hidden at all."""
    pairs = [frozenset(pair) for row in table.sums for pair in _pairs(table, _split(row)[1])]
    while more := [pair for pair in pairs if pair & hidden and not pair <= hidden]:
        hidden = hidden.union(*more)
    return hidden


def _pairs(table: Table, parts: Sequence[int]) -> Iterator[Sequence[int]]:
    able = [cell for cell in parts if cell not in table.known | table.absent]
    last = max(len(able) // 2 * 2 - 2, 0)
    for start in range(0, last, 2):
        yield able[start : start + 2]
    yield able[last:]


def since(table: Table, earlier: Sequence[Mapping[int, int | None]]) -> Table:
    """`table` for a world that kept earlier versions of it: what each gave by cell, None for what it hid.

    Each version is a system of equations of its own: the sums, with the counts that it showed filled in. A hidden count
    without parts is the same unknown as today's. A hidden whole is what its parts were then, and gives way to them. A
    cell that had no count then was nobody, so it is 0; a whole that had none was what its parts were. What is left are
    sums of today's hidden counts. Those that hold for today's counts are `kept`. Those that don't, tell that a hidden
    count was revised, but not which: of such sums over the same cells those combinations are kept that do hold. So even
    who knows exactly which hidden counts were revised has no equation that is not kept. A cell that was shown with the
    count that it has today is `known`, and so is one that was nobody and is 0.

    Assumes that the cells are the same areas in every version, and that versions are compared as equations: that a
    count was not negative before it was revised is not used. Is to go with hiding again whatever was hidden:
    `protect(since(…), hidden)`. What was shown and has not been revised, a count or a sum of counts, can't be taken
    back: the small cells for which that matters are `exposed` whatever else is hidden.

    Reference: the equations are those of `exposed`, of all versions together.
    """
    rows = [row for number, then in enumerate(earlier) for row in _told(table, then, number)]
    leaves = [cell for cell in range(len(table.values)) if cell not in table.parts]
    given = [then | {leaf: 0 for leaf in leaves if leaf not in then} for then in map(dict, earlier)]
    known = {cell for then in given for cell, value in then.items() if value == table.values[cell]}
    return replace(table, kept=(*table.kept, *_fulfilled(rows)), known=table.known | known)


def _told(table: Table, then: Mapping[int, int | None], number: int) -> list[_Row]:
    """What one version told of the cells without parts that it hid."""
    parts = table.parts

    def column(cell: int) -> _Column:
        return (number, cell) if cell in parts else cell  # a whole of that version is no cell of today

    hidden = {cell for cell, value in then.items() if value is None} | (parts.keys() - then.keys())
    rows: list[_Row] = []
    for each in table.sums:
        row: _Row = {column(cell): sign for cell, sign in each.items() if cell in hidden}
        off = sum(s * ((then.get(cell) or 0) - table.values[cell]) for cell, s in each.items() if cell not in hidden)
        rows.append(row | ({_GAP: off} if off else {}))
    for whole in sorted(hidden & parts.keys()):
        rows = _without(rows, column(whole))
    return rows


def _fulfilled(rows: list[_Row]) -> Iterator[Sum]:
    """The combinations of rows over the same cells that leave no gap."""
    rows = [row for row in rows if row.keys() - {_GAP}]
    while rows:
        together, ahead = [], [rows.pop()]
        while ahead:
            together.append(row := ahead.pop())
            near = [each for each in rows if each.keys() & row.keys() - {_GAP}]
            rows = [each for each in rows if each not in near]
            ahead += near
        yield from (
            {cell: factor for cell, factor in row.items() if isinstance(cell, int)}
            for row in _without(together, _GAP)
            if row
        )


def _without(rows: list[_Row], column: _Column) -> list[_Row]:
    """`rows` with `column` eliminated: the shortest that has it is subtracted from the others, and left out."""
    having = sorted((row for row in rows if column in row), key=len)
    return [row for row in rows if column not in row] + [_less(row, having[0], column) for row in having[1:]]


def _less(row: _Row, other: _Row, column: _Column) -> _Row:
    """The combination of two rows that has nothing in `column`, in the smallest whole numbers."""
    found = {
        each: other[column] * row.get(each, 0) - row[column] * other.get(each, 0) for each in row.keys() | other.keys()
    }
    divisor = gcd(*found.values())
    return {each: factor // divisor for each, factor in found.items() if factor}


def exposed(table: Table, hidden: Collection[int]) -> frozenset[int]:
    """The small cells of which the shown cells rule out a value from 0 to limit - 1, which nobody may be able to.

    An audit after L.H. Cox, "Suppression methodology and statistical disclosure control", JASA 75 (1980) 377-385: the
    shown cells and the sums are linear equations, and counts are not negative, so the least and the most that a hidden
    cell can be are found by linear programming. A known cell is shown in effect, and is nobody's to protect any more.
    Assumes what `protect` does.
    """
    free = frozenset(hidden)
    return frozenset(
        cell
        for cell in table.small - table.known
        if cell not in free
        or _needed(table, free, cell, table.limit - 1 - table.values[cell]) is None
        or _needed(table, free, cell, -table.values[cell]) is None
    )


def _needed(
    table: Table, hidden: Collection[int], cell: int, shift: int, costs: Sequence[float] | None = None
) -> frozenset[int] | None:
    """The shown cells that must change for `cell` to change by `shift`; None when it can't.

    costs: of changing each shown cell; without, only hidden cells can change.
    """
    free = (set(range(len(table.values))) if costs else set(hidden)) - table.known | {cell}
    sums = (*table.sums, *table.kept)
    near = _joined(sums, cell, free)
    place = {each: number for number, each in enumerate(near)}
    rows = np.array([[row.get(each, 0) for each in near] for row in sums if place.keys() & row.keys()])
    # Up and down apart, since a cell costs the same either way; it can't go down by more than it is.
    cost = np.array([0.0 if each in hidden or not costs else costs[each] for each in near] * 2)
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
    of: dict[int, list[Sum]] = {}
    for row in sums:
        for each in row:
            of.setdefault(each, []).append(row)
    found, ahead = {cell}, [cell]
    while ahead:
        new = {each for row in of.get(ahead.pop(), ()) for each in row if each in free} - found
        found |= new
        ahead += new
    return tuple(sorted(found))
