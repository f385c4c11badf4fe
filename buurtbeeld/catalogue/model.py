"""The types of the catalogue: what each entry of each TOML file may hold.

Only what one key may hold is said here (pydantic checks it); what must hold between keys, entries and files is in
`rules.py`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import Field, StringConstraints, model_validator

from buurtbeeld.catalogue.entry import Column, Day, Entry, Id, Link, Positive, Text, Words
from buurtbeeld.catalogue.figure import Status
from buurtbeeld.catalogue.sensing import Quantity, SensorKind, Signal
from buurtbeeld.catalogue.source import Source
from buurtbeeld.catalogue.wanted import Read, Wanted

Kind = Literal["share", "rate", "mean", "index", "count", "class"]
Direction = Literal["more_is_better", "less_is_better", "neither"]
Grain = Literal["year", "month", "day"]
Method = Literal["register", "survey", "model", "sensor"]
Display = Literal["areas", "circles"]
Interval = Literal["none", "rounded", "events", "published", "survey"]
BreakKind = Literal["definition", "method", "border"]
Whose = Literal["publisher", "ours"]
Way = Literal["waarde", "index", "verschil"]  # as addresses write them

WAYS: tuple[Way, ...] = get_args(Way)
_WAYS: dict[Kind, tuple[Way, ...]] = {
    "count": ("waarde", "index"),
    "rate": ("waarde", "index", "verschil"),
    "mean": ("waarde", "index", "verschil"),
    "share": ("waarde", "verschil"),
    "index": ("waarde", "verschil"),
    "class": ("waarde",),
}
"""How a series may be shown: as it is, as an index, as the difference from the city.

An index of a percentage would be a percentage of a percentage, and one of a scale without a true zero means nothing. A
part differs from the whole by nearly the whole, and classes have no distance between them.
"""

UNCOUNTED = ("homes", "adults", "addresses", "sensors", "none")
"""What a figure may be taken over of which no number per area is known; none: no number would help, as for a median."""


class Theme(Entry):
    """A group of indicators that a visitor would look for together.

    mentions: beginnings of Dutch words, by which an entry of a register is about this theme.
    """

    id: Id
    title: Text
    description: Text
    mentions: tuple[Words, ...] = ()


class Caveat(Entry):
    """A warning from the closed list: a short label, and one sentence that explains it.

    of_sample: it is about the copy in the sample, and is not told of figures whose source was loaded.
    """

    id: Id
    title: Text
    description: Text
    of_sample: Annotated[bool, Field(strict=True)] = False


class Licence(Entry):
    """What others may do with the data; `id` is what a Source names."""

    id: Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    title: Text
    description: Text
    url: Link


class Level(Entry):
    """A kind of area. A lower rank means larger areas."""

    id: Id
    rank: Annotated[int, Field(strict=True, ge=0)]
    singular: Text
    plural: Text


class PlaceKind(Entry):
    """A kind of place that can be shown on the map; `id` is the kind that a loader gives."""

    id: Id
    singular: Text
    plural: Text


class Unit(Entry):
    """How a formatted number `{n}` is written with its unit, and the unit as a word for axes and tables.

    with_people: there is more of it where more people live, as of households, or crimes; not of hectares.
    """

    id: Id
    pattern: Text
    word: Text
    with_people: Annotated[bool, Field(strict=True)] = False


class Also(NamedTuple):
    """Another source that gives the same figure for other areas or periods; `scale` turns its numbers into the unit."""

    source: Id
    column: Column
    scale: Positive = 1


class Minimum(NamedTuple):
    """Of how many (`of`: a count of the catalogue, or homes, adults, addresses) a figure has to be at the least.

    whose: the publisher keeps to it, or it is a rule of ours.
    """

    of: Id
    least: Positive
    whose: Whose


class LocalCaveat(NamedTuple):
    """A caveat for the areas only whose value is more than `times_city` times that of the gemeente."""

    key: Id
    times_city: Positive


class Twin(Entry):
    """Another indicator that counts the same and may say something else: why, and which of the two to quote."""

    of: Id
    quote: Id
    why: Text


class Break(Entry):
    """From `period` on a figure is not what it was before: the two sides are not compared. `link`: who says so."""

    period: Day
    kind: BreakKind
    link: Link
    note: Text


class OtherName(Entry):
    """By what else areas are known: a column of a source, or what people say.

    What doesn't fit `pattern` (RE2) as a whole is no name. told: whether it stands beside an area's name in lists.
    areas: code → what people say; only the search reads that.
    """

    id: Id
    source: Id | None = None
    column: Column | None = None
    pattern: Words | None = None
    told: bool = True
    areas: dict[str, tuple[Words, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _of_one_kind(self) -> "OtherName":
        of_source = (self.source, self.column, self.pattern)
        if (None in of_source) if not self.areas else any(of_source):
            raise ValueError("a kind of name has a source, a column and a pattern, or else areas")
        return self


class Indicator(Entry):
    """Everything the dashboard knows about one kind of figure.

    It is either read (`source`, `column`) or derived (`numerator` / `denominator` x `factor`, both other indicators, of
    the same area and period) or counted: how many places of the kinds `counts` a `source` of points has there, in the
    year in which they were received; or sensed: the median of the sensors there that measure `quantity`, of a day, or
    of the days of a month. stations: of the reference stations, which are never mixed with others. Numbers in the mart
    are `column` x `scale`, in `unit`. Where its interval is more than `widest` times as wide as its value it is
    unreliable. `source` of a derived indicator is that of its numerator.

    `earlier`: what the publisher called `column` in editions that don't have a column of that name, in the same unit.
    `group`: the title that it stands directly under, where several columns have its name. A file that doesn't tell is
    not believed, since the figure would be that of another group without a word.
    `relied_on`: others count on it being there, so a load without its column is refused.

    `minimum`: of fewer than that it gets status too_few. Only what its publisher gives though it keeps to that rule
    itself, and knows the number before it was rounded, is kept as unreliable. What is counted is of the same period,
    or else of the nearest; a derived indicator counts its denominator.

    `interval` says where low and high come from: `rounded` at random to a multiple of `rounding`, but for the gemeente;
    `events`, which vary by chance and more (statistics/dispersion.py); `published` in `low_column` and `high_column`;
    `survey`, from the number of answers in `n_column`. A derived indicator has those of its parts. `precision`: what
    the publisher rounds to the nearest multiple of, in the unit; left out where that follows from decimals and scale.

    `parts`: the other indicators from which its publisher made one that is read, such as by dividing them.

    `weight`: what a share, rate or mean that is read is taken over, so that areas can be taken together: a count of the
    catalogue, or one of `UNCOUNTED`, of which there is no number per area. `withhold_below`: counts of our own making
    below it are hidden, and whatever would give them away (statistics/disclosure.py). `formerly`: the ids that such a
    count had before, under which the ledger knows what was shown of it; empty for one that is certainly another figure.

    ranked: false where areas may not be put in order by it, and nothing is said of one beside another.

    `alike` figures decide which areas are called alike.

    Words to find it by, in either language: `synonyms` mean the same; `contains`: what is counted in it, but has no
    figure alone; `related`: what has no figure, and this one has to do with.

    `breaks` are only those that the publisher documents, oldest first; a derived indicator has those of its parts too.
    """

    id: Id
    theme: Id
    kind: Kind
    unit: Id
    decimals: Annotated[int, Field(strict=True, ge=0, le=3)]
    direction: Direction
    grain: Grain = "year"
    method: Method
    levels: Annotated[tuple[Id, ...], Field(min_length=1)]
    source: Id
    column: Column | None = None
    earlier: tuple[Column, ...] = ()
    group: Words | None = None
    scale: Positive = 1
    counts: tuple[Id, ...] = ()
    quantity: Id | None = None
    stations: Annotated[bool, Field(strict=True)] = False
    ranked: Annotated[bool, Field(strict=True)] = True
    also: tuple[Also, ...] = ()
    relied_on: Annotated[bool, Field(strict=True)] = False
    numerator: Id | None = None
    denominator: Id | None = None
    factor: Positive = 1
    parts: tuple[Id, ...] = ()
    minimum: Minimum | None = None
    widest: Annotated[float, Field(strict=True, ge=1)] | None = None  # the words say: wider than the figure itself
    interval: Interval = "none"
    rounding: Positive | None = None
    low_column: Column | None = None
    high_column: Column | None = None
    n_column: Column | None = None
    precision: Positive | None = None
    weight: Id | None = None
    withhold_below: Annotated[int, Field(strict=True, gt=0)] | None = None
    formerly: tuple[Id, ...] | None = None
    display: Display
    headline: Annotated[bool, Field(strict=True)] = False
    alike: Annotated[bool, Field(strict=True)] = False
    title: Text
    description: Text
    sentence: Text
    sentence_one: Text | None = None
    caveats: tuple[Id, ...] = ()
    local_caveats: tuple[LocalCaveat, ...] = ()
    breaks: tuple[Break, ...] = ()
    twin: Twin | None = None
    synonyms: tuple[Words, ...] = ()
    contains: tuple[Words, ...] = ()
    related: tuple[Words, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _counts_get_circles(cls, entry: dict[str, Any]) -> dict[str, Any]:
        # A coloured count makes large areas look important, so a count is drawn as circles unless refused elsewhere.
        return {"display": "circles" if entry.get("kind") == "count" else "areas"} | entry

    @property
    def columns(self) -> dict[str, Wanted]:
        """What it is read from by what that is: value, low, high, n.

        What is named after `column`, as a bound often is, was named after the earlier names as well.
        """
        if self.column is None:
            return {}
        named = {"value": self.column, "low": self.low_column, "high": self.high_column, "n": self.n_column}
        return {part: Wanted(self._names(self.column, name), self.group) for part, name in named.items() if name}

    def _names(self, column: str, name: str) -> tuple[str, ...]:
        after = name.removeprefix(column)
        return (name, *(f"{earlier}{after}" for earlier in self.earlier)) if name.startswith(column) else (name,)

    @property
    def ways(self) -> tuple[Way, ...]:
        """How its series may be shown, the usual way first; without order, areas are not set beside the city either."""
        return _WAYS[self.kind] if self.ranked else _WAYS["class"]

    @property
    def step(self) -> float:
        """How far apart two values can be that the publisher tells apart, in the unit."""
        return self.precision or max(10.0**-self.decimals, self.scale if self.scale > 1 else 0)

    @property
    def derived(self) -> bool:
        """True when it is computed from two other indicators, False when it is read from a column."""
        return self.numerator is not None

    @property
    def counted_by(self) -> str | None:
        """The count that tells of how many it is; None where it needs no rule, or there is no such number per area."""
        return self.minimum.of if self.minimum and self.minimum.of not in UNCOUNTED else None

    @property
    def least(self) -> float:
        """Of how many it has to be at the least; 0 where it needs no such rule."""
        return self.minimum.least if self.minimum else 0

    @property
    def kept_below(self) -> bool:
        """True when it is kept, as unreliable, of fewer than its minimum: its publisher applied that rule itself."""
        return self.minimum is not None and self.minimum.whose == "publisher" and not self.derived

    def minding(self, value: float | None, city: float | None) -> tuple[str, ...]:
        """The keys of the local caveats of an area with `value`, where the gemeente has `city`."""
        # `caveat.sql` decides the same once more, for who reads the mart or the API and for pages that judge thousands
        # of areas at once. It can't be the only one: an area of one's own is in no mart. A test holds the two together.
        if value is None or city is None:
            return ()
        return tuple(local.key for local in self.local_caveats if value > local.times_city * city)

    @property
    def beside_city(self) -> bool:
        """True when an area can be measured against the whole city: not with a count, of which it is a part."""
        return self.ranked and self.kind not in ("count", "class")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All entries by id, each dictionary in the order of its file."""

    indicators: dict[str, Indicator]
    themes: dict[str, Theme]
    caveats: dict[str, Caveat]
    licences: dict[str, Licence]
    levels: dict[str, Level]
    units: dict[str, Unit]
    names: dict[str, OtherName]
    places: dict[str, PlaceKind]
    quantities: dict[str, Quantity]
    sensor_kinds: dict[str, SensorKind]
    signals: dict[str, Signal]
    missing_codes: dict[float, Status]
    missing_floor: float

    @property
    def called(self) -> dict[str, tuple[str, ...]]:
        """Code of an area → what people call it, next to the names that sources give."""
        found: dict[str, tuple[str, ...]] = {}
        for name in self.names.values():
            for code, words in name.areas.items():
                found[code] = (*found.get(code, ()), *words)
        return found

    @property
    def fingerprint(self) -> str:
        """Sixteen signs that are others as soon as anything in the catalogue is."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    def derivations(self) -> tuple[Indicator, ...]:
        """The derived indicators, each after those it is made from."""
        ordered: dict[str, Indicator] = {}
        for indicator in self.indicators.values():
            for part in self._with_parts(indicator):
                if part.derived:
                    ordered.setdefault(part.id, part)
        return tuple(ordered.values())

    def relied_on(self) -> frozenset[str]:
        """The ids of the indicators that others count on, and of those they are made from."""
        wanted = [indicator for indicator in self.indicators.values() if indicator.relied_on]
        return frozenset(part.id for indicator in wanted for part in self._with_parts(indicator))

    def sources_of(self, indicator: str) -> tuple[str, ...]:
        """The ids of every source behind an indicator, its own first, so that a page can name them all."""
        found: dict[str, None] = {}
        for part in reversed(list(self._with_parts(self.indicators[indicator]))):
            found |= dict.fromkeys([part.source, *(also.source for also in part.also)])
        return tuple(found)

    def read_from(self, source: str) -> Iterator[Read]:
        """All that is read from a source."""
        for indicator in self.indicators.values():
            if indicator.source == source:
                for part, wanted in indicator.columns.items():
                    yield Read(indicator.id, 0, part, wanted, 1 if part == "n" else indicator.scale)
            for also in indicator.also:
                if also.source == source:
                    yield Read(indicator.id, 1, "value", Wanted((also.column,)), also.scale)

    def twins_of(self, indicator: str) -> dict[str, Twin]:
        """Other indicators that publish the same with other values, and what is to be known of it."""
        own = self.indicators[indicator].twin
        found = {own.of: own} if own else {}
        return found | {i.id: i.twin for i in self.indicators.values() if i.twin and i.twin.of == indicator}

    def breaks_of(self, indicator: str) -> tuple[Break, ...]:
        """The breaks in a series, its own and those of what it is made from; oldest first, each once."""
        found = {each: None for part in self._with_parts(self.indicators[indicator]) for each in part.breaks}
        return tuple(sorted(found, key=lambda each: each.period))

    def check_source(self, source: Source) -> list[str]:
        """What is wrong with a source as seen from the catalogue, in sentences; empty when nothing is."""
        if source.licence in self.licences:
            return []
        return [f"Source {source.id!r} names licence {source.licence!r}; licences.toml has {', '.join(self.licences)}."]

    def _with_parts(self, indicator: Indicator) -> Iterator[Indicator]:
        for part in (indicator.denominator, indicator.numerator):
            if part is not None:
                yield from self._with_parts(self.indicators[part])
        yield indicator
