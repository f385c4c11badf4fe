"""The week of a sensor or a wijk: a square for each hour of each day, the darker the higher its middle value.

Squares of too few hours have no colour but a dash. The same stands in a table, in which nothing is lost.
"""

import math
from collections.abc import Sequence
from typing import Any

from buurtbeeld.catalogue.measured import Beat
from buurtbeeld.charts.vega import Part, chart, field, layer
from buurtbeeld.maps import palettes
from buurtbeeld.maps.shading import Row
from buurtbeeld.texts import Words
from buurtbeeld.texts.now import weekdays

LEAST = 3  # hours behind a square; the middle of fewer is one of them
INK = "#4A5763"
ROW = 34  # pixels of the height of a day
FEW = "–"


def bounds(beats: Sequence[Beat], decimals: int, highest: float = math.inf) -> tuple[float, ...]:
    """The upper bounds of at most five equal steps, round to what is written; empty without values.

    highest: more than this can't be, so no step goes beyond it.
    """
    found = [beat.median for beat in beats if beat.hours >= LEAST]
    if not found:
        return ()
    unit = 10.0**-decimals
    low = math.floor(min(found) / unit) * unit
    step = max(math.ceil((max(found) - low) / len(palettes.SEQUENTIAL) / unit), 1) * unit
    count = max(min(math.ceil((max(found) - low) / step + 1e-9), len(palettes.SEQUENTIAL)), 1)
    low = min(low, highest - step * count)
    return tuple(round(low + step * place, decimals) for place in range(1, count + 1))


def legend(beats: Sequence[Beat], decimals: int, words: Words, few: str, highest: float = math.inf) -> tuple[Row, ...]:
    """A row for each step with the number of hours of the week in it; few: the words for what has too little."""
    ends = bounds(beats, decimals, highest)
    classes = [_class(beat, ends) for beat in beats if beat.hours >= LEAST]
    colours = palettes.ramp(len(ends)) if ends else ()
    step = ends[0] - (2 * ends[0] - ends[1]) if len(ends) > 1 else 10.0**-decimals
    rows = [
        Row(
            f"{words.number(end - step, decimals)} – {words.number(end, decimals)}",
            colour,
            classes.count(place),
        )
        for place, (end, colour) in enumerate(zip(ends, colours, strict=True))
    ]
    return (*rows, Row(few, None, 7 * 24 - len(classes), "not_measured"))


def spec(
    beats: Sequence[Beat], unit: str, decimals: int, words: Words, badge: str = "", highest: float = math.inf
) -> Part:
    """A Vega-Lite specification. unit: what the squares are of. badge: above it, in large letters."""
    days, ends = weekdays(words), bounds(beats, decimals, highest)
    colours = palettes.ramp(len(ends)) if ends else ()
    shown = {(beat.weekday, beat.hour): beat for beat in beats if beat.hours >= LEAST}
    full: list[dict[str, Any]] = []
    empty: list[dict[str, Any]] = []
    for weekday, day in enumerate(days, 1):
        for hour in range(24):
            place = {"day": day, "hour": f"{hour:02}"}
            beat = shown.get((weekday, hour))
            if beat is None:
                empty.append(place | {"sign": FEW})
                continue
            value = words.number(beat.median, decimals)
            hours = words.n("now.rhythm.hours", beat.hours)
            text = f"{day} {hour:02}:00: {value} ({hours})"
            if beat.is_simulated:
                text = f"{words.t('badge.simulated')}: {text}"
            full.append(place | {"step": _class(beat, ends), "text": text})
    axis: Part = {"aria": False, "title": None, "domain": False, "ticks": False, "labelColor": INK}
    clock = [f"{hour:02}" for hour in range(24)]
    x: Part = field("hour:N", sort=clock, scale={"domain": clock}, axis=axis | {"labelAngle": 0, "labelOverlap": True})
    y: Part = field("day:N", sort=list(days), scale={"domain": list(days)}, axis=axis)
    square = {"stroke": palettes.WHITE, "strokeWidth": 1.5}
    colour = field("step:N", scale={"domain": list(range(len(ends))), "range": list(colours)}, legend=None)
    layers = [
        layer("rect", full, square, x=x, y=y, color=colour, tooltip=field("text:N", title=None)),
        layer("text", empty, {"color": INK, "fontSize": 12}, x=x, y=y, text="sign:N"),
    ]
    title: Part = {"text": [badge, unit] if badge else unit, "anchor": "start", "frame": "bounds", "color": INK}
    title |= {"fontSize": 16 if badge else 13, "fontWeight": "bold" if badge else "normal"}
    return chart(
        [each for each in layers if each["data"]["values"]], 7 * ROW, {"axis": {"labelFontSize": 13}}, title=title
    )


def table(beats: Sequence[Beat], decimals: int, words: Words) -> str:
    """The same as a table in Markdown: a row for each hour, a column for each day; a dash for too few hours.

    Its first cell begins with the badge where any of it is simulated.
    """
    shown = {(beat.weekday, beat.hour): beat.median for beat in beats if beat.hours >= LEAST}
    corner = words.t("now.rhythm.hour")
    if any(beat.is_simulated for beat in beats):
        corner = f"{words.t('badge.simulated')}: {corner}"
    lines = ["|".join([corner, *weekdays(words)]), "|".join([":--", *["--:"] * 7])]
    for hour in range(24):
        values = [shown.get((day, hour)) for day in range(1, 8)]
        written = [FEW if value is None else words.number(value, decimals) for value in values]
        lines.append("|".join([f"{hour:02}:00", *written]))
    return "\n".join(lines)


def _class(beat: Beat, ends: Sequence[float]) -> int:
    return next((place for place, end in enumerate(ends) if beat.median <= end), len(ends) - 1)
