"""What the size of a circle on the map says: a few circles as large as they are drawn, with their values."""

from collections.abc import Sequence
from html import escape


def html(circles: Sequence[tuple[float, str]], text: str, kind: str = "") -> str:
    """`circles`, radius in pixels of the map and value, beside each other below `text`, which says what they mean.

    kind: a class, for the CSS of the page. Its looks are in `style.py`. Empty without circles.
    """
    if not circles:
        return ""
    names = f"sizes {kind}".strip()
    drawn = "".join(
        f'<i style="width:{2 * radius:.3g}px;height:{2 * radius:.3g}px"></i>{escape(written)}'
        for radius, written in circles
    )
    return f'<p class="{names}">{escape(text)}<br>{drawn}</p>'
