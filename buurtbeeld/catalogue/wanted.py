"""How a published column is found among those that are there: by its names, and by the group it stands under."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Wanted(NamedTuple):
    """One column of a source.

    names: what its publisher calls it, the usual name first, with or without the `_<number>` that changes from table to
    table. group: the title that it stands directly under, where several columns have one name; None where one has it.
    """

    names: tuple[str, ...]
    group: str | None = None

    def among(self, there: Mapping[str, str]) -> list[str]:
        """What it may be of the columns that are `there`, by the first of its names that is: one, several or none.

        there: published column → titles of the groups it stands under, outermost first, with " / " between; "" where
        nobody told. A column whose group is not told is not taken for one of a group.
        """
        fitting = [name for name, groups in there.items() if self.group in (None, groups.rpartition(" / ")[2])]
        return next((found for name in self.names if (found := match(name, fitting))), [])

    def __str__(self) -> str:
        return " or ".join(self.names) + (f" (under “{self.group}”)" if self.group else "")


class Read(NamedTuple):
    """What one indicator is read from in one source.

    priority: 0 goes before 1. part: what it is of the figure, which is value, low, high or n.
    """

    indicator: str
    priority: int
    part: str
    wanted: Wanted
    scale: float


def base(name: str) -> str:
    """A published name without the `_<number>` that changes from year to year."""
    return re.sub(r"_\d+$", "", name)


def match(column: str, names: Iterable[str]) -> list[str]:
    """The published names that a name may mean: that very name, else every name that is it plus `_<number>`."""
    names = list(names)
    return [column] if column in names else [name for name in names if base(name) == column]
