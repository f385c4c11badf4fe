"""A strip: every area a mark on one line, this one a dot, the city an upright line. Shows a place, not a rank."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

WIDTH, HEIGHT, SIDE, MIDDLE = 340, 44, 12, 22
SAFE = " =/:,'"  # signs that an address may hold as they are
MOST_RINGS = 15  # more than that and rings hide each other; upright strokes do not
OWN, OTHERS, CITY, LINE = "#0B5A7D", "#4A5763", "#17212B", "#8A96A1"
Interval = tuple[float, float]


def html(
    values: Sequence[float],
    own: float | None,
    city: float | None,
    text: str,
    interval: Interval | None = None,
    most: int = WIDTH,
    goal: float | None = None,
    badge: str = "",
) -> str:
    """An image of `values`, with `own` as a dot and `city` as a line; `text` says the same. Empty without values.

    interval: low and high of `own`, drawn as a thin bar behind its dot. most: pixels of the width. goal: what
    the council wants `own` to be, a diamond. badge: what everything simulated wears, written in the drawing.
    """
    everything = [*values, *([city] if city is not None else []), *(interval or ())]
    everything += [goal] if goal is not None else []
    if not values:
        return ""
    low, high = min(everything), max(everything)

    def x(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(SIDE + share * (WIDTH - 2 * SIDE), 1)

    # Areas at the same place on the line are a pile, or a longer stroke: none of them is lost.
    places = sorted(Counter(map(x, values)).items())
    if len(places) > MOST_RINGS:
        strokes = "".join(f"M{place} {MIDDLE - half}v{2 * half}" for place, half in map(_stroke, places))
        others = f"<path d='{strokes}' stroke='{OTHERS}' stroke-width='1.5'/>"
    else:
        ring = f"r='6' fill='#FFFFFF' stroke='{OTHERS}' stroke-width='1.5'"
        others = "".join(f"<circle cx='{place}' cy='{y}' {ring}/>" for place, count in places for y in _pile(count))
    line = f"<line x1='2' y1='{MIDDLE}' x2='{WIDTH - 2}' y2='{MIDDLE}' stroke='{LINE}'/>"
    mark = f"<path d='M{x(city)} 8V36' stroke='{CITY}' stroke-width='2.5'/>" if city is not None else ""
    dot = f"<circle cx='{x(own)}' cy='{MIDDLE}' r='10' fill='{OWN}'/>" if own is not None else ""
    sure = _bar(*map(x, interval)) if interval and own is not None else ""
    # Above the line, so that it hides no area and is not hidden by the dot.
    diamond = f"fill='{CITY}' stroke='#FFFFFF' stroke-width='1.5'"
    aim = f"<path d='M{x(goal)} 1l6 7l-6 7l-6 -7z' {diamond}/>" if goal is not None else ""
    return image(f"{line}{others}{mark}{sure}{dot}{aim}{worn(badge)}", text, WIDTH, HEIGHT, most)


def worn(badge: str) -> str:
    """The badge in the upper left corner of a drawing, on white so that nothing hides it; nothing without one."""
    if not badge:
        return ""
    look = f"font-family='sans-serif' font-size='11' font-weight='700' fill='{CITY}'"
    edge = "stroke='#FFFFFF' stroke-width='3' paint-order='stroke'"
    return f"<text x='2' y='10' {look} {edge}>{escape(badge)}</text>"


def _pile(count: int) -> list[float]:
    """Heights of as many rings at one place, from the lowest to the highest, around the middle."""
    apart = min(5.0, (HEIGHT - 2 * 8) / max(count - 1, 1))
    return [round(MIDDLE + apart * ((count - 1) / 2 - place), 1) for place in range(count)]


def _stroke(place: tuple[float, int]) -> tuple[float, int]:
    """Where a stroke stands and half its length, which grows with the number of areas there."""
    x, count = place
    return x, min(6 + count, 16)


def _bar(low: float, high: float) -> str:
    """A thin bar with upright ends, so that it is seen on both sides of the dot and is no part of the line."""
    ends = f"M{low} {MIDDLE - 5}v10M{high} {MIDDLE - 5}v10M{low} {MIDDLE}H{high}"
    return f"<path d='{ends}' stroke='{OWN}' stroke-width='3'/>"


def image(drawing: str, text: str, width: int, height: int, most: int | None = None, kind: str = "") -> str:
    """SVG of `width` x `height` as an image that fills its place, at most `most` pixels wide; `text` says the same.

    As an image, because the front end takes drawings out of HTML. drawing: best with ' around attributes, which is one
    sign here and not three. kind: a class, for the CSS of the page.
    """
    whole = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>{drawing}</svg>"
    source, alt = f"data:image/svg+xml,{quote(whole, safe=SAFE)}", escape(text, quote=True)
    limit = f";max-width:{most}px" if most else ""
    name = f' class="{kind}"' if kind else ""
    return f'<img{name} src="{source}" alt="{alt}" style="width:100%{limit}">'
