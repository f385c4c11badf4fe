"""What may be said of several areas taken together as one: which figures can be combined, how, and why others can't.

The rules are declared here and explained in docs/methods.md; the arithmetic is in `statistics/combine.py`. Whatever is
made is made of figures that are shown, so it tells nobody anything that the parts don't.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from buurtbeeld.catalogue import BINDING, UNCOUNTED, Catalogue, Figure, Indicator, Status
from buurtbeeld.statistics import combine
from buurtbeeld.statistics.combine import EXACT, Estimate, Rounding
from buurtbeeld.statistics.dispersion import Dispersion

Parts = Callable[[str, date], Sequence[Figure]]
"""The figures of the areas to combine, each once, of an indicator and a period; empty where there is no such series."""
Noise = Callable[[str], Dispersion | None]

CODE = LEVEL = "own"  # of the figure of several areas together
PART_LEVEL = "buurt"  # what an area of one's own is made of
MOST_PARTS = 40


class Reason(StrEnum):
    """Why a figure of several areas can't be made at all. The words for each stand in `texts/`."""

    HOMES = "homes"  # nobody says of how many homes, adults, addresses it is per area
    ADULTS = "adults"
    ADDRESSES = "addresses"
    SENSORS = "sensors"
    NONE = "none"  # no number would help: a median, an index
    CLASS = "class"  # a class is no number
    PERIOD = "period"  # what it is taken over is not known for that year


@dataclass(frozen=True)
class Combined:
    """The figure of several areas together, or why there is none.

    figure: without a value where a part lacks it, with the reason of that part; None where it can't be made (`reason`).
    least, most: between which it lies for certain, as far as rounding goes. lacking: codes of the areas that lack it.
    """

    figure: Figure | None
    reason: Reason | None = None
    least: float | None = None
    most: float | None = None
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Missing:
    status: Status
    lacking: tuple[str, ...] = ()


_Outcome = Estimate | _Missing | Reason


def combined(
    indicator: Indicator, period: date, name: str, parts: Parts, catalogue: Catalogue, noise: Noise
) -> Combined:
    """One indicator in one period for the areas of `parts` together, which are called `name`.

    Of one area it is its own figure. Nothing is made up for an area that lacks a figure: then the whole lacks it too,
    for the same reason, unless it can't occur there or nobody lives there whom it could be about.
    """
    own = parts(indicator.id, period)
    if len(own) == 1:
        return Combined(own[0], lacking=_lacking(own))
    combining = _Combining(parts, catalogue, noise, period)
    outcome = combining.of(indicator)
    if isinstance(outcome, Reason):
        return Combined(None, reason=outcome)
    blank = replace(_like(own, indicator), name=name)
    if isinstance(outcome, _Missing):
        return Combined(replace(blank, status=outcome.status), lacking=outcome.lacking)
    found = outcome.outward(indicator.decimals)
    if indicator.kind == "share" and (found.value <= 100 or found.low <= 100):
        found = replace(found, value=min(found.value, 100), high=_least(found.high, 100), most=_least(found.most, 100))
    low, high = _known(found.low, found.high)
    wide = indicator.widest and high is not None and low is not None and high - low > indicator.widest * found.value
    unreliable = wide or (not indicator.derived and combining.unreliable(indicator, own))
    status = Status.UNRELIABLE if unreliable else Status.OK
    least, most = _known(found.least, found.most)
    return Combined(replace(blank, value=found.value, low=low, high=high, status=status), least=least, most=most)


@dataclass(frozen=True)
class _Combining:
    """The same for any indicator that the asked one is made from."""

    parts: Parts
    catalogue: Catalogue
    noise: Noise
    period: date

    def of(self, indicator: Indicator) -> _Outcome:
        """The areas together."""
        if indicator.kind == "class":
            return Reason.CLASS
        if indicator.derived:
            return self._ratio(indicator)
        if indicator.kind == "count":
            return self._total(indicator)
        assert indicator.weight
        if indicator.weight in UNCOUNTED:
            return Reason(indicator.weight)
        made = self._mean(indicator, self.catalogue.indicators[indicator.weight])
        if not isinstance(made, Estimate) or indicator.kept_below:
            return made
        counted = self._counted(indicator)
        if not isinstance(counted, Estimate):
            return counted
        return made if counted.value >= indicator.least else _Missing(Status.TOO_FEW)

    def unreliable(self, indicator: Indicator, own: Sequence[Figure]) -> bool:
        """Whether what is read is unreliable for the areas together: together they may be enough where each is not."""
        counted = self._counted(indicator) if indicator.kept_below else None
        if isinstance(counted, Estimate):
            return counted.value < indicator.least
        return any(figure.status == Status.UNRELIABLE for figure in own)

    def _counted(self, indicator: Indicator) -> _Outcome:
        """Of how many an indicator is for the areas together."""
        return self._total(self.catalogue.indicators[indicator.counted_by]) if indicator.counted_by else Reason.NONE

    def _total(self, indicator: Indicator) -> _Outcome:
        figures = self.parts(indicator.id, self.period)
        if not figures:
            return Reason.PERIOD
        if missing := _missing(figures):
            return missing
        values = [figure.value for figure in figures if figure.value is not None]
        if not values:
            return _Missing(Status.NOT_APPLICABLE)
        if indicator.interval == "events":
            return combine.events(values, self.noise(indicator.id))
        if indicator.interval in ("none", "rounded"):
            return combine.total(values, _rounding(indicator))
        return Estimate(sum(values))

    def _ratio(self, indicator: Indicator) -> _Outcome:
        above = self.of(self.catalogue.indicators[indicator.numerator or ""])
        below = self.of(self.catalogue.indicators[indicator.denominator or ""])
        unmade = [each for each in (below, above) if not isinstance(each, Estimate)]
        if reasons := [each for each in unmade if isinstance(each, Reason)]:
            return reasons[0]
        if missing := [each for each in unmade if isinstance(each, _Missing)]:
            return min(missing, key=_binding)
        assert isinstance(above, Estimate) and isinstance(below, Estimate)
        if below.value == 0:
            return _Missing(Status.NOT_APPLICABLE)
        if below.value < indicator.least:
            return _Missing(Status.TOO_FEW)
        return combine.ratio(above, below, indicator.factor)

    def _mean(self, indicator: Indicator, weight: Indicator) -> _Outcome:
        figures, weights = (self.parts(id, self.period) for id in (indicator.id, weight.id))
        if not weights:
            return Reason.PERIOD
        if missing := _missing(weights):
            return missing
        people = {figure.code: figure.value for figure in weights if figure.value is not None}
        # Where nobody is whom a mean could be about, it is not missed.
        if missing := _missing([figure for figure in figures if people.get(figure.code)]):
            return missing
        about = [figure for figure in figures if figure.code in people]
        shown = [(figure.value, people[figure.code]) for figure in about if figure.value is not None]
        if not any(size for _, size in shown):
            return _Missing(Status.NOT_APPLICABLE)
        values, sizes = zip(*shown, strict=True)
        rounding = _rounding(weight)
        made = combine.mean(values, combine.nearest(indicator.step), sizes, rounding)
        if rounding.most and len(shown) < len(about):
            # A 0 was rounded too: of those who may live there nothing is known, so nothing is certain of the whole.
            made = replace(made, least=math.nan, most=math.nan)
        return made if indicator.method == "register" and indicator.interval == "none" else Estimate(made.value)


def _rounding(indicator: Indicator) -> Rounding:
    """How a count was rounded by its publisher."""
    if indicator.interval == "rounded":
        assert indicator.rounding
        return combine.at_random(indicator.rounding)
    return combine.nearest(indicator.precision) if indicator.precision else EXACT


def _missing(figures: Sequence[Figure]) -> _Missing | None:
    """The most binding reason why some of `figures` have no value; None where none is missed."""
    lacking = _lacking(figures)
    if not lacking:
        return None
    statuses = [figure.status for figure in figures if figure.code in lacking]
    return _Missing(min(statuses, key=BINDING.index), lacking)


def _lacking(figures: Sequence[Figure]) -> tuple[str, ...]:
    return tuple(f.code for f in figures if f.value is None and f.status != Status.NOT_APPLICABLE)


def _binding(missing: _Missing) -> int:
    return BINDING.index(missing.status) if missing.status in BINDING else len(BINDING)


def _like(figures: Sequence[Figure], indicator: Indicator) -> Figure:
    """A figure without a value that has of its parts whatever is to be told of any of them."""
    return replace(
        figures[0],
        code=CODE,
        level=LEVEL,
        value=None,
        low=None,
        high=None,
        n=None,
        unit=indicator.unit,
        status=Status.REASON_UNKNOWN,
        provisional=any(figure.provisional for figure in figures),
        converted=any(figure.converted for figure in figures),
        is_sample=any(figure.is_sample for figure in figures),
        is_simulated=any(figure.is_simulated for figure in figures),
    )


def _known(low: float, high: float) -> tuple[float | None, float | None]:
    """Both ends, or neither where either is unknown or without end."""
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (None, None)


def _least(end: float, bound: float) -> float:
    return end if math.isnan(end) else min(end, bound)
