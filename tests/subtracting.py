"""Somebody who tries to find hidden counts by subtracting. He looks at whole tables, without linear programming."""

from collections.abc import Collection, Sequence

from buurtbeeld.statistics.disclosure import Table

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
