"""Health of adults by gemeente, wijk and buurt: model estimates by RIVM, the GGD'en and CBS, in StatLine.

Published every two to four years as a new table at dataderden.cbs.nl, with all years since 2012 calculated again on the
borders of one year, which its title names: "Gezondheid per wijk en buurt; 2012/2016/2020/2022/2024 (indeling 2024)". A
table is an edition, and its borders are its year. Odd, and handled here:

- Three rows for each value: the value (MW00000) and the bounds of its 95% interval (MOG0095, MBG0095). They become one
  row: a bound of `Eenzaam_25` is in `Eenzaam_low_25` and `Eenzaam_high_25`.
- Three age groups: only 18 and over (20300) is loaded; 18 to 64 and 65 and over are not.
- Names of figures changed with the tables (ErvarenGezondheidGoedZeerGoed in 50120NED is GoedErvarenGezondheid in
  50150NED), and two columns of one table may have one name. They stay as published.
- Elsewhere other tables go under these ids: the title is compared.
- null is not published. Some figures are there for a few years only.

That 50150NED has the borders of 2024 was confirmed elsewhere; of 50090NED and 50120NED only the title says it. The
licence is expected to be CC BY 4.0, and not confirmed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import Source
from loaders import Edition, LoadError, Look, Same, Task
from loaders.dialects import odata3, statline
from loaders.http import NotThereError

SOURCE = Source(
    id="rivm_health",
    publisher="RIVM, GGD'en en CBS",
    title="Gezondheid per wijk en buurt",
    page="https://statline.rivm.nl/#/RIVM/nl/",
    licence="cc-by-4.0",
    attribution="Bron: RIVM, GGD'en en CBS – Gezondheidsmonitor, SMAP-schattingen",
    shape="area",
    openness="rows",
    refreshed="now and then",
    hosts=("CBS_DERDEN",),
)

HOST = "CBS_DERDEN"
TITLE = re.compile(r"Gezondheid per wijk en buurt\b.*\(indeling (\d{4})\)")
KNOWN_TABLES = ("50090NED", "50120NED", "50150NED")  # for the day the catalogue can't be read
ADULTS = "20300"
PARTS = {"MW00000": "", "MOG0095": "_low", "MBG0095": "_high"}  # margin: what it adds to a column's name
YEAR = r"(\d{4})JJ00"


def fetch(task: Task) -> list[Edition | Same]:
    """Every table, newest borders first, each unless it was not modified.

    Raises LoadError when the newest is not what it should be; what is wrong with an older one is noted.
    """
    tables = _tables(task)
    found = statline.newest_first(tables, {max(tables)}, lambda year: _edition(task, tables[year], year), task.note)
    return list(found.values())


def look(task: Task) -> Look:
    """The columns of the newest table."""
    tables = _tables(task)
    year = max(tables)
    key, topics = _table(task, tables[year], str(year)).structure()
    columns = {name: topic.unit for name, topic in _with_bounds(topics).items()}
    return Look(edition=str(year), columns={key: "", "Perioden": ""} | columns, counts={})


def spread(rows: Iterable[statline.Row], key: str, topics: Mapping[str, statline.Topic]) -> list[statline.Row]:
    """One row per area and period with the bounds beside the values, by period and code; other ages are left out.

    Raises LoadError for a row that is there twice, and for a value outside its bounds.
    """
    words = [name for name, topic in topics.items() if topic.datatype not in statline.NUMBERS]
    columns = {part: {name: beside(name, part) for name in topics if name not in words} for part in PARTS.values()}
    found: dict[tuple[str, str], statline.Row] = {}
    for row in rows:
        part = PARTS.get(statline.code(row["Marges"]))
        if part is None or statline.code(row["Leeftijd"]) != ADULTS:
            continue
        period, area = statline.code(row["Perioden"]), statline.code(row[key])
        wide = found.setdefault((period, area), {key: row[key], "Perioden": row["Perioden"]})
        if any(column in wide for column in columns[part].values()):
            raise LoadError(f"{area} is there twice for {period} and “{row['Marges']}”. Load again later.")
        wide |= {column: statline.number(name, row[name]) for name, column in columns[part].items()}
        wide |= {name: row[name] for name in words}
    for (period, area), wide in found.items():
        _check_bounds(period, area, wide, columns)
    order = [key, "Perioden", *_with_bounds(topics)]
    return [{name: found[each].get(name) for name in order} for each in sorted(found)]


def beside(name: str, part: str) -> str:
    """The column of a bound: `part` before the number that changes from table to table."""
    return re.sub(r"(_\d+)?$", lambda number: part + number[0], name, count=1)


def _tables(task: Task) -> dict[int, str]:
    """Ids of the tables by the year of their borders."""
    titles = odata3.listed(task.http, HOST, "RIVM", task.note)
    if found := _by_borders(titles):
        return found
    if titles:
        task.note(f"The catalogue of RIVM names no “{SOURCE.title}”, so {', '.join(KNOWN_TABLES)} are tried.")
    known: dict[str, str] = {}
    for id in KNOWN_TABLES:
        try:
            known[id] = str(_table(task, id, "tables").info().get("Title")).strip()
        except NotThereError:
            task.note(f"There is no table {id} any more.")
    if found := _by_borders(known):
        return found
    raise LoadError(f"None of {', '.join(KNOWN_TABLES)} is called “{SOURCE.title}”. Look in StatLine which it is now.")


def _by_borders(titles: Mapping[str, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for id, title in sorted(titles.items()):
        if named := TITLE.fullmatch(title):
            found[int(named[1])] = id  # of two on the same borders the one with the higher number came later
    return found


def _table(task: Task, id: str, label: str) -> odata3.Table:
    return odata3.Table(http=task.http, host=HOST, id=id, label=label)


def _edition(task: Task, id: str, year: int) -> Edition | Same:
    source = _table(task, id, str(year))
    info = source.info()
    named = TITLE.fullmatch(str(info.get("Title")).strip())
    if not named or int(named[1]) != year:
        raise LoadError(
            f"Table {id} is called “{info.get('Title')}”, not “{SOURCE.title} (indeling {year})”. Look in StatLine "
            "which table it is now."
        )
    marker, copy = str(info.get("Modified") or ""), task.copies.get(str(year))
    if copy and marker and copy.marker == marker:
        return Same(str(year))
    key, topics = source.structure()
    ages, margins = source.keys("Leeftijd"), source.keys("Marges")
    if lost := [each for each in (ADULTS, *PARTS) if each not in ages | margins]:
        raise LoadError(f"Table {id} has no {', '.join(lost)} in its lists any more. Look what changed there.")
    condition = f"{odata3.within(key, task.gemeente)} and {odata3.equal('Leeftijd', ages[ADULTS])}"
    announced = ("Perioden", "Leeftijd", "Marges", *topics)
    own = statline.own(source.rows(condition), key, task.gemeente, announced, f"Table {id}")
    rows = spread(own, key, topics)
    if not rows:
        raise LoadError(f"Table {id} has no rows of {task.gemeente}. Look whether that gemeente still exists.")
    return Edition(
        edition=str(year),
        table=table(rows, key, year, topics),
        url=source.address(condition),
        attribution=f"{SOURCE.attribution} ({id})",
        marker=marker,
    )


def table(rows: Sequence[statline.Row], key: str, year: int, topics: Mapping[str, statline.Topic]) -> pa.Table:
    """What `spread` gives, with the key columns of areas. Raises LoadError for a period that is no year."""
    periods = []
    for row in rows:
        named = re.fullmatch(YEAR, statline.code(row["Perioden"]))
        if not named:
            raise LoadError(f"“{row['Perioden']}” is no year. Look what changed in {SOURCE.title}.")
        periods.append(date(int(named[1]), 1, 1))
    return statline.table(rows, key=key, periods=periods, edition=year, topics=_with_bounds(topics))


def _with_bounds(topics: Mapping[str, statline.Topic]) -> dict[str, statline.Topic]:
    return {
        beside(name, part): topic
        for name, topic in topics.items()
        for part in PARTS.values()
        if not part or topic.datatype in statline.NUMBERS
    }


def _check_bounds(period: str, area: str, wide: Mapping[str, Any], columns: Mapping[str, Mapping[str, str]]) -> None:
    """A bound on the wrong side means that the rows are not what they are taken for."""
    for name, low_name in columns["_low"].items():
        low, value, high = wide.get(low_name), wide.get(name), wide.get(columns["_high"][name])
        if value is not None and ((low is not None and low > value) or (high is not None and value > high)):
            raise LoadError(
                f"{name} of {area} in {period} is {value}, outside its bounds {low} to {high}. Load again later."
            )
