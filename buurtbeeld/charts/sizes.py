"""What the size of a circle on the map says: a few circles as large as they are drawn at first, with their values."""

from collections.abc import Sequence
from html import escape

from buurtbeeld.charts.strip import image
from buurtbeeld.maps import palettes

WIDTH, EDGE, LINE = 340, 2, 16


def html(circles: Sequence[tuple[float, str]], text: str) -> str:
    """An image of `circles`, radius in pixels and value, largest first, standing in one another; `text` says the same.

    Empty without circles.
    """
    if not circles:
        return ""
    widest = circles[0][0]
    height = round(max(2 * widest, LINE * len(circles)) + 2 * EDGE)
    foot, middle, side = height - EDGE, EDGE + widest, 2 * widest + 30
    rings, labels, y = "", "", -float(LINE)
    for place, (radius, written) in enumerate(circles):
        top = foot - 2 * radius
        # Labels stand below one another, however small the circles are.
        y = min(max(top, y + LINE, LINE / 2), foot - LINE * (len(circles) - place - 0.5))
        line = f"<path d='M{middle:.4g} {top:.4g}L{side - 4:.4g} {y:.4g}'/>"
        rings += f"<circle cx='{middle:.4g}' cy='{foot - radius:.4g}' r='{radius:.4g}'/>{line}"
        labels += f"<text x='{side:.4g}' y='{y + 5:.4g}'>{escape(written)}</text>"
    drawn = (
        f"<g fill='{palettes.GROUND}' stroke='{palettes.OUTLINE}'>{rings}</g>"
        f"<g fill='{palettes.OUTLINE}' font-family='sans-serif' font-size='13'>{labels}</g>"
    )
    return image(drawn, text, WIDTH, height, WIDTH, "sizes")
