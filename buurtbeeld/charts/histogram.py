"""How the areas are spread over the values of a map, and where the breaks between its classes fall."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from buurtbeeld.charts.strip import image, worn
from buurtbeeld.maps import palettes

BINS, BAR = 34, 10  # how many bars, and how wide each is
SIDE, TOP, FOOT = 4, 18, 2  # above: the name of the city
WIDTH, HEIGHT = 2 * SIDE + BINS * BAR, 72


def axis(fences: tuple[float, float], span: tuple[float, float]) -> tuple[float, float]:
    """Between which values the bars lie: the `fences`, or an end of `span` when that is less than one bar farther."""
    bar = (fences[1] - fences[0]) / BINS
    low = span[0] if fences[0] - span[0] < bar else fences[0]
    return low, span[1] if span[1] - fences[1] < bar else fences[1]


def html(
    marks: Sequence[tuple[float, str]],
    bounds: Sequence[float],
    axis: tuple[float, float],
    city: tuple[float, str] | None,
    ends: tuple[str, str],
    text: str,
    badge: str = "",
) -> str:
    """An image of `marks`, the value and the colour of every area, as bars, with a dashed line at every break.

    bounds: upper bounds of the classes. axis: between which values; what lies outside is in the outer bars. city: its
    value and its name. ends: what is written at both ends of the axis. `text` says the same in words. What is written
    is no part of the image, which can't have the letters of the page; but `badge` is, which everything simulated wears.
    Empty where every class holds one value only:
    the legend then says it all.
    """
    low, high = axis
    if low >= high or len({value for value, _ in marks}) <= len(bounds):
        return ""

    def x(value: float) -> float:
        share = min(max((value - low) / (high - low), 0), 1)
        return round(SIDE + share * (WIDTH - 2 * SIDE), 1)

    breaks = "".join(f"M{x(bound):g} {TOP}V{HEIGHT - FOOT}" for bound in bounds[:-1] if low <= bound <= high)
    # A dark line alone is lost in a dark bar.
    dashed = f"<path d='{breaks}' stroke='{palettes.OUTLINE}' stroke-dasharray='3 2'/>"
    drawn = f"<path d='{breaks}' stroke='{palettes.WHITE}' stroke-width='3'/>{dashed}" if breaks else ""
    base = f"<path d='M0 {HEIGHT - FOOT}.5H{WIDTH}' stroke='{palettes.EDGE}'/>"
    mark = name = ""
    if city and low <= city[0] <= high:
        mark = f"<path d='M{x(city[0]):g} 2V{HEIGHT - FOOT}' stroke='{palettes.OUTLINE}' stroke-width='2.5'/>"
        name = _beside(x(city[0]), city[1])
    bars = _bars([(colour, min(int((x(value) - SIDE) / BAR), BINS - 1)) for value, colour in sorted(marks)])
    picture = image(f"{bars}{drawn}{base}{mark}{worn(badge)}", text, WIDTH, HEIGHT)
    return f'<div class="spread">{picture}{name}<p>{escape(ends[0])}<i></i>{escape(ends[1])}</p></div>'


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
    side, far = ("left", x + 5) if x < WIDTH / 2 else ("right", WIDTH - x + 5)
    return f'<b style="{side}:{far / WIDTH:.1%}">{escape(name)}</b>'
