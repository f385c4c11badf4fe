"""Class breaks for a map: few classes, closed on the right, none of them empty.

A class holds every value above the bound before it, up to and including its own (as in mapclassify).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

METHODS = ("rounded", "quantiles", "natural", "equal")
CLASSES = range(3, 6)  # five colours is what people can tell apart; fewer than three is no map
FARTHEST = 1e100  # a number beyond this, or below its inverse, is a slip: still drawn, but no arithmetic is done on it


@dataclass(frozen=True)
class Classes:
    """Upper bounds of the classes, lowest first; the last is the highest value. `counts`: how many values in each."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]

    def of(self, value: float) -> int:
        """The class of `value`, from 0; a value outside the bounds goes to the nearest class."""
        return min(int(np.searchsorted(self.bounds, value, side="left")), len(self.bounds) - 1)


def classify(values: Sequence[float], method: str = "rounded", k: int = 5) -> Classes:
    """At most `k` classes of `values` by `method`.

    rounded: equal groups, with bounds moved to round numbers that a person can remember
    quantiles: equal groups, as near as ties allow
    natural: groups that differ least inside (Fisher-Jenks)
    equal: classes of one width

    Fewer classes come back when there are fewer different values. Raises ValueError for an unknown method, for k
    outside `CLASSES`, and for values that are not finite. No values give no classes.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not one of {', '.join(METHODS)}")
    if k not in CLASSES:
        raise ValueError(f"{k} classes: must be {CLASSES.start} to {CLASSES.stop - 1}")
    data = np.sort(np.asarray(values, dtype=float))
    if not data.size:
        return Classes((), ())
    if not np.isfinite(data).all():
        raise ValueError("values must be finite; leave out what is missing")
    if len(np.unique(data)) <= k:
        return _counted(data, np.unique(data))
    if max(abs(data[0]), abs(data[-1])) > FARTHEST or data[-1] - data[0] < 1 / FARTHEST:
        return _counted(data, [data[math.ceil(len(data) * part / k) - 1] for part in range(1, k + 1)])
    return {"rounded": _rounded, "quantiles": _quantiles, "natural": _natural, "equal": _equal}[method](data, k)


def digits_of(value: float, otherwise: int = 3) -> int:
    """How many decimals, at most 3, write a round number in full; `otherwise` where 3 are not enough."""
    return next((digits for digits in range(4) if abs(round(value, digits) - value) < 1e-9), otherwise)


def _quantiles(data: np.ndarray, k: int) -> Classes:
    return _counted(data, _snapped(np.quantile(data, np.arange(1, k + 1) / k), data))


def _equal(data: np.ndarray, k: int) -> Classes:
    return _counted(data, _snapped(np.linspace(data[0], data[-1], k + 1)[1:], data))


def _natural(data: np.ndarray, k: int) -> Classes:
    """The cuts with the least squared deviation inside classes, found for 1, 2, … k classes in turn (Fisher 1958)."""
    values, times = np.unique(data, return_counts=True)
    away = values - data.mean()  # squares of large numbers that differ little would lose the difference
    count, total, squares = (np.append(0.0, np.cumsum(times * part)) for part in (1, away, away**2))
    least = np.append(0.0, np.full(len(values), np.inf))  # of the first n values
    starts = []  # per number of classes: where the last class of the first n values begins
    for _ in range(k):
        costs = [
            least[:n] + squares[n] - squares[:n] - (total[n] - total[:n]) ** 2 / (count[n] - count[:n])
            for n in range(1, len(values) + 1)
        ]
        starts.append([0, *(int(cost.argmin()) for cost in costs)])
        least = np.array([np.inf, *(cost.min() for cost in costs)])
    ends = [len(values)]
    for start in reversed(starts[1:]):
        ends.append(start[ends[-1]])
    return _counted(data, values[np.array(ends) - 1])


def _snapped(bounds: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Arithmetic leaves 0.7999999999999999 where areas have 0.8: a bound next to a value is that value."""
    nearest = data[np.abs(data - bounds[:, None]).argmin(axis=1)]
    return np.where(np.isclose(bounds, nearest, rtol=1e-12, atol=0), nearest, bounds)


def _rounded(data: np.ndarray, k: int) -> Classes:
    """Quantiles, with each inner bound moved to a multiple of the largest round step that keeps every class filled."""
    inner = np.array(_quantiles(data, k).bounds[:-1])
    for step in _steps(data[-1] - data[0]):
        moved = np.unique(np.round(inner / step) * step)
        # Multiplying by a step such as 0.1 leaves 0.30000000000000004; no bound needs more digits than its step.
        moved = np.round(moved, max(0, -math.floor(math.log10(step)) + 1))
        bounds = [*moved[moved < data[-1]], data[-1]]
        classes = _counted(data, bounds)
        if len(classes.bounds) == len(inner) + 1 and min(classes.counts) * 3 >= len(data) / k:
            return classes
    return _counted(data, [*inner, data[-1]])


def _steps(width: float) -> list[float]:
    """1, 2, 2.5 and 5 times powers of ten, from `width` downwards over four powers."""
    top = math.ceil(math.log10(width))
    return [m * 10.0**power for power in range(top, top - 4, -1) for m in (5, 2.5, 2, 1)]


def _counted(data: np.ndarray, bounds: Sequence[float] | np.ndarray) -> Classes:
    """Classes with these upper bounds, without those that hold nothing."""
    edges = np.unique(np.asarray(bounds, dtype=float))
    edges[-1] = max(edges[-1], data[-1])
    upto = np.searchsorted(data, edges, side="right")
    counts = np.diff(upto, prepend=0)
    kept = counts > 0
    return Classes(tuple(edges[kept].tolist()), tuple(counts[kept].tolist()))
