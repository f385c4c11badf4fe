"""How often "clearly changed" is said rightly and wrongly, beside the plain Poisson test of one buurt at a time.

Pages of all buurten of Utrecht are drawn with the means and the noise of registered crime, without and with a change of
known size; and the real series is judged year by year. The random numbers are the same at every run.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from buurtbeeld import queries
from buurtbeeld.statistics import change
from buurtbeeld.statistics.dispersion import Dispersion, residuals
from buurtbeeld.statistics.intervals import rounded
from buurtbeeld.store import Mart

INDICATOR, LEVEL = "crimes", "buurt"
PAGES = 2_000
CHANGED, BUSY, FACTORS = 3, 100, (1.5, 2.0, 2.5, 3.0)  # areas per page that change, of more than BUSY crimes a year

Test = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Series:
    """Rows are areas, columns years, oldest first; with the noise that the mart holds for it."""

    table: np.ndarray
    years: tuple[int, ...]
    noise: Dispersion

    @property
    def means(self) -> np.ndarray:
        """The mean of each area over the years."""
        found: np.ndarray = self.table.mean(axis=1)
        return found


@dataclass(frozen=True)
class Claims:
    """Of one pair of years: how many areas are called changed, and of those how many turned back the year after."""

    year: int
    plain: tuple[int, int | None]
    ours: tuple[int, int | None]


def series(mart: Mart) -> Series:
    """Registered crime per buurt as the mart holds it."""
    periods = next(h.periods for h in mart.ask(queries.held) if (h.indicator, h.level) == (INDICATOR, LEVEL))
    columns = [[f.value for f in mart.ask(queries.figures, INDICATOR, LEVEL, period)] for period in periods]
    noise = mart.ask(queries.noise, INDICATOR, LEVEL)
    assert noise
    return Series(np.array(columns, dtype=float).T, tuple(period.year for period in periods), noise)


def plain(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The test that takes every area by itself, at 5%, and knows of no noise but chance."""
    return np.where(change.p_of_counts(before, after) <= 0.05, np.sign(after - before), 0)


def ours(noise: Dispersion) -> Test:
    """The test behind the words on the page."""
    return lambda before, after: change.of_counts(before, after, noise)


def false_pages(means: np.ndarray, phi: np.ndarray | float, test: Test, pages: int = PAGES) -> float:
    """The part of pages without any change that claim one, when the variance is `phi` times the mean."""
    random = np.random.default_rng(2026)
    return float(np.mean([np.any(test(_drawn(random, means, phi), _drawn(random, means, phi))) for _ in range(pages)]))


def false_rounding(residents: np.ndarray, pages: int = PAGES) -> tuple[float, float]:
    """The same for residents that never change but are rounded at random to fives: ours, and any difference at all."""
    random = np.random.default_rng(2026)

    def published() -> np.ndarray:
        return (np.floor(residents / 5) + (random.random(residents.shape) < residents % 5 / 5)) * 5

    pairs = [(published(), published()) for _ in range(pages)]
    ours_ = [np.any(change.of_bands(rounded(before, 5), rounded(after, 5))) for before, after in pairs]
    return float(np.mean(ours_)), float(np.mean([np.any(before != after) for before, after in pairs]))


def found(means: np.ndarray, phi: np.ndarray | float, test: Test, factor: float, pages: int = PAGES) -> float:
    """The part that is found of areas of more than BUSY events whose mean becomes `factor` times as large."""
    random = np.random.default_rng(2026)
    hits = []
    for _ in range(pages):
        which = random.choice(np.flatnonzero(means > BUSY), CHANGED, replace=False)
        later = means.copy()
        later[which] *= factor
        hits.append(np.mean(test(_drawn(random, means, phi), _drawn(random, later, phi))[which] == 1))
    return float(np.mean(hits))


def claims(seen: Series) -> list[Claims]:
    """The real series, year by year; how many turned back is unknown of the last pair."""
    made = []
    for place, year in enumerate(seen.years[1:], 1):
        before, after = seen.table[:, place - 1], seen.table[:, place]
        later = seen.table[:, place + 1] if place + 1 < len(seen.years) else None
        counted = [_counted(test(before, after), after, later) for test in (plain, ours(seen.noise))]
        made.append(Claims(year, *counted))
    return made


def report(seen: Series, pages: int = PAGES) -> str:
    """As text."""
    means, test, noise = seen.means, ours(seen.noise), seen.noise
    pairs = [residuals(seen.table[:, i], seen.table[:, i + 1])[1].mean() for i in range(len(seen.years) - 1)]
    lines = [
        f"{len(means)} buurten, {seen.years[0]}-{seen.years[-1]}: successive years differ "
        f"{', '.join(f'{pair:.1f}' for pair in pairs)} times as much as by chance; the test assumes at least "
        f"{noise.overall:.1f}.",
        f"Pages without a change that claim one, of {pages}:",
    ]
    noises = {f"noise {pair:.1f} times chance": pair for pair in pairs}
    noises["noise that grows with the number, as measured"] = noise.at(means)
    wrong = {
        name: (false_pages(means, phi, test, pages), false_pages(means, phi, plain, 100))
        for name, phi in noises.items()
    }
    lines += [f"  {name}: {mine:.1%} (plain test: {theirs:.0%})" for name, (mine, theirs) in wrong.items()]
    yearly = np.mean([mine for mine, _ in list(wrong.values())[: len(pairs)]])
    lines.append(f"  over the noises of these years together: {yearly:.1%}")
    lines.append(
        "  residents, rounded at random: {:.1%} (any difference: {:.0%})".format(*false_rounding(means * 20, 200))
    )
    lines.append(f"Found, of buurten with more than {BUSY} crimes a year, at the mean noise of these years:")
    typical = float(np.mean(pairs))
    lines += [f"  {factor} times as many: {found(means, typical, test, factor, pages):.0%}" for factor in FACTORS]
    lines.append("Called changed on the real series, and turned back the year after:")
    for each in claims(seen):
        (many, back), (few, again) = each.plain, each.ours
        turned = "" if back is None else f", of which {back} turned back"
        returned = "" if again is None else f", of which {again} turned back"
        lines.append(f"  {each.year}: plain test {many}{turned}; ours {few}{returned}")
    return "\n".join(lines)


def _drawn(random: np.random.Generator, means: np.ndarray, phi: np.ndarray | float) -> np.ndarray:
    """Numbers of events whose variance is `phi` times their mean: Poisson around a gamma distribution."""
    more = np.maximum(np.broadcast_to(phi, means.shape) - 1, 1e-9)
    drawn: np.ndarray = random.poisson(random.gamma(means / more, more)).astype(float)
    return drawn


def _counted(signs: np.ndarray, after: np.ndarray, later: np.ndarray | None) -> tuple[int, int | None]:
    claimed = signs != 0
    if later is None:
        return int(claimed.sum()), None
    return int(claimed.sum()), int((claimed & (np.sign(later - after) == -signs)).sum())
