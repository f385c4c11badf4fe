"""What may be said of a figure: whether it clearly changed, and how it stands beside the city's.

The rules are declared here and explained in docs/methods.md; the arithmetic is in `statistics/`. A figure whose margin
nobody knows gets no verdict: it is shown, and nothing is claimed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from buurtbeeld.catalogue import Catalogue, Figure, Indicator, Status
from buurtbeeld.statistics import change, compare, difference, intervals
from buurtbeeld.statistics.change import Signs
from buurtbeeld.statistics.compare import Sized, Stand
from buurtbeeld.statistics.dispersion import Dispersion

CITY = "gemeente"
_DIGITS = 9  # after the point: far finer than any figure


class Change(StrEnum):
    """What may be said of the change of one area between two periods. The words for each stand in `texts/`."""

    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"  # no larger than what comes of chance or rounding
    UNTESTED = "untested"  # nobody says how sure the figures are
    BORDER = "border"  # the area is not the same one
    BREAK = "break"  # the figure is not the same one: a break in its series lies in between


class Basis(StrEnum):
    """Why a figure may not be exactly so, the least certain first. The words for each stand in `texts/`."""

    MODEL = "model"
    SURVEY = "survey"
    MEASURED = "measured"  # by a sensor, or in a way that only its publisher knows
    EVENTS = "events"  # counted, but chance decides how many there are
    ROUNDED = "rounded"  # counted, and rounded so that nobody can be recognised
    COUNTED = "counted"


def basis(indicator: Indicator, catalogue: Catalogue) -> Basis:
    """Why figures of `indicator` may not be exactly so; a derived one takes the least certain of its parts."""
    parts = [catalogue.indicators[part] for part in (indicator.numerator, indicator.denominator) if part]
    found = {_own_basis(indicator), *(basis(part, catalogue) for part in parts)}
    return next(each for each in Basis if each in found)


def _own_basis(indicator: Indicator) -> Basis:
    if indicator.method != "register":
        return {"model": Basis.MODEL, "survey": Basis.SURVEY}.get(indicator.method, Basis.MEASURED)
    counted = {"none": Basis.COUNTED, "rounded": Basis.ROUNDED, "events": Basis.EVENTS}
    return counted.get(indicator.interval, Basis.MEASURED)


def events_of(indicator: Indicator) -> str:
    """The id of the indicator whose noise is that of `indicator`: of a rate that of the events it counts."""
    return indicator.numerator or indicator.id


def changes(
    then: Sequence[Figure],
    now: Sequence[Figure],
    indicator: Indicator,
    catalogue: Catalogue,
    noise: Dispersion | None,
    moved: frozenset[str] = frozenset(),
) -> dict[str, Change]:
    """The verdict on every area with a value in both periods, by code; judged together, since they are seen together.

    then, now: the figures of one indicator and level in two periods. noise: that of `events_of` it at this level.
    moved: codes whose border is not that of the earlier period. An unreliable figure is in no test: it is shown, but
    too uncertain to say that it changed.
    """
    before = {figure.code: figure for figure in then if figure.value is not None}
    pairs = [(before[f.code], f) for f in now if f.value is not None and f.code in before]
    if pairs and _broken(*pairs[0], indicator, catalogue):
        return {later.code: Change.BREAK for _, later in pairs}
    same = [pair for pair in pairs if pair[1].code not in moved]
    relied = [pair for pair in same if Status.UNRELIABLE not in (pair[0].status, pair[1].status)]
    # Where nothing is relied on, the others still tell whether anybody says how sure they are.
    told = _told_margins(relied or same)
    signs = _signs(relied, indicator, catalogue, noise, told)
    untold = Change.UNTESTED if signs is None else Change.UNCLEAR
    judged = {later.code: Change.BORDER for _, later in pairs} | {later.code: untold for _, later in same}
    if signs is not None:
        judged |= {later.code: _CHANGE[int(sign)] for (_, later), sign in zip(relied, signs, strict=True)}
    return judged


_CHANGE = {1: Change.UP, -1: Change.DOWN, 0: Change.UNCLEAR}


def _signs(
    pairs: Sequence[tuple[Figure, Figure]],
    indicator: Indicator,
    catalogue: Catalogue,
    noise: Dispersion | None,
    known: bool,
) -> Signs | None:
    """Per pair +1, -1 or 0; None where nobody says how sure the figures are. known: whether they have margins."""
    then, now = ([pair[place] for pair in pairs] for place in (0, 1))
    if basis(indicator, catalogue) == Basis.EVENTS:
        return _signs_of_events(then, now, indicator, noise)
    if counted(indicator, catalogue):
        return change.of_bands(_bands(then, indicator), _bands(now, indicator))
    return change.of_margins(_values(then), _widths(then), _values(now), _widths(now)) if known else None


def _told_margins(pairs: Sequence[tuple[Figure, Figure]]) -> bool:
    return bool(pairs) and all(figure.low is not None for pair in pairs for figure in pair)


def _signs_of_events(
    then: Sequence[Figure], now: Sequence[Figure], indicator: Indicator, noise: Dispersion | None
) -> Signs | None:
    if noise is None:
        return None
    if not indicator.derived:
        return change.of_counts(_values(then), _values(now), noise)
    if not all(figure.n for figure in (*then, *now)):
        return None
    return change.of_rates(_values(then), _values(now), _bases(then), _bases(now), indicator.factor, noise)


def _broken(then: Figure, now: Figure, indicator: Indicator, catalogue: Catalogue) -> bool:
    return any(then.period < each.period <= now.period for each in catalogue.breaks_of(indicator.id))


def between(before: Figure, after: Figure, indicator: Indicator, catalogue: Catalogue) -> tuple[float, float] | None:
    """Between which two numbers the difference after - before lies; None where nobody knows, or nothing is uncertain.

    Of two periods of one area, or of two areas in one period. Two bands of rounding give a band that holds for certain.
    """
    if not _compared(before, after, indicator, catalogue) or _exact(before, after, indicator):
        return None
    low, high = _difference(after, before, indicator, catalogue)[1:]
    return low, high


def ratio(
    before: Figure, after: Figure, indicator: Indicator, catalogue: Catalogue, noise: Dispersion | None
) -> tuple[float, float] | None:
    """Between which two numbers the ratio after / before lies, two periods of one area; None as in `between`."""
    if not before.value or after.value is None or _exact(before, after, indicator):
        return None
    if counted(indicator, catalogue):
        (_, least, most), (_, low, high) = sized(before, indicator), sized(after, indicator)
        return (max(low, 0.0) / most, high / least) if least > 0 else None
    if basis(indicator, catalogue) != Basis.EVENTS or noise is None or before.low is None or after.low is None:
        return None
    if not indicator.derived:
        return _ratio(before.value, after.value, noise)
    if not before.n or not after.n:
        return None
    found = _ratio(_events(before, indicator), _events(after, indicator), noise)
    base = catalogue.indicators[indicator.denominator or ""].rounding or 1
    first, second = intervals.rounded(before.n, base), intervals.rounded(after.n, base)
    # A rate is events over residents, so the ratio of residents turns over.
    return (found[0] * float(first[0] / second[1]), found[1] * float(first[1] / second[0])) if found else None


def _ratio(before: float, after: float, noise: Dispersion) -> tuple[float, float] | None:
    """Between which two numbers the ratio of two numbers of events lies; None where it may be anything."""
    low, high = intervals.ratio_of_counts(before, after, noise)
    return (float(low), float(high)) if np.isfinite(high) else None


def _events(figure: Figure, indicator: Indicator) -> float:
    """How many events are behind a rate; it is rounded, so off by a little, far less than such numbers vary."""
    assert figure.value is not None and figure.n
    return figure.value * figure.n / indicator.factor


def _compared(one: Figure, other: Figure, indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether it is known how sure both figures are.

    The whole city needs no margin of its own beside a part of it: it would be nothing beside that of the part.
    """
    parts = [figure for figure in (one, other) if figure.level != CITY] or [one, other]
    return None not in (one.value, other.value) and all(sure(figure, indicator, catalogue) for figure in parts)


def _exact(one: Figure, other: Figure, indicator: Indicator) -> bool:
    """Whether nothing at all is uncertain: numbers that were counted and published as they are."""
    rounded = indicator.precision or indicator.scale > 1
    return one.low is None and other.low is None and indicator.kind == "count" and not rounded


def _difference(one: Figure, other: Figure, indicator: Indicator, catalogue: Catalogue) -> Sized:
    """The difference one - other with the interval that it has, or the band."""
    of = difference.of_bands if counted(indicator, catalogue) else difference.of_margins
    value, low, high = of(sized(one, indicator), sized(other, indicator))
    return float(value), float(low), float(high)


def beside(
    figure: Figure, city: Figure | None, others: Sequence[float], indicator: Indicator, catalogue: Catalogue
) -> Stand | None:
    """How an area stands beside the city; None where there is nothing to say: no value, a count, no known margin.

    others: the values of all areas of its level, its own included. Nothing is claimed on a figure that is unreliable.
    """
    if figure.value is None or city is None or city.value is None or figure.level == city.level:
        return None
    if not indicator.beside_city or not sure(figure, indicator, catalogue):
        return None
    if Status.UNRELIABLE in (figure.status, city.status):
        return Stand.UNSURE
    return compare.stands(sized(figure, indicator), sized(city, indicator), others)


class Apart(StrEnum):
    """What may be said of one area beside another. The words for each stand in `texts/`."""

    HIGHER = "higher"
    LOWER = "lower"
    SLIGHT = "slight"  # certain, but next to nothing among the differences between areas
    ALIKE = "alike"  # the difference may come of chance or rounding
    UNTESTED = "untested"  # nobody says how sure the figures are, or they are too uncertain
    UNRANKED = "unranked"  # areas are not compared by this figure
    COUNT = "count"  # a number of people or crimes says first of all how large an area is
    SAME = "same"  # class
    OTHER = "other"  # class


@dataclass(frozen=True)
class Gap:
    """How one area stands beside another; `size` is the difference with its interval, None where nothing is claimed."""

    verdict: Apart
    size: Sized | None = None


def gaps(pairs: Sequence[tuple[Figure | None, Figure | None, float]], catalogue: Catalogue) -> list[Gap | None]:
    """How the first of each pair stands beside the second; None where either is not there or has no value.

    pairs: two figures of one indicator and period, and what is a slight difference between two areas. All pairs
    of a page are judged together, since they are seen together: those with a margin are corrected for their number,
    those that were counted hold for certain.
    """
    found = [_gap(one, other, least, catalogue) for one, other, least in pairs]
    tested = [place for place, (_, p) in enumerate(found) if p is not None]
    stays = difference.clear([p for _, p in found if p is not None])
    for place, holds in zip(tested, stays, strict=True):
        gap = found[place][0]
        assert gap
        found[place] = (gap if holds else Gap(Apart.ALIKE, gap.size), None)
    return [gap for gap, _ in found]


def _gap(
    one: Figure | None, other: Figure | None, least: float, catalogue: Catalogue
) -> tuple[Gap | None, float | None]:
    """The verdict on a pair by itself, and the p of one that has yet to be corrected for the others."""
    if one is None or other is None or one.value is None or other.value is None:
        return None, None
    indicator = catalogue.indicators[one.indicator]
    if indicator.kind == "count":
        return Gap(Apart.COUNT), None
    if indicator.kind == "class":
        return Gap(Apart.SAME if one.value == other.value else Apart.OTHER), None
    if not indicator.ranked:
        return Gap(Apart.UNRANKED), None
    relied = Status.UNRELIABLE not in (one.status, other.status)
    if not relied or not _compared(one, other, indicator, catalogue):
        return Gap(Apart.UNTESTED), None
    certain = counted(indicator, catalogue)
    size = _difference(one, other, indicator, catalogue)
    verdict = Apart.ALIKE
    if size[1] > 0 or size[2] < 0:
        verdict = Apart.SLIGHT if abs(size[0]) <= least else Apart.HIGHER if size[0] > 0 else Apart.LOWER
    p = None if certain else difference.p_of_margins(sized(one, indicator), sized(other, indicator))
    return Gap(verdict, size), p


def sure(figure: Figure, indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether it is known how sure a figure with a value is: it has an interval, or was counted."""
    return figure.low is not None or counted(indicator, catalogue)


def counted(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether the figure comes from a full register, so that nothing but rounding stands between it and the truth."""
    return basis(indicator, catalogue) in (Basis.COUNTED, Basis.ROUNDED)


def sized(figure: Figure, indicator: Indicator) -> Sized:
    """A figure with both ends of its interval; without one, those between which it may have been before rounding.

    The ends are rounded: 0.4 - 0.05 and 0.3 + 0.05 are the same number, though not to a computer, and neighbouring
    values must share the end between them.
    """
    assert figure.value is not None
    half = indicator.step / 2
    low = figure.value - half if figure.low is None else figure.low
    high = figure.value + half if figure.high is None else figure.high
    return figure.value, round(low, _DIGITS), round(high, _DIGITS)


def tally(judged: Mapping[str, Change]) -> dict[Change, int]:
    """How many areas got each verdict; every verdict is in it."""
    found = list(judged.values())
    return {verdict: found.count(verdict) for verdict in Change}


def _values(figures: Sequence[Figure]) -> np.ndarray:
    return np.array([figure.value for figure in figures], dtype=float)


def _bases(figures: Sequence[Figure]) -> np.ndarray:
    return np.array([figure.n for figure in figures], dtype=float)


def _widths(figures: Sequence[Figure]) -> np.ndarray:
    return np.array([(figure.high or 0) - (figure.low or 0) for figure in figures], dtype=float)


def _bands(figures: Sequence[Figure], indicator: Indicator) -> tuple[np.ndarray, np.ndarray]:
    ends = np.array([sized(figure, indicator)[1:] for figure in figures], dtype=float).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]
