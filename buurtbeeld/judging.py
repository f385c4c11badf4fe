"""The verdicts on what a mart holds, with all that they need from it: the same for a page and its map file."""

from collections.abc import Mapping, Sequence

from buurtbeeld import queries, verdicts
from buurtbeeld.catalogue import Catalogue, Figure, Indicator
from buurtbeeld.store import Mart
from buurtbeeld.verdicts import Change


def changes(
    mart: Mart, then: Sequence[Figure], now: Sequence[Figure], indicator: Indicator, catalogue: Catalogue
) -> Mapping[str, Change]:
    """What may be said of the change of every area of a level, by code; they are judged together.

    then, now: the figures of `indicator` at that level in two periods. Without those of either nothing is said.
    """
    if not then or not now:
        return {}
    level = now[0].level
    noise = mart.ask(queries.noise, verdicts.events_of(indicator), level)
    moved = mart.ask(queries.moved, level, min(f.edition for f in then), max(f.edition for f in now))
    return verdicts.changes(then, now, indicator, catalogue, noise, moved)
