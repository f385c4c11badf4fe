"""What a publisher changed since the last load: a look, beside the copy on disk and what the catalogue reads."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from buurtbeeld.catalogue import Wanted, base
from loaders import Look
from loaders.believe import KEYS
from loaders.raw import Copy, groups_of, unit_of

OURS = frozenset(name for keys in KEYS.values() for name in keys.names) | {"provisional"}  # not the publisher's


@dataclass(frozen=True)
class Differences:
    """One sentence each."""

    breaks: tuple[str, ...]
    """A load would fail, or a figure would go missing."""
    news: tuple[str, ...]
    """Worth knowing."""


def differences(look: Look, copy: Copy | None, columns: Sequence[Wanted]) -> Differences:
    """What is different in `look` from `copy`; `columns` are those that the catalogue reads.

    A column that was not in the copy either is one of other editions.
    """
    breaks: list[str] = []
    there = {name: look.groups.get(name, "") for name in look.columns}
    for wanted in columns if look.columns else ():
        names = wanted.among(there)
        before = wanted.among(groups_of(copy.schema)) if copy else []
        if len(names) > 1:
            breaks.append(f"{wanted} is {' or '.join(names)}.")
        elif before and not names:
            breaks.append(f"{wanted} is not there.")
        elif copy and names and len(before) == 1:
            was, now = unit_of(copy.schema, before[0]), look.columns[names[0]]
            if was != " ".join(now.lower().split()):
                breaks.append(f"{base(names[0])} is in “{now}”, and was in “{was}”.")
    if copy is None:
        return Differences(tuple(breaks), ("No copy to compare with: nothing was loaded yet.",))
    if copy.rows and look.counts and not any(look.counts.values()):
        breaks.append(f"There is nothing any more of what was {copy.rows} rows.")
    return Differences(tuple(breaks), tuple(_news(look, copy)))


def _news(look: Look, copy: Copy) -> list[str]:
    news = [f"Edition {look.edition}; the copy is of {copy.edition}."] if look.edition != copy.edition else []
    now, was = ({base(name) for name in names if name not in OURS} for names in (look.columns, copy.schema.names))
    if (gone := sorted(was - now)) and look.columns:
        news.append(f"Gone: {', '.join(gone)}.")
    if new := sorted(now - was):
        news.append(f"New: {', '.join(new)}.")
    table = copy.table()
    if table is None:
        return [*news, f"{copy.path} can't be read to its end; delete it."]
    return news + list(_counts(look, table))


def _counts(look: Look, table: pa.Table) -> Iterator[str]:
    """What there are more or fewer of than in the copy: areas by their letters, places by kind, anything else in all.

    Readings are not counted: there are as many as there were hours.
    """
    for column, letters in (("kind", None), ("code", 2), ("area_code", 2)):
        if column in table.column_names:
            counted = Counter(value[:letters] for value in table[column].to_pylist())
            break
    else:
        counted = Counter({} if "sensor" in table.column_names else dict.fromkeys(look.counts, table.num_rows))
    for what, number in look.counts.items():
        if number != counted[what] and (what in counted or what.isupper()):
            yield f"{number} {'areas with' if what.isupper() else 'of'} {what}; the copy has {counted[what]}."
