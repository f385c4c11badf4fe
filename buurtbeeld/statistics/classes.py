"""Class breaks for a map: few classes, closed on the right. The arithmetic is mapclassify's.

A class holds every value above the bound before it, up to and including its own.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import mapclassify
import numpy as np

SPLITS = ("rounded", "quantiles", "natural", "equal")  # they part the areas from low to high
CITY = "city"  # parts them by how far they are from the city
METHODS = (*SPLITS, CITY)
CLASSES = range(3, 6)  # five colours is what people can tell apart; fewer than three is no map
FARTHEST = 1e100  # a number beyond this, or below its inverse, is a slip: still drawn, but no arithmetic is done on it
MOST_NATURAL = 200  # natural breaks take time with the square of the number of values: 0.1 s for 200, 10 min for 14,000

# Ties make fewer classes, as they should here; and without numba, a compiler of 100 MB, natural breaks are slow.
warnings.filterwarnings("ignore", "Not enough unique values|Numba not installed")


@dataclass(frozen=True)
class Classes:
    """Upper bounds of the classes, lowest first. `counts`: how many values in each."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]

    def of(self, value: float) -> int:
        """The class of `value`, from 0; a value outside the bounds goes to the nearest class."""
        return int(self.places([value])[0])

    def places(self, values: Sequence[float] | np.ndarray) -> np.ndarray:
        """The class of each value, as `of` gives it."""
        return np.minimum(np.searchsorted(self.bounds, values, side="left"), len(self.bounds) - 1)

    def recounted(self, values: Sequence[float] | np.ndarray) -> "Classes":
        """The same classes with the counts of other values; a class of which there is none stays, with 0."""
        counts = np.bincount(self.places(values), minlength=len(self.bounds))
        return Classes(self.bounds, tuple(counts.tolist()))


def usual(areas: int) -> int:
    """How many classes suit a map of that many areas: one for every four, from 3 to 5.

    min(max(⌊areas / 4⌋, 3), 5): a choice of ours, not a published rule. Five classes of two wijken each would show
    differences that one wijk makes.
    """
    return min(max(areas // 4, CLASSES.start), CLASSES.stop - 1)


def classify(values: Sequence[float] | np.ndarray, method: str = "rounded", k: int = 5) -> Classes:
    """At most `k` classes of `values` by one of `SPLITS`; none of them is empty, the last bound is the highest value.

    rounded: equal groups, with bounds moved to round numbers that a person can remember: each bound of `quantiles` to
        the nearest multiple of the largest step of 1, 2, 2.5 or 5 times a power of ten that keeps every class at least
        a third of n/k full
    quantiles: equal groups, as near as ties allow: bound i is the quantile i/k, between two values where it falls so
    natural: groups that differ least inside: bounds that make Σ over classes of Σ(x - class mean)² least (W.D. Fisher,
        "On grouping for maximum homogeneity", JASA 53 (1958) 789-798, whom G.F. Jenks brought to maps)
    equal: classes of one width: bound i is min + i (max - min) / k

    values and bounds: in any one unit. Assumes no distribution, and that one area counts as much as another. Quantiles,
    natural and equal are compared in T.A. Slocum, R.B. McMaster, F.C. Kessler and H.H. Howard, "Thematic Cartography
    and Geovisualization" (3rd edition, 2009), chapter 4; moving bounds to round numbers is ours. Fewer classes come
    back when there are fewer different values. Raises ValueError for an unknown method, for k outside `CLASSES`, and
    for values that are not finite. No values give no classes.
    """
    if method not in SPLITS:
        raise ValueError(f"method {method!r} is not one of {', '.join(SPLITS)}")
    data = _checked(values, k)
    if not data.size:
        return Classes((), ())
    if len(np.unique(data)) <= k:
        return _counted(data, np.unique(data))
    if max(abs(data[0]), abs(data[-1])) > FARTHEST or data[-1] - data[0] < 1 / FARTHEST:
        return _counted(data, [data[math.ceil(len(data) * part / k) - 1] for part in range(1, k + 1)])
    return {"rounded": _rounded, "quantiles": _quantiles, "natural": _natural, "equal": _equal}[method](data, k)


def around(values: Sequence[float], deviations: Sequence[float], centre: float, k: int = 5) -> Classes:
    """Exactly `k` classes of `values`, alike on both sides of `centre`; some may be empty.

    Inside, each class is one step wide: half a step up and down is the middle class when k is odd; when k is even,
    `centre` itself is a bound. The outer classes are open, so the last bound is infinite. A step is the standard
    deviation about the centre, s = sqrt(mean(d²)) over `deviations` d (values less their centre), made such that half
    of it is 1, 2, 2.5 or 5 times a power of ten. This is the usual classification by standard deviation (mapclassify's
    StdMean), about the city's own value in place of the mean of its areas. All in the unit of the values. Raises
    ValueError as `classify` does.
    """
    data, away = _checked(values, k), _checked(deviations, k)
    if not math.isfinite(centre):
        raise ValueError("the centre must be finite")
    half = 1.0
    if away.size and 1 / FARTHEST < max(abs(away[0]), abs(away[-1])) < FARTHEST:
        half = _round(math.sqrt(float(np.mean(away**2))) / 2)
    digits = max(0, 2 - math.floor(math.log10(half)))
    bounds = np.round(centre + half * np.arange(2 - k, k, 2), digits)
    return Classes((*bounds.tolist(), math.inf), ()).recounted(data)


def spread(count: int, steps: int) -> tuple[int, ...]:
    """Where `count` classes lie on a ramp of `steps` colours: the first at its begin, the last at its end."""
    if count < 2:
        return (steps // 2,) * count
    return tuple(round(place * (steps - 1) / (count - 1)) for place in range(count))


def moves(values: Sequence[float], method: str, k: int) -> tuple[int, ...]:
    """Per value: by how many of the other `SPLITS`, with the same `k`, it gets another colour than by `method`.

    A number of 0 to 3: Σ over the other methods m of [place_m(v) ≠ place(v)]. A method can come back with fewer classes
    than k, so classes are compared by where they lie on a ramp of five (`spread`): the class that is drawn darkest by
    one method is the same as the one that is drawn darkest by another. Values are in any one unit, and none is missing;
    assumes that a reader sees classes by their colour, whatever their bounds. That one map is only one of many that the
    same figures allow is from M. Monmonier, "How to Lie with Maps" (1991); counting so is ours.
    """

    if not len(values):
        return ()

    def places(method: str) -> np.ndarray:
        classes = classify(values, method, k)
        ramp: np.ndarray = np.array(spread(len(classes.bounds), CLASSES.stop - 1))[classes.places(values)]
        return ramp

    mine = places(method)
    others = [places(other) != mine for other in SPLITS if other != method]
    return tuple(np.sum(others, axis=0).tolist())


def fences(values: Sequence[float]) -> tuple[float, float]:
    """Between which two values an axis shows nearly all of `values`: what is farther out would squeeze the rest.

    Tukey's outer fences, three times the distance between the quartiles below the first and above the third
    (Exploratory Data Analysis, 1977, chapter 2), and never beyond the lowest and the highest value. In the unit of the
    values; no values give (0, 0). Raises ValueError for values that are not finite.
    """
    data = _checked(values, CLASSES.start)
    if not data.size:
        return 0.0, 0.0
    # Of halves, since the difference between the largest numbers is none.
    first, third = (np.quantile(data / 2, [0.25, 0.75]) * 2).tolist()
    far = 3 * (third - first) or math.inf  # where half of the values are equal, the others are no outliers
    high = max(float(data[0]), min(float(data[-1]), third + far))
    return min(high, max(float(data[0]), first - far)), high


def digits_of(value: float, otherwise: int = 3) -> int:
    """How many decimals, at most 3, write a round number in full; `otherwise` where 3 are not enough."""
    return next((digits for digits in range(4) if abs(round(value, digits) - value) < 1e-9), otherwise)


def _checked(values: Sequence[float] | np.ndarray, k: int) -> np.ndarray:
    """The values in order. Raises ValueError for a k outside `CLASSES` and for values that are not finite."""
    if k not in CLASSES:
        raise ValueError(f"{k} classes: must be {CLASSES.start} to {CLASSES.stop - 1}")
    data = np.sort(np.asarray(values, dtype=float))
    if not np.isfinite(data).all():
        raise ValueError("values must be finite; leave out what is missing")
    return data


def _quantiles(data: np.ndarray, k: int) -> Classes:
    return _counted(data, _snapped(mapclassify.Quantiles(data, k=k).bins, data))


def _equal(data: np.ndarray, k: int) -> Classes:
    return _counted(data, _snapped(mapclassify.EqualInterval(data, k=k).bins, data))


def _natural(data: np.ndarray, k: int) -> Classes:
    """Fisher-Jenks on the values, or on 200 of them at equal places in their order, lowest and highest with them.

    mapclassify's own way with many values draws at random, so that a map and its legend could differ.
    """
    places = np.linspace(0, len(data) - 1, min(len(data), MOST_NATURAL))
    chosen = data[places.round().astype(int)]
    # Its squares are in single precision: large numbers that differ little would lose the difference.
    scaled = (chosen - chosen.mean()) / chosen.std()
    if len(np.unique(scaled)) < k:
        return _quantiles(data, k)
    bins = mapclassify.FisherJenks(scaled, k=k).bins
    return _counted(data, chosen[np.searchsorted(scaled, bins, side="right") - 1])


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


def _round(size: float) -> float:
    """The one of 1, 2, 2.5 and 5 times a power of ten that is nearest to `size`, in proportion."""
    return min(_steps(size), key=lambda step: abs(math.log(step / size)))


def _counted(data: np.ndarray, bounds: Sequence[float] | np.ndarray) -> Classes:
    """Classes with these upper bounds, without those that hold nothing."""
    edges = np.unique(np.asarray(bounds, dtype=float))
    edges[-1] = max(edges[-1], data[-1])
    counted = zip(edges.tolist(), Classes(tuple(edges), ()).recounted(data).counts, strict=True)
    bounds, counts = zip(*((bound, count) for bound, count in counted if count), strict=True)
    return Classes(bounds, counts)
