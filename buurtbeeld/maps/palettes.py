"""Colours that stay apart for colour-blind eyes, checked in the tests. Colour never means good or bad."""

from collections.abc import Sequence

Colour = tuple[int, int, int]

SEQUENTIAL = ("#D7E8A8", "#84C7A4", "#2A9DB5", "#1B6593", "#0B1657")
DIVERGING = ("#E66101", "#FDB863", "#F7F7F7", "#B2ABD2", "#5E3C99")  # ColorBrewer PuOr, for change
HATCH = "#78808A"
EDGE = "#5B6670"  # between areas; 3:1 on white and on the light classes
OUTLINE = "#17212B"
MARK = "#A6004E"  # far from every colour of both ramps, so the chosen area stands out on every class
GROUND = "#EDF1F4"  # below circles


def rgb(colour: str) -> Colour:
    """#RRGGBB as three numbers of 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def ramp(count: int, palette: Sequence[str] = SEQUENTIAL) -> tuple[str, ...]:
    """`count` colours, spread over the whole of `palette` from light to dark. Raises ValueError when it has fewer."""
    if count > len(palette):
        raise ValueError(f"{count} classes, but only {len(palette)} colours that can be told apart")
    if count < 2:
        return (palette[len(palette) // 2],) * count
    last = len(palette) - 1
    return tuple(palette[round(place * last / (count - 1))] for place in range(count))
