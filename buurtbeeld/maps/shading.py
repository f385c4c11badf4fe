"""Which colour each area gets and how the legend reads: the same classes for map, legend and circles."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from buurtbeeld.catalogue import Catalogue, Figure, Indicator, Status
from buurtbeeld.maps import palettes
from buurtbeeld.statistics.classes import CITY, CLASSES, SPLITS, Classes, around, classify, digits_of, fences
from buurtbeeld.texts import Words
from buurtbeeld.texts.trends import APART
from buurtbeeld.verdicts import Change

ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)  # and these times a power of ten


@dataclass(frozen=True)
class Row:
    """One line of a legend. colour None: no value; pattern: the hatch over it, one of `palettes.PATTERNS`."""

    label: str
    colour: str | None
    count: int
    pattern: str = ""


@dataclass(frozen=True)
class Shading:
    """Colours of one map. `colour(value)` gives #RRGGBB; `rows` is the legend: classes, then what is no class.

    bounds: upper bounds of the classes. span: lowest and highest of the values that the classes are made of; axis:
    between which values nearly all of them lie. judged: of a change, what may be said of each area, by code; unclear:
    the colour of one that can be chance; hatched: whether that has a hatch as well.
    """

    rows: tuple[Row, ...]
    colour: Callable[[float], str]
    unit: str
    step: float = 0.0  # of a change: what is smaller counts as little difference
    bounds: tuple[float, ...] = ()
    span: tuple[float, float] = (0.0, 0.0)
    axis: tuple[float, float] = (0.0, 0.0)
    judged: Mapping[str, Change] = field(default_factory=dict)
    unclear: str = palettes.UNCLEAR
    hatched: bool = True

    def apart(self, figure: Figure) -> Change | None:
        """Why the change of an area can't be told; None where it can, or where there is no value."""
        verdict = self.judged.get(figure.code)
        return verdict if figure.value is not None and verdict in APART else None

    def fill(self, figure: Figure) -> str | None:
        """The colour of an area; None where it has no value."""
        verdict = self.judged.get(figure.code)
        if figure.value is None or verdict in APART:
            return None
        if verdict == Change.UNCLEAR:
            return self.unclear
        colour = self.colour(figure.value)
        return palettes.pale(colour) if figure.status == Status.UNRELIABLE else colour

    def pattern(self, figure: Figure) -> str:
        """The hatch over an area; empty where there is none."""
        verdict = self.judged.get(figure.code)
        if self.apart(figure):
            return palettes.MOVED
        if verdict == Change.UNCLEAR:
            return palettes.NOT_CLEAR if self.hatched else ""
        return "" if figure.status == Status.OK else str(figure.status)


def by_class(
    figures: Sequence[Figure],
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
    method: str,
    k: int,
    city: Figure | None = None,
    every: Sequence[tuple[Sequence[Figure], Figure | None]] = (),
) -> Shading:
    """Areas in at most `k` classes: light to dark, or on both sides of the city's value when method is `city`.

    A figure that is itself a class keeps its own classes, whatever the method.

    every: the figures of all periods, each with that of the city, for classes that are the same in all of them.
    Raises ValueError when distance from the city is asked and the city has no value to compare with.
    """
    if indicator.kind == "class":
        method, k = SPLITS[0], CLASSES.stop - 1
    shown = _values(figures)
    periods = every or [(figures, city)]
    pooled = [value for period, _ in periods for value in _values(period)]
    if method == CITY:
        if city is None or city.value is None or not indicator.beside_city:
            raise ValueError("no distance from a city without a value to compare with")
        pairs = [(value, whole.value) for period, whole in periods if whole for value in _values(period)]
        away = [value - middle for value, middle in pairs if middle is not None]
        classes, palette = around(shown, away, city.value, k), palettes.AROUND
    else:
        classes, palette = classify(pooled, method, k), palettes.SEQUENTIAL
    colours = palettes.ramp(len(classes.bounds), palette)
    counts = classes.recounted([f.value for f in figures if f.value is not None and f.status == Status.OK]).counts
    if method == CITY and city and city.value is not None:
        labels, unit = _distances(classes, city.value, words), change_unit(indicator, words, catalogue)
    else:
        labels, unit = _labels(classes, set(pooled), indicator, words), _unit(indicator, words, catalogue)
    rows = tuple(Row(*row) for row in zip(labels, colours, counts, strict=True))
    if method == CITY:
        rows = tuple(row for row, can in zip(rows, _possible(classes, pooled, indicator), strict=True) if can)
    return Shading(
        rows + _others(figures, words, indicator),
        lambda value: colours[classes.of(value)],
        unit,
        bounds=classes.bounds,
        span=(min(pooled, default=0.0), max(pooled, default=0.0)),
        axis=fences(pooled),
    )


def _values(figures: Sequence[Figure]) -> list[float]:
    return [figure.value for figure in figures if figure.value is not None]


def _labels(classes: Classes, values: Collection[float], indicator: Indicator, words: Words) -> list[str]:
    """How each class of `values` reads."""
    bounds, single = classes.bounds, len(values) == len(classes.bounds)
    if not bounds:
        return []
    digits = max((digits_of(bound) for bound in bounds[:-1]), default=indicator.decimals)
    if digits > indicator.decimals and all(round(value, indicator.decimals) == value for value in values):
        # A bound between two values: "89 or less" says the same as "89.8 or less" of what is counted in whole numbers.
        down = tuple(_down(bound, indicator.decimals) for bound in bounds)
        if len(set(down)) == len(bounds):
            bounds, digits = down, indicator.decimals
    written = [words.number(bound, digits) for bound in bounds]
    if single and (len(bounds) == 1 or indicator.kind == "class"):
        return [words.t("legend.all", high=words.number(bound, indicator.decimals)) for bound in bounds]
    first = words.t("legend.first", high=written[0])
    if len(bounds) == 1:
        return [first]
    middle = [words.t("legend.middle", low=low, high=high) for low, high in pairwise(written[:-1])]
    return [first, *middle, words.t("legend.last", low=written[-2])]


def _distances(classes: Classes, centre: float, words: Words) -> list[str]:
    """How each class reads that is made of the distance from the city's value, `centre`."""
    away = [round(bound - centre, 9) for bound in classes.bounds[:-1]]
    digits = max(map(digits_of, away))
    written = [words.number(abs(distance), digits) for distance in away]
    middle = [
        words.t("classes.city.near", near=words.number(high, digits))
        if low < 0 < high
        else _side(abs(low), abs(high), words, digits, "below" if low < 0 else "above")
        for low, high in pairwise(away)
    ]
    least, most = (
        words.t("classes.city.below.far", far=written[0]),
        words.t("classes.city.above.far", far=written[-1]),
    )
    return [least, *middle, most]


def _side(low: float, high: float, words: Words, digits: int, side: str) -> str:
    """A class on one side of the city; `low` and `high` are its distances, in whatever order."""
    near, far = (words.number(distance, digits) for distance in sorted((low, high)))
    if min(low, high) == 0:
        return words.t(f"classes.city.{side}.near", far=far)
    return words.t(f"classes.city.{side}", near=near, far=far)


def _possible(classes: Classes, values: Sequence[float], indicator: Indicator) -> list[bool]:
    """Whether a class holds anything that can be: less than nothing can not, nor a share of more than all."""
    lowest = min(values, default=0.0)
    least = 0.0 if lowest >= 0 else -math.inf
    most = 100.0 if indicator.unit == "percent" and max(values, default=0.0) <= 100 else math.inf
    bounds = (-math.inf, *classes.bounds)
    return [(high > least or high >= lowest) and low < most for low, high in pairwise(bounds)]


def _down(value: float, decimals: int) -> float:
    """The highest number of that many decimals that is no more than `value`, give or take what arithmetic leaves."""
    return math.floor(value * 10**decimals + 1e-6) / 10**decimals if math.isfinite(value) else value


def _others(figures: Sequence[Figure], words: Words, indicator: Indicator) -> tuple[Row, ...]:
    """What is in no class: a value that is too uncertain first, then why values are missing.

    On a map of circles the areas themselves are all of one colour, so that is what lies below each hatch.
    """
    found = Counter(str(figure.status) for figure in figures if figure.status != Status.OK)
    unsure = found.pop(Status.UNRELIABLE, 0)
    ground = palettes.GROUND if indicator.display == "circles" else None
    middle = ground or palettes.pale(palettes.SEQUENTIAL[2])
    label = words.status(Status.UNRELIABLE) if ground else words.t("legend.unsure")
    first = (Row(label, middle, unsure, Status.UNRELIABLE),) if unsure else ()
    return first + tuple(Row(words.status(status), ground, count, status) for status, count in sorted(found.items()))


def _unit(indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    return catalogue.units[indicator.unit].word.get(words.lang)


def by_change(
    changes: Sequence[Figure],
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
    judged: Mapping[str, Change] | None = None,
) -> Shading:
    """Change in five classes around nothing: the same two steps up and down, so that colours can be compared.

    judged: what may be said of each area, by code. A change that can be chance is in no class, and neither is that of
    an area that can't be compared. Where nobody knows how sure the figures are, all colours are light.
    """
    judged = judged or {}
    sizes = sorted(abs(value) for value in _values(changes))
    small, large = _steps(sizes, indicator.step)
    digits = max(digits_of(step) for step in (small, large))
    near, far = words.number(small, digits), words.number(large, digits)
    bounds = (-large, -small, small, large)
    labels = (
        words.t("change.down.more", far=far),
        words.t("change.down", near=near, far=far),
        words.t("change.none", near=near),
        words.t("change.up", near=near, far=far),
        words.t("change.up.more", far=far),
    )

    def place(value: float) -> int:
        # A step itself belongs to the outer class on both sides: up and down are mirror images.
        return sum(value <= bound for bound in bounds[:2]) * -1 + 2 + sum(value >= bound for bound in bounds[2:])

    told = [figure for figure in changes if judged.get(figure.code) not in (Change.UNCLEAR, *APART)]
    counts = Counter(place(f.value) for f in told if f.value is not None and f.status == Status.OK)
    colours = palettes.UNTESTED if Change.UNTESTED in judged.values() else palettes.DIVERGING
    unclear = palettes.UNCLEAR
    # Below circles a hatch in nearly every area would be all that one sees, and grey is lost on the ground.
    hatched = indicator.display == "areas"
    if not hatched:
        colours, unclear = (*colours[:2], palettes.SLIGHT, *colours[3:]), palettes.WHITE
    rows = tuple(Row(labels[i], colours[i], counts[i]) for i in range(5))
    return Shading(
        rows
        + _unjudged(judged, words, unclear, hatched, None if hatched else palettes.GROUND)
        + _others(told, words, indicator),
        lambda value: colours[place(value)],
        change_unit(indicator, words, catalogue),
        small,
        bounds=(*bounds, math.inf),
        span=(min(_values(changes), default=0.0), max(_values(changes), default=0.0)),
        axis=fences(_values(changes)),
        judged=judged,
        unclear=unclear,
        hatched=hatched,
    )


def _unjudged(
    judged: Mapping[str, Change], words: Words, colour: str, hatched: bool, ground: str | None
) -> tuple[Row, ...]:
    """Areas whose change can be chance, and those that can't be compared, as far as there are any."""
    found = Counter(judged.values())
    unclear = Row(
        words.t(f"trend.verdict.{Change.UNCLEAR}"),
        colour,
        found[Change.UNCLEAR],
        palettes.NOT_CLEAR if hatched else "",
    )
    apart = [Row(words.t(f"trend.verdict.{verdict}"), ground, found[verdict], palettes.MOVED) for verdict in APART]
    return tuple(row for row in (unclear, *apart) if row.count)


def changes(now: Sequence[Figure], then: Sequence[Figure]) -> tuple[Figure, ...]:
    """The difference per area between two periods, as figures of the later one; missing where either is missing."""
    before = {figure.code: figure for figure in then}
    return tuple(_change(figure, before.get(figure.code)) for figure in now)


def change_text(
    figure: Figure, indicator: Indicator, words: Words, catalogue: Catalogue, verdict: Change | None = None
) -> str:
    """A change with its sign and unit: `+3,2 procentpunt`, and what may be said of it; or why there is none.

    verdict None: what may be said of it stands elsewhere.
    """
    if figure.value is None:
        return words.status(figure.status)
    if verdict in APART:
        return words.t(f"trend.verdict.{verdict}")
    sign = "+" if round(figure.value, indicator.decimals) > 0 else ""
    written = words.change(sign + words.number(figure.value, indicator.decimals), indicator, catalogue)
    if verdict is None:
        return words.badged(written, figure)
    known = words.t("change.untested") if verdict == Change.UNTESTED else words.t(f"trend.verdict.{verdict}")
    return words.badged(f"{written} ({known})", figure)


def change_unit(indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """The unit of a change as a word: a share changes by percentage points, not by percent."""
    return words.t("change.unit") if indicator.unit == "percent" else _unit(indicator, words, catalogue)


def _change(now: Figure, then: Figure | None) -> Figure:
    if now.value is None:
        return now
    if then is None or then.value is None:
        status = then.status if then else Status.REASON_UNKNOWN
        return replace(now, value=None, low=None, high=None, n=None, status=status)
    status = Status.UNRELIABLE if Status.UNRELIABLE in (now.status, then.status) else Status.OK
    change, simulated = round(now.value - then.value, 6), now.is_simulated or then.is_simulated
    return replace(now, value=change, low=None, high=None, n=None, status=status, is_simulated=simulated)


def _steps(sizes: Sequence[float], precision: float) -> tuple[float, float]:
    """Two round sizes of change: a third of the areas change less than one at most, a sixth at least by the other.

    sizes: in order. No step is finer than the `precision` of the figures: what is smaller can't be told from nothing.
    """
    small = round_down(sizes[len(sizes) // 3] or sizes[-1] / 4, precision) if sizes else precision
    large = round_down(sizes[len(sizes) * 5 // 6], precision) if sizes else precision
    return small, large if large > small else small * 2


def samples(largest: float, least: float = 0) -> tuple[float, ...]:
    """At most three round values for a legend of sizes, from the largest that is not above `largest` downwards.

    least: smaller ones would be written as nothing.
    """
    power = 10.0 ** math.floor(math.log10(largest))
    steps = [m * power / ten for ten in (1, 10, 100) for m in (5, 2, 1)]
    first = next(place for place, step in enumerate(steps) if step <= largest * (1 + 1e-9))
    return tuple(step for step in steps[first : first + 6 : 2] if step >= least)


def round_down(size: float, precision: float) -> float:
    """The largest round number of times `precision` that is not above `size`, and at least once."""
    times = max(size / precision, 1.0) * (1 + 1e-9)
    power = 10.0 ** math.floor(math.log10(times))
    found = max(step * power for step in ROUND if step * power <= times)
    # Times are whole: 1.5 times can't be told from once.
    return round(math.floor(found) * precision, 9)
