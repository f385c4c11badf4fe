"""Areas beside each other as a table; below each value how far it is from that of the first area, with a thin bar.

A table that is too wide for the window scrolls by itself, by keyboard too; the names of the figures stay in sight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from buurtbeeld.charts.legend import HIDDEN

# By class and not in every cell: there are hundreds.
_STYLE = """<style>
.apart{overflow-x:auto}
.apart table{border-collapse:separate;border-spacing:0;table-layout:fixed;width:100%;font-size:.95rem}
.apart th,.apart td{text-align:left;vertical-align:top;padding:.5rem .75rem;border-bottom:1px solid #D3DBE2;
font-weight:400;overflow-wrap:break-word;hyphens:auto}
.apart thead th,.apart .theme{font-weight:600}
.apart thead th{border-bottom:2px solid #17212B}
.apart th[scope=row],.apart thead th:first-child,.apart .theme{position:sticky;left:0;background:#FFFFFF;padding-left:0}
.apart small{display:block;font-size:.8125rem;color:#4A5763;line-height:1.4}
.apart b{font-weight:650;font-size:1.05rem}
.apart .sure{color:#17212B;font-weight:600}
.apart .bar{display:block;position:relative;max-width:11rem;height:12px;margin:.25rem 0;
background:linear-gradient(#78808A,#78808A) 50% 0/1px 100% no-repeat}
.apart .bar i{position:absolute;top:5px;height:2px;background:#0B5A7D}
.apart .bar u{position:absolute;top:2px;width:8px;height:8px;margin-left:-4px;border-radius:50%;background:#0B5A7D}
</style>"""
_WIDTH = 8  # of a column at least, in rem
_REACH = 46  # percent of the room of a bar, on either side of its middle


@dataclass(frozen=True)
class Cell:
    """One area: its value, or why there is none; how sure that is; and how it stands beside the first area.

    bar: the difference with both ends of its interval, each from -1 to 1, so that the bars of a row share one scale.
    """

    value: str
    known: bool
    sure: str
    verdict: str
    size: str
    bar: tuple[float, float, float] | None


@dataclass(frozen=True)
class Line:
    """One figure: its name, its period, and a cell per area."""

    title: str
    period: str
    cells: tuple[Cell, ...]


def html(caption: str, heads: Sequence[tuple[str, str]], groups: Sequence[tuple[str, Sequence[Line]]]) -> str:
    """The table. heads: name and kind of what is in each column; groups: a heading, or "", and its lines."""
    columns = "".join(f'<th scope="col">{escape(name)}{_small(kind)}</th>' for name, kind in heads)
    body = "".join(_group(title, lines, len(heads)) for title, lines in groups)
    return (
        f'{_STYLE}<div class="apart" role="region" tabindex="0" aria-label="{escape(caption, quote=True)}">'
        f'<table style="min-width:{_WIDTH * len(heads)}rem">'
        f'<caption style="{HIDDEN}">{escape(caption)}</caption><thead><tr>{columns}</tr></thead>{body}</table></div>'
    )


def _group(title: str, lines: Sequence[Line], columns: int) -> str:
    head = f'<tr><th scope="rowgroup" colspan="{columns}" class="theme">{escape(title)}</th></tr>' if title else ""
    return f"<tbody>{head}{''.join(map(_line, lines))}</tbody>"


def _line(line: Line) -> str:
    cells = "".join(f"<td>{_inside(cell)}</td>" for cell in line.cells)
    return f'<tr><th scope="row">{escape(line.title)}{_small(line.period)}</th>{cells}</tr>'


def _inside(cell: Cell) -> str:
    bar = _bar(*cell.bar) if cell.bar else ""
    verdict = f'<small class="sure">{escape(cell.verdict)}</small>' if cell.size else _small(cell.verdict)
    value = f"<b>{escape(cell.value)}</b>" if cell.known else _small(cell.value)
    return f"{value}{_small(cell.sure)}{bar}{verdict}{_small(cell.size)}"


def _small(text: str) -> str:
    return f"<small>{escape(text)}</small>" if text else ""


def _bar(value: float, low: float, high: float) -> str:
    """No difference as an upright line, the interval as a line across, the difference itself as a dot."""
    at, start, end = (round(50 + part * _REACH, 1) for part in (value, low, high))
    return (
        f'<span class="bar" aria-hidden="true"><i style="left:{start}%;width:{round(end - start, 1)}%"></i>'
        f'<u style="left:{at}%"></u></span>'
    )
