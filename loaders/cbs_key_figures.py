"""Key figures of gemeente, wijken and buurten (Kerncijfers wijken en buurten), by CBS in StatLine.

One table per year since 2013; the table is the year, reference date 1 January. A table is filled in stages over one to
two and a half years: population first; income, energy and care later. So every edition is loaded, and each again when
its table says it was modified. How StatLine speaks is in loaders/dialects/; odd, and handled here:

- Table ids can't be guessed: the catalogue of CBS is read, and its titles compared here.
- `substringof` finds the codes of a gemeente, and also BU03630344; a range is ignored without a word. So rows are
  chosen here.
- 2013 calls the column with codes RegioS, the years after it WijkenEnBuurten. Columns keep their names.
- A unit may be another in an older year. The catalogue has one scale for all of them, so such a column is left out of
  that year where the catalogue reads it, which is noted.
- A gemeente that was made of others has no rows in the tables before: that is noted; only the newest must have it.
- CBS means to end OData version 3. Where it can't be reached or refuses a table, version 4 is the second way. A table
  that is on disk already is only taken from there when it was modified since: columns are named after version 3, but
  not every name can be made that way.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

import pyarrow as pa

from buurtbeeld.catalogue import Source, Wanted
from loaders import Edition, LoadError, Look, Same, Task
from loaders.dialects import odata3, odata4, statline
from loaders.http import RefusedError, UnreachableError
from loaders.raw import groups_of, unit_of

FIRST, SECOND = "CBS_ODATA3", "CBS_ODATA4"
SOURCE = Source(
    id="cbs_key_figures",
    publisher="CBS",
    title="Kerncijfers wijken en buurten",
    page="https://www.cbs.nl/nl-nl/reeksen/publicatie/kerncijfers-wijken-en-buurten",
    licence="cc-by-4.0",
    attribution="Bron: CBS, Kerncijfers wijken en buurten",
    shape="area",
    openness="rows",
    refreshed="yearly",
    hosts=(FIRST, SECOND),
)

TITLE = re.compile(r"Kerncijfers wijken en buurten (\d{4})")
# For the day no catalogue can be read. A wrong id is noticed: a table says its own title.
KNOWN_TABLES = {
    2013: "82339NED",
    2014: "82931NED",
    2015: "83220NED",
    2016: "83487NED",
    2017: "83765NED",
    2018: "84286NED",
    2019: "84583NED",
    2020: "84799NED",
    2021: "85039NED",
    2022: "85318NED",
    2023: "85618NED",
    2024: "85984NED",
    2025: "86165NED",
    2026: "86358NED",
}


class _NoRowsError(LoadError):
    """A table that has nothing of the gemeente."""


class _Units:
    """In which unit the newest edition has what the catalogue reads, whose scale holds for that unit only."""

    def __init__(self, columns: Sequence[Wanted]) -> None:
        self._columns = columns
        self._known: dict[Wanted, str] = {}

    def learn(self, schema: pa.Schema) -> None:
        """Take the units of an edition, where no newer one has the column."""
        for wanted, name in self._read(schema).items():
            self._known.setdefault(wanted, unit_of(schema, name))

    def others(self, schema: pa.Schema) -> dict[Wanted, str]:
        """What an edition has in another unit, and its published column."""
        read = self._read(schema)
        units = {wanted: unit_of(schema, name) for wanted, name in read.items()}
        return {wanted: read[wanted] for wanted, unit in units.items() if unit != self._known.get(wanted, unit)}

    def _read(self, schema: pa.Schema) -> dict[Wanted, str]:
        """The published columns that the catalogue reads; not those that could be several."""
        there = groups_of(schema)
        found = {wanted: wanted.among(there) for wanted in self._columns}
        return {wanted: names[0] for wanted, names in found.items() if len(names) == 1}


class _Cbs:
    """One load: the tables there are, and the ways to CBS that are still open."""

    def __init__(self, task: Task) -> None:
        """Raises UnreachableError when no way is open."""
        self._task = task
        self._units = _Units(task.columns)
        self.left_out: dict[Wanted, list[int]] = {}
        """What the catalogue reads, and the years in which it is in another unit than in the newest."""
        self.second_way: list[int] = []
        """The years that came by version 4."""
        self.why = ""
        """What was wrong with version 3, the first time."""
        self._ways = {FIRST: self._by_figure, SECOND: self._by_measure}
        self.tables = self._tables()
        """Ids of the tables by year; more than one for a year is an error only for whoever needs that year."""

    def edition(self, year: int) -> Edition | Same:
        """One year, every column as published. The newest goes first: units are held against its.

        Raises _NoRowsError, UnreachableError or plain LoadError.
        """
        table, problems = table_of(self.tables, year), list[LoadError]()
        for host, read in list(self._ways.items()):
            try:
                edition = read(year, table)
            except UnreachableError as error:
                del self._ways[host]  # not asked again for each table
                problems.append(error)
            except RefusedError as error:
                problems.append(error)
            else:
                if host != FIRST and isinstance(edition, Edition):
                    self.second_way.append(year)
                    self.why = self.why or str(problems[0])
                return edition
        kind = LoadError if self._ways else UnreachableError
        raise kind(" ".join(map(str, problems)) or "No way to CBS is open any more.")

    def _tables(self) -> dict[int, list[str]]:
        problems: list[str] = []
        for host, catalogue in ((FIRST, odata3.catalogue), (SECOND, odata4.catalogue)):
            try:
                titles = catalogue(self._task.http, host)
            except UnreachableError as error:
                del self._ways[host]
                problems.append(str(error))
                continue
            except LoadError as error:
                problems.append(str(error))
                continue
            found: dict[int, list[str]] = {}
            for id, title in titles.items():
                if named := TITLE.fullmatch(title):
                    found.setdefault(int(named[1]), []).append(id)
            if found:
                self.why = "" if FIRST in self._ways else problems[0]
                return found
            problems.append(f"The catalogue at {host} names no {SOURCE.title}.")
        if not self._ways:
            raise UnreachableError(f"{problems[0]} {SECOND} can't be reached either.")
        self._task.note(f"No catalogue helps, so the tables known when this was written are used. {' '.join(problems)}")
        return {year: [table] for year, table in KNOWN_TABLES.items()}

    def _by_figure(self, year: int, id: str) -> Edition | Same:
        """By version 3: a column per figure."""
        source = odata3.Table(http=self._task.http, host=FIRST, id=id, label=str(year))
        marker = _modified(source.info(), id, year)
        if marker and self._stands(year, lambda before: before == marker):
            return Same(str(year))
        key, topics = source.structure()
        condition = _of(self._task.gemeente, key)
        return self._made(source, key, source.rows(condition), topics, condition, marker)

    def _by_measure(self, year: int, id: str) -> Edition | Same:
        """By version 4: a row per figure."""
        source = odata4.Table(http=self._task.http, host=SECOND, id=id, label=str(year))
        marker = _modified(source.info(), id, year)
        # By the day: the two versions may write the time differently.
        if marker and self._stands(year, lambda before: before[:10] >= marker[:10]):
            return Same(str(year))
        key, measures = source.key(), source.measures()
        begins = (f"startswith({key},'{letters}{self._task.gemeente[2:]}')" for letters in ("GM", "WK", "BU"))
        condition = " or ".join(begins)
        rows = odata4.wide(source.observations(condition), key, measures)
        topics = {measure.column: measure.topic for measure in measures.values()}
        return self._made(source, key, rows, topics, condition, marker)

    def _stands(self, year: int, unchanged: Callable[[str], bool]) -> bool:
        """Whether the copy of a year may stay, by its marker; not when the catalogue reads more of it by now."""
        copy = self._task.copies.get(str(year))
        if not (copy and unchanged(copy.marker)) or self._units.others(copy.schema):
            return False
        self._units.learn(copy.schema)
        return True

    def _made(
        self,
        source: odata3.Table | odata4.Table,
        key: str,
        rows: Iterable[statline.Row],
        topics: Mapping[str, statline.Topic],
        condition: str,
        marker: str,
    ) -> Edition:
        gemeente, year = self._task.gemeente, int(source.label)
        own = list(statline.own(rows, key, gemeente, topics, f"Table {source.id}"))
        if not own:
            raise _NoRowsError(
                f"Table {source.id} ({year}) has no rows of {gemeente}. Look whether that gemeente still exists, or "
                "load again later."
            )
        own.sort(key=lambda row: statline.code(row[key]))
        _check_codes(gemeente, source.id, [statline.code(row[key]) for row in own])
        table = statline.table(own, key=key, periods=[date(year, 1, 1)] * len(own), edition=year, topics=topics)
        others = self._units.others(table.schema)
        for wanted in others:
            self.left_out.setdefault(wanted, []).append(year)
        self._units.learn(table.schema)
        return Edition(
            edition=str(year),
            table=table.drop_columns(list(others.values())),
            url=source.address(condition),
            attribution=f"Bron: CBS, {SOURCE.title} {year} (StatLine {source.id})",
            marker=marker,
        )


def fetch(task: Task) -> list[Edition | Same]:
    """Every edition since 2013, newest first, each only when its table was modified since the copy.

    Raises LoadError when the newest edition, or one that somebody named, is not there or not what it should be. What is
    wrong with another is noted.
    """
    cbs = _Cbs(task)
    for year in task.editions:
        table_of(cbs.tables, year)
    needed = {max(cbs.tables), *task.editions}
    without: list[int] = []

    def load(year: int) -> Edition | Same | None:
        try:
            return cbs.edition(year)
        except _NoRowsError:
            if year in needed:
                raise
            without.append(year)
            return None

    found = statline.newest_first(cbs.tables, needed, load, task.note)
    if without:
        task.note(f"There are no rows of {task.gemeente} in {_years(without)}.")
    editions = [edition for edition in found.values() if edition]
    if cbs.second_way:
        task.note(f"{_years(cbs.second_way)} came from {SECOND}. {cbs.why}")
    for unclear in _several(task.columns, [edition for edition in editions if isinstance(edition, Edition)]):
        task.note(unclear)
    if cbs.left_out:
        left_out = ", ".join(f"{wanted} of {_years(years)}" for wanted, years in cbs.left_out.items())
        task.note(f"Left out, since newer editions have it in another unit: {left_out}.")
    return editions


def look(task: Task) -> Look:
    """The newest table's columns with their units, and how many areas of each level it has."""
    tables = _Cbs(task).tables
    year = max(tables)
    source = odata3.Table(http=task.http, host=FIRST, id=table_of(tables, year), label=str(year))
    key, topics = source.structure()
    rows = statline.own(source.rows(_of(task.gemeente, key), select=key), key, task.gemeente, (), f"Table {source.id}")
    columns = {name: topic.unit for name, topic in topics.items()}
    counts = Counter(statline.code(row[key])[:2] for row in rows)
    groups = {name: topic.group for name, topic in topics.items()}
    return Look(edition=str(year), columns={"ID": "", key: ""} | columns, groups=groups, counts=counts)


def table_of(tables: dict[int, list[str]], year: int) -> str:
    """The id of the table of a year. Raises LoadError when there is none, or more than one."""
    ids = tables.get(year, [])
    if len(ids) != 1:
        there = f"two tables, {' and '.join(ids)}; remove one from what is asked" if ids else "no table"
        raise LoadError(
            f"CBS has {there} of Kerncijfers wijken en buurten {year}; there are {min(tables)} to {max(tables)}."
        )
    return ids[0]


def _of(gemeente: str, key: str) -> str:
    return f"substringof('{gemeente[2:]}',{key})"


def _modified(info: statline.Row, id: str, year: int) -> str:
    """When a table was modified, "" when it doesn't say. Raises LoadError when it is another table than was meant.

    A table id is only a number; its title says what it is.
    """
    title = str(info.get("Title")).strip()
    meant = TITLE.fullmatch(title)
    if not meant or int(meant[1]) != year:
        raise LoadError(
            f"Table {id} at CBS is called “{title}”, not “{SOURCE.title} {year}”. Look in StatLine which table it is "
            "now."
        )
    return str(info.get("Modified") or "")


def _check_codes(gemeente: str, table: str, codes: list[str]) -> None:
    digits = gemeente[2:]
    problems = [
        f"“{code}” is no code of {gemeente}."
        for code in codes
        if not re.fullmatch(f"GM{digits}|WK{digits}[0-9A-Z]{{2}}|BU{digits}[0-9A-Z]{{4}}", code)
    ]
    problems += [f"{code} is there {times} times." for code, times in Counter(codes).items() if times > 1]
    problems += [f"There is no row that begins with {level}." for level in ("GM", "WK", "BU") if not _any(codes, level)]
    if problems:
        raise LoadError(f"Table {table} can't be used. " + " ".join(problems[:10]))


def _any(codes: list[str], level: str) -> bool:
    return any(code.startswith(level) for code in codes)


def _several(columns: Sequence[Wanted], editions: Sequence[Edition]) -> Iterator[str]:
    """What can't be read since it could be several columns; that is no reason to go without the hundred others."""
    there = {int(edition.edition): groups_of(edition.table.schema) for edition in editions}
    for wanted in columns:
        found = {year: wanted.among(groups) for year, groups in there.items()}
        years = [year for year, names in found.items() if len(names) > 1]
        if years:
            names = ", ".join(found[years[0]])
            yield f"{wanted} may be several columns in {_years(years)}: {names}. Name one of them in indicators.toml."


def _years(years: Sequence[int]) -> str:
    """2013 to 2015, 2018"""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
