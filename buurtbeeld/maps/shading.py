"""Which colour each area gets and how the legend reads: the same classes for map, legend and circles."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from buurtbeeld.catalogue import SHOWN, Catalogue, Figure, Indicator, Status
from buurtbeeld.maps import palettes
from buurtbeeld.statistics.classes import Classes, classify, digits_of
from buurtbeeld.texts import Words


@dataclass(frozen=True)
class Row:
    """One line of a legend. colour None: the hatch of what is missing."""

    label: str
    colour: str | None
    count: int


@dataclass(frozen=True)
class Shading:
    """Colours of one map. `colour(value)` gives #RRGGBB; `rows` is the legend, missing reasons last."""

    rows: tuple[Row, ...]
    colour: Callable[[float], str]
    unit: str
    step: float = 0.0  # of a change: what is smaller counts as little difference


def by_class(
    figures: Sequence[Figure], indicator: Indicator, words: Words, catalogue: Catalogue, method: str, k: int
) -> Shading:
    """Areas in at most `k` classes, light to dark."""
    values = [f.value for f in figures if f.value is not None]
    classes = classify(values, method, k)
    colours = palettes.ramp(len(classes.bounds))
    single = len(set(values)) == len(classes.bounds)
    labels = _labels(classes, single, indicator, words)
    rows = tuple(Row(*row) for row in zip(labels, colours, classes.counts, strict=True))
    return Shading(
        rows + _missing(figures, words), lambda value: colours[classes.of(value)], _unit(indicator, words, catalogue)
    )


def _labels(classes: Classes, single: bool, indicator: Indicator, words: Words) -> list[str]:
    """How each class reads. single: every class holds one value only."""
    bounds = classes.bounds
    if not bounds:
        return []
    # Bounds fall between published values, so they may need one digit more than the values themselves.
    digits = max((digits_of(bound) for bound in bounds[:-1]), default=indicator.decimals)
    written = [words.number(bound, digits) for bound in bounds]
    if single and (len(bounds) == 1 or indicator.kind == "class"):
        return [words.t("legend.all", high=words.number(bound, indicator.decimals)) for bound in bounds]
    first = words.t("legend.first", high=written[0])
    if len(bounds) == 1:
        return [first]
    middle = [words.t("legend.middle", low=low, high=high) for low, high in pairwise(written[:-1])]
    return [first, *middle, words.t("legend.last", low=written[-2])]


def _missing(figures: Sequence[Figure], words: Words) -> tuple[Row, ...]:
    reasons = Counter(str(figure.status) for figure in figures if figure.status not in SHOWN)
    return tuple(Row(words.status(status), None, count) for status, count in sorted(reasons.items()))


def _unit(indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    return catalogue.units[indicator.unit].word.get(words.lang)


def by_change(changes: Sequence[Figure], indicator: Indicator, words: Words, catalogue: Catalogue) -> Shading:
    """Change in five classes around nothing: the same two steps up and down, so that colours can be compared."""
    sizes = sorted(abs(figure.value) for figure in changes if figure.value is not None)
    small, large = _steps(sizes)
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

    counts = Counter(place(figure.value) for figure in changes if figure.value is not None)
    rows = tuple(Row(labels[i], palettes.DIVERGING[i], counts[i]) for i in range(5))
    return Shading(
        rows + _missing(changes, words),
        lambda value: palettes.DIVERGING[place(value)],
        change_unit(indicator, words, catalogue),
        small,
    )


def changes(now: Sequence[Figure], then: Sequence[Figure]) -> tuple[Figure, ...]:
    """The difference per area between two periods, as figures of the later one; missing where either is missing."""
    before = {figure.code: figure for figure in then}
    return tuple(_change(figure, before.get(figure.code)) for figure in now)


def change_text(figure: Figure, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A change with its sign and unit: `+3,2 procentpunt`; or why there is none."""
    if figure.value is None:
        return words.status(figure.status)
    sign = "+" if round(figure.value, indicator.decimals) > 0 else ""
    return words.change(sign + words.number(figure.value, indicator.decimals), indicator, catalogue)


def change_unit(indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """The unit of a change as a word: a share changes by percentage points, not by percent."""
    return words.t("change.unit") if indicator.unit == "percent" else _unit(indicator, words, catalogue)


def _change(now: Figure, then: Figure | None) -> Figure:
    if now.value is None:
        return now
    if then is None or then.value is None:
        status = then.status if then else Status.REASON_UNKNOWN
        return replace(now, value=None, low=None, high=None, n=None, status=status)
    return replace(now, value=round(now.value - then.value, 6), low=None, high=None, n=None)


def _steps(sizes: Sequence[float]) -> tuple[float, float]:
    """Two round sizes of change: about a third of the areas change less than one, a sixth more than the other."""
    if not sizes or sizes[-1] == 0:
        return 1.0, 2.0
    small = _round_up(sizes[len(sizes) // 3] or sizes[-1] / 4)
    large = _round_up(sizes[len(sizes) * 5 // 6] or sizes[-1])
    return small, large if large > small else small * 2


def _round_up(size: float) -> float:
    """The least of 1, 2 or 5 times a power of ten that is not below `size`."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= size * (1 - 1e-9))
