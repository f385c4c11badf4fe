"""Which simulated sources count: one real reading of a kind switches the simulation of that kind off.

And that of every kind that areas have one figure of together with it, so that no figure mixes what is made up with what
is real, nor goes on where the other ends.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from buurtbeeld.catalogue import load
from buurtbeeld.sensors.rules import kind_of

METADATA = b"buurtbeeld"
LOOKS = 3
DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
"""As which files and folders of readings are named, as a pattern of `glob`."""


class Held(NamedTuple):
    """What is held of one source: the kinds of its places, and whether there is a reading of them."""

    source: str
    is_simulated: bool
    kinds: frozenset[str]
    has_reading: bool


def counting(sources: Iterable[Held]) -> frozenset[str]:
    """The ids of the simulated sources that count: those of kinds that are not switched off."""
    sources = list(sources)
    off = switched_off(sources)
    return frozenset(each.source for each in sources if each.is_simulated and not each.kinds & off)


def switched_off(sources: Iterable[Held]) -> frozenset[str]:
    """The kinds that are not simulated: those that a real source has a reading of, and those in a figure with these."""
    real = frozenset[str]().union(*(each.kinds for each in sources if each.has_reading and not each.is_simulated))
    figures = _figures()
    shared = frozenset[tuple[str, bool]]().union(*(figures.get(kind, frozenset()) for kind in real))
    return real | {kind for kind, those in figures.items() if those & shared}


def _figures() -> dict[str, frozenset[tuple[str, bool]]]:
    """Kind -> what areas have figures of that it measures; those of official stations are others."""
    catalogue = load()
    return {
        kind.id: frozenset((id, kind.reference) for id in kind.quantities if catalogue.quantities[id].least is not None)
        for kind in catalogue.sensor_kinds.values()
    }


def held(raw_dir: Path, gemeente: str) -> list[Held]:
    """What is in `raw_dir` of each source of readings of this gemeente, by its id.

    What can't be read says nothing here: whoever reads it for its content tells.
    """
    found = []
    for folder in sorted(path for path in raw_dir.glob("*") if path.is_dir()):
        places = [path for path in sorted(folder.glob("places@*.parquet")) if said(path).get("gemeente") == gemeente]
        if places:
            kinds = frozenset(filter(None, _column(places[-1], "kind")))
            simulated = bool(said(places[-1]).get("is_simulated"))
            found.append(Held(folder.name, simulated, kinds, _has_reading(folder, gemeente)))
        elif kinds := declared(folder, gemeente):
            found.append(Held(folder.name, False, kinds, _has_reading(folder, gemeente)))
    return found


def declared(folder: Path, gemeente: str) -> frozenset[str]:
    """The kind of a source without places: what its newest readings say, else what the catalogue reads from it."""
    catalogue = load()
    own = (str(each["kind"]) for each in told(folder, gemeente) if each.get("kind") in catalogue.sensor_kinds)
    if kind := next(own, None):
        return frozenset([kind])
    read = [q.id for q in catalogue.quantities.values() if folder.name in {each.source for each in q.read}]
    return frozenset(filter(None, (kind_of(quantity, catalogue.sensor_kinds) for quantity in read[:1])))


def said(path: Path) -> dict[str, object]:
    """What a raw file says of itself; nothing when it can't be read."""
    try:
        return dict(json.loads(pq.read_schema(path).metadata[METADATA]))
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError):
        return {}


def steady(listed: Callable[[], list[Path]]) -> Iterator[Path]:
    """Each path that is listed, once, and then those that are listed since, a few times.

    A stream may merge files while they are looked at: what they held is then in one that was not there yet.
    """
    seen = set[Path]()
    for _ in range(LOOKS):
        new = [path for path in listed() if path not in seen]
        yield from new
        seen |= set(new)


def days(folder: Path) -> list[Path]:
    """The files of readings in the folder of a source, the newest first: of a day its copies, or pieces of a stream.

    Either way their names sort by time.
    """
    files = (*folder.glob(f"{DAY}@*.parquet"), *folder.glob(f"{DAY}/[!.]*.parquet"))
    return sorted(files, key=lambda path: str(path), reverse=True)


def told(folder: Path, gemeente: str) -> Iterator[dict[str, object]]:
    """What the files of readings of a source say of themselves, those of a gemeente, the last day first."""
    found = map(said, steady(lambda: days(folder)))
    yield from (about for about in found if about.get("gemeente") == gemeente)


def _has_reading(folder: Path, gemeente: str) -> bool:
    return any(about.get("rows") and shape(about) == "reading" for about in told(folder, gemeente))


def shape(about: Mapping[str, object]) -> str:
    """The shape of what a raw file holds, as it says; empty when it doesn't."""
    source = about.get("source")
    return str(source.get("shape", "")) if isinstance(source, Mapping) else ""


def _column(path: Path, name: str) -> list[str | None]:
    try:
        return list(pc.unique(pq.ParquetFile(path).read([name])[name]).to_pylist())
    except (OSError, pa.ArrowException, KeyError):
        return []
