"""How sure a figure is: from its value to the lowest and the highest that it may as well have been.

All functions take arrays or numbers and give a pair (low, high) of arrays of the same shape; NaN stays NaN. An interval
is one of 95% unless it is a band: then it holds for certain.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from buurtbeeld.statistics.dispersion import NONE, Dispersion

LEVEL = 0.95
Interval = tuple[NDArray[np.float64], NDArray[np.float64]]


def wilson(share: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Interval:
    """The score interval of a share that was found among `n` answers.

    share: 0 to 1; n: answers, above 0, which need not be whole (an effective number). Formula, with z the normal
    quantile: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Assumes that the answers are a simple random sample;
    where a survey is weighted, n is to be its effective number. E.B. Wilson, "Probable inference, the law of
    succession, and statistical inference", JASA 22 (1927) 209-212.

    Written out because scipy's, binomtest(k, n).proportion_ci(method="wilson"), takes one whole number of answers at a
    time, and an effective number is not whole. Where it is, the tests hold the two to be the same.
    """
    p, size = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    z = stats.norm.ppf((1 + level) / 2)
    middle = p + z**2 / (2 * size)
    half = z * np.sqrt(p * (1 - p) / size + z**2 / (4 * size**2))
    low, high = (middle - half) / (1 + z**2 / size), (middle + half) / (1 + z**2 / size)
    # At 0% and 100% the formula gives 0 and 1 but for the last bit.
    return np.where(p == 0, 0.0, np.maximum(low, 0)), np.where(p == 1, 1.0, np.minimum(high, 1))


def poisson(counts: ArrayLike, dispersion: Dispersion = NONE, level: float = LEVEL) -> Interval:
    """The exact interval of the mean of which a number of events is a draw, widened as such numbers vary beyond chance.

    counts: events, 0 or more, and so are both ends. Formula, with φ the dispersion at that count, x = count/φ and χ²
    the quantile of the chi-squared distribution: φ/2 · χ²(α/2; 2x) and φ/2 · χ²(1-α/2; 2x+2). With φ = 1 it is the
    exact Poisson interval of F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936) 437-442;
    φ is the quasi-Poisson widening of P. McCullagh and J.A. Nelder, "Generalized Linear Models" (1989), section 6.2.
    Assumes that the variance is φ times the mean, and that φ is the one of areas of this size; x need not be whole,
    which the quantiles allow.
    """
    x = np.asarray(counts, dtype=float)
    phi = dispersion.at(x)
    tail = (1 - level) / 2
    # chi2.ppf has no answer for 0 degrees of freedom; the lower end of no events is none.
    low = np.where(x > 0, stats.chi2.ppf(tail, np.where(x > 0, 2 * x / phi, 1)) * phi / 2, np.where(np.isnan(x), x, 0))
    return low, stats.chi2.ppf(1 - tail, 2 * x / phi + 2) * phi / 2


def rounded(values: ArrayLike, base: float) -> Interval:
    """The band of counts that were rounded at random to a multiple of `base`, up or down: whole, at most base-1 away.

    CBS rounds residents and households of wijken and buurten so, to a multiple of 5 (note to the Wijk- en Buurtkaart
    2022-2024): a published 25 was at least 21 and at most 29. This holds for certain, it is no matter of chance.
    """
    x = np.asarray(values, dtype=float)
    return np.maximum(x - (base - 1), 0), x + (base - 1)


def ratio_of_counts(
    before: ArrayLike, after: ArrayLike, dispersion: Dispersion = NONE, level: float = LEVEL
) -> Interval:
    """The interval of after / before, two numbers of events in equally long periods, without a unit.

    before, after: events; before is above 0, and a ratio of 1 is no change. high may be infinite, where `before` is so
    small that it tells nearly nothing.

    Formula, with F the quantile of the F distribution: y/(x+1) · F(α/2; 2y, 2x+2) and (y+1)/x · F(1-α/2; 2y+2, 2x).
    Given their sum, `after` is binomial; the exact interval of its share p (C.J. Clopper and E.S. Pearson, "The use of
    confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934) 404-413) becomes that
    of the ratio p / (1 - p), as R's poisson.test does. Both numbers are first divided by the dispersion φ at their
    mean, as in `poisson`. Assumes that the two are independent but for what φ says, and that φ is the same in both.
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    phi = dispersion.at((x + y) / 2)
    x, y = x / phi, y / phi
    tail = (1 - level) / 2
    # The odds of a beta distribution are those of F, which does not lose the last digits where p is nearly 1.
    some = np.where(y > 0, y, 1.0)
    low = np.where(y > 0, stats.f.ppf(tail, 2 * some, 2 * x + 2) * some / (x + 1), y * 0)
    return low, stats.f.ppf(1 - tail, 2 * y + 2, 2 * x) * (y + 1) / x
