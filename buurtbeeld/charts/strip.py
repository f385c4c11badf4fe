"""A strip: every area a ring on one line, this one filled, the city an upright line. Shows a place, not a rank."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, SIDE, MIDDLE = 340, 44, 12, 22


def html(values: Sequence[float], own: float | None, city: float | None, text: str) -> str:
    """An image of `values`, with `own` filled and `city` as a line; `text` says the same in words. Empty without values."""
    everything = [*values, *([city] if city is not None else [])]
    if not everything:
        return ""
    low, high = min(everything), max(everything)

    def x(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(SIDE + share * (WIDTH - 2 * SIDE), 1)

    # Areas with the same place on the line are drawn once: a hundred buurten must not cost a hundred circles each.
    rings = "".join(
        f'<circle cx="{place}" cy="{MIDDLE}" r="6" fill="#FFFFFF" stroke="#4A5763" stroke-width="1.5"/>'
        for place in sorted({x(value) for value in values})
    )
    line = f'<line x1="2" y1="{MIDDLE}" x2="{WIDTH - 2}" y2="{MIDDLE}" stroke="#8A96A1"/>'
    mark = f'<path d="M{x(city)} 8V36" stroke="#17212B" stroke-width="2.5"/>' if city is not None else ""
    dot = f'<circle cx="{x(own)}" cy="{MIDDLE}" r="10" fill="#0B5A7D"/>' if own is not None else ""
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{line}{rings}{mark}{dot}</svg>'
    # As an image, because the front end takes drawings out of HTML.
    data = b64encode(drawing.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(text, quote=True)}" style="width:100%;max-width:{WIDTH}px">'
