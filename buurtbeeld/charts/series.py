"""Figures through time as they are shown: as published, as an index, or as the difference from the city.

Each way keeps a figure a figure: what is missing stays missing with its reason, and margins go along where there is a
rule for them. A line is cut wherever two successive figures can't be compared.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from buurtbeeld import verdicts
from buurtbeeld.catalogue import Break, Catalogue, Figure, Indicator, Status, Way
from buurtbeeld.maps import shading
from buurtbeeld.statistics.dispersion import Dispersion
from buurtbeeld.texts import Words
from buurtbeeld.texts import trends as said

SOLID, BETWEEN, DASHED = "solid", "between", "dashed"  # of a piece of line
BORDER = "border"  # of a cut
MOVED = 3  # what CBS says of a border that moved


@dataclass(frozen=True)
class Cut:
    """Two successive figures of one area that can't be compared: the last before, the first after.

    kind: definition, method or border. day: from when on the figure is another; None where nobody says when.
    """

    code: str
    since: date
    until: date
    kind: str
    day: date | None = None

    @property
    def middle(self) -> date:
        """The day halfway."""
        return self.since + (self.until - self.since) / 2


@dataclass(frozen=True)
class Series:
    """Figures of one indicator as they are shown, by period; in its unit, or with `index` in hundredths of the base.

    base: the period that is 100. zero: areas without an index, since their figure was 0 then. earlier: whether an index
    leaves figures out, because a break lies between them and its base.
    """

    way: Way
    figures: tuple[Figure, ...]
    cuts: tuple[Cut, ...] = ()
    base: date | None = None
    zero: tuple[str, ...] = ()
    earlier: bool = False


@dataclass(frozen=True)
class Piece:
    """Successive figures of one area whose line is drawn in one style."""

    style: str
    figures: tuple[Figure, ...]


def cuts(
    figures: Iterable[Figure], breaks: Sequence[Break], borders: Mapping[str, Mapping[int, int]]
) -> tuple[Cut, ...]:
    """Where the lines of `figures` are cut. borders: what CBS says of them, as in `queries.borders`.

    A border of which nothing is known cuts no line: that it may have moved is said in words.
    """
    return tuple(
        cut
        for own in _by_area(figures).values()
        for earlier, later in pairwise(figure for figure in own if figure.value is not None)
        if (cut := _between(earlier, later, breaks, borders.get(earlier.code, {})))
    )


def _between(earlier: Figure, later: Figure, breaks: Sequence[Break], border: Mapping[int, int]) -> Cut | None:
    found = next((each for each in breaks if earlier.period < each.period <= later.period), None)
    if found:
        return Cut(earlier.code, earlier.period, later.period, found.kind, found.period)
    # a figure on the borders of now can stand before one of older borders
    first, last = sorted((earlier.edition, later.edition))
    if any(border.get(edition) == MOVED for edition in range(first + 1, last + 1)):
        return Cut(earlier.code, earlier.period, later.period, BORDER)
    return None


def unknown_borders(figures: Iterable[Figure], borders: Mapping[str, Mapping[int, int]]) -> tuple[str, ...]:
    """Codes whose figures are of several editions, while for some of these nobody says whether the border moved."""
    found = []
    for code, own in _by_area(figures).items():
        editions = [figure.edition for figure in own if figure.value is not None]
        between = range(min(editions) + 1, max(editions) + 1) if editions else ()
        if any(edition not in borders.get(code, {}) for edition in between):
            found.append(code)
    return tuple(found)


def as_index(
    figures: Sequence[Figure],
    cuts: tuple[Cut, ...],
    indicator: Indicator,
    catalogue: Catalogue,
    noise: Mapping[str, Dispersion | None],
) -> Series | None:
    """Every area as an index, 100 in the first period in which all of them have a figure; None where there is none.

    Of each area only what follows its last break counts: a ratio across it would mean nothing. noise: by level.
    """
    stretches = {code: _last_stretch(own, cuts) for code, own in _by_area(figures).items()}
    common = [{f.period for f in own if f.value is not None} for own in stretches.values()]
    shared = set.intersection(*(periods for periods in common if periods)) if any(common) else set()
    if not shared:
        return None
    base = min(shared)
    made: list[Figure] = []
    zero = []
    for code, own in stretches.items():
        start = next((figure for figure in own if figure.period == base and figure.value is not None), None)
        if start is not None and not start.value:
            zero.append(code)
        elif start is not None:
            made += [_indexed(f, start, indicator, catalogue, noise.get(f.level)) for f in own]
    if not made:
        return None
    kept = sum(figure.value is not None for own in stretches.values() for figure in own)
    earlier = kept < sum(figure.value is not None for figure in figures)
    return Series("index", _by_period(made), cuts, base, tuple(zero), earlier)


def as_difference(
    figures: Sequence[Figure], cuts: tuple[Cut, ...], city: str, indicator: Indicator, catalogue: Catalogue
) -> Series | None:
    """Every area as its difference from the area `city` in the same period; None when nothing is left to show."""
    beside = {figure.period: figure for figure in figures if figure.code == city}
    made = [
        _differing(figure, beside.get(figure.period), indicator, catalogue) for figure in figures if figure.code != city
    ]
    if not any(figure.value is not None for figure in made):
        return None
    return Series("verschil", _by_period(made), tuple(cut for cut in cuts if cut.code != city))


def pieces(figures: Iterable[Figure], cuts: Iterable[Cut]) -> tuple[Piece, ...]:
    """The line of each area in pieces of one style; no line crosses a figure that is missing, or a cut.

    `solid` is between successive periods, `between` over periods of which there is no figure, `dashed` towards a figure
    that is provisional, and from and to one that was converted to other borders.
    """
    ends = {(cut.code, cut.until) for cut in cuts}
    found: list[tuple[str, list[Figure]]] = []
    for own in _by_area(figures).values():
        for earlier, later in pairwise(own):
            style = _style(earlier, later)
            if not style or (later.code, later.period) in ends:
                continue
            if found and found[-1][0] == style and found[-1][1][-1] is earlier:
                found[-1][1].append(later)
            else:
                found.append((style, [earlier, later]))
    return tuple(Piece(style, tuple(run)) for style, run in found)


def margins(
    figures: Iterable[Figure], found: Iterable[Piece]
) -> tuple[tuple[tuple[Figure, ...], ...], tuple[Figure, ...]]:
    """Figures with a margin: runs of them along a line of which every period is known, and those that stand apart."""
    runs = [piece.figures for piece in found if piece.style != BETWEEN]
    runs = [run for run in runs if all(figure.low is not None for figure in run)]
    within = {(figure.code, figure.period) for run in runs for figure in run}
    apart = (f for f in figures if f.low is not None and (f.code, f.period) not in within)
    return tuple(runs), tuple(apart)


def _style(earlier: Figure, later: Figure) -> str:
    if earlier.value is None or later.value is None:
        return ""
    if _steps(earlier.period, later.period, later.grain) > 1:
        return BETWEEN
    return DASHED if later.provisional or earlier.converted or later.converted else SOLID


def _steps(earlier: date, later: date, grain: str) -> int:
    """How many periods one lies after the other."""
    years, months = later.year - earlier.year, later.month - earlier.month
    return {"year": years, "month": years * 12 + months, "day": (later - earlier).days}[grain]


def _indexed(
    figure: Figure, start: Figure, indicator: Indicator, catalogue: Catalogue, noise: Dispersion | None
) -> Figure:
    if figure.value is None:
        return figure
    assert start.value
    # The base is 100 whatever it was: its margin goes into that of the others.
    sure = verdicts.ratio(start, figure, indicator, catalogue, noise)
    if sure and figure.period == start.period:
        sure = (1.0, 1.0)
    low, high = (round(100 * end, 6) for end in sure) if sure else (None, None)
    index, simulated = round(100 * figure.value / start.value, 6), figure.is_simulated or start.is_simulated
    return replace(figure, value=index, low=low, high=high, is_simulated=simulated)


def _differing(figure: Figure, city: Figure | None, indicator: Indicator, catalogue: Catalogue) -> Figure:
    if figure.value is None:
        return figure
    if city is None or city.value is None:
        status = city.status if city else Status.REASON_UNKNOWN
        return replace(figure, value=None, low=None, high=None, n=None, status=status)
    sure = verdicts.between(city, figure, indicator, catalogue)
    low, high = (round(end, 6) for end in sure) if sure else (None, None)
    apart, simulated = round(figure.value - city.value, 6), figure.is_simulated or city.is_simulated
    return replace(figure, value=apart, low=low, high=high, is_simulated=simulated)


def _last_stretch(own: Sequence[Figure], cuts: Iterable[Cut]) -> list[Figure]:
    """What follows the last break in the line of one area; all of it where there is none."""
    last = max((cut.until for cut in cuts if own and cut.code == own[0].code), default=date.min)
    return [figure for figure in own if figure.period >= last]


def _by_area(figures: Iterable[Figure]) -> dict[str, list[Figure]]:
    """The figures of each area by period, areas in the order they come in."""
    found: dict[str, list[Figure]] = {}
    for figure in sorted(figures, key=lambda f: f.period):
        found.setdefault(figure.code, []).append(figure)
    return found


def _by_period(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    return tuple(sorted(figures, key=lambda figure: (figure.period, figure.code)))


def written(value: float, way: Way, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A value of a series with its unit: `€ 451.000`, `104`, `+3,2 procentpunt`."""
    if way == "index":
        return words.number(value)
    if way == "verschil":
        return said.change(value, indicator, words, catalogue)
    return words.quantity(value, indicator, catalogue)


def short(figure: Figure, way: Way, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A figure of a series where its unit stands elsewhere: at the end of a line."""
    if figure.value is None:
        return words.cell(figure, indicator, catalogue)
    return _bare(figure.value, way, indicator, words, catalogue)


def _bare(value: float, way: Way, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A value of a series without a unit of words."""
    if way == "waarde":
        return words.short(value, indicator, catalogue)
    if way == "verschil":
        return said.signed(value, indicator, words)
    return written(value, way, indicator, words, catalogue)


def told(figure: Figure, way: Way, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A figure of a series with its unit, its margin and what is the matter with it; else why there is none."""
    if figure.value is None:
        return words.figure(figure, indicator, catalogue)
    marks = [badge] if (badge := words.badge(figure)) else []
    if figure.low is not None and figure.high is not None and figure.low < figure.high:
        # The unit was just named, with the value itself.
        low, high = (_bare(end, way, indicator, words, catalogue) for end in (figure.low, figure.high))
        marks.append(words.t("sure.between", low=low, high=high))
    if figure.status == Status.UNRELIABLE:
        marks.append(words.status(figure.status))
    if figure.provisional:
        marks.append(words.t("trend.provisional"))
    if figure.converted:
        marks.append(words.t("sure.label.converted"))
    text = written(figure.value, way, indicator, words, catalogue)
    return f"{text} ({', '.join(marks)})" if marks else text


def unit(series: Series, city: str, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """What the axis of a series counts. city: its name."""
    if series.way == "index":
        assert series.base
        return words.t("trend.unit.index", period=words.period(series.base, indicator.grain))
    if series.way == "verschil":
        return words.t("trend.unit.difference", city=city, unit=shading.change_unit(indicator, words, catalogue))
    return catalogue.units[indicator.unit].word.get(words.lang)
