"""What a search takes, in the areas of Utrecht and in as many as a whole country has, beside the plain way.

The plain way is rapidfuzz's WRatio over every name. Both are asked what the tests of the search ask; of the country all
names but those of Utrecht are made up of syllables.
"""

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rapidfuzz import fuzz, process, utils

from buurtbeeld import queries, search
from buurtbeeld.catalogue import load
from buurtbeeld.queries import Area
from buurtbeeld.store import Mart
from buurtbeeld.texts import words
from tests.bench.machine import spent
from tests.figures import mart_of, offer_of
from tests.search.test_find import FIRST, MISSPELT

COUNTRY = 18_000
SYLLABLES = "ber gen lo hui zen ween dorp stede veld kamp oord hof broek wijk meer laar ster den horst rade til".split()
ENDS = ("", "", "-Noord", "-Zuid", " Centrum", " en omgeving")
QUERIES = tuple(query for query, _, _ in FIRST + MISSPELT)


@dataclass(frozen=True)
class Searched:
    """CPU in ms: to make the index, of a search (median and most over the queries), of the plain way (median)."""

    areas: int
    made: float
    median: float
    most: float
    plain: float


def run(data_dir: Path, country: int = COUNTRY, times: int = 5) -> list[Searched]:
    """Measures over the mart in `data_dir`, and over its areas among so many made-up ones."""
    mart = mart_of(data_dir)
    areas = mart.ask(queries.areas)
    return [_measured(mart, among, times) for among in (areas, (*areas, *_made_up(country, areas)))]


def _measured(mart: Mart, areas: Sequence[Area], times: int) -> Searched:
    catalogue = load()
    offer, names = offer_of(mart, catalogue), mart.ask(queries.area_names)
    make = partial(search.index, areas, names, catalogue, offer.themes, offer.held, words("nl"))
    made = make()
    called = [entry.said for entry in made.entries if entry.how != "description"]
    ours = [spent(partial(search.find, made, query), times=times)[0].cpu for query in QUERIES]
    theirs = [spent(partial(_plain, called, query), times=times)[0].cpu for query in QUERIES]
    [index] = spent(make, times=1)
    return Searched(len(areas), index.cpu, statistics.median(ours), max(ours), statistics.median(theirs))


def report(found: Sequence[Searched]) -> str:
    """One line for each number of areas."""
    return "\n".join(
        f"{each.areas:6,} areas: {each.median:.2f} ms of CPU a search, {each.most:.1f} at most over {len(QUERIES)} of "
        f"them; the index {each.made:.0f} ms, once per build. WRatio over every name: {each.plain:.2f} ms, "
        f"{each.plain / each.median:.1f} times as much."
        for each in found
    )


def _plain(names: Sequence[str], query: str) -> object:
    return process.extract(query, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=8)


def _made_up(count: int, like: Sequence[Area]) -> list[Area]:
    chance = random.Random(1)  # noqa: S311  # names for a measurement
    return [
        replace(
            like[-1],
            code=f"BU{number:08}",
            name="".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).capitalize() + chance.choice(ENDS),
        )
        for number in range(count)
    ]
