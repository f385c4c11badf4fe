"""The last two days of what sensors measure: a line each, and the limits across them with their value at the end.

What a line or a limit is stands in a list beside the chart: words in it would lie over what was measured.

A reference station, the middle of the sensors and one sensor differ in colour, points and dashes, and are never one
line. An hour of which nothing is believed cuts the line. Times are those of the clock in the Netherlands.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from buurtbeeld.catalogue.measured import Hour
from buurtbeeld.charts.trend import number
from buurtbeeld.charts.vega import Part, chart, field, layer
from buurtbeeld.texts import Words
from buurtbeeld.texts.now import day_in_short, home, moment_in_short

INK = "#4A5763"
LIMIT = "#A6004E"
DASHES = "╌╌"
# Colour, shape of the points, dashes, sign before the name.
LOOKS = {
    "reference": ("#17212B", "square", [1, 0], "■"),
    "median": ("#0B5A7D", "circle", [7, 4], "●"),
    "sensor": ("#A34400", "triangle-up", [2, 3], "▲"),
}
LOOSE = 3.0  # a limit further above the values than so many times would press them flat; it is told in words
TICK = timedelta(hours=12)
MISSING = "–"  # in the table of it


@dataclass(frozen=True)
class Line:
    """One line: `kind` is of LOOKS, `name` stands at its end."""

    kind: str
    name: str
    hours: tuple[Hour, ...]

    @property
    def is_simulated(self) -> bool:
        """Whether any of it is simulated."""
        return any(hour.is_simulated for hour in self.hours)


@dataclass(frozen=True)
class Limit:
    """A line across the chart at `value`, and its words beside it."""

    value: float
    label: str


def spec(
    lines: Sequence[Line], limits: Sequence[Limit], unit: str, decimals: int, words: Words, height: int, badge: str = ""
) -> Part:
    """A Vega-Lite specification. unit: what the value axis counts. badge: above it, in large letters."""
    kinds = [line.kind for line in lines]
    colour = field("kind:N", scale={"domain": kinds, "range": [LOOKS[kind][0] for kind in kinds]}, legend=None)
    shape = field("kind:N", scale={"domain": kinds, "range": [LOOKS[kind][1] for kind in kinds]}, legend=None)
    rows = {line.kind: _rows(line, decimals, words) for line in lines}
    every = [row for own in rows.values() for row in own]
    ticks = _ticks([row["time"] for row in every])
    x: Part = field("time:T", axis=_clock(ticks, words), scale={"padding": 10})
    axis = {
        "aria": False,
        "title": None,
        "labelExpr": number(words),
        "tickCount": 4,
        "domain": False,
        "ticks": False,
        "gridColor": "#E3E8EC",
    }
    y: Part = field("value:Q", axis=axis, scale={"zero": True, "nice": True})
    layers = [
        layer("point", every, {"size": 34, "filled": True, "opacity": 1}, x=x, y=y, color=colour, shape=shape,
              tooltip=field("text:N", title=None)),
    ]  # fmt: skip
    for line in lines:
        look = {"strokeWidth": 2.5, "strokeDash": LOOKS[line.kind][2]}
        layers.append(layer("line", rows[line.kind], look, x="time:T", y="value:Q", color=colour, detail="piece:N"))
    if limits:
        at = [{"value": limit.value, "label": words.number(limit.value, decimals)} for limit in limits]
        layers.append(layer("rule", at, {"color": LIMIT, "strokeDash": [6, 3], "strokeWidth": 1.5}, y="value:Q"))
        # At the right end, with a white edge so that it can be read where the lines end.
        ink: Part = {"color": LIMIT, "align": "right", "baseline": "bottom", "dy": -3, "fontSize": 13}
        edge = ink | {"color": "#FFFFFF", "stroke": "#FFFFFF", "strokeWidth": 4}
        end: Part = {"x": {"value": "width"}, "y": "value:Q", "text": "label:N"}
        layers += [layer("text", at, edge, **end), layer("text", at, ink, **end)]
    title: Part = {"text": [badge, unit] if badge else unit, "anchor": "start", "frame": "bounds", "color": INK}
    title |= {"fontSize": 16 if badge else 13, "fontWeight": "bold" if badge else "normal"}
    return chart(layers, height, {"axis": {"labelFontSize": 13, "labelColor": INK}}, title=title)


def drawn(limits: Sequence[Limit], lines: Sequence[Line]) -> tuple[Limit, ...]:
    """The limits that fit in the chart; the lowest always does."""
    found = [hour.median for line in lines for hour in line.hours if hour.median is not None]
    most = max([*found, min((limit.value for limit in limits), default=0.0) / LOOSE])
    return tuple(limit for limit in limits if limit.value <= LOOSE * most)


def key(line: Line) -> str:
    """What tells a line apart, in words of a list: its sign and its name."""
    return f"{LOOKS[line.kind][3]} {line.name}"


def limit_key(limit: Limit) -> str:
    """The same of a limit: its dashes and its words, with the value that stands in the chart."""
    return f"{DASHES} {limit.label}"


def _rows(line: Line, decimals: int, words: Words) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    piece, before = 0, None
    for hour in line.hours:
        if hour.median is None:
            continue
        if before and hour.hour - before > timedelta(hours=1):
            piece += 1
        before = hour.hour
        at = home(hour.hour)
        text = f"{line.name}, {moment_in_short(hour.hour, words)}: {words.number(hour.median, decimals)}"
        if hour.is_simulated:
            text = f"{words.t('badge.simulated')}: {text}"
        named = f"{line.kind}-{piece}"
        rows.append(
            {"kind": line.kind, "time": f"{at:%Y-%m-%dT%H:%M:00}", "value": hour.median, "piece": named, "text": text}
        )
    return rows


def _ticks(times: Sequence[str]) -> list[datetime]:
    if not times:
        return []
    first, last = (datetime.fromisoformat(end(times)) for end in (min, max))
    at = first.replace(hour=0, minute=0)
    found = []
    while at <= last:
        if at >= first:
            found.append(at)
        at += TICK
    return found


def _clock(ticks: Sequence[datetime], words: Words) -> Part:
    ids = json.dumps([f"{at:%Y-%m-%dT%H:%M}" for at in ticks])
    said = [day_in_short(at.date(), words) if at.hour == 0 else f"{at:%H:%M}" for at in ticks]
    written = json.dumps(said, ensure_ascii=False)
    return {
        "aria": False,
        "title": None,
        "values": [f"{at:%Y-%m-%dT%H:%M:00}" for at in ticks],
        "labelExpr": f"{written}[indexof({ids}, timeFormat(datum.value, '%Y-%m-%dT%H:%M'))]",
        "grid": False,
        "labelOverlap": True,
        "labelSeparation": 8,
        "tickColor": "#8A96A1",
    }
