"""Cards, as many beside each other as there is room for: one figure each, or one list of sentences each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_GREY = "color:#4A5763"
_SMALL = f"{_GREY};font-size:0.875rem"
_CARD = "border:1px solid #D3DBE2;border-radius:4px;padding:1rem;break-inside:avoid;overflow-wrap:anywhere"
_TITLE = "margin:0;padding:0 0 0.25rem;font-size:1rem;font-weight:600"


@dataclass(frozen=True)
class Card:
    """One figure: its name, its value, how it stands, a drawing (HTML of another chart), and what to know of it.

    weak: the value is uncertain or missing, and drawn so.
    """

    title: str
    value: str
    said: tuple[str, ...]
    drawing: str
    small: tuple[str, ...]
    weak: bool = False


@dataclass(frozen=True)
class Group:
    """Sentences that belong together, below a heading. sign: a mark before the heading, which is not read aloud."""

    title: str
    lines: tuple[str, ...]
    sign: str = ""


def figures(cards: Sequence[Card], key: str) -> str:
    """The cards, below a line that explains their drawings. Empty without cards."""
    if not cards:
        return ""
    return (explained(key) if key else "") + _grid("max(15rem,22%)", map(_figure, cards))


def explained(*lines: str) -> str:
    """Lines that explain the drawings below them."""
    shown = "<br>".join(map(escape, lines))
    return f'<p style="margin:0 0 0.75rem;break-after:avoid;{_SMALL}">{shown}</p>'


def groups(groups: Sequence[Group]) -> str:
    """The groups that have a sentence. Empty when none has."""
    shown = [_group(group) for group in groups if group.lines]
    return _grid("max(18rem,30%)", shown) if shown else ""


def _grid(least: str, inside: Iterable[str]) -> str:
    columns = f"repeat(auto-fill,minmax(min(100%,{least}),1fr))"
    return f'<div style="display:grid;gap:1rem;grid-template-columns:{columns}">{"".join(inside)}</div>'


def _figure(card: Card) -> str:
    # What is missing is written as words, which are longer than a number.
    size = "1.25rem;font-weight:600" if card.weak else "2.1rem;font-weight:700"
    colour = f";{_GREY}" if card.weak else ""
    said = "".join(f'<p style="margin:0 0 0.25rem">{escape(line)}</p>' for line in card.said)
    small = "".join(f'<p style="margin:0;{_SMALL}">{escape(line)}</p>' for line in card.small)
    return (
        f'<section style="{_CARD}"><h3 style="{_TITLE};{_GREY}">{escape(card.title)}</h3>'
        f'<p style="margin:0;line-height:1.25;font-size:{size}{colour}">{escape(card.value)}</p>'
        f"{said}{card.drawing}{small}</section>"
    )


def _group(group: Group) -> str:
    sign = f'<span aria-hidden="true">{escape(group.sign)} </span>' if group.sign else ""
    lines = "".join(f'<li style="margin:0 0 0.4rem">{escape(line)}</li>' for line in group.lines)
    return (
        f'<section style="{_CARD}"><h3 style="{_TITLE}">{sign}{escape(group.title)}</h3>'
        f'<ul style="margin:0;padding-left:1.1rem">{lines}</ul></section>'
    )
