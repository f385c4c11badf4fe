"""Two figures against each other: a circle per area, as large as it has residents, and a line only with its band."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log
from statistics import median
from textwrap import wrap
from typing import Any

from buurtbeeld.catalogue import Catalogue, Indicator
from buurtbeeld.charts.trend import COLOURS, number
from buurtbeeld.charts.vega import Part, chart, field, layer
from buurtbeeld.statistics.association import Line
from buurtbeeld.texts import Words

SHAPES = ("diamond", "square", "triangle-up", "cross")  # never colour alone
FILL, EDGE, GREY = "#7FA8BC", "#2F5F76", "#4A5763"
LARGEST = 900  # square pixels, of the area with most residents
SMALLEST = 140  # of a chosen area, so that its shape can be seen
HEIGHT = 440
TITLE = 34  # characters of a line of the name of an axis: as much as fits on a phone
STRETCH = 8  # times the median
LABEL_PX = 20  # height of a name
ROOM = 12  # pixels between the outermost circle and the edge of the picture
NARROW = 10 * ROOM  # pixels, less than any picture is wide or high
USUAL = 25 * ROOM  # pixels, about as wide as a picture is on a phone


@dataclass(frozen=True)
class Point:
    """One area: its place in the picture, and how many people live there."""

    code: str
    name: str
    x: float
    y: float
    residents: float


def spec(
    points: Sequence[Point],
    axes: tuple[Indicator, Indicator],
    chosen: Sequence[str],
    outliers: Sequence[str],
    fitted: Line | None,
    words: Words,
    catalogue: Catalogue,
    badge: str = "",
) -> dict[str, Any]:
    """A Vega-Lite specification of `points`, with the indicators `axes` (x, y).

    chosen: codes of areas with a shape and a colour of their own, and their name; outliers: codes of other areas whose
    name is written too; codes without a point are left out. badge: what everything simulated wears, for above the
    picture and for each circle.
    """
    values = [[point.x for point in points], [point.y for point in points]]
    named = [point for point in points if point.code in chosen or point.code in outliers]
    names = _labels(named, points)
    drawn = values[0], [*values[1], *(row["y"] for row in names), *((*fitted.low, *fitted.high) if fitted else ())]
    ends = [_end(each, every) for each, every in zip(values, drawn, strict=True)]
    (x_axis, x_scale), (y_axis, y_scale) = (
        _axis(*each, words, catalogue) for each in zip(axes, values, ends, reversed(ends), strict=True)
    )
    x, y = field("x:Q", axis=x_axis, scale=x_scale), field("y:Q", axis=y_axis, scale=y_scale)
    place = {code: order for order, code in enumerate(chosen)}
    most = max((point.residents for point in points), default=0) or 1.0
    rest = [_row(point, axes, words, catalogue, badge) for point in points if point.code not in place]
    mine = [
        _row(point, axes, words, catalogue, badge)
        | {"colour": COLOURS[place[point.code]], "shape": SHAPES[place[point.code]]}
        | {"size": max(SMALLEST, LARGEST * point.residents / most)}
        for point in points
        if point.code in place
    ]
    for row in names:
        row["colour"] = COLOURS[place[row["code"]]] if row["code"] in place else GREY
    tooltip = field("text:N", title=None)
    layers = [
        *(_line(fitted, min(values[1]) / 10 if stretched(values[1]) else -inf, x, y) if fitted else ()),
        layer("point", rest, _CIRCLE, x=x, y=y, size=_sizes(most, words), tooltip=tooltip),
        layer(
            "point",
            mine,
            {"filled": True, "stroke": "#FFFFFF", "strokeWidth": 1.5, "opacity": 1},
            x=x,
            y=y,
            fill=_as_is("colour:N"),
            shape=_as_is("shape:N"),
            size=_as_is("size:Q"),
            tooltip=tooltip,
        ),
        *_names([row for row in names if not row["before"]], "left", 13, x),
        *_names([row for row in names if row["before"]], "right", -13, x),
    ]
    above = {"title": {"text": badge, "anchor": "start", "fontSize": 13}} if badge else {}
    return chart(
        layers,
        HEIGHT,
        {"text": {"fontSize": 13, "fontWeight": 600}},
        resolve={"scale": {"size": "independent"}},
        **above,
    )


_CIRCLE = {"filled": True, "fill": FILL, "stroke": EDGE, "strokeWidth": 1, "opacity": 0.75}


def _as_is(named: str) -> Part:
    """A field that holds the colour, shape or size itself."""
    return field(named, scale=None, legend=None)


def stretched(values: Sequence[float]) -> bool:
    """Whether a few values are so far from the others that equal steps would draw most areas on each other."""
    return bool(values) and min(values) > 0 and max(values) > STRETCH * median(values)


def along(values: Sequence[float]) -> list[float]:
    """The values on the scale of their axis, on which equal steps are equally long: logarithms where `stretched`."""
    return [log(value) for value in values] if stretched(values) else list(values)


def _axis(
    indicator: Indicator,
    values: Sequence[float],
    end: float | None,
    across: float | None,
    words: Words,
    catalogue: Catalogue,
) -> tuple[Part, Part]:
    """An axis in equal steps, or in equal ratios where the values are `stretched`.

    end, across: the `_end` of this axis, and that of the other one. Where the other starts at 0, circles can lie on
    this axis, and its numbers stand aside for them.
    """
    unit, title = catalogue.units[indicator.unit].word.get(words.lang), indicator.title.get(words.lang)
    # The labels along the axis are numbers only, so it names its unit, even where that is a sign.
    added = [] if unit.split()[-1] in title else [unit]
    added += [words.t("sure.label.model")] if indicator.method == "model" else []
    named = f"{title} ({', '.join(added)})" if added else title
    ratios = stretched(values)
    axis: Part = {
        "aria": False,
        "title": wrap(named, TITLE),
        "titleFontSize": 13,
        "titleFontWeight": 600,
        "titleColor": "#17212B",
        "titlePadding": 10,
        "labelExpr": number(words),
        "labelFontSize": 13,
        "labelColor": GREY,
        "tickCount": 5,
        "tickMinStep": 10.0**-indicator.decimals,
        "domain": False,
        "ticks": False,
        "gridColor": "#E3E8EC",
    }
    if across is not None:
        axis["offset"] = ROOM
    if ratios:
        axis["values"] = _round(min(values), max(values))
        # A domain of its own: the band of the line may go down to nothing, which such an axis never reaches.
        return axis, {"type": "log", "nice": False, "padding": ROOM, "domain": [min(values), max(values)]}
    if end is not None:
        # Padding would go below 0 whatever the domain says, so room at the other end is part of the domain.
        return axis, {"nice": True, "domain": [0, end]}
    return axis, {"zero": False, "nice": True, "padding": ROOM}


def _end(values: Sequence[float], drawn: Sequence[float]) -> float | None:
    """Where an axis ends that has to start at 0, else None: room for circles, or a band, would take it below nothing.

    drawn: all that stands along it, the values and what may lie beyond them: the band of a line, names. How much of an
    axis room for circles is depends on its length, which only the browser knows.
    """
    if not values or min(values) < 0 or stretched(values):
        return None
    if min(drawn) > (max(values) - min(values)) * ROOM / (NARROW - 2 * ROOM):
        return None
    return max(drawn) * (1 + ROOM / USUAL) or 1.0


def _round(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten from `low` to `high`."""
    steps = [m * 10.0**power for power in range(-3, 9) for m in (1, 2, 5)]
    return [step for step in steps if low <= step <= high]


def _sizes(most: float, words: Words) -> Part:
    """Circles whose surface, not whose width, goes with the residents; the legend has two round numbers."""
    top = max(m * 10.0**power for power in range(8) for m in (1, 2, 5) if m * 10.0**power <= max(most, 1))
    legend = {
        "title": words.t("relation.residents"),
        "values": [size for size in (top / 10, top) if size >= 1],
        "labelExpr": number(words),
        "symbolFillColor": FILL,
        "symbolStrokeColor": EDGE,
        "symbolStrokeWidth": 1,
        "orient": "top",
        "direction": "horizontal",
        "titleOrient": "left",
        "titleFontWeight": 400,
        "titleFontSize": 13,
        "titleColor": GREY,
        "labelFontSize": 13,
        "labelColor": GREY,
        "aria": False,
    }
    return field("residents:Q", scale={"domain": [0, most], "range": [0, LARGEST]}, legend=legend)


def _row(
    point: Point, axes: tuple[Indicator, Indicator], words: Words, catalogue: Catalogue, badge: str
) -> dict[str, Any]:
    x, y = (
        f"{axis.title.get(words.lang)}: {words.quantity(value, axis, catalogue)}"
        for axis, value in zip(axes, (point.x, point.y), strict=True)
    )
    people = words.t("relation.people", count=words.number(point.residents))
    text = " · ".join(filter(None, [badge, point.name, y, x, people]))
    return {"x": point.x, "y": point.y, "residents": point.residents, "text": text}


def _labels(named: Sequence[Point], points: Sequence[Point]) -> list[dict[str, Any]]:
    """The names beside `named`, moved up where one would lie on another; before the point in the right half."""
    across, up = (_Way([getattr(point, part) for point in points]) for part in ("x", "y"))
    rows: list[dict[str, Any]] = []
    for point in sorted(named, key=lambda point: point.y):
        at, height = across.share(point.x), up.share(point.y)
        for row in rows:  # lowest first, so that what is moved up can still meet the next one
            if abs(row["at"] - at) < 0.5 and abs(row["height"] - height) < LABEL_PX / HEIGHT:
                height = row["height"] + LABEL_PX / HEIGHT
        rows.append(
            {"code": point.code, "x": point.x, "y": up.value(height), "label": point.name}
            | {"at": at, "height": height, "before": at > 0.5}
        )
    return rows


class _Way:
    """From values to their place along an axis, from 0 to 1, and back; the same steps as `_axis` makes."""

    def __init__(self, values: Sequence[float]) -> None:
        self._ratios = stretched(values)
        end = _end(values, values)
        ends = (min(values, default=0.0), max(values, default=0.0)) if end is None else (0.0, end)
        self._low, high = (self._step(each) for each in ends)
        self._width = (high - self._low) or 1.0

    def _step(self, value: float) -> float:
        return log(value) if self._ratios else value

    def share(self, value: float) -> float:
        return (self._step(value) - self._low) / self._width

    def value(self, share: float) -> float:
        step = self._low + share * self._width
        return exp(step) if self._ratios else step


def _names(rows: Sequence[dict[str, Any]], align: str, away: int, x: Part) -> tuple[Part, Part]:
    """Names on a white edge, so that they can be read on the circles; not wider than half of the picture."""
    look = {"align": align, "dx": away, "limit": {"expr": f"width / 2 - {abs(away)}"}}
    edge = look | {"stroke": "#FFFFFF", "strokeWidth": 4, "strokeJoin": "round"}
    return (
        layer("text", rows, edge, x=x, y="y:Q", text="label:N"),
        layer("text", rows, look, x=x, y="y:Q", text="label:N", color=_as_is("colour:N")),
    )


def _line(fitted: Line, least: float, x: Part, y: Part) -> tuple[Part, Part]:
    """The band in which the line may lie, and the line itself; not below `least`."""
    rows = [
        {"x": at, "y": max(middle, least), "low": max(low, least), "high": max(high, least)}
        for at, middle, low, high in zip(*fitted, strict=True)
    ]
    band, line = {"color": GREY, "opacity": 0.18, "clip": True}, {"color": GREY, "strokeWidth": 1.5, "clip": True}
    return (
        layer("area", rows, band, x=x, y="low:Q", y2="high:Q"),
        layer("line", rows, line, x=x, y=y),
    )
