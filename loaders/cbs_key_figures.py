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
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task
from loaders.dialects import odata3, odata4, statline
from loaders.http import RefusedError, UnreachableError
from loaders.raw import match, unit_of

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
    hosts=("CBS_ODATA3", "CBS_ODATA4"),
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


class _Cbs:
    """One load: the tables there are, and the ways to CBS that are still open."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._units: dict[str, str] = {}
        self.left_out: dict[str, list[int]] = {}
        """Columns that the catalogue reads, and the years in which they are in another unit than in the newest."""
        self._ways = {"CBS_ODATA3": self._by_figure, "CBS_ODATA4": self._by_measure}
        self.tables = self._tables()

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
                if problems:
                    self._task.note(f"{year} is taken from {host}. {problems[0]}")
                return edition
        kind = UnreachableError if not self._ways else LoadError
        raise kind(" ".join(map(str, problems)) or "No way to CBS is open.")

    def _tables(self) -> dict[int, list[str]]:
        """Ids of the tables by year. More than one for a year is an error only for whoever needs that year."""
        why = ""
        for host, catalogue in (("CBS_ODATA3", odata3.catalogue), ("CBS_ODATA4", odata4.catalogue)):
            try:
                titles = catalogue(self._task.http, host)
            except LoadError as error:
                if isinstance(error, UnreachableError):
                    del self._ways[host]
                why = str(error)
                continue
            found: dict[int, list[str]] = {}
            for id, title in titles.items():
                if named := TITLE.fullmatch(title):
                    found.setdefault(int(named[1]), []).append(id)
            if found:
                return found
            why = f"The one at {host} names no Kerncijfers wijken en buurten."
        if not self._ways:
            raise UnreachableError(why)
        self._task.note(f"No catalogue of CBS helps, so the tables known when this was written are used. {why}")
        return {year: [table] for year, table in KNOWN_TABLES.items()}

    def _by_figure(self, year: int, id: str) -> Edition | Same:
        """By version 3: a column per figure."""
        task = self._task
        source = odata3.Table(http=task.http, host="CBS_ODATA3", id=id, label=str(year))
        info = source.info()
        _check_title(id, year, info)
        marker = str(info.get("Modified") or "")
        if marker and self._stands(year, lambda before: before == marker):
            return Same(str(year))
        key, topics = source.structure()
        condition = _of(task.gemeente, key)
        return self._made(year, id, key, list(source.rows(condition)), topics, source.address(condition), marker)

    def _by_measure(self, year: int, id: str) -> Edition | Same:
        """By version 4: a row per figure."""
        task = self._task
        source = odata4.Table(http=task.http, host="CBS_ODATA4", id=id, label=str(year))
        info = source.info()
        _check_title(id, year, info)
        marker = str(info.get("Modified") or "")
        # By the day: the two versions may write the time differently.
        if marker and self._stands(year, lambda before: before[:10] >= marker[:10]):
            return Same(str(year))
        key, measures = source.key(), source.measures()
        begins = " or ".join(f"startswith({key},'{letters}{task.gemeente[2:]}')" for letters in ("GM", "WK", "BU"))
        rows = odata4.wide(source.observations(begins), key, measures)
        topics = {measure.column: measure.topic for measure in measures.values()}
        return self._made(year, id, key, rows, topics, source.address(begins), marker)

    def _stands(self, year: int, unchanged: Callable[[str], bool]) -> bool:
        """Whether the copy of a year may stay, by its marker; not when the catalogue reads more of it by now."""
        copy = self._task.copies.get(str(year))
        if not (copy and unchanged(copy.marker)) or self._of_another_unit(copy.schema):
            return False
        self._learn(copy.schema)
        return True

    def _learn(self, schema: pa.Schema) -> None:
        for wanted, name in self._read(schema).items():
            self._units.setdefault(wanted, unit_of(schema, name))

    def _of_another_unit(self, schema: pa.Schema) -> dict[str, str]:
        """Of what the catalogue reads, the published columns that are in another unit than in a newer edition."""
        read = self._read(schema)
        units = {wanted: unit_of(schema, name) for wanted, name in read.items()}
        return {wanted: read[wanted] for wanted, unit in units.items() if unit != self._units.get(wanted, unit)}

    def _read(self, schema: pa.Schema) -> dict[str, str]:
        """The published columns that the catalogue reads, by its own name; not those that could be several."""
        found = {wanted: match(wanted, schema.names) for wanted in self._task.columns}
        return {wanted: names[0] for wanted, names in found.items() if len(names) == 1}

    def _made(
        self,
        year: int,
        id: str,
        key: str,
        rows: Sequence[statline.Row],
        topics: dict[str, statline.Topic],
        url: str,
        marker: str,
    ) -> Edition:
        gemeente = self._task.gemeente
        own = statline.own(rows, key, gemeente, topics, f"Table {id}")
        own_rows = sorted(own, key=lambda row: statline.code(row[key]))
        if not own_rows:
            raise _NoRowsError(
                f"Table {id} ({year}) has no rows of {gemeente}. Look whether that gemeente still exists, or load "
                "again later."
            )
        _check_codes(gemeente, id, [statline.code(row[key]) for row in own_rows])
        table = statline.table(
            own_rows, key=key, periods=[date(year, 1, 1)] * len(own_rows), edition=year, topics=topics
        )
        odd = self._of_another_unit(table.schema)
        for wanted in odd:
            self.left_out.setdefault(wanted, []).append(year)
        self._learn(table.schema)
        return Edition(
            edition=str(year),
            table=table.drop_columns(list(odd.values())),
            url=url,
            attribution=f"Bron: CBS, Kerncijfers wijken en buurten {year} (StatLine {id})",
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
    for unclear in _several(task.columns, [edition for edition in editions if isinstance(edition, Edition)]):
        task.note(unclear)
    for wanted, years in cbs.left_out.items():
        task.note(f"{wanted} is left out of {_years(years)}: it is in another unit there than in newer editions.")
    return editions


def look(task: Task) -> Look:
    """The newest table's columns with their units, and how many areas of each level it has."""
    tables = _Cbs(task).tables
    year = max(tables)
    source = odata3.Table(http=task.http, host="CBS_ODATA3", id=table_of(tables, year), label=str(year))
    key, topics = source.structure()
    rows = statline.own(source.rows(_of(task.gemeente, key), select=key), key, task.gemeente, (), f"Table {source.id}")
    columns = {name: topic.unit for name, topic in topics.items()}
    counts = Counter(statline.code(row[key])[:2] for row in rows)
    return Look(edition=str(year), columns={"ID": "", key: ""} | columns, counts=counts)


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


def _check_title(id: str, year: int, info: statline.Row) -> None:
    """A table id is only a number; its title says whether it is the table that was meant."""
    title = str(info.get("Title")).strip()
    meant = TITLE.fullmatch(title)
    if not meant or int(meant[1]) != year:
        raise LoadError(
            f"Table {id} at CBS is called “{title}”, not “Kerncijfers wijken en buurten {year}”. "
            "Look in StatLine which table it is now."
        )


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


def _several(columns: Sequence[str], editions: Sequence[Edition]) -> Iterator[str]:
    """What can't be read since it could be several columns; that is no reason to go without the hundred others."""
    for wanted in columns:
        found = {int(edition.edition): match(wanted, edition.table.column_names) for edition in editions}
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
