"""The loaders: one file per source, each with `SOURCE` and `fetch()`. `python -m loaders` runs them.

A source file says on top how its publisher publishes, and holds:

    SOURCE                                   who publishes it, under which licence, at which hosts
    fetch(task: Task) -> list[Edition | Same]   everything as published, one table per edition, rows in a fixed order
    look(task: Task) -> Look                    a few small requests that tell what the publisher changed
    LARGEST_LOSS                                optional: which share of the rows a load may lose, for 0.2
    PRIVATE                                     optional: True where answers hold something of persons that is left out
    GEMEENTEN                                   optional: the codes that it is of, where it is not of all
    waits_for(city_dir: Path) -> str            optional: what the city has to fill in first, in words; "" when it has
    PAUSE                                       optional: how long its publisher is left alone, also by another process
    AFTER_OUTLINES                              optional: True for figures that are published by name of the area

Published columns keep their names, codes and missing marks; a loader only adds the key columns of a shape:

    area      area_code (trimmed), period (DATE, first day), edition (INTEGER, year of the border)
    name      area_code, name: by what else areas are known, such as streets; a name may be of several areas
    outline   code, level, name, parent_code, edition, changed, geometry (WKB, longitude and latitude)
    point     id, kind, name, lon, lat: places, such as schools, containers, stations
    reading   sensor (the id of a point), quantity, time (TIMESTAMP, UTC, the end of the hour it is of), value, unit
              (NULL when nobody says it), and stars (of five, NULL when none are given) where its publisher gives them;
              an edition is a day of UTC, and the hour that ends at 00:00 is still of the day before
    list      id, title, link, date (when its publisher says it is of, NULL when he doesn't)

Source files do not know each other. What they share is here: `http.py` asks, `dialects/` speaks as publishers do,
`files.py` reads what they offer as a file, `feeds.py` what a city says of its own feeds, `readings.py` deals out
readings over days, `believe.py` doubts, `raw.py` keeps.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import shapely

from buurtbeeld.catalogue import Source, Wanted
from buurtbeeld.catalogue.source import Openness, Shape

if TYPE_CHECKING:
    from loaders.http import Http
    from loaders.raw import Copy


class LoadError(Exception):
    """A load that cannot go on. The text is one sentence or more: what, where, and what to do."""


class HeldBackError(LoadError):
    """A load that could be true, and that a person has to look at first: it is kept with `--accept`."""


class Area(NamedTuple):
    """An area as the outlines name it, or the city's own list of subwijken."""

    code: str
    level: str
    name: str
    edition: int
    """The year of its border."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What one `fetch()` is asked for, and what it may use."""

    gemeente: str
    """Code, "GM0344"."""
    http: Http
    columns: tuple[Wanted, ...]
    """What the catalogue reads from this source: values, bounds and numbers of answers."""
    editions: tuple[int, ...]
    """Years somebody named: these must be there."""
    figure_years: tuple[int, ...]
    """Years that figures on disk are drawn with: their outlines are welcome."""
    now: datetime
    """UTC, with zone."""
    note: Callable[[str], None]
    """Say something that is no failure; it stands in the summary."""
    copies: Mapping[str, Copy]
    """What is on disk of this source, the newest copy of each edition, oldest edition first."""
    outline: Callable[[], shapely.Geometry]
    """The gemeente, in longitude and latitude. Raises LoadError when no outlines were loaded yet."""
    city_dir: Path
    """The city's own plain files."""
    areas: Callable[[], Sequence[Area]]
    """Every area of the newest outlines. Raises as `outline`."""
    asked: datetime | None = None
    """When this source was last loaded or, if it has a PAUSE, checked, also by another process: UTC, with zone."""

    @property
    def today(self) -> date:
        """The day of `now`."""
        return self.now.date()


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One edition of a source, as it will be kept."""

    edition: str
    table: pa.Table
    """Key columns and published columns. A field's metadata may hold `unit` as published."""
    url: str
    """Where the rows came from, for whoever wants to see them there."""
    attribution: str = ""
    """The text to show, when it names the edition; else the one of `SOURCE`."""
    licence: str = ""
    """When whoever gives the address of a feed says which; else the one of `SOURCE`."""
    openness: Openness | None = None
    """When that depends on the licence; else the one of `SOURCE`."""
    shape: Shape | None = None
    """When it is another than that of `SOURCE`: the places of a source of readings are points."""
    marker: str = ""
    """By what the publisher tells that this edition changed, such as a date; a later load finds it in its copy."""
    answers: str = ""
    """The label its answers are kept under, when one answer holds several editions; else `edition`."""


@dataclass(frozen=True)
class Same:
    """An edition that did not change since its copy, by a sign of the publisher: its marker, or an answer 304."""

    edition: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a publisher offers now, without loading it."""

    edition: str
    columns: Mapping[str, str]
    """Published column: unit, "" where the publisher gives none. Empty when they can't be seen without loading."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Published column: titles of the groups it stands under, where the publisher has groups."""
    counts: Mapping[str, int]
    """Areas by the two letters their code begins with, places by kind, entries of a list in all; what was counted."""


@dataclass(frozen=True, kw_only=True)
class Loader:
    """A source file, found."""

    source: Source
    fetch: Callable[[Task], list[Edition | Same]]
    look: Callable[[Task], Look] | None
    largest_loss: float
    """Which share of the rows a load may lose; more is rather half an answer than news."""
    private: bool
    """Whether its answers hold something of persons: then the table is kept, and of the answers their hash alone."""
    gemeenten: frozenset[str] | None
    """What it is of; None for every gemeente."""
    waits_for: Callable[[Path], str]
    """What the city has to fill in first, in words, given the folder of its files; "" when there is nothing."""
    pause: timedelta
    """How long its publisher is left alone after a load or a check; nothing for most."""
    after_outlines: bool
    """Whether it needs `Task.outline` or `Task.areas`, though it is of figures."""


def discover(package: str = __name__) -> dict[str, Loader]:
    """Every module of `package` that has `SOURCE` and `fetch`, by source id.

    Raises ValueError when two modules have the same id.
    """
    found: dict[str, Loader] = {}
    for module_info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if module_info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package}.{module_info.name}")
        if not (hasattr(module, "SOURCE") and hasattr(module, "fetch")):
            continue
        if module.SOURCE.id in found:
            raise ValueError(f"Two files in {package} have the source id {module.SOURCE.id!r}; give one another id.")
        found[module.SOURCE.id] = Loader(
            source=module.SOURCE,
            fetch=module.fetch,
            look=getattr(module, "look", None),
            largest_loss=getattr(module, "LARGEST_LOSS", 0.2),
            private=getattr(module, "PRIVATE", False),
            gemeenten=frozenset(module.GEMEENTEN) if hasattr(module, "GEMEENTEN") else None,
            waits_for=getattr(module, "waits_for", lambda _city_dir: ""),
            pause=getattr(module, "PAUSE", timedelta(0)),
            after_outlines=getattr(module, "AFTER_OUTLINES", False),
        )
    return found
