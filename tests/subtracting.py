"""Somebody who tries to find hidden counts by subtracting.

Of one table he looks at whole tables, without linear programming. Of several versions of one he solves all equations
together, and is told which counts are the same in two of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.optimize import linprog

from buurtbeeld.statistics.disclosure import Sum, Table

CITY = 0


def tree(wijken: Sequence[Sequence[int]], limit: int = 3) -> Table:
    """A table of a city, its wijken and their buurten (the counts are given), numbered in that order."""
    totals = [sum(wijk) for wijk in wijken]
    values = [sum(totals), *totals]
    sums = [{CITY: 1} | dict.fromkeys(range(1, len(wijken) + 1), -1)]
    for place, wijk in enumerate(wijken, start=1):
        sums.append({place: 1} | {len(values) + number: -1 for number in range(len(wijk))})
        values += wijk
    return Table(tuple(values), tuple(sums), limit)


def can_be(table: Table, hidden: Collection[int], cell: int, value: int) -> bool:
    """Whether some table of whole numbers from 0 agrees with all that is shown, and has `value` in `cell`."""

    def fits(each: int) -> int | None:
        return None if each in hidden and each != cell else (value if each == cell else table.values[each])

    totals = []  # per wijk: its least total, and whether it may be more
    for row in table.sums[1:]:
        [whole] = [each for each, sign in row.items() if sign > 0]
        parts = [fits(each) for each, sign in row.items() if sign < 0]
        least, more = sum(part for part in parts if part is not None), None in parts
        if (total := fits(whole)) is not None:
            if total < least or (total > least and not more):
                return False
            least, more = total, False
        totals.append((least, more))
    least = sum(total for total, _ in totals)
    city = fits(CITY)
    return city is None or city == least or (city > least and any(more for _, more in totals))


@dataclass(frozen=True)
class Version:
    """The counts as they were (0 without a count), what was hidden of them, and which had no count at all."""

    values: tuple[int, ...]
    hidden: frozenset[int]
    absent: frozenset[int]

    @property
    def given(self) -> dict[int, int | None]:
        """What everybody could read: a count, or None for one that is hidden."""
        there = {cell: value for cell, value in enumerate(self.values) if cell not in self.absent}
        return {cell: None if cell in self.hidden else value for cell, value in there.items()}


def bounds(sums: Sequence[Sum], versions: Sequence[Version], cell: int) -> tuple[float, float]:
    """The least and the most that `cell` can be in the last version; today's counts are not negative."""
    parts: dict[int, list[int]] = {}
    for row in sums:
        [whole] = [each for each, sign in row.items() if sign > 0]
        parts.setdefault(whole, [each for each, sign in row.items() if sign < 0])

    def smallest(each: int) -> list[int]:
        return [leaf for part in parts[each] for leaf in smallest(part)] if each in parts else [each]

    unknown: dict[tuple[int, int], int] = {}  # (cell, its count): the same in two versions is one unknown
    for version in versions:
        for leaf, value in enumerate(version.values):
            if leaf not in parts:
                unknown.setdefault((leaf, value), len(unknown))

    def row_of(version: Version, each: int) -> np.ndarray:
        found = np.zeros(len(unknown))
        for leaf in smallest(each):
            found[unknown[leaf, version.values[leaf]]] += 1
        return found

    told = [(row_of(v, each), value) for v in versions for each, value in v.given.items() if value is not None]
    told += [(row_of(v, each), 0) for v in versions for each in v.absent if each not in parts]
    # That a total is still the same can be known too, and then what was shown of it once is shown for good.
    now, before = versions[-1], [v.given for v in versions[:-1]]
    same = [each for each in parts if any(given.get(each) == now.values[each] for given in before)]
    told += [(row_of(now, each), now.values[each]) for each in same]
    equal = {"A_eq": np.array([row for row, _ in told]), "b_eq": [value for _, value in told]} if told else {}
    limits = [(0 if now.values[leaf] == value else None, None) for leaf, value in unknown]
    aim = row_of(versions[-1], cell)
    least = linprog(aim, bounds=limits, method="highs", **equal)
    most = linprog(-aim, bounds=limits, method="highs", **equal)
    return (float(least.fun) if least.status == 0 else -inf), (-float(most.fun) if most.status == 0 else inf)
