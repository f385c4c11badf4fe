"""What may be said of a figure: whether it clearly changed, and how it stands beside the city's.

The rules are declared here and explained in docs/methods.md; the arithmetic is in `statistics/`. A figure whose margin
nobody knows gets no verdict: it is shown, and nothing is claimed.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import numpy as np

from buurtbeeld.catalogue import Catalogue, Figure, Indicator
from buurtbeeld.statistics import change, compare
from buurtbeeld.statistics.change import Signs
from buurtbeeld.statistics.compare import Sized, Stand
from buurtbeeld.statistics.dispersion import Dispersion


class Change(StrEnum):
    """What may be said of the change of one area between two periods. The words for each stand in `texts/`."""

    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"  # no larger than what comes of chance or rounding
    UNTESTED = "untested"  # nobody says how sure the figures are
    BORDER = "border"  # the area is not the same one


def changes(
    then: Sequence[Figure],
    now: Sequence[Figure],
    indicator: Indicator,
    catalogue: Catalogue,
    noise: Dispersion | None,
    moved: frozenset[str] = frozenset(),
) -> dict[str, Change]:
    """The verdict on every area with a value in both periods, by code; judged together, since they are seen together.

    then, now: the figures of one indicator and level in two periods. noise: that of the indicator at this level.
    moved: codes whose border is not that of the earlier period.
    """
    before = {figure.code: figure for figure in then if figure.value is not None}
    pairs = [(before[f.code], f) for f in now if f.value is not None and f.code in before]
    same = [pair for pair in pairs if pair[1].code not in moved]
    signs = _signs(same, indicator, catalogue, noise)
    judged = {later.code: Change.BORDER for _, later in pairs}
    for place, (_, later) in enumerate(same):
        judged[later.code] = Change.UNTESTED if signs is None else _CHANGE[int(signs[place])]
    return judged


_CHANGE = {1: Change.UP, -1: Change.DOWN, 0: Change.UNCLEAR}


def _signs(
    pairs: Sequence[tuple[Figure, Figure]], indicator: Indicator, catalogue: Catalogue, noise: Dispersion | None
) -> Signs | None:
    """Per pair +1, -1 or 0; None where nobody says how sure the figures are."""
    then, now = ([pair[place] for pair in pairs] for place in (0, 1))
    if indicator.interval == "events":
        return None if noise is None else change.of_counts(_values(then), _values(now), noise)
    if counted(indicator, catalogue):
        return change.of_bands(_bands(then, indicator), _bands(now, indicator))
    known = all(figure.low is not None for pair in pairs for figure in pair)
    return change.of_margins(_values(then), _widths(then), _values(now), _widths(now)) if known and pairs else None


def beside(
    figure: Figure, city: Figure | None, others: Iterable[Figure], indicator: Indicator, catalogue: Catalogue
) -> Stand | None:
    """How an area stands beside the city; None where there is nothing to say: no value, a count, no known margin.

    others: the figures of all areas of its level, itself included.
    """
    if figure.value is None or city is None or city.value is None or figure.level == city.level:
        return None
    if not indicator.beside_city or not sure(figure, indicator, catalogue):
        return None
    values = [other.value for other in others if other.value is not None]
    return compare.stands(sized(figure, indicator), sized(city, indicator), values)


def sure(figure: Figure, indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether it is known how sure a figure with a value is: it has an interval, or was counted."""
    return figure.low is not None or counted(indicator, catalogue)


def counted(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether the figure comes from a full register, so that nothing but rounding stands between it and the truth."""
    parts = [catalogue.indicators[part] for part in (indicator.numerator, indicator.denominator) if part]
    own = indicator.method == "register" and indicator.interval in ("none", "rounded")
    return own and all(counted(part, catalogue) for part in parts)


def sized(figure: Figure, indicator: Indicator) -> Sized:
    """A figure with both ends of its interval; without one, those between which it may have been before rounding."""
    assert figure.value is not None
    if figure.low is not None and figure.high is not None:
        return figure.value, figure.low, figure.high
    half = max(10.0**-indicator.decimals, indicator.scale if indicator.scale > 1 else 0) / 2
    return figure.value, figure.value - half, figure.value + half


def tally(judged: Mapping[str, Change]) -> dict[Change, int]:
    """How many areas got each verdict; every verdict is in it."""
    found = list(judged.values())
    return {verdict: found.count(verdict) for verdict in Change}


def _values(figures: Sequence[Figure]) -> np.ndarray:
    return np.array([figure.value for figure in figures], dtype=float)


def _widths(figures: Sequence[Figure]) -> np.ndarray:
    return np.array([(figure.high or 0) - (figure.low or 0) for figure in figures], dtype=float)


def _bands(figures: Sequence[Figure], indicator: Indicator) -> tuple[np.ndarray, np.ndarray]:
    ends = np.array([sized(figure, indicator)[1:] for figure in figures], dtype=float).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]
