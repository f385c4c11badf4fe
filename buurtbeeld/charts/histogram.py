"""How the areas are spread over the values of a map, and where the breaks between its classes fall."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from buurtbeeld.charts.strip import image
from buurtbeeld.maps import palettes

BINS, BAR = 34, 10  # how many bars, and how wide each is
SIDE, TOP, FOOT = 4, 18, 18  # above: the name of the city; below: two numbers
WIDTH, HEIGHT = 2 * SIDE + BINS * BAR, 96


def html(
    marks: Sequence[tuple[float, str]],
    bounds: Sequence[float],
    axis: tuple[float, float],
    city: tuple[float, str] | None,
    ends: tuple[str, str],
    text: str,
) -> str:
    """An image of `marks`, the value and the colour of every area, as bars, with a dashed line at every break.

    bounds: upper bounds of the classes. axis: between which values; what lies outside is in the outer bars. city: its
    value and its name. ends: what is written at both ends of the axis. `text` says the same in words. Empty where every
    class holds one value only: the legend then says it all.
    """
    low, high = axis
    if low >= high or len({value for value, _ in marks}) <= min(len(bounds), 2):
        return ""

    def x(value: float) -> float:
        share = min(max((value - low) / (high - low), 0), 1)
        return round(SIDE + share * (WIDTH - 2 * SIDE), 1)

    breaks = "".join(f"M{x(bound):g} {TOP}V{HEIGHT - FOOT}" for bound in bounds[:-1] if low <= bound <= high)
    drawn = f"<path d='{breaks}' stroke='{palettes.OUTLINE}' stroke-dasharray='3 2'/>" if breaks else ""
    base = f"<path d='M0 {HEIGHT - FOOT}.5H{WIDTH}' stroke='{palettes.EDGE}'/>"
    written = _text(SIDE, HEIGHT - 4, ends[0]) + _text(WIDTH - SIDE, HEIGHT - 4, ends[1], before=True)
    mark = ""
    if city and low <= city[0] <= high:
        mark = f"<path d='M{x(city[0]):g} 2V{HEIGHT - FOOT}' stroke='{palettes.OUTLINE}' stroke-width='2.5'/>"
        written += _beside(x(city[0]), city[1])
    words = f"<g fill='{palettes.OUTLINE}' font-family='sans-serif' font-size='13'>{written}</g>"
    bars = _bars([(colour, min(int((x(value) - SIDE) / BAR), BINS - 1)) for value, colour in sorted(marks)])
    return image(f"{bars}{drawn}{base}{mark}{words}", text, WIDTH, HEIGHT, WIDTH)


def _bars(marks: Sequence[tuple[str, int]]) -> str:
    """Of each colour one path. A bar in which a break falls is of two colours, the lower class below."""
    found = Counter(marks)
    unit = (HEIGHT - TOP - FOOT) / max(Counter(bin for _, bin in marks).values(), default=1)
    stacked: Counter[int] = Counter()
    paths: dict[str, list[str]] = {}
    for (colour, bin), count in found.items():
        # Whole pixels, at least one: a bar is seen, however many areas are in the others.
        foot = HEIGHT - FOOT - round(stacked[bin] * unit)
        tall = max(foot - (HEIGHT - FOOT - round((stacked[bin] + count) * unit)), 1)
        paths.setdefault(colour, []).append(f"M{SIDE + bin * BAR} {foot}v-{tall}h{BAR}v{tall}")
        stacked[bin] += count
    drawn = "".join(f"<path d='{''.join(bars)}' fill='{colour}'/>" for colour, bars in paths.items())
    return f"<g stroke='{palettes.EDGE}' stroke-width='.6'>{drawn}</g>"


def _beside(x: float, name: str) -> str:
    """The name of the city beside the top of its line, on the side where there is room."""
    return _text(x + 5, 13, name) if x < WIDTH / 2 else _text(x - 5, 13, name, before=True)


def _text(x: float, y: float, text: str, *, before: bool = False) -> str:
    """Text that begins at `x`, or ends there."""
    anchor = " text-anchor='end'" if before else ""
    return f"<text x='{x:g}' y='{y}'{anchor}>{escape(text)}</text>"
