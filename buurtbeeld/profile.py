"""What a profile of one area consists of: its newest figures, how they stand beside the city's, and how they went."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from buurtbeeld import queries, verdicts
from buurtbeeld.catalogue import Figure, Indicator, Status
from buurtbeeld.queries import Area
from buurtbeeld.statistics import compare
from buurtbeeld.statistics.compare import Stand
from buurtbeeld.texts import sentences
from buurtbeeld.view import CITY, View

CLEAR = (Stand.ABOVE, Stand.BELOW)
_NO_SIDE = ("count", "class")  # kinds of figures that are not above or below the city's


@dataclass(frozen=True)
class Row:
    """One indicator, newest period: this area, its wijk (None for a wijk or the city), the city, its level's values.

    stand: beside the city, None where nothing may be said. reach: how far from the city, in usual distances. caveats:
    what to mind in this area only.
    """

    indicator: Indicator
    own: Figure
    wijk: Figure | None
    city: Figure | None
    all: tuple[float, ...]
    sentence: str
    stand: Stand | None
    reach: float
    caveats: tuple[str, ...]

    @property
    def favour(self) -> int:
        """+1 when it is clearly better than the city's by the indicator's declared direction, -1 when worse, else 0.

        0 as well where the figure says little about the area, and has a caveat for that.
        """
        direction = self.indicator.direction
        if self.stand not in CLEAR or direction == "neither" or self.caveats:
            return 0
        return 1 if (self.stand is Stand.ABOVE) == (direction == "more_is_better") else -1


@dataclass(frozen=True)
class Findings:
    """How the figures of an area stand beside the city's: every row in one place, those without sides in none.

    named: of each theme the clearly different one that is farthest from the city, in the order of the themes; of one
    with strengths beside problems the farthest on either side, so that neither hides the other. alike: also those that
    are different, but no more than areas usually are.
    """

    clear: tuple[Row, ...]
    named: tuple[Row, ...]
    alike: tuple[Row, ...]
    unsure: tuple[Row, ...]
    untested: tuple[Row, ...]  # nobody says how sure they are
    alone: tuple[Row, ...]  # no figure of the city
    missing: tuple[Row, ...]  # also those without sides

    @property
    def unknown(self) -> dict[str, int]:
        """Of how many figures it isn't known how they stand beside the city's, by why not."""
        why = {"margin": self.untested, "unsure": self.unsure, "missing": self.missing, "alone": self.alone}
        return {reason: len(rows) for reason, rows in why.items() if rows}


@dataclass(frozen=True)
class Trend:
    """One indicator through time, this area and the city: all periods that have a row."""

    indicator: Indicator
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Company:
    """Areas beside each other: `whole`, its parts by name, and for each part a row of every headline, in one order.

    A part that was not there yet when a figure was made has None in its place.
    """

    whole: Area
    parts: tuple[Area, ...]
    headlines: tuple[Indicator, ...]
    rows: tuple[tuple[Row | None, ...], ...]

    def first(self, place: int) -> Row | None:
        """Some part's row of the headline at `place`: what it says of the wholes holds for every part."""
        return next((made[place] for made in self.rows if made[place]), None)


def on_page(view: View, theme: bool) -> View:
    """What a profile shows of a choice: the first of several areas, which is the one that a comparison begins with.

    theme: whether the address names one, or a figure of it; otherwise the themes begin with the first.
    """
    choice = replace(view.choice, areas=view.choice.areas[:1])
    return replace(view, choice=choice if theme else replace(choice, theme=next(iter(view.offer.themes))))


def rows(view: View, area: Area) -> tuple[Row, ...]:
    """Every indicator that is published for this level, in the catalogue's order."""
    return view.once(
        "profile", lambda: tuple(filter(None, _rows(view, (area,), view.catalogue.indicators)[0])), area.code
    )


def _rows(view: View, areas: Sequence[Area], ids: Iterable[str]) -> tuple[tuple[Row | None, ...], ...]:
    """A row of every indicator for each of `areas`, all of one level; None where the area has no figure of its own."""
    newest = view.mart.ask(queries.newest, areas[0].level)
    held = _published(view, areas[0].level, ids)
    found = {
        (figure.indicator, figure.code): figure
        for figure in _figures(view, areas, held)
        if figure.period == newest[figure.indicator][0]
    }
    return tuple(tuple(_row(view, id, area, found, newest[id][1]) for id in held) for area in areas)


def _published(view: View, level: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Those of `ids` that have a value at a level."""
    newest = view.mart.ask(queries.newest, level)
    return tuple(id for id in ids if id in newest)


def _figures(view: View, areas: Sequence[Area], ids: tuple[str, ...]) -> tuple[Figure, ...]:
    """Every period of the indicators `ids` in `areas`, in the areas around them and in the city.

    Of the other areas of a level their values will do: a figure of each would be half a million in a whole country.
    """
    codes = {code for area in areas for code in (area.code, area.parent_code, view.city.code) if code}
    return view.mart.ask(queries.figures_of, ids, tuple(sorted(codes)))


def _row(
    view: View, id: str, area: Area, found: Mapping[tuple[str, str], Figure], every: tuple[float, ...]
) -> Row | None:
    """found: figures of one period by indicator and code, so that years are never mixed in one row."""
    own = found.get((id, area.code))
    if own is None:
        return None
    indicator = view.catalogue.indicators[id]
    city = found.get((id, view.city.code))
    wijk = found.get((id, area.parent_code or "")) if area.level not in ("wijk", CITY) else None
    sentence = sentences.about_area(own, indicator, view.words, view.catalogue)
    stand = verdicts.beside(own, city, every, indicator, view.catalogue)
    caveats = view.mart.ask(queries.local_caveats, id).get((own.code, own.period), ()) if own.value is not None else ()
    return Row(indicator, own, wijk, city, every, sentence, stand, _reach(own, city, every), caveats)


def _reach(own: Figure, city: Figure | None, every: Sequence[float]) -> float:
    if own.value is None or city is None or city.value is None:
        return 0.0
    return compare.reach(own.value, city.value, every)


def headlines(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Of each theme the first indicator that is declared a headline and that this level has."""
    chosen = {indicator.id for indicator in _first_of_themes(row.indicator for row in rows)}
    return tuple(row for row in rows if row.indicator.id in chosen)


def _first_of_themes(indicators: Iterable[Indicator]) -> tuple[Indicator, ...]:
    first: dict[str, Indicator] = {}
    for indicator in indicators:
        if indicator.headline:
            first.setdefault(indicator.theme, indicator)
    return tuple(first.values())


def findings(rows: Sequence[Row]) -> Findings:
    """How `rows`, all of one area, stand beside the city's."""
    clear = tuple(row for row in rows if row.stand in CLEAR)
    farthest: dict[tuple[str, int], Row] = {}
    for row in clear:
        place = row.indicator.theme, row.favour
        if place not in farthest or row.reach > farthest[place].reach:
            farthest[place] = row
    sided = [row for row in rows if row.own.value is not None and row.indicator.kind not in _NO_SIDE]
    return Findings(
        clear=clear,
        named=tuple(farthest.values()),
        alike=tuple(row for row in rows if row.stand in (Stand.ALIKE, Stand.SLIGHT)),
        unsure=tuple(row for row in rows if row.stand is Stand.UNSURE),
        untested=tuple(row for row in rows if untested(row)),
        alone=tuple(row for row in sided if row.city is None or row.city.value is None),
        missing=tuple(row for row in rows if row.own.value is None),
    )


def untested(row: Row) -> bool:
    """Whether nothing is claimed of a figure because nobody says how sure it is."""
    there = row.own.value is not None and row.city is not None and row.city.value is not None
    return there and row.stand is None and row.indicator.kind not in _NO_SIDE and row.own.level != CITY


def absent(view: View, area: Area) -> tuple[Indicator, ...]:
    """The indicators that the city has figures of and that nobody publishes for the level of `area`."""
    held = view.offer.held
    return tuple(view.catalogue.indicators[id] for id in held if CITY in held[id] and area.level not in held[id])


def trends(view: View, area: Area, rows: Sequence[Row]) -> tuple[Trend, ...]:
    """Those of `rows` that have a value in two periods or more, through time."""
    every = view.mart.keep(("profile trends", area.code), lambda: _trends(view, area))
    return tuple(every[row.indicator.id] for row in rows if row.indicator.id in every)


def _trends(view: View, area: Area) -> dict[str, Trend]:
    series: dict[str, list[Figure]] = {}
    known: Counter[str] = Counter()
    for figure in _figures(view, (area,), _published(view, area.level, view.catalogue.indicators)):
        if figure.code in (area.code, view.city.code):
            series.setdefault(figure.indicator, []).append(figure)
            known[figure.indicator] += figure.code == area.code and figure.value is not None
    return {id: Trend(view.catalogue.indicators[id], tuple(series[id])) for id, count in known.items() if count > 1}


def parts(view: View, area: Area) -> tuple[Area, ...]:
    """The areas that lie in `area`, by name."""
    return view.mart.keep(
        ("parts", area.code), lambda: tuple(each for each in view.offer.areas.values() if each.parent_code == area.code)
    )


def company(view: View, area: Area) -> Company | None:
    """The parts of `area`, or of the wijk that it is a part of itself; None where there are none."""
    parent = view.offer.areas.get(area.parent_code or "")
    whole = parent if parent and not parts(view, area) else area
    inside = parts(view, whole)
    return view.once("company", lambda: _company(view, whole, inside), whole.code) if inside else None


def _company(view: View, whole: Area, inside: tuple[Area, ...]) -> Company:
    held = view.mart.ask(queries.newest, inside[0].level)
    chosen = _first_of_themes(view.catalogue.indicators[id] for id in view.catalogue.indicators if id in held)
    return Company(whole, inside, chosen, _rows(view, inside, [indicator.id for indicator in chosen]))


def cited(view: View, area: Area) -> tuple[Figure, ...]:
    """One figure of every indicator and source in a profile: of this area, and of what stands beside it."""

    def make() -> tuple[Figure, ...]:
        mine, others = rows(view, area), company(view, area)
        shown = [*mine, *(row for made in (others.rows if others else ()) for row in made if row)]
        beside = [figure for row in shown for figure in (row.own, row.wijk, row.city) if figure]
        drawn = [figure for trend in trends(view, area, mine) for figure in trend.figures]
        return tuple({(figure.indicator, figure.source): figure for figure in [*beside, *drawn]}.values())

    return view.once("cited", make, area.code)


def by_reason(rows: Iterable[Row]) -> dict[Status, tuple[Row, ...]]:
    """Rows without a value by the reason that is given, those of the headlines first."""
    found: dict[Status, list[Row]] = {}
    for row in sorted(rows, key=lambda row: not row.indicator.headline):
        found.setdefault(row.own.status, []).append(row)
    return {status: tuple(same) for status, same in found.items()}
