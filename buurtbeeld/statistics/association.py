"""How two figures of all areas go together: how strongly, how sure that is, a line with its band, and who stands apart.

Areas are weighted by their residents. They are no random sample: they differ in size, and neighbours are alike. So
every interval counts them as fewer than they are (`effective`).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.spatial.distance import pdist, squareform

from buurtbeeld.statistics.intervals import LEVEL

Numbers = NDArray[np.float64]

FEWEST = 20  # areas; with fewer nothing is said
LARGE, SLIGHT = 0.5, 0.3  # J. Cohen, "Statistical Power Analysis for the Behavioral Sciences" (1988), section 3.2
FAR = 3.5  # B. Iglewicz and D.C. Hoaglin, "How to Detect and Handle Outliers" (1993): of a modified z-score
STRATA = 13  # of distance; the usual number in R's SpatialPack
MOST = 400  # areas in what takes the square of their number; more of them are represented by this many


class Strength(StrEnum):
    """What may be said of how two figures go together. The words for each stand in `texts/`."""

    STRONG = "strong"
    CLEAR = "clear"
    SLIGHT = "slight"  # hardly: if there is anything, it is little
    UNSURE = "unsure"
    FEW = "few"  # areas


class Association(NamedTuple):
    """A correlation of -1 to 1 with its 95% interval, and for how many independent areas the areas count."""

    value: float
    low: float
    high: float
    size: float

    @property
    def strength(self) -> Strength:
        """By a declared rule: the whole interval, not its middle, must lie where the word says.

        Strong: beyond 0.5. Slight: within 0.3 of nothing. Clear: on one side of nothing. Else unsure.
        """
        nearest = max(self.low, -self.high)  # below 0 when nothing itself lies in the interval
        if np.isnan(self.value):
            return Strength.FEW
        if nearest >= LARGE:
            return Strength.STRONG
        if max(abs(self.low), abs(self.high)) <= SLIGHT:
            return Strength.SLIGHT
        return Strength.CLEAR if nearest > 0 else Strength.UNSURE


NONE = Association(np.nan, np.nan, np.nan, 0.0)
"""That of too few areas."""


class Line(NamedTuple):
    """A fitted line at some places of x, with the 95% band in which the line itself lies."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def associate(x: ArrayLike, y: ArrayLike, weights: ArrayLike, where: ArrayLike) -> Association:
    """The weighted rank correlation of two figures: whether they go up together, in whatever shape.

    x, y: one number per area, all known; weights: residents, above 0; where: east and north per area, in one unit of
    length. NONE with fewer than 20 areas, and when x or y is the same everywhere.

    Spearman's rho: the `correlation` of weighted ranks. Interval through Fisher's z with the standard error
    √((1 + rho²/2) / (m - 3)) of D.G. Bonett and T.A. Wright, "Sample size requirements for estimating Pearson, Kendall
    and Spearman correlations", Psychometrika 65 (2000) 23-28, where m is the `effective` number of areas.
    """
    a, b = ranks(x, weights), ranks(y, weights)
    if len(a) < FEWEST or np.ptp(a) == 0 or np.ptp(b) == 0:
        return NONE
    rho, size = correlation(a, b, weights), effective(a, b, weights, where)
    return Association(rho, *_interval(rho, size, 1 + rho**2 / 2), size)


def ranks(values: ArrayLike, weights: ArrayLike) -> Numbers:
    """Per area the part of all weight in areas with a lower value, and half of that in areas with the same."""
    found, place = np.unique(np.asarray(values, dtype=float), return_inverse=True)
    held = np.bincount(place, np.asarray(weights, dtype=float), len(found))
    middle: Numbers = (np.cumsum(held) - held / 2)[place] / held.sum()
    return middle


def correlation(x: ArrayLike, y: ArrayLike, weights: ArrayLike) -> float:
    """Pearson's r with weights: Σw(x-x̄)(y-ȳ) / √(Σw(x-x̄)² Σw(y-ȳ)²), the means weighted too. x and y must vary."""
    a, b, w = (np.asarray(each, dtype=float) for each in (x, y, weights))
    a, b = a - np.average(a, weights=w), b - np.average(b, weights=w)
    return float(np.clip(np.sum(w * a * b) / np.sqrt(np.sum(w * a * a) * np.sum(w * b * b)), -1, 1))


def effective(x: ArrayLike, y: ArrayLike, weights: ArrayLike, where: ArrayLike) -> float:
    """For how many independent areas of one weight the areas count, when x and y are correlated.

    Two corrections, multiplied. Weights: (Σw)² / Σw² (L. Kish, "Survey Sampling" (1965), section 11.7). Neighbours: the
    effective sample size of P. Dutilleul, "Modifying the t test for assessing the correlation between two spatial
    processes", Biometrics 49 (1993) 305-314: 1 + tr(BΣ₁) tr(BΣ₂) / tr(BΣ₁BΣ₂), with B = I - 11'/n and each Σ filled
    with the mean autocorrelation in 13 strata of distance, as in R's SpatialPack::modified.ttest; never more than there
    are. Of more than 400 areas 400 stand for all.
    """
    w = np.asarray(weights, dtype=float)
    kish = float(w.sum() ** 2 / np.sum(w**2))
    some = _some(len(w))
    a, b = (np.asarray(each, dtype=float)[some] for each in (x, y))
    place = np.asarray(where, dtype=float)[some]
    return kish * min(1.0, neighbours(a, b, place) / len(a))


def neighbours(x: Numbers, y: Numbers, where: Numbers) -> float:
    """Dutilleul's effective sample size; see `effective`."""
    far = squareform(pdist(where))
    edges = np.linspace(0, far.max(), STRATA + 1)[1:-1]
    stratum = np.searchsorted(edges, far, side="left") + 1
    np.fill_diagonal(stratum, 0)
    one, two = (_centred(_autocorrelations(each, stratum)) for each in (x, y))
    together = float(np.sum(one * two.T))
    return 1 + float(np.trace(one) * np.trace(two)) / together if together > 0 else float(len(x))


def line(x: ArrayLike, y: ArrayLike, weights: ArrayLike, size: float, at: Sequence[float]) -> Line:
    """The straight line with the least weighted squares, and its pointwise 95% band, at the places `at`.

    ŷ ± t · s · √(a'(X'WX)⁻¹a) with a = (1, x), the weights scaled to add up to `size`, s² = Σw(y-ŷ)² / (size - 2) and t
    of size - 2 degrees of freedom. With size the number of areas this is predict(lm(y ~ x, weights = w), interval =
    "confidence") in R; a smaller, `effective` size widens the band. N.R. Draper and H. Smith, "Applied Regression
    Analysis" (1998), section 9.2. Assumes a straight relation; x must vary and size be above 2.
    """
    a, b, w = (np.asarray(each, dtype=float) for each in (x, y, weights))
    w = w / w.sum() * size
    design = np.column_stack([np.ones_like(a), a])
    inverse = np.linalg.inv(design.T @ (w[:, None] * design))
    fitted = inverse @ design.T @ (w * b)
    spread = np.sum(w * (b - design @ fitted) ** 2) / (size - 2)
    asked = np.column_stack([np.ones(len(at)), np.asarray(at, dtype=float)])
    middle = asked @ fitted
    half = stats.t.ppf((1 + LEVEL) / 2, size - 2) * np.sqrt(spread * np.sum(asked @ inverse * asked, axis=1))
    return Line(*(tuple(map(float, each)) for each in (at, middle, middle - half, middle + half)))


def straight(x: ArrayLike, y: ArrayLike, weights: ArrayLike, found: Association) -> bool:
    """Whether a line may be drawn: the straight correlation leaves out nothing on the same side as the ranks do."""
    if found is NONE:
        return False
    low, high = _interval(correlation(x, y, weights), found.size)
    return low > 0 < found.low or high < 0 > found.high


def apart(x: ArrayLike, y: ArrayLike) -> Numbers:
    """How far each area lies from the line that the others follow, in robust standard deviations; more than 3.5 is far.

    |residual - median| / (1.4826 · MAD) of the residuals from the Theil-Sen line, the median of the slopes of all pairs
    (P.K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968) 1379-1389): neither can
    be pulled towards an outlier. All 0 where more than half of the areas lie on the line.
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not len(a) or np.ptp(a) == 0:
        return np.zeros(len(a))
    some = np.argsort(a, kind="stable")[_some(len(a))]
    residual = b - stats.theilslopes(b[some], a[some]).slope * a
    usual = stats.median_abs_deviation(residual, scale="normal")
    away: Numbers = np.abs(residual - np.median(residual))
    return away / usual if usual else np.zeros(len(a))


def _interval(r: float, size: float, spread: float = 1.0) -> tuple[float, float]:
    """tanh(atanh r ± z √(spread / (size - 3))); anything is possible where size says next to nothing."""
    if size <= 3:
        return -1.0, 1.0
    middle = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    half = stats.norm.ppf((1 + LEVEL) / 2) * np.sqrt(spread / (size - 3))
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))


def _some(count: int) -> NDArray[np.int64]:
    """At most MOST places, evenly spread over `count`."""
    return np.linspace(0, count - 1, min(count, MOST)).round().astype(np.int64)


def _autocorrelations(values: Numbers, stratum: NDArray[np.int64]) -> Numbers:
    """For each pair of areas the mean autocorrelation of the pairs that are as far apart; 1 of an area with itself."""
    away = values - values.mean()
    products = np.bincount(stratum.ravel(), np.outer(away, away).ravel(), STRATA + 1)
    pairs = np.bincount(stratum.ravel(), minlength=STRATA + 1)
    found: Numbers = (products / np.maximum(pairs, 1) / np.mean(away**2))[stratum]
    return found


def _centred(matrix: Numbers) -> Numbers:
    """B·matrix."""
    made: Numbers = matrix - matrix.mean(axis=0)
    return made
