"""Which areas look most like another one, on which figures, and where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from buurtbeeld import queries
from buurtbeeld.catalogue import Figure, Indicator
from buurtbeeld.queries import Area
from buurtbeeld.statistics import similarity
from buurtbeeld.texts.lists import joined
from buurtbeeld.view import CITY, View, plain

COUNT = 5
NEAR, FAR = 0.5, 1.0  # robust standard deviations: what differs less is nearly the same, what differs more differs much
MOST_NAMED = 3


@dataclass(frozen=True)
class Likeness:
    """One area that looks like another: how much (much, fair or little), and the figures that are near and far."""

    area: Area
    degree: str
    near: tuple[str, ...]
    far: tuple[str, ...]


@dataclass(frozen=True)
class Scale:
    """The declared figures of every area of a level on one scale: a row per code, a column per indicator and period."""

    columns: tuple[tuple[Indicator, date], ...]
    codes: tuple[str, ...]
    scaled: np.ndarray


def found(view: View, area: Area) -> tuple[Likeness, ...]:
    """The areas of its level that are most like `area`, most alike first; empty when it can't be told."""
    return view.once("alike", lambda: _found(view, area), area.code)


def _found(view: View, area: Area) -> tuple[Likeness, ...]:
    every = _all(view, area.level)
    if area.code not in every.codes or area.level == CITY:
        return ()
    own = every.codes.index(area.code)
    far = similarity.distances(every.scaled, own)
    return tuple(
        _likeness(view, every, every.scaled[own], row, float(far[row]))
        for row in similarity.nearest(every.scaled, own, COUNT)
    )


def _likeness(view: View, every: Scale, own: np.ndarray, row: int, far: float) -> Likeness:
    away = np.abs(every.scaled[row] - own)
    order = [place for place in np.argsort(away) if np.isfinite(away[place])]
    near = [place for place in order if away[place] <= NEAR][:MOST_NAMED]
    others = [place for place in reversed(order) if away[place] > FAR][:MOST_NAMED]
    degree = "much" if far <= NEAR else "fair" if far <= FAR else "little"
    return Likeness(
        view.offer.areas[every.codes[row]], degree, _titles(view, every, near), _titles(view, every, others)
    )


def _titles(view: View, every: Scale, places: Sequence[int]) -> tuple[str, ...]:
    return tuple(every.columns[place][0].title.get(view.words.lang) for place in places)


def _all(view: View, level: str) -> Scale:
    return view.mart.keep(("alike scale", level), lambda: _scale(view, level))


def _scale(view: View, level: str) -> Scale:
    held = view.offer.held
    alike = [indicator for indicator in view.catalogue.indicators.values() if indicator.alike]
    columns = tuple((each, held[each.id][level][-1]) for each in alike if level in held.get(each.id, {}))
    codes = tuple(area.code for area in view.offer.areas.values() if area.level == level)
    known = [view.mart.ask(queries.values, indicator.id, level, period) for indicator, period in columns]
    values = [[column.get(code, np.nan) for column in known] for code in codes]
    table = np.array(values, dtype=float).reshape(len(codes), len(columns))
    return Scale(columns, codes, similarity.standardised(table))


def why_not(view: View, area: Area) -> str:
    """Why nothing is said of `area`, in a sentence; empty when something is."""
    if area.level == CITY:
        return view.words.t("alike.city", area=area.name)
    if not found(view, area):
        return view.words.t("alike.unknown", area=area.name, least=view.words.number(similarity.FEWEST))
    return ""


def basis(view: View, level: str) -> str:
    """The figures that decide, as running text."""
    return joined([indicator.title.get(view.words.lang) for indicator, _ in _all(view, level).columns])


def figures(view: View, area: Area) -> tuple[Figure, ...]:
    """The figures that decide, of the area and of those like it."""
    periods = {indicator.id: period for indicator, period in _all(view, area.level).columns}
    codes = (area.code, *(like.area.code for like in found(view, area)))
    asked = view.mart.ask(queries.figures_of, tuple(periods), codes)
    return tuple(figure for figure in asked if figure.period == periods[figure.indicator])


def sentence(view: View, like: Likeness) -> str:
    """In what an area is like the other, and in what it is not."""
    say = view.words
    parts = [say.t(f"alike.{like.degree}")]
    parts += [say.t("alike.near", titles=joined(like.near))] if like.near else []
    parts.append(say.t("alike.far", titles=joined(like.far)) if like.far else say.t("alike.nowhere"))
    columns = _all(view, like.area.level).columns
    mine = view.mart.ask(queries.figures_of, tuple(indicator.id for indicator, _ in columns), (like.area.code,))
    return say.worn(" ".join(parts), *mine)


def table(view: View, area: Area) -> str:
    """The figures of the area and of those like it, each with its margin, as a Markdown table."""
    return view.once("alike as a table", lambda: _table(view, area), area.code)


def _table(view: View, area: Area) -> str:
    say, columns = view.words, _all(view, area.level).columns
    areas = (area, *(like.area for like in found(view, area)))
    known = {(figure.code, figure.indicator): figure for figure in figures(view, area)}
    head = [view.level(area.level).capitalize(), *(say.head(indicator, view.catalogue) for indicator, _ in columns)]
    lines = [" | ".join(map(plain, head)), " | ".join([":--", *["--:"] * len(columns)])]
    for each in areas:
        cells = [each.name]
        for indicator, _ in columns:
            figure = known.get((each.code, indicator.id))
            cells.append(_cell(view, figure, indicator) if figure else say.t("table.none"))
        lines.append(" | ".join(map(plain, cells)))
    return "\n".join(f"| {line} |" for line in lines)


def _cell(view: View, figure: Figure, indicator: Indicator) -> str:
    """A figure and between which two values it lies."""
    parts = view.words.cell(figure, indicator, view.catalogue), view.words.interval(figure, indicator, view.catalogue)
    return " · ".join(filter(None, parts))
