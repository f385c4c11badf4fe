"""What a city says itself, in plain files of its own: goals that its council set, what was done, and its subwijken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

CITY_FILES = ("targets.csv", "measures.csv", "subwijken.csv")
"""The plain files that a city may fill, in `Settings.city_dir`."""


@dataclass(frozen=True, slots=True)
class Target:
    """One row of the mart's `target` view: the value that an indicator is to have in an area by a year.

    value is in the unit of the indicator; document names the decision of the council, link is where it can be read.
    """

    indicator: str
    code: str
    year: int
    value: float
    document: str
    link: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the mart's `measure` view: something that was done in an area. `end` is None while it goes on.

    The view calls the two days `from` and `to`, which are words of Python.
    """

    code: str
    begin: date
    end: date | None
    title: str
    link: str


@dataclass(frozen=True, slots=True)
class CityProblem:
    """Something that is wrong in one of `CITY_FILES`: where, and which words of the texts say what and what to do.

    key: of the texts; values fill it in. rows: as a spreadsheet counts them; empty when it is about the whole file.
    column: its name; empty when it is about the whole row.
    """

    file: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    rows: tuple[int, ...] = ()
    column: str = ""
