"""How the police publish crimes at StatLine, by year and by month: one row per area, kind of crime and period.

Here it becomes one row per area and period with a column per kind, `misdrijven_1_1_1` for kind 1.1.1; the total keeps
the name of the published column. Odd, and handled here:

- Kind 0.0.0 is the total of the others, and a kind that ends in .0 is the total of its group. Of those only 0.0.0 is
  kept: what stands in a column is in no other, but for the total.
- null is withheld or unknown, never zero, and so is a kind without a row.
- Which years are definitive stands in the list of periods (Status, or words under it). That every table fills it in is
  unconfirmed, so the year that is going on is never taken for definitive.
- Which borders the areas have stands in the words about the table, where it does.
"""

import re
from dataclasses import replace
from datetime import date
from functools import cached_property

from buurtbeeld.catalogue import match
from loaders import LoadError, Task
from loaders.dialects import odata3, statline

HOST = "CBS_DERDEN"
KIND, PERIOD, COUNT, TOTAL = "SoortMisdrijf", "Perioden", "GeregistreerdeMisdrijven", "0.0.0"


class Crimes:
    """One table of crimes. Each part of it is read when it is first needed."""

    def __init__(self, task: Task, id: str, title: str) -> None:
        """Raises LoadError when the table has another title."""
        self._task = task
        self._source = odata3.Table(http=task.http, host=HOST, id=id, label="table")
        self.id = id
        self._info = self._source.info()
        if str(self._info.get("Title")).strip() != title:
            raise LoadError(
                f"Table {id} of the police is called “{self._info.get('Title')}”, not “{title}”. Look at "
                "data.politie.nl which table it is now."
            )
        self.modified = str(self._info.get("Modified") or "")

    @property
    def key(self) -> str:
        """The column with area codes."""
        return self._structure[0]

    @cached_property
    def topics(self) -> dict[str, statline.Topic]:
        """What is said of each column that it becomes."""
        counted = self._structure[1][self._count]
        return {
            column: replace(counted, title=str(self._kinds[kind].get("Title") or "").strip())
            for kind, column in self._columns.items()
        }

    def periods(self, pattern: str) -> list[str]:
        """The periods whose key fits a pattern, oldest first."""
        return sorted(key for key in self._periods if re.fullmatch(pattern, key))

    def definitive(self, period: str) -> bool | None:
        """Whether the publisher says that a period doesn't change any more; None where it doesn't say."""
        said = " ".join(str(self._periods[period].get(part) or "") for part in ("Status", "Description")).lower()
        return False if "voorlopig" in said else True if "definitief" in said else None

    def rows(self, period: str, label: str) -> list[statline.Row]:
        """One row per area of the gemeente, by code; the answers are kept under `label`."""
        found = replace(self._source, label=label).rows(self._condition(period))
        own = statline.own(found, self.key, self._task.gemeente, (KIND, self._count), f"Table {self.id}")
        return statline.across(own, self.key, KIND, self._count, self._columns)

    def address(self, period: str) -> str:
        """Where the rows of a period are."""
        return self._source.address(self._condition(period))

    def division(self, otherwise: int) -> int:
        """The year of the borders; `otherwise`, noted, where the table doesn't say."""
        year = statline.division(self._info)
        if year is None:
            self._task.note(f"Table {self.id} doesn't say of which year its borders are; {otherwise} is taken.")
        return year or otherwise

    @cached_property
    def _structure(self) -> tuple[str, dict[str, statline.Topic]]:
        return self._source.structure()

    @cached_property
    def _count(self) -> str:
        names = match(COUNT, self._structure[1])
        if len(names) != 1:
            raise LoadError(f"Table {self.id} should have one column {COUNT}, and has {len(names)}. Look what changed.")
        return names[0]

    @cached_property
    def _kinds(self) -> dict[str, statline.Row]:
        kinds = self._source.keys(KIND)
        if TOTAL not in kinds:
            raise LoadError(f"Table {self.id} has no kind {TOTAL}, the total of all crimes. Look what changed there.")
        return kinds

    @cached_property
    def _columns(self) -> dict[str, str]:
        """The column of each kind."""
        return {kind: self._count if kind == TOTAL else name(kind) for kind in self._kinds if not group(kind)}

    @cached_property
    def _periods(self) -> dict[str, statline.Row]:
        return self._source.keys(PERIOD)

    def _condition(self, period: str) -> str:
        within = odata3.within(self.key, self._task.gemeente)
        return f"{within} and {odata3.equal(PERIOD, self._periods[period])}"


def find(task: Task, title: str, known: str) -> str:
    """The id of the table of a title; `known`, noted, when the catalogue can't be read or has none.

    Raises LoadError when it has several.
    """
    titles = odata3.listed(task.http, HOST, "Politie", task.note)
    ids = [id for id, named in titles.items() if named == title]
    if len(ids) > 1:
        raise LoadError(f"The police have several tables “{title}”: {', '.join(ids)}. Look which one it is.")
    if titles and not ids:
        task.note(f"The catalogue of the police names no “{title}”, so table {known} is tried.")
    return ids[0] if ids else known


def name(kind: str) -> str:
    """The column of a kind, "1.1.1"."""
    return f"misdrijven_{re.sub(r'[^0-9A-Za-z]', '_', kind)}"


def group(kind: str) -> bool:
    """Whether a kind only adds up others, and is not the total of all."""
    return kind != TOTAL and kind.endswith(".0")


def first_day(period: str) -> date:
    """The first day of "2024JJ00" or "2024MM09"."""
    return date(int(period[:4]), int(period[6:]) if period[4:6] == "MM" else 1, 1)
