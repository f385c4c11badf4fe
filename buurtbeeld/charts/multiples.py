"""Small charts side by side: a line for each area, with the city in grey behind it where it fits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape

from buurtbeeld.catalogue import Figure
from buurtbeeld.charts import series
from buurtbeeld.charts.series import Cut
from buurtbeeld.charts.strip import image, worn
from buurtbeeld.charts.trend import BAND, COLOURS, DASHES, HOLLOW, INK, WIDTHS, labelled

WIDTH, HEIGHT, SIDE = 240, 128, 6
WIDE, HIGH = 330, 180  # of a chart with words at the ends of its lines
FONT, LETTER, LINE = 11, 6.6, 14  # pixels: of words, of one letter at most, from one line of words to the next
CHARACTERS = 16  # of a line of the words at the end of a line
# As many beside each other as fit at this width; on a phone one.
_GRID = "display:grid;grid-template-columns:repeat(auto-fill,minmax(min({least}rem,100%),1fr));gap:1.1rem 1rem"
_PANEL = "margin:0;break-inside:avoid;display:flex;flex-direction:column;justify-content:space-between;gap:0.3rem"
_SINGLE = ";max-width:22rem"
_FRAMED = ";border:1px solid #D3DBE2;border-radius:0.25rem;padding:0.7rem 0.9rem"
_NAME = "font-weight:600;line-height:1.25"
_SMALL = f"color:{INK};font-size:0.875rem;line-height:1.4"


@dataclass(frozen=True)
class Panel:
    """One small chart: the name of an area, its figures, in a few words from what to what, and all of it in words.

    ends: name and value at the end of its own line and of that behind it, where there is room for them.
    badge: what everything simulated wears, written in the drawing.
    """

    name: str
    figures: tuple[Figure, ...]
    caption: str
    text: str
    ends: tuple[tuple[str, str], ...] = ()
    badge: str = ""


@dataclass(frozen=True)
class Scale:
    """What lines share: from which value to which, the value of the line they are read against, and the time.

    amounts, days: those that are written beside the chart and below it, with their words. width, height: in pixels;
    right: what is kept free at the right.
    """

    low: float
    high: float
    base: float
    first: date
    last: date
    amounts: tuple[tuple[float, str], ...] = ()
    days: tuple[tuple[date, str], ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    right: float = SIDE

    @property
    def left(self) -> float:
        """Pixels from the left to where the lines may begin."""
        return SIDE + max((len(words) for _, words in self.amounts), default=0) * LETTER

    @property
    def foot(self) -> float:
        """Pixels from the top to the lowest value."""
        return self.height - (LINE + SIDE if self.days else SIDE)

    def x(self, day: date) -> float:
        """Pixels from the left."""
        share = (day - self.first) / (self.last - self.first) if self.last > self.first else 0.5
        return round(self.left + SIDE + share * (self.width - self.right - self.left - 2 * SIDE), 1)

    def y(self, value: float) -> float:
        """Pixels from the top; what lies outside the scale is drawn at its edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low or 1)
        return round(self.foot - share * (self.foot - SIDE), 1)


def html(panels: Sequence[Panel], beside: Sequence[Figure], cuts: Sequence[Cut], scale: Scale) -> str:
    """`panels` side by side, all on one scale. beside: the figures of the city, drawn in grey in each, or none."""
    return side_by_side((one(panel, beside, cuts, scale) for panel in panels), 15)


def side_by_side(charts: Iterable[str], least: int) -> str:
    """Charts as `one` makes them, as many beside each other as there is room for at `least` so many rem."""
    return f'<div style="{_GRID.format(least=least)}">{"".join(charts)}</div>'


def one(panel: Panel, beside: Sequence[Figure], cuts: Sequence[Cut], scale: Scale) -> str:
    """One chart: the line of `panel`, and in grey that of `beside`."""
    ends = [labelled(*words, CHARACTERS) for words in panel.ends]
    if ends:
        longest = max(len(line) for lines in ends for line in lines)
        scale = replace(scale, right=longest * LETTER + SIDE)
    words = f'<div style="{_NAME}">{escape(panel.name)}</div><div style="{_SMALL}">{escape(panel.caption)}</div>'
    drawing = image(_drawing(panel, beside, cuts, scale, ends), panel.text, scale.width, scale.height)
    style = f"{_PANEL}{_FRAMED if ends else _SINGLE}"
    return f'<figure style="{style}"><figcaption>{words}</figcaption>{drawing}</figure>'


def _drawing(
    panel: Panel, beside: Sequence[Figure], cuts: Sequence[Cut], scale: Scale, ends: Sequence[Sequence[str]]
) -> str:
    colour = COLOURS[0]
    shade = _margins(panel.figures, cuts, scale, colour)
    codes = {figure.code for figure in panel.figures}
    cut = "".join(
        f"<path d='M{scale.x(each.middle)} 0V{scale.foot}' stroke='{INK}' stroke-dasharray='2 3'/>"
        for each in cuts
        if each.code in codes
    )
    city = _lines(beside, cuts, scale, INK, 0.8) + _points(beside, scale, INK, 2)
    lines = _lines(panel.figures, cuts, scale, colour, 1) + _points(panel.figures, scale, colour, 3.5)
    told = _ends(list(zip((panel.figures, beside), ends, (colour, INK), strict=False)), scale)
    return _axes(scale) + shade + cut + city + lines + told + worn(panel.badge)


def _axes(scale: Scale) -> str:
    """A line at every value that is written, and at the one that the others are read against; the periods below."""
    start, end = round(scale.left, 1), round(scale.width - scale.right, 1)
    values = dict.fromkeys([scale.low, scale.high, *(value for value, _ in scale.amounts)])
    rules = "".join(f"<path d='M{start} {scale.y(value)}H{end}' stroke='#E3E8EC'/>" for value in values)
    base = f"<path d='M{start} {scale.y(scale.base)}H{end}' stroke='#8A96A1'/>"
    amounts = "".join(
        f"<text x='{round(start - 4, 1)}' y='{round(scale.y(value) + 4, 1)}' text-anchor='end'>{_written(words)}</text>"
        for value, words in scale.amounts
    )
    days = "".join(
        f"<text x='{scale.x(day)}' y='{scale.height - 4}' text-anchor='{_anchor(day, scale)}'>{_written(words)}</text>"
        for day, words in scale.days
    )
    return f"{rules}{base}<g fill='{INK}' font-family='sans-serif' font-size='{FONT}'>{amounts}{days}</g>"


def _anchor(day: date, scale: Scale) -> str:
    """Words at either end of the axis stay within the chart."""
    return "middle" if scale.first < day < scale.last or scale.first == scale.last else _SIDES[day > scale.first]


_SIDES = ("start", "end")


def _written(words: str) -> str:
    """Words as a drawing may hold them: a sign that XML doesn't know would spoil all of it."""
    return escape("".join(sign for sign in words if sign >= " "))


def _ends(lines: Sequence[tuple[Sequence[Figure], Sequence[str], str]], scale: Scale) -> str:
    """The words at the end of each line, at its newest value, so that none lies on another."""
    placed: list[tuple[float, float, Sequence[str], str]] = []
    for figures, words, colour in lines:
        newest = next((f for f in reversed(figures) if f.value is not None), None)
        if newest is not None and newest.value is not None:
            placed.append((scale.y(newest.value), scale.x(newest.period), words, colour))
    made, free = "", 0.0
    placed.sort(key=lambda each: each[0])
    heights = [LINE * len(words) for _, _, words, _ in placed]
    for place, (y, x, words, colour) in enumerate(placed):
        top = min(max(free, y - heights[place] / 2), scale.height - sum(heights[place:]))
        free = top + heights[place]
        made += "".join(
            f"<text x='{x + 8:.1f}' y='{top + LINE * line + FONT:.1f}' fill='{colour}'>{_written(text)}</text>"
            for line, text in enumerate(words)
        )
    return f"<g font-family='sans-serif' font-size='{FONT}' font-weight='600'>{made}</g>" if made else ""


def _lines(figures: Sequence[Figure], cuts: Sequence[Cut], scale: Scale, colour: str, width: float) -> str:
    made = []
    for piece in series.pieces(figures, cuts):
        path = _path((scale.x(f.period), scale.y(f.value)) for f in piece.figures if f.value is not None)
        dash = " ".join(map(str, DASHES[piece.style])) if piece.style != series.SOLID else "none"
        made.append(
            f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='{WIDTHS[piece.style] * width}' "
            f"stroke-dasharray='{dash}'/>"
        )
    return "".join(made)


def _margins(figures: Sequence[Figure], cuts: Sequence[Cut], scale: Scale, colour: str) -> str:
    runs, apart = series.margins(figures, series.pieces(figures, cuts))
    made = []
    for run in runs:
        ends = [(scale.x(f.period), scale.y(f.low or 0), scale.y(f.high or 0)) for f in run]
        around = [*((x, high) for x, _, high in ends), *((x, low) for x, low, _ in reversed(ends))]
        made.append(f"<path d='{_path(around)}Z' fill='{colour}' fill-opacity='{BAND}'/>")
    for f in apart:
        x, low, high = scale.x(f.period), scale.y(f.low or 0), scale.y(f.high or 0)
        made.append(f"<path d='M{x} {low}V{high}' stroke='{colour}' stroke-width='1.5' stroke-opacity='0.6'/>")
    return "".join(made)


def _path(points: Iterable[tuple[float, float]]) -> str:
    path = "L".join(f"{x} {y}" for x, y in points)
    return f"M{path}"


def _points(figures: Sequence[Figure], scale: Scale, colour: str, radius: float) -> str:
    return "".join(
        f"<circle cx='{scale.x(f.period)}' cy='{scale.y(f.value)}' r='{radius}' "
        f"fill='{HOLLOW if f.provisional or f.converted else colour}' stroke='{colour}' stroke-width='1.5'/>"
        for f in figures
        if f.value is not None
    )
