"""How much more the numbers of a register of events vary from year to year than chance alone would make them.

Events such as crimes come in series: one offender, one summer, one campaign of the police. So their numbers vary more
than the Poisson distribution says, the more so where there are many. That extra is measured from the series itself,
and it widens every interval and every test.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

FEWEST_PAIRS = 2  # successive periods: from one pair alone one can't tell how much the estimate itself varies
FEWEST_AREAS = 20
SURE = 0.9  # one-sided: the noise is rather taken too large than too small


@dataclass(frozen=True)
class Dispersion:
    """The variance of a number with mean m is φ·m, with φ = max(1, factor · m^power); `overall` is φ whatever m is."""

    factor: float
    power: float
    overall: float

    def at(self, mean: ArrayLike) -> NDArray[np.float64]:
        """φ at `mean` (0 or more; NaN stays NaN); never below 1, which is that of chance alone."""
        m = np.asarray(mean, dtype=float)
        found: NDArray[np.float64] = np.maximum(1.0, self.factor * np.power(np.where(m > 0, m, 1.0), self.power))
        return np.where(np.isnan(m), np.nan, found)

    def cautious(self, mean: ArrayLike) -> NDArray[np.float64]:
        """The larger of `at` and `overall`: for tests of many areas, which stand or fall with how small areas vary, and
        which compare two years that may be the wildest of all.
        """
        return np.maximum(self.overall, self.at(mean))


NONE = Dispersion(1.0, 0.0, 1.0)
"""That of chance alone: Poisson."""


def residuals(before: ArrayLike, after: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(mean, e²) per area with events in either of two successive periods: squared Pearson residuals around the trend.

    before, after: one number of events (0 or more) per area; both results are without a unit, but for mean, which is in
    events. Assumes that areas vary independently around their common trend. With s = before + after and r the part of
    all events that falls in the second period, after is binomial(s, r) when each area follows the common trend and only
    chance is at work. Then e² = (after - s·r)² / (s·r·(1-r)), times k/(k-1) for the one trend that was estimated from k
    areas, is 1 on average; what it is more, is dispersion. mean = s/2. Areas with NaN in either period are left out.
    Without the correction Σe² is Pearson's chi-squared of the table of areas by periods; divided by its degrees of
    freedom it is the usual measure of dispersion (P. McCullagh and J.A. Nelder, "Generalized Linear Models" (1989),
    section 6.2).
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    both = np.isfinite(x) & np.isfinite(y) & (x + y > 0)
    x, y = x[both], y[both]
    total = x + y
    if len(total) < FEWEST_AREAS or not 0 < y.sum() < total.sum():
        return np.empty(0), np.empty(0)
    part = y.sum() / total.sum()
    squared = (y - total * part) ** 2 / (total * part * (1 - part)) * len(total) / (len(total) - 1)
    return total / 2, squared


def estimate(table: ArrayLike) -> Dispersion | None:
    """The dispersion of a series: rows are areas, columns successive periods, NaN where a number is missing.

    Fits E[e²] = a · m^b to the `residuals` of all successive pairs (Taylor's law: the variance of counts goes as a
    power of their mean; L.R. Taylor, "Aggregation, variance and the mean", Nature 189 (1961) 732-735), by the quasi-
    likelihood of a gamma distribution, 0 ≤ b ≤ 1, and a is raised to the upper end of the one-sided 90% interval
    (Student's t) of its mean over pairs, since there are only a few.

    `overall` is the mean of e² in the wildest pair. A page compares one pair of years, so the noise that decides
    whether it claims too much is that of its own pair, not the mean of all: with n pairs that came about alike, the
    next one is wilder than all of them with a chance of 1 in n + 1.

    None with fewer than 2 usable pairs or 20 areas: what can't be measured is not filled in.
    """
    data = np.atleast_2d(np.asarray(table, dtype=float))
    pairs = [residuals(data[:, i], data[:, i + 1]) for i in range(data.shape[1] - 1)]
    pairs = [(mean, squared) for mean, squared in pairs if mean.size]
    if len(pairs) < FEWEST_PAIRS:
        return None
    if not any(squared.any() for _, squared in pairs):
        return NONE  # nothing ever deviated from the trend
    logs = np.log(np.concatenate([mean for mean, _ in pairs]))
    squared = np.concatenate([squared for _, squared in pairs])

    def misfit(power: float) -> float:
        # The likelihood at the best factor for this power: the one with which e² is its expectation on average.
        return float(np.log(np.mean(squared / np.exp(power * logs))) + power * logs.mean())

    power = float(optimize.minimize_scalar(misfit, bounds=(0, 1), method="bounded").x)
    factor = _upper([float(np.mean(squared / mean**power)) for mean, squared in pairs])
    return Dispersion(factor, power, max(1.0, *(float(squared.mean()) for _, squared in pairs)))


def _upper(found: list[float]) -> float:
    """The upper end of the one-sided interval of the mean of `found`."""
    spread = np.std(found, ddof=1) / np.sqrt(len(found))
    return float(np.mean(found) + stats.t.ppf(SURE, len(found) - 1) * spread)
