"""A legend that is also a count: one row per class with a bar as long as the number of areas in it."""

from collections.abc import Sequence
from html import escape

from buurtbeeld.maps import palettes
from buurtbeeld.maps.shading import Row

CAPTION = "text-align:left;padding-bottom:0.4rem;color:#4A5763;font-size:0.875rem"
# Out of sight, but read aloud.
HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
_HATCH = f"repeating-linear-gradient(135deg,{palettes.HATCH} 0 2px,#FFFFFF 2px 6px)"


# Once for all rows: said in each of them it would be a tenth of what a rerun sends.
_STYLE = (
    "<style>.legend th[scope=row]{text-align:left;font-weight:400;padding:0.2rem 0.8rem 0.2rem 0}"
    ".legend td{width:55%;padding:0.2rem 0;white-space:nowrap}"
    ".legend span{display:inline-block;vertical-align:middle;height:1.1rem;margin-right:0.5rem;box-sizing:border-box}"
    "</style>"
)


def html(rows: Sequence[Row], caption: str, head: tuple[str, str]) -> str:
    """A table of `rows`: label, swatch with bar, number of areas. caption is its title; head names label and number."""
    most = max((row.count for row in rows), default=0) or 1
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(_row(row, most) for row in rows)
    return (
        f'{_STYLE}<table class="legend" style="border-collapse:collapse;width:100%;font-size:0.95rem">'
        f'<caption style="{CAPTION}">{escape(caption)}</caption>'
        f'<thead style="{HIDDEN}"><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
    )


def _row(row: Row, most: int) -> str:
    fill = row.colour or _HATCH
    length = max(8, round(row.count / most * 60))
    bar = f'<span aria-hidden="true" style="width:{length}%;background:{fill};border:1px solid {palettes.EDGE}"></span>'
    return f'<tr><th scope="row">{escape(row.label)}</th><td>{bar}{row.count}</td></tr>'
