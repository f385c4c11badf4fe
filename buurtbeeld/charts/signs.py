"""The legend of a map of sensors: each look with its words and how many there are."""

from collections.abc import Sequence
from html import escape

from buurtbeeld.charts.legend import CAPTION, HIDDEN
from buurtbeeld.maps import palettes

_ROUND = (
    "display:inline-flex;align-items:center;justify-content:center;width:1.4rem;height:1.4rem;border-radius:50%;"
    f"border:2px solid {palettes.OUTLINE};box-sizing:border-box;font-style:normal;font-weight:700;font-size:.8rem;"
)


def html(rows: Sequence[tuple[str, str, int]], caption: str, head: tuple[str, str]) -> str:
    """A table of (state, label, count). caption is its title; head names label and number, for the ear only."""
    body = "".join(_row(*row) for row in rows)
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    return (
        '<table style="border-collapse:collapse;width:100%;font-size:.95rem">'
        f'<caption style="{CAPTION}">{escape(caption)}</caption>'
        f'<thead style="{HIDDEN}"><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
    )


def _row(state: str, label: str, count: int) -> str:
    colour, sign, _ = palettes.SENSORS[state]
    ink = palettes.WHITE if palettes.edge(colour) == palettes.WHITE else palettes.OUTLINE
    dot = f'<span aria-hidden="true" style="{_ROUND}background:{colour};color:{ink}">{escape(sign)}</span>'
    name = f'<span style="margin-left:.6rem">{escape(label)}</span>'
    return (
        '<tr><th scope="row" style="text-align:left;font-weight:400;padding:.15rem 1rem .15rem 0">'
        f'<span style="display:inline-flex;align-items:center">{dot}{name}</span></th>'
        f'<td style="width:43%">{count}</td></tr>'
    )
