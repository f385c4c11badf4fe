"""A table with links and small drawings in it; one that is too wide for the window scrolls by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from buurtbeeld.charts.legend import CAPTION, HIDDEN

_LINE = "border-bottom:1px solid #D3DBE2;padding:0.4rem 0.6rem;vertical-align:middle"

# The names of the rows stay in sight while the rest scrolls: at least half of a phone is left for it.
_STAYS = ";position:sticky;left:0;background:#FFFFFF;min-width:7rem;max-width:40vw;hyphens:auto"
_SEEN = "display:block;max-width:85vw"  # not as wide as the table, which may be wider than a phone
_SMALL = "font-size:0.875rem;color:#4A5763"


@dataclass(frozen=True)
class Cell:
    """What stands in one place of the table. sign: a mark behind the text; `meant` says the same to who can't see it.

    drawing: HTML of another chart, in place of the text. weak: drawn as uncertain or missing. small: a line below.
    """

    text: str
    number: bool = False
    weak: bool = False
    href: str = ""
    sign: str = ""
    meant: str = ""
    drawing: str = ""
    small: str = ""


@dataclass(frozen=True)
class Line:
    """A row; the first cell is its head. strong: the area that the page is about, or a whole beside its parts."""

    cells: tuple[Cell, ...]
    strong: bool = False


def html(caption: str, head: Sequence[Cell], lines: Sequence[Line], notes: Sequence[str] = (), key: str = "") -> str:
    """The table; caption is its title, and the name of the part of the page that scrolls. notes stand below it.

    key: what the marks mean. It stands above the table, where a heading says the title, which is then only read aloud.
    """
    stays = [_STAYS, *[""] * (len(head) - 1)]
    heads = "".join(
        f'<th scope="col" style="{_style(cell)};font-weight:600{stay}">{_inside(cell)}</th>'
        for cell, stay in zip(head, stays, strict=True)
    )
    body = "".join(map(_line, lines))
    name = escape(caption, quote=True)
    below = "".join(f'<p style="margin:0.4rem 0 0;{_SMALL}">{escape(line)}</p>' for line in notes)
    above = f'<p style="margin:0 0 0.4rem;{_SMALL}">{escape(key)}</p>' if key else ""
    seen = f'<span style="{HIDDEN if key else _SEEN}">{escape(caption)}</span>'
    return (
        f'{above}<div role="region" tabindex="0" aria-label="{name}" class="wide" '
        'style="overflow-x:auto;position:relative">'
        '<table style="border-collapse:collapse;width:100%;font-size:0.95rem">'
        f'<caption style="{CAPTION}">{seen}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>{below}"
    )


def _line(line: Line) -> str:
    weight = "font-weight:600" if line.strong else "font-weight:400"
    first, *others = line.cells
    # A number stays in one piece; the words in its place when it is missing may take two lines.
    kept = [";white-space:nowrap" if cell.number and not cell.weak else "" for cell in others]
    cells = "".join(
        f'<td style="{_style(cell)};{weight}{whole}">{_inside(cell)}</td>'
        for cell, whole in zip(others, kept, strict=True)
    )
    row = f'<th scope="row" style="{_style(first)};{weight}{_STAYS}">{_inside(first)}</th>{cells}'
    return f'<tr style="break-inside:avoid">{row}</tr>'


def _style(cell: Cell) -> str:
    aligned = "text-align:right" if cell.number else "text-align:left"
    colour = "color:#4A5763" if cell.weak else ""
    return ";".join([_LINE, aligned, colour])


def _inside(cell: Cell) -> str:
    text = escape(cell.text)
    if cell.href:
        text = f'<a href="{escape(cell.href, quote=True)}" style="color:inherit">{text}</a>'
    meant = f'<span style="{HIDDEN}"> {escape(cell.meant)}</span>' if cell.meant else ""
    sign = f'<span aria-hidden="true">&nbsp;{escape(cell.sign)}</span>' if cell.sign else ""
    # Words below a number may take more lines than the number itself.
    small = f'<br><span style="{_SMALL};white-space:normal">{escape(cell.small)}</span>' if cell.small else ""
    # A drawing is as wide as its place, and a place in a table as wide as what is in it.
    shown = f'<div style="min-width:9rem">{cell.drawing}</div>' if cell.drawing else text
    return f"{shown}{sign}{meant}{small}"
