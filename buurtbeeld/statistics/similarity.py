"""Which areas look most like another one, on figures that are brought to one scale first."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Numbers = NDArray[np.float64]

FEWEST = 5  # figures that must be known of both areas; on fewer anything may look alike


def standardised(table: ArrayLike) -> Numbers:
    """Each column in its own robust standard deviations from its median, so that euros and percentages weigh the same.

    table: a row per area, a column per figure, NaN where it is missing. (x - median) / (1.4826 · MAD), which a few
    extreme areas can't stretch (P.J. Rousseeuw and C. Croux, "Alternatives to the median absolute deviation", JASA 88
    (1993) 1273-1283). A column in which more than half of the areas are the same says nothing, and becomes NaN.
    Without a unit; assumes that each column has one scale, so that steps of it mean the same everywhere.
    """
    data = np.asarray(table, dtype=float)
    known = np.isfinite(data).any(axis=0)
    scaled = np.full(data.shape, np.nan)
    spread = stats.median_abs_deviation(data[:, known], axis=0, scale="normal", nan_policy="omit")
    away = data[:, known] - np.nanmedian(data[:, known], axis=0)
    scaled[:, known] = away / np.where(spread > 0, spread, np.nan)
    return scaled


def distances(scaled: ArrayLike, place: int) -> Numbers:
    """How far each row of `scaled` (from `standardised`) is from the row `place`; NaN where too little is known.

    √(Σ (a - b)² / k) over the k figures known of both, in robust standard deviations: Euclidean distance that doesn't
    shrink where a figure is missing, as J.C. Gower leaves out what can't be compared ("A general coefficient of
    similarity and some of its properties", Biometrics 27 (1971) 857-871). 1 means: as different as two areas that are
    one robust standard deviation apart on every figure. Assumes that every figure says as much as another and that what
    is missing is like what is known; figures that say much the same (children, household size) weigh double.
    """
    data = np.asarray(scaled, dtype=float)
    squared = (data - data[place]) ** 2
    known = np.isfinite(squared).sum(axis=1)
    total = np.nansum(squared, axis=1)
    return np.where(known >= FEWEST, np.sqrt(total / np.maximum(known, 1)), np.nan)


def nearest(scaled: ArrayLike, place: int, count: int) -> list[int]:
    """The rows that are most like the row `place`, nearest first, at most `count`; without itself.

    In order of `distances`, which says what they assume; rows that are equally far stay in their own order.
    """
    far = distances(scaled, place)
    far[place] = np.nan
    order = np.argsort(far, kind="stable")  # NaN last
    return [int(row) for row in order[:count] if np.isfinite(far[row])]
