"""How often "clearly changed" is said rightly and wrongly, beside the plain Poisson test of one buurt at a time.

Pages of all buurten of Utrecht are drawn with the means and the noise of registered crime, without and with a change of
known size; and the real series is judged year by year. The random numbers are the same at every run.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from buurtbeeld import queries
from buurtbeeld.catalogue import load
from buurtbeeld.statistics import change
from buurtbeeld.statistics.dispersion import Dispersion, residuals
from buurtbeeld.statistics.intervals import rounded
from buurtbeeld.store import Mart

INDICATOR, LEVEL = "crimes", "buurt"
PAGES = 2_000
CHANGED, BUSY = 3, 100  # areas per page that change, of more than BUSY crimes a year
RISES, FALLS = (1.5, 2.0, 2.5, 3.0), (1 / 2, 0.4, 1 / 3, 1 / 4)
RATE, RESIDENTS, MOVING = "crimes_per_1000", "residents", 0.1  # by how much residents change from year to year at most

Test = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Series:
    """Rows are areas, columns years, oldest first; with the noise that the mart holds for it, and the residents."""

    table: np.ndarray
    years: tuple[int, ...]
    noise: Dispersion
    residents: np.ndarray

    @property
    def pairs(self) -> list[float]:
        """How many times as much as by chance each two successive years differ."""
        years = range(len(self.years) - 1)
        return [float(residuals(self.table[:, year], self.table[:, year + 1])[1].mean()) for year in years]

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
    newest, _ = mart.ask(queries.newest, LEVEL)[RESIDENTS]
    residents = [figure.value for figure in mart.ask(queries.figures, RESIDENTS, LEVEL, newest)]
    years = tuple(period.year for period in periods)
    return Series(np.array(columns, dtype=float).T, years, noise, np.array(residents, dtype=float))


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


def false_rates(seen: Series, phi: np.ndarray | float, pages: int = PAGES) -> float:
    """The same for crimes per 1,000 residents as they are published, of areas that have that figure.

    Residents change, and crimes with them, so that each has as many of them as before.
    """
    random, indicator = np.random.default_rng(2026), load().indicators[RATE]
    enough = seen.residents >= (indicator.minimum.least if indicator.minimum else 0)
    means, people = seen.means[enough], seen.residents[enough]
    variance = np.broadcast_to(phi, seen.means.shape)[enough]

    def claimed() -> bool:
        later = people * random.uniform(1 - MOVING, 1 + MOVING, people.shape)
        before, after = _drawn(random, means, variance), _drawn(random, means * later / people, variance)
        first, second = _published(random, people), _published(random, later)
        then, now = (
            np.round(events / base * indicator.factor, indicator.decimals)
            for events, base in ((before, first), (after, second))
        )
        return bool(np.any(change.of_rates(then, now, first, second, indicator.factor, seen.noise)))

    return float(np.mean([claimed() for _ in range(pages)]))


def false_rounding(residents: np.ndarray, pages: int = PAGES) -> tuple[float, float]:
    """The same for residents that never change but are rounded at random to fives: ours, and any difference at all."""
    random = np.random.default_rng(2026)
    pairs = [(_published(random, residents), _published(random, residents)) for _ in range(pages)]
    ours_ = [np.any(change.of_bands(rounded(before, 5), rounded(after, 5))) for before, after in pairs]
    return float(np.mean(ours_)), float(np.mean([np.any(before != after) for before, after in pairs]))


def found(means: np.ndarray, phi: np.ndarray | float, test: Test, factor: float, pages: int = PAGES) -> float:
    """The part that is found of areas of more than BUSY events whose mean becomes `factor` times as large, or small."""
    random = np.random.default_rng(2026)
    hits = []
    for _ in range(pages):
        which = random.choice(np.flatnonzero(means > BUSY), CHANGED, replace=False)
        later = means.copy()
        later[which] *= factor
        hits.append(np.mean(test(_drawn(random, means, phi), _drawn(random, later, phi))[which] == np.sign(factor - 1)))
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
    means, test, noise, pairs = seen.means, ours(seen.noise), seen.noise, seen.pairs
    lines = [
        f"{len(means)} buurten, {seen.years[0]}-{seen.years[-1]}: successive years differ "
        f"{', '.join(f'{pair:.1f}' for pair in pairs)} times as much as by chance; the test assumes at least "
        f"{noise.overall:.1f}.",
        f"Pages without a change that claim one, of {pages}:",
    ]
    noises: dict[str, np.ndarray | float] = {f"noise {pair:.1f} times chance": pair for pair in pairs}
    noises["noise that grows with the number, as measured"] = noise.at(means)
    for name, phi in noises.items():
        mine, rated = false_pages(means, phi, test, pages), false_rates(seen, phi, pages)
        theirs = false_pages(means, phi, plain, 100)
        lines.append(f"  {name}: {mine:.1%}, per 1,000 residents {rated:.1%} (plain test: {theirs:.0%})")
    lines.append(
        "  residents, rounded at random: {:.1%} (any difference: {:.0%})".format(*false_rounding(means * 20, 200))
    )
    lines.append(f"Found, of buurten with more than {BUSY} crimes a year, at the mean noise of these years:")
    typical = float(np.mean(pairs))
    lines += [
        f"  {factor:.2g} times as many: {found(means, typical, test, factor, pages):.0%}" for factor in (*RISES, *FALLS)
    ]
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


def _published(random: np.random.Generator, residents: np.ndarray) -> np.ndarray:
    """Numbers of people, each rounded at random to a multiple of five."""
    rounded_: np.ndarray = (np.floor(residents / 5) + (random.random(residents.shape) < residents % 5 / 5)) * 5
    return rounded_


def _counted(signs: np.ndarray, after: np.ndarray, later: np.ndarray | None) -> tuple[int, int | None]:
    claimed = signs != 0
    if later is None:
        return int(claimed.sum()), None
    return int(claimed.sum()), int((claimed & (np.sign(later - after) == -signs)).sum())
