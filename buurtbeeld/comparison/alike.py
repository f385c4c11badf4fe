"""Which areas look most like another one, on which figures, and where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from buurtbeeld import queries
from buurtbeeld.catalogue import Figure, Indicator, Status
from buurtbeeld.queries import Area
from buurtbeeld.statistics import similarity
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
class Table:
    """The declared figures of every area of a level: their codes, and the figures by code."""

    indicators: tuple[Indicator, ...]
    codes: tuple[str, ...]
    figures: tuple[dict[str, Figure], ...]
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


def _likeness(view: View, every: Table, own: np.ndarray, row: int, far: float) -> Likeness:
    away = np.abs(every.scaled[row] - own)
    order = [place for place in np.argsort(away) if np.isfinite(away[place])]
    near = [place for place in order if away[place] <= NEAR][:MOST_NAMED]
    others = [place for place in reversed(order) if away[place] > FAR][:MOST_NAMED]
    degree = "much" if far <= NEAR else "fair" if far <= FAR else "little"
    return Likeness(
        view.offer.areas[every.codes[row]], degree, _titles(view, every, near), _titles(view, every, others)
    )


def _titles(view: View, every: Table, places: Sequence[int]) -> tuple[str, ...]:
    return tuple(every.indicators[place].title.get(view.words.lang) for place in places)


def _all(view: View, level: str) -> Table:
    return view.mart.keep(("alike table", level), lambda: _table_of(view, level))


def _table_of(view: View, level: str) -> Table:
    held = view.offer.held
    chosen = [i for i in view.catalogue.indicators.values() if i.alike and level in held.get(i.id, {})]
    codes = tuple(area.code for area in view.offer.areas.values() if area.level == level)
    figures = tuple(_figures(view, indicator, level, held[indicator.id][level][-1]) for indicator in chosen)
    values = [[_number(column.get(code)) for column in figures] for code in codes]
    scaled = similarity.standardised(np.array(values, dtype=float).reshape(len(codes), len(chosen)))
    return Table(tuple(chosen), codes, figures, scaled)


def _figures(view: View, indicator: Indicator, level: str, period: date) -> dict[str, Figure]:
    return {figure.code: figure for figure in view.mart.ask(queries.figures, indicator.id, level, period)}


def _number(figure: Figure | None) -> float:
    """The value, or NaN where there is none to rely on."""
    return figure.value if figure and figure.value is not None and figure.status == Status.OK else float("nan")


def why_not(view: View, area: Area) -> str:
    """Why nothing is said of `area`, in a sentence; empty when something is."""
    if area.level == CITY:
        return view.words.t("alike.city", area=area.name)
    if not found(view, area):
        return view.words.t("alike.unknown", area=area.name, least=view.words.number(similarity.FEWEST))
    return ""


def basis(view: View, level: str) -> str:
    """The figures that decide, as running text."""
    return ", ".join(indicator.title.get(view.words.lang) for indicator in _all(view, level).indicators)


def figures(view: View, area: Area) -> tuple[Figure, ...]:
    """The figures of `area` that decide."""
    return tuple(column[area.code] for column in _all(view, area.level).figures if area.code in column)


def sentence(view: View, like: Likeness) -> str:
    """In what an area is like the other, and in what it is not."""
    say = view.words
    parts = [say.t(f"alike.{like.degree}")]
    parts += [say.t("alike.near", titles=", ".join(like.near))] if like.near else []
    parts.append(say.t("alike.far", titles=", ".join(like.far)) if like.far else say.t("alike.nowhere"))
    return " ".join(parts)


def table(view: View, area: Area) -> str:
    """The figures of the area and of those like it, as a Markdown table."""
    return view.once("alike as a table", lambda: _table(view, area), area.code)


def _table(view: View, area: Area) -> str:
    say, every = view.words, _all(view, area.level)
    head = [view.level(area.level).capitalize(), *(say.head(i, view.catalogue) for i in every.indicators)]
    lines = [" | ".join(map(plain, head)), " | ".join([":--", *["--:"] * len(every.indicators)])]
    for each in (area, *(like.area for like in found(view, area))):
        cells = [each.name]
        for indicator, column in zip(every.indicators, every.figures, strict=True):
            figure = column.get(each.code)
            cells.append(say.cell(figure, indicator, view.catalogue) if figure else say.t("table.none"))
        lines.append(" | ".join(map(plain, cells)))
    return "\n".join(f"| {line} |" for line in lines)
