"""Goals and measures with the lines of a chart: a broken line to each goal, and a numbered bar for what was done.

The bars stand above the chart, so that they hide no line; a thin upright line leads from each to the figures.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from buurtbeeld import verdicts
from buurtbeeld.catalogue import Catalogue, Figure, Indicator, Measure, Target
from buurtbeeld.charts.trend import CHARACTERS, Also, local, shortened
from buurtbeeld.charts.vega import Part, field, layer
from buurtbeeld.texts import Words
from buurtbeeld.texts import goals as said
from buurtbeeld.verdicts import Basis

INK = "#17212B"
BAR = "#6B7680"  # 4.6:1 on white
ROW_PX = 22  # height of a row of bars
CLOSE = 0.08  # of the width of the chart: what a number takes on a phone
YEAR = timedelta(days=365)


def seen(
    measures: Sequence[Measure],
    figures: Sequence[Figure],
    indicator: Indicator,
    catalogue: Catalogue,
    targets: Sequence[Target] = (),
) -> tuple[Measure, ...]:
    """Those of `measures` of which something falls on the axis: from the first of `figures` to the last goal on it."""
    if not figures:
        return ()
    early = _early(indicator, catalogue)
    first, last = _ends(figures)[0] + early, _end_of_axis(targets, figures) + early
    return tuple(each for each in measures if each.begin <= last and (each.end is None or each.end >= first))


def over_a_year(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether a figure counts what happened in a whole year: its point, at the year, stands for the middle of it."""
    return indicator.grain == "year" and verdicts.basis(indicator, catalogue) == Basis.EVENTS


def _early(indicator: Indicator, catalogue: Catalogue) -> timedelta:
    """How long before its day a measure stands, so that it lies right beside the points of `indicator`."""
    return YEAR / 2 if over_a_year(indicator, catalogue) else timedelta(0)


def layers(
    targets: Sequence[Target],
    measures: Sequence[Measure],
    figures: Sequence[Figure],
    names: Mapping[str, str],
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
    height: int,
    characters: int,
) -> Also:
    """What is drawn with the lines of `figures`, all of `indicator`, in a chart of `height` pixels.

    targets: goals for that indicator; names: the area of each (code → label). Where there are goals of several areas,
    each says whose it is, or with room for few `characters` only its value. measures: those that are `seen` with these
    `figures` and `targets`; they get the numbers 1, 2, … in this order.
    """
    if not figures:
        return Also()
    first, end = _ends(figures)[0], _end_of_axis(targets, figures)
    several = len({target.code for target in targets}) > 1
    drawn: list[Part] = []
    labels: list[dict[str, Any]] = []
    days: list[date] = []
    for target in targets:
        if several and characters < CHARACTERS:
            text = said.written(target, indicator, words, catalogue)
        else:
            area = shortened(names[target.code], characters // 2) if several else None
            text = said.mark(target, area, indicator, words, catalogue)
        far = _far(target, figures)
        day = end if far else _day(target)
        labels.append({"begin": local(first), "period": local(day), "value": target.value, "label": text})
        drawn += _goal(labels[-1], "triangle-right" if far else "diamond")
        days += [] if far else [day]
    early = _early(indicator, catalogue)
    bars = [_bar(measure, number, first, end, early) for number, measure in enumerate(measures, 1)]
    rows = list(enumerate(_rows(bars, end - first)))
    # First every line down, so that none runs over a number of the rows below it.
    drawn += [layer for row, numbered in rows for layer in _down(numbered, _place(row), height)]
    drawn += [layer for row, numbered in rows for layer in _bars(numbered, _place(row))]
    return Also(tuple(drawn), tuple(labels), tuple(sorted(set(days))))


def _goal(row: dict[str, Any], shape: str) -> list[Part]:
    """A broken line from the first figure to a goal, and its point."""
    way = {"color": INK, "strokeWidth": 1.5, "strokeDash": [5, 4]}
    point = {"shape": shape, "filled": True, "color": INK, "size": 110, "opacity": 1}
    rows, tooltip = [row], field("label:N", title=None)
    return [
        layer("rule", rows, way, x="begin:T", x2="period:T", y="value:Q"),
        layer("point", rows, point, x="period:T", y="value:Q", tooltip=tooltip),
    ]


def _place(row: int) -> int:
    """Pixels from the top of the chart down to a row of bars: above it."""
    return 6 - (row + 1) * ROW_PX


def _down(bars: Sequence[dict[str, Any]], place: int, height: int) -> list[Part]:
    """A line from the begin of each bar of a row down to the axis."""
    look = {"color": BAR, "strokeWidth": 1}
    return [layer("rule", bars, look, x="begin:T", y={"value": place}, y2={"value": height})]


def _bars(bars: Sequence[dict[str, Any]], place: int) -> list[Part]:
    """One row of measures, `place` pixels from the top: the time each took, and its number."""
    y, tooltip = {"value": place}, field("text:N", title=None)
    ring = {"shape": "circle", "filled": True, "fill": "#FFFFFF", "stroke": INK, "strokeWidth": 1.5, "size": 300}
    number = {"color": INK, "fontSize": 12, "fontWeight": 600}
    return [
        layer("rule", bars, {"color": BAR, "strokeWidth": 6}, x="begin:T", x2="end:T", y=y),
        layer("point", bars, ring | {"opacity": 1}, x="begin:T", y=y, tooltip=tooltip),
        layer("text", bars, number, x="begin:T", y=y, text="number:N"),
    ]


def _bar(measure: Measure, number: int, first: date, last: date, early: timedelta) -> dict[str, Any]:
    """A measure as far as it falls on the axis; one that goes on has no end there. early: how much before its day."""
    begin = max(measure.begin - early, first)
    end = max(begin, min(measure.end - early, last) if measure.end else last)
    return {"number": number, "text": measure.title, "begin": local(begin), "end": local(end)}


def _rows(bars: Sequence[dict[str, Any]], width: timedelta) -> list[list[dict[str, Any]]]:
    """`bars` in rows, so that those of one row do not lie on each other; the number counts as part of a bar."""
    rows: list[list[dict[str, Any]]] = []
    for bar in bars:
        free = (row for row in rows if _read(bar["begin"]) > _until(row[-1], width))
        if (row := next(free, None)) is None:
            rows.append([bar])
        else:
            row.append(bar)
    return rows


def _until(bar: dict[str, Any], width: timedelta) -> date:
    """Up to where a bar takes the room of its row."""
    return max(_read(bar["begin"]) + width * CLOSE, _read(bar["end"]) + width * CLOSE / 2)


def _read(day: str) -> date:
    return date.fromisoformat(day[:10])


def _ends(figures: Sequence[Figure]) -> tuple[date, date]:
    periods = [figure.period for figure in figures]
    return min(periods), max(periods)


def _far(target: Target, figures: Sequence[Figure]) -> bool:
    """Whether a goal lies so far away that the figures would be pressed together: a line points at it and says so."""
    first, last = _ends(figures)
    return _day(target) - last > max(last - first, YEAR)


def _end_of_axis(targets: Sequence[Target], figures: Sequence[Figure]) -> date:
    """The day that the chart goes up to: the last figure, the last goal near enough, and room to point at farther ones.

    These are pointed at from beyond every nearer goal, so that the goals stand in the order of their years.
    """
    first, last = _ends(figures)
    width = max(last - first, YEAR)
    near = max([last, *(_day(target) for target in targets if not _far(target, figures))])
    if not any(_far(target, figures) for target in targets):
        return near
    return max(last + width / 2, near + width * CLOSE)


def _day(target: Target) -> date:
    """Where a goal stands on the axis: at its year, as figures of a year do."""
    return date(target.year, 1, 1)
