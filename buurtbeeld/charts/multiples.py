"""Small charts side by side: a line for each area, with the city in grey behind it where it fits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from buurtbeeld.catalogue import Figure
from buurtbeeld.charts import series
from buurtbeeld.charts.series import Cut
from buurtbeeld.charts.strip import image
from buurtbeeld.charts.trend import BAND, COLOURS, DASHES, HOLLOW, INK, WIDTHS

WIDTH, HEIGHT, SIDE = 240, 110, 6
# As many beside each other as fit at this width; on a phone two.
_GRID = "display:grid;grid-template-columns:repeat(auto-fill,minmax(min(13rem,45%),1fr));gap:1.1rem 1rem"
_PANEL = (
    "margin:0;break-inside:avoid;max-width:22rem;"
    "display:flex;flex-direction:column;justify-content:space-between;gap:0.3rem"
)
_NAME = "font-weight:600;line-height:1.25"
_SMALL = f"color:{INK};font-size:0.875rem;line-height:1.4"


@dataclass(frozen=True)
class Panel:
    """One small chart: the name of an area, its figures, in a few words from what to what, and all of it in words."""

    name: str
    figures: tuple[Figure, ...]
    caption: str
    text: str


@dataclass(frozen=True)
class Scale:
    """What lines share: from which value to which, the value of the line they are read against, and the time."""

    low: float
    high: float
    base: float
    first: date
    last: date

    def x(self, day: date) -> float:
        """Pixels from the left."""
        share = (day - self.first) / (self.last - self.first) if self.last > self.first else 0.5
        return round(SIDE + share * (WIDTH - 2 * SIDE), 1)

    def y(self, value: float) -> float:
        """Pixels from the top; what lies outside the scale is drawn at its edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low or 1)
        return round(HEIGHT - SIDE - share * (HEIGHT - 2 * SIDE), 1)


def html(panels: Sequence[Panel], beside: Sequence[Figure], cuts: Sequence[Cut], scale: Scale) -> str:
    """`panels` side by side, all on one scale. beside: the figures of the city, drawn in grey in each, or none."""
    return side_by_side(one(panel, beside, cuts, scale) for panel in panels)


def side_by_side(charts: Iterable[str]) -> str:
    """Charts as `one` makes them, as many beside each other as there is room for."""
    return f'<div style="{_GRID}">{"".join(charts)}</div>'


def one(panel: Panel, beside: Sequence[Figure], cuts: Sequence[Cut], scale: Scale) -> str:
    """One chart: the line of `panel`, and in grey that of `beside`."""
    city = _lines(beside, cuts, scale, INK, 0.8) + _points(beside, scale, INK, 2)
    words = f'<div style="{_NAME}">{escape(panel.name)}</div><div style="{_SMALL}">{escape(panel.caption)}</div>'
    drawing = image(_drawing(panel, city, cuts, scale), panel.text, WIDTH, HEIGHT)
    return f'<figure style="{_PANEL}"><figcaption>{words}</figcaption>{drawing}</figure>'


def _drawing(panel: Panel, city: str, cuts: Sequence[Cut], scale: Scale) -> str:
    colour = COLOURS[0]
    ends = "".join(f'<path d="M0 {scale.y(end)}H{WIDTH}" stroke="#E3E8EC"/>' for end in (scale.low, scale.high))
    base = f'{ends}<path d="M0 {scale.y(scale.base)}H{WIDTH}" stroke="#8A96A1"/>'
    shade = _margins(panel.figures, cuts, scale, colour)
    codes = {figure.code for figure in panel.figures}
    cut = "".join(
        f'<path d="M{scale.x(each.middle)} 0V{HEIGHT}" stroke="{INK}" stroke-dasharray="2 3"/>'
        for each in cuts
        if each.code in codes
    )
    lines = _lines(panel.figures, cuts, scale, colour, 1)
    return base + shade + cut + city + lines + _points(panel.figures, scale, colour, 3.5)


def _lines(figures: Sequence[Figure], cuts: Sequence[Cut], scale: Scale, colour: str, width: float) -> str:
    made = []
    for piece in series.pieces(figures, cuts):
        path = _path((scale.x(f.period), scale.y(f.value)) for f in piece.figures if f.value is not None)
        dash = " ".join(map(str, DASHES[piece.style])) if piece.style != series.SOLID else "none"
        made.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{WIDTHS[piece.style] * width}" '
            f'stroke-dasharray="{dash}"/>'
        )
    return "".join(made)


def _margins(figures: Sequence[Figure], cuts: Sequence[Cut], scale: Scale, colour: str) -> str:
    runs, apart = series.margins(figures, series.pieces(figures, cuts))
    made = []
    for run in runs:
        ends = [(scale.x(f.period), scale.y(f.low or 0), scale.y(f.high or 0)) for f in run]
        around = [*((x, high) for x, _, high in ends), *((x, low) for x, low, _ in reversed(ends))]
        made.append(f'<path d="{_path(around)}Z" fill="{colour}" fill-opacity="{BAND}"/>')
    for f in apart:
        x, low, high = scale.x(f.period), scale.y(f.low or 0), scale.y(f.high or 0)
        made.append(f'<path d="M{x} {low}V{high}" stroke="{colour}" stroke-width="1.5" stroke-opacity="0.6"/>')
    return "".join(made)


def _path(points: Iterable[tuple[float, float]]) -> str:
    path = "L".join(f"{x} {y}" for x, y in points)
    return f"M{path}"


def _points(figures: Sequence[Figure], scale: Scale, colour: str, radius: float) -> str:
    return "".join(
        f'<circle cx="{scale.x(f.period)}" cy="{scale.y(f.value)}" r="{radius}" '
        f'fill="{HOLLOW if f.provisional else colour}" stroke="{colour}" stroke-width="1.5"/>'
        for f in figures
        if f.value is not None
    )
