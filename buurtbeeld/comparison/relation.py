"""Two figures of all areas against each other: how they go together, who stands apart, and what it does not say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from buurtbeeld import queries, verdicts
from buurtbeeld.catalogue import Figure, Indicator, Status
from buurtbeeld.charts import scatter
from buurtbeeld.charts.scatter import Point
from buurtbeeld.comparison.choosing import RESIDENTS, counted, nearest, residents
from buurtbeeld.statistics import association
from buurtbeeld.statistics.association import FAR, Association, Hindrance, Line, Strength
from buurtbeeld.texts import comparisons
from buurtbeeld.texts.lists import joined, listed
from buurtbeeld.verdicts import Basis
from buurtbeeld.view import View, plain

MOST_NAMED = 5
LEAST_NAMED = 500  # residents; with fewer an area lies apart by chance
MOST_DRAWN = 500  # areas; of more those with most residents
_PLACES = 25  # of a line with its band


@dataclass(frozen=True)
class Relation:
    """What is known of the chosen figure (y) and the one it is set against (x), in the areas of one level.

    figures: of every area, in the order of their codes; points: the areas with both figures, reliable, and residents;
    lineless: why there is no line; None when there is one, or of too few areas.
    """

    periods: tuple[date, date]
    figures: tuple[tuple[Figure, Figure | None], ...]
    points: tuple[Point, ...]
    found: Association
    outliers: tuple[str, ...]
    line: Line | None
    lineless: Hindrance | None


def why_not(view: View) -> str:
    """Why there is no picture, in a sentence; empty when there is one."""
    choice, say = view.choice, view.words
    if choice.against == choice.indicator:
        return say.t("relation.same")
    for indicator in (choice.indicator, choice.against):
        if not view.catalogue.indicators[indicator].ranked:
            return say.t("relation.unranked", title=view.title(indicator))
    if choice.level not in view.offer.held[choice.against]:
        return say.t("relation.level", title=view.title(choice.against), level=view.level(choice.level))
    return ""


def relation(view: View) -> Relation:
    """The two chosen figures of every area of the chosen level. There must be no reason against it in `why_not`."""
    return view.mart.keep(("relation", *_asked(view)), lambda: _relation(view))


def _asked(view: View) -> tuple[object, ...]:
    """What the relation depends on."""
    choice = view.choice
    return choice.indicator, choice.against, choice.level, choice.period


def _relation(view: View) -> Relation:
    choice = view.choice
    period = nearest(view, choice.against, choice.level, choice.period)
    assert period
    others = {f.code: f for f in view.mart.ask(queries.figures, choice.against, choice.level, period)}
    figures = tuple((figure, others.get(figure.code)) for figure in view.figures())
    people = residents(view, choice.level, choice.period)
    points = tuple(_points(figures, people))
    if not points:
        return Relation((choice.period, period), figures, (), association.NONE, (), None, None)
    x, y, weights = ([getattr(point, part) for point in points] for part in ("x", "y", "residents"))
    found = association.associate(x, y, weights, _places(view, points))
    lineless, line, far = None, None, np.zeros(len(points))
    if found.strength != Strength.FEW:
        lineless = _lineless(view, x, y, weights, found)
        if not lineless:
            at = np.linspace(min(x), max(x), _PLACES).tolist()
            line = association.line(x, y, weights, found.size, at)
        far = association.apart(scatter.along(x), scatter.along(y), line)
    order = [place for place in np.argsort(-far) if far[place] > FAR and weights[place] >= LEAST_NAMED]
    outliers = tuple(points[place].code for place in order[:MOST_NAMED])
    return Relation((choice.period, period), figures, points, found, outliers, line, lineless)


def _lineless(
    view: View, x: Sequence[float], y: Sequence[float], weights: Sequence[float], found: Association
) -> Hindrance | None:
    """Why there is no line; None when there may be one."""
    axes = view.indicator, view.catalogue.indicators[view.choice.against]
    if found.strength in (Strength.STRONG, Strength.CLEAR):
        if any(axis.kind == "class" for axis in axes):
            return Hindrance.CLASSES
        if scatter.stretched(x) or scatter.stretched(y):
            return Hindrance.RATIOS
    # No figure of the catalogue says how low it can be; one that is nowhere below 0 is taken never to be.
    possible = 0 if min(y) >= 0 else -np.inf, 100 if axes[0].kind == "share" else np.inf
    return association.hindrance(x, y, weights, found, possible)


def _points(figures: Sequence[tuple[Figure, Figure | None]], people: dict[str, float]) -> Iterator[Point]:
    for one, other in figures:
        known = other is not None and one.status == other.status == Status.OK
        if known and other and one.value is not None and other.value is not None and one.code in people:
            yield Point(one.code, one.name, other.value, one.value, people[one.code])


def _places(view: View, points: Sequence[Point]) -> np.ndarray:
    """Kilometres east and north of the equator's zero; of an area that is no more, the middle of the city."""
    areas = [view.offer.areas.get(point.code, view.city) for point in points]
    flat = np.cos(np.radians(view.city.lat))
    return np.array([(area.lon * flat, area.lat) for area in areas]) * 111.32


def sentences(view: View, found: Relation) -> list[str]:
    """How the two figures go together, how sure that is, and which areas stand apart."""
    say, choice = view.words, view.choice
    titles = view.title(choice.indicator), view.title(choice.against)
    levels = view.catalogue.levels[choice.level].plural.get(say.lang)
    told = [comparisons.relation(*titles, levels, found.found, say), comparisons.correlation(found.found, say)]
    if found.outliers:
        names = {point.code: point.name for point in found.points}
        told.append(say.t("relation.outliers", areas=listed([names[code] for code in found.outliers], say)))
    # Apart, the first from the others, they stand on the page.
    badge = _badge(view, found)
    return [f"{badge}: {text}" if badge else text for text in filter(None, told)]


def minded(view: View, found: Relation) -> str:
    """What the picture does not say, and what else to mind, as a Markdown list."""
    return view.once(
        "relation minded", lambda: "\n".join(f"- {plain(line)}" for line in _minded(view, found)), *_asked(view)
    )


def _minded(view: View, found: Relation) -> list[str]:
    say, level = view.words, view.catalogue.levels[view.choice.level]
    levels = level.plural.get(say.lang)
    told = [say.t("relation.mind.people", levels=levels), say.t("relation.mind.cause"), *_made(view, found)]
    if missing := len(found.figures) - len(found.points):
        told.append(say.n("relation.missing", missing, level=level.singular.get(say.lang), levels=levels))
    if len(found.points) > MOST_DRAWN:
        told.append(say.t("relation.drawn", most=say.number(MOST_DRAWN), levels=levels))
    return told


def _made(view: View, found: Relation) -> Iterator[str]:
    """Why two figures may go together by the way they are made, or be of different years."""
    say = view.words
    one, other = (view.catalogue.indicators[id] for id in (view.choice.indicator, view.choice.against))
    models = [each.title.get(say.lang) for each in (one, other) if each.method == "model"]
    if len(models) == 2:
        yield say.t("relation.mind.models")
    elif models:
        yield say.t("relation.mind.model", title=models[0])
    if unsure := _unsure(view, found):
        yield say.t("relation.mind.unsure", titles=joined(unsure))
    for each in (one, other):
        if each.kind == "count" and view.catalogue.units[each.unit].with_people:
            yield say.t("relation.mind.count", title=each.title.get(say.lang))
    if shared := _parts(view, one) & _parts(view, other):
        yield say.t("relation.mind.shared", titles=joined(sorted(map(view.title, shared))))
    since, until = (say.period(day, each.grain) for day, each in zip(found.periods, (one, other), strict=True))
    if since != until:
        yield say.t(
            "relation.mind.years",
            one=one.title.get(say.lang), since=since, other=other.title.get(say.lang), until=until,
        )  # fmt: skip
    yield from _local(view, found)
    people = nearest(view, RESIDENTS, view.choice.level, view.choice.period)
    if people and people != view.choice.period:
        yield say.t("relation.mind.residents", period=say.period(people, view.catalogue.indicators[RESIDENTS].grain))


def _unsure(view: View, found: Relation) -> list[str]:
    """The figures that a model estimates without anyone saying how surely: they count, and nothing widens for it."""
    counted, unsure = {point.code for point in found.points}, []
    for place, id in enumerate((view.choice.indicator, view.choice.against)):
        figures = [pair[place] for pair in found.figures if pair[0].code in counted]
        unknown = any(figure and figure.low is None for figure in figures)
        if unknown and verdicts.basis(view.catalogue.indicators[id], view.catalogue) == Basis.MODEL:
            unsure.append(view.title(id))
    return unsure


def _local(view: View, found: Relation) -> Iterator[str]:
    """What is to be minded of the figures of the areas that stand apart."""
    names = {point.code: point.name for point in found.points}
    for id, period in zip((view.choice.indicator, view.choice.against), found.periods, strict=True):
        indicator = view.catalogue.indicators[id]
        local = view.mart.ask(queries.local_caveats, id) if indicator.local_caveats else {}
        for key in dict.fromkeys(each.key for each in indicator.local_caveats):
            if areas := [names[code] for code in found.outliers if key in local.get((code, period), ())]:
                caveat = view.catalogue.caveats[key].title.get(view.words.lang)
                title = indicator.title.get(view.words.lang)
                yield view.words.t("relation.mind.local", title=title, areas=listed(areas, view.words), caveat=caveat)


def _parts(view: View, indicator: Indicator) -> set[str]:
    """The figures that one is made of, by us or by its publisher, itself included."""
    parts = [part for part in (indicator.numerator, indicator.denominator, *indicator.parts) if part]
    return {indicator.id}.union(*(_parts(view, view.catalogue.indicators[part]) for part in parts))


def drawn(view: View, found: Relation) -> str:
    """How to read the circles, the axes and the line."""
    say, choice = view.words, view.choice
    levels = view.catalogue.levels[choice.level].plural.get(say.lang)
    told = [say.t("relation.weight", levels=levels)]
    for id, values in ((choice.indicator, [p.y for p in found.points]), (choice.against, [p.x for p in found.points])):
        if scatter.stretched(values):
            told.append(say.t("relation.log", title=view.title(id), levels=levels))
    if found.line:
        told.append(say.t("relation.band"))
    elif found.lineless:
        told.append(say.t(f"relation.lineless.{found.lineless}"))
    return " ".join(told)


def spec(view: View, found: Relation) -> dict[str, Any]:
    """The picture as a Vega-Lite specification."""
    return view.once("relation picture", partial(_spec, view, found), *_asked(view), view.choice.areas)


def _spec(view: View, found: Relation) -> dict[str, Any]:
    choice, indicators = view.choice, view.catalogue.indicators
    axes = indicators[choice.against], indicators[choice.indicator]
    outliers = [code for code in found.outliers if code not in choice.areas]
    points, badge = _drawn(view, found), _badge(view, found)
    return scatter.spec(points, axes, choice.areas, outliers, found.line, view.words, view.catalogue, badge)


def _badge(view: View, found: Relation) -> str:
    """What everything simulated wears, where it is in any of the figures."""
    people = counted(view, view.choice.level, view.choice.period).values()
    return view.words.badge(*people, *(figure for pair in found.figures for figure in pair))


def _drawn(view: View, found: Relation) -> list[Point]:
    """The largest first, so that small circles lie on top of large ones."""
    kept = {*found.outliers, *view.choice.areas}
    ordered = sorted(found.points, key=lambda point: -point.residents)
    return [point for place, point in enumerate(ordered) if place < MOST_DRAWN or point.code in kept]


def table(view: View, found: Relation) -> str:
    """Every area with both figures and its residents, missing ones with the reason, as a Markdown table by name."""
    return view.once("relation table", lambda: _table(view, found), *_asked(view))


def _table(view: View, found: Relation) -> str:
    say, catalogue = view.words, view.catalogue
    one, other = (catalogue.indicators[id] for id in (view.choice.indicator, view.choice.against))
    people = counted(view, view.choice.level, view.choice.period)
    head = [view.level(view.choice.level).capitalize(), say.head(one, catalogue), say.head(other, catalogue)]
    lines = [" | ".join(map(plain, [*head, say.t("relation.residents")])), ":-- | --: | --: | --:"]
    large = sorted(found.figures, key=lambda pair: -_value(people.get(pair[0].code)))[:MOST_DRAWN]
    for mine, against in sorted(large, key=lambda pair: pair[0].name.casefold()):
        cells = [mine.name, say.cell(mine, one, catalogue)]
        cells.append(say.cell(against, other, catalogue) if against else say.t("table.none"))
        count = people.get(mine.code)
        cells.append(say.badged(say.number(_value(count)), count) if count else say.t("table.none"))
        lines.append(" | ".join(map(plain, cells)))
    return "\n".join(f"| {line} |" for line in lines)


def _value(figure: Figure | None) -> float:
    return figure.value or 0 if figure else 0
