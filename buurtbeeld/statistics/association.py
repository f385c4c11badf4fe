"""How two figures of all areas go together: how strongly, how sure that is, a line with its band, and who stands apart.

Areas are weighted by their residents. They are no random sample: they differ in size, and neighbours are alike. So
every interval counts them as fewer than they are (`effective`). Nothing here takes a missing number: what an area
without a figure means is for the caller to say, so a NaN raises ValueError and is never dropped in silence.
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
DECIDES = 1  # of Cook's distance; see `influence`
NEGLIGIBLE = 1e-9  # part of what there is, that may come from how a computer rounds
MOST = 400  # areas in what takes the square of their number; more of them count as this many


class Strength(StrEnum):
    """What may be said of how two figures go together. The words for each stand in `texts/`."""

    STRONG = "strong"
    CLEAR = "clear"
    SLIGHT = "slight"  # hardly: if there is anything, it is little
    UNSURE = "unsure"
    FEW = "few"  # areas


class Hindrance(StrEnum):
    """Why no straight line may be drawn through two figures. The words for each stand in `texts/`."""

    UNCLEAR = "unclear"  # whether they go together at all
    CLASSES = "classes"  # of one figure, with no distance between them; this and the next are for the caller to say
    RATIOS = "ratios"  # along an axis, on which a straight line would be bent
    UNSURE = "unsure"  # whether the numbers go together as their order does
    ONE = "one"  # area decides where it lies
    CURVED = "curved"
    BEYOND = "beyond"  # what is possible


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
    length. NONE with fewer than 20 areas, and when x or y is the same everywhere. Without a unit, from -1 to 1.

    Spearman's rho: the `correlation` of weighted ranks. Interval through Fisher's z with the standard error
    √((1 + rho²/2) / (m - 3)) of D.G. Bonett and T.A. Wright, "Sample size requirements for estimating Pearson, Kendall
    and Spearman correlations", Psychometrika 65 (2000) 23-28, where m is the `effective` number of areas. Assumes that
    the areas could as well have had other figures with the same likeness among neighbours. A perfect relation has no
    error left in it, and an interval from itself to itself.
    """
    a, b = ranks(x, weights), ranks(y, weights)
    if len(a) < FEWEST or np.ptp(a) == 0 or np.ptp(b) == 0:
        return NONE
    rho, size = correlation(a, b, weights), effective(a, b, weights, where)
    return Association(rho, *_interval(rho, size, 1 + rho**2 / 2), size)


def ranks(values: ArrayLike, weights: ArrayLike) -> Numbers:
    """Per area the part of all weight in areas with a lower value, and half of that in areas with the same.

    From 0 to 1: (Σ_{v'<v} w' + Σ_{v'=v} w'/2) / Σw. With equal weights (rank - 1/2) / n, ties sharing their mean rank.
    """
    numbers, w = _known(values, weights)
    found, place = np.unique(numbers, return_inverse=True)
    held = np.bincount(place, w, len(found))
    middle: Numbers = (np.cumsum(held) - held / 2)[place] / held.sum()
    return middle


def correlation(x: ArrayLike, y: ArrayLike, weights: ArrayLike) -> float:
    """Pearson's r with weights: Σw(x-x̄)(y-ȳ) / √(Σw(x-x̄)² Σw(y-ȳ)²), the means weighted too. x and y must vary."""
    a, b, w = _known(x, y, weights)
    a, b = a - np.average(a, weights=w), b - np.average(b, weights=w)
    return float(np.clip(np.sum(w * a * b) / np.sqrt(np.sum(w * a * a) * np.sum(w * b * b)), -1, 1))


def effective(x: ArrayLike, y: ArrayLike, weights: ArrayLike, where: ArrayLike) -> float:
    """For how many independent areas of one weight the areas count, when x and y are correlated.

    Never more than unequal weights leave of them, (Σw)² / Σw² (L. Kish, "Survey Sampling" (1965), section 11.7), and
    fewer where `neighbours` are alike. Of more than 400 areas 400 stand for all, and they count for 400 at most: how
    alike areas are that lie nearer to each other than those 400 do, these can't tell, so the others may add nothing.
    """
    a, b, w, place = _known(x, y, weights, where)
    some = _some(len(w))
    a, b, w = a[some], b[some], w[some]
    return min(float(w.sum() ** 2 / np.sum(w**2)), neighbours(a, b, w, place[some]))


def neighbours(x: Numbers, y: Numbers, weights: Numbers, where: Numbers) -> float:
    """The effective sample size of a correlation between two figures of which neighbours are alike.

    1 + tr(A₁) tr(A₂) / tr(A₁A₂) with A = W½ B Σ B' W½, W the weights as parts of one, B = I - 1w' taking away the
    weighted mean, and each Σ filled with the mean autocorrelation in 13 strata of distance, as R's
    SpatialPack::modified.ttest does. With equal weights this is P. Dutilleul, "Modifying the t test for assessing the
    correlation between two spatial processes", Biometrics 49 (1993) 305-314; with weights it is his derivation for the
    weighted correlation x'B'WBy; and without any likeness it is nearly Kish's number. Assumes that likeness follows
    from distance alone, the same everywhere. where: in any unit of length.
    """
    far = squareform(pdist(where))
    edges = np.linspace(0, far.max(), STRATA + 1)[1:-1]
    stratum = np.searchsorted(edges, far, side="left") + 1
    np.fill_diagonal(stratum, 0)
    part = weights / weights.sum()
    root = np.sqrt(part)
    one, two = (root[:, None] * _centred(_autocorrelations(each, stratum), part) * root for each in (x, y))
    together = float(np.sum(one * two))
    return 1 + float(np.trace(one) * np.trace(two)) / together if together > 0 else float(len(x))


def line(x: ArrayLike, y: ArrayLike, weights: ArrayLike, size: float, at: Sequence[float]) -> Line:
    """The straight line with the least weighted squares, and its pointwise 95% band, at the places `at`.

    ŷ ± t · s · √(a'(X'WX)⁻¹a) with a = (1, x), the weights scaled to add up to `size`, s² = Σw(y-ŷ)² / (size - 2) and t
    of size - 2 degrees of freedom. With size the number of areas this is predict(lm(y ~ x, weights = w), interval =
    "confidence") in R; a smaller, `effective` size widens the band. N.R. Draper and H. Smith, "Applied Regression
    Analysis" (1998), section 9.2. Assumes a straight relation; x must vary and size be above 2. In the unit of y.

    Written out because scipy has no such line: linregress takes no weights, and curve_fit no size but the number of
    areas. Where they can, the tests hold it to both.
    """
    a, b, w = _known(x, y, weights)
    w = w / w.sum() * size
    design = np.column_stack([np.ones_like(a), a])
    inverse = np.linalg.inv(design.T @ (w[:, None] * design))
    fitted = inverse @ design.T @ (w * b)
    spread = np.sum(w * (b - design @ fitted) ** 2) / (size - 2)
    asked = np.column_stack([np.ones(len(at)), np.asarray(at, dtype=float)])
    middle = asked @ fitted
    half = stats.t.ppf((1 + LEVEL) / 2, size - 2) * np.sqrt(spread * np.sum(asked @ inverse * asked, axis=1))
    return Line(*(tuple(map(float, each)) for each in (at, middle, middle - half, middle + half)))


def hindrance(
    x: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike,
    found: Association,
    possible: tuple[float, float] = (-np.inf, np.inf),
) -> Hindrance | None:
    """Why `line` may not be drawn through two figures, the first reason of a declared list; None when it may.

    found: what `associate` says of the same figures, of which m is the effective size; possible: the lowest and the
    highest value that y can have.

    UNCLEAR: `found` is neither strong nor clear.
    UNSURE: the 95% intervals of Spearman's rho in `found` and of Pearson's weighted r, tanh(atanh r ± z / √(m - 3)),
    do not lie on the same side of 0 (R.A. Fisher, "On the 'probable error' of a coefficient of correlation deduced from
    a small sample", Metron 1 (1921) 3-32): the order may go one way where the numbers do not.
    ONE: without one of the areas it would be another line; the `influence` of one is more than 1.
    CURVED: a term x² beside the line is significant at 5%; |`curvature`| is more than t of m - 3 degrees of freedom.
    BEYOND: between the lowest x and the highest one it passes through values that y can't have.

    Assumes that figures are roughly normal around the line. Not being able to show a curve is no proof of a straight
    relation: of few areas, or of areas that count for few, a curve is seen later.
    """
    if found.strength not in (Strength.STRONG, Strength.CLEAR):
        return Hindrance.UNCLEAR
    r = correlation(x, y, weights)
    low, high = _interval(r, found.size)
    if not (low > 0 < found.low or high < 0 > found.high):
        return Hindrance.UNSURE
    if max(influence(x, y, weights, found.size)) > DECIDES:
        return Hindrance.ONE
    if abs(curvature(x, y, weights, found.size)) > stats.t.ppf((1 + LEVEL) / 2, found.size - 3):
        return Hindrance.CURVED
    ends = line(x, y, weights, found.size, [np.min(x), np.max(x)]).y
    room = NEGLIGIBLE * np.ptp(y)  # a line may end on a bound, but for how a computer rounds
    return Hindrance.BEYOND if min(ends) < possible[0] - room or max(ends) > possible[1] + room else None


def influence(x: ArrayLike, y: ArrayLike, weights: ArrayLike, size: float) -> Numbers:
    """Cook's distance of each area: how far the `line` without it lies from the line with it, measured in its band.

    D = w e² h / (2 s² (1 - h)²), with e the residual, s² = Σwe² / (size - 2), the weights w adding up to `size` and the
    leverage h = w/Σw · (1 + z²), where z is x in weighted standard deviations from its weighted mean. With size the
    number of areas this is cooks.distance(lm(y ~ x, weights = w)) in R; a smaller, `effective` size makes it smaller,
    as it makes the band wider. More than 1 is much: R.D. Cook and S. Weisberg, "Residuals and Influence in Regression"
    (1982), chapter 3. Infinite where there is no line without the area, 0 where all lie on it. x and y must vary.
    """
    a, b, part = _standard(x, y, weights)
    rest = b - np.sum(part * a * b) * a
    left = np.sum(part * rest**2)
    leverage = part * (1 + a**2)
    alone = leverage > 1 - NEGLIGIBLE
    away = 1 - np.where(alone, 0, leverage)
    known = part * rest**2 / left * (size - 2) * leverage / (2 * away**2) if left > NEGLIGIBLE else np.zeros(len(a))
    made: Numbers = np.where(alone, np.inf, known)
    return made


def curvature(x: ArrayLike, y: ArrayLike, weights: ArrayLike, size: float) -> float:
    """The t of a term x² beside the straight line, of size - 3 degrees of freedom; above 0 when it bends upwards.

    ρ √((size - 3) / (1 - ρ²)) with ρ the weighted partial correlation of y and x², given x: the weighted correlation of
    what the straight line leaves of both. With size the number of areas it is the t value of I(x^2) in R's
    summary(lm(y ~ x + I(x^2), weights = w)). N.R. Draper and H. Smith, "Applied Regression Analysis" (1998), ch. 12.
    0 where x has no more than two values, or all areas lie on the line. x and y must vary. x is in standard deviations
    from its mean, so that its square hardly goes along with it.
    """
    a, b, part = _standard(x, y, weights)
    rest = b - np.sum(part * a * b) * a
    bend = a**2 - 1 - np.sum(part * a**3) * a
    spread = np.sum(part * rest**2), np.sum(part * bend**2)
    if min(spread) <= NEGLIGIBLE:
        return 0.0
    partial = np.sum(part * rest * bend) / np.sqrt(spread[0] * spread[1])
    return float(partial * np.sqrt((size - 3) / max(1 - partial**2, NEGLIGIBLE)))


def apart(x: ArrayLike, y: ArrayLike, drawn: Line | None = None) -> Numbers:
    """How far each area lies from the line that the others follow, in robust standard deviations; more than 3.5 is far.

    x, y: on the scale that they are drawn on, so logarithms where equal steps are ratios. drawn: the line that is shown
    with them, over the whole width. Then it is |residual| / (1.4826 · median |residual|) from that line, so that no
    area on it is far from it.

    Without one it is |residual - median| / (1.4826 · MAD) of the residuals from the Theil-Sen line, the median of the
    slopes of all pairs (P.K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968)
    1379-1389): neither can be pulled towards an outlier.

    All 0 where more than half of the areas lie on the line. Assumes that most areas follow one straight line, and
    counts each area as one, however many people live there: a large one can stand apart.
    """
    a, b = _known(x, y)
    if not len(a) or np.ptp(a) == 0:
        return np.zeros(len(a))
    if drawn:
        away: Numbers = np.abs(b - np.interp(a, drawn.x, drawn.y))
    else:
        some = np.argsort(a, kind="stable")[_some(len(a))]
        residual = b - stats.theilslopes(b[some], a[some]).slope * a
        away = np.abs(residual - np.median(residual))
    usual = np.median(away) / stats.norm.ppf(0.75)
    return away / usual if usual > NEGLIGIBLE * np.ptp(b) else np.zeros(len(a))


def _standard(x: ArrayLike, y: ArrayLike, weights: ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
    """x and y in weighted standard deviations from their weighted means, and the weights as parts of one."""
    a, b, w = _known(x, y, weights)
    part = w / w.sum()
    a, b = a - np.sum(part * a), b - np.sum(part * b)
    return a / np.sqrt(np.sum(part * a**2)), b / np.sqrt(np.sum(part * b**2)), part


def _interval(r: float, size: float, spread: float = 1.0) -> tuple[float, float]:
    """tanh(atanh r ± z √(spread / (size - 3))); anything is possible where size says next to nothing."""
    if size <= 3:
        return -1.0, 1.0
    if abs(r) == 1:  # its atanh is infinite
        return r, r
    middle = np.arctanh(r)
    half = stats.norm.ppf((1 + LEVEL) / 2) * np.sqrt(spread / (size - 3))
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))


def _known(*columns: ArrayLike) -> list[Numbers]:
    """The columns as numbers. Raises ValueError for one that is missing or infinite."""
    found = [np.asarray(each, dtype=float) for each in columns]
    if not all(np.isfinite(each).all() for each in found):
        raise ValueError("numbers must be finite; leave out what is missing")
    return found


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


def _centred(matrix: Numbers, part: Numbers) -> Numbers:
    """B·matrix·B', with B = I - 1w' for weights w that add up to 1."""
    rows = matrix - part @ matrix
    made: Numbers = rows - (rows @ part)[:, None]
    return made
