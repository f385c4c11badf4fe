"""A legend that is also a count: one row per class with a bar as long as the number of areas in it."""

from collections.abc import Sequence
from html import escape

from buurtbeeld.maps.shading import Row

CAPTION = "text-align:left;padding-bottom:0.4rem;color:#4A5763;font-size:0.875rem"
# Out of sight, but read aloud.
HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"


def html(rows: Sequence[Row], caption: str, head: tuple[str, str]) -> str:
    """A table of `rows`: label, swatch with bar, number of areas. caption is its title; head names label and number.

    Its looks are in `style.py`; they stand once in the page.
    """
    most = max((row.count for row in rows), default=0) or 1
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(_row(row, most) for row in rows)
    return (
        f'<table class="legend"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(row: Row, most: int) -> str:
    length = max(8, round(row.count / most * 60))
    hatch = f' class="{row.pattern}"' if row.pattern else ""
    fill = f";background-color:{row.colour}" if row.colour else ""
    bar = f'<i{hatch} style="width:{length}%{fill}"></i>'
    return f'<tr><th scope="row">{escape(row.label)}</th><td>{bar}{row.count}</td></tr>'
