"""Colours that stay apart for colour-blind eyes, checked in the tests. Colour never means good or bad."""

from collections.abc import Mapping, Sequence
from typing import Any

from buurtbeeld.catalogue import Status
from buurtbeeld.statistics.classes import spread

Colour = tuple[int, int, int]

SEQUENTIAL = ("#D7E8A8", "#84C7A4", "#2A9DB5", "#1B6593", "#0B1657")
AROUND = ("#8C510A", "#D8B365", "#F5F5F5", "#92C5DE", "#2166AC")  # below and above the city
DIVERGING = ("#E66101", "#FDB863", "#F7F7F7", "#B2ABD2", "#5E3C99")  # ColorBrewer PuOr, for change
# The same of a change of which nobody knows whether it is more than chance: half as strong, so that it claims less.
UNTESTED = ("#F2B080", "#FEDCB1", "#FBFBFB", "#D8D5E8", "#AE9ECC")
SLIGHT = "#C9CDD2"  # of a clear but small change, in a circle: white are those that can be chance
UNCLEAR = "#E3E6E9"  # of a change that can be chance
HATCH = "#78808A"
WHITE = "#FFFFFF"  # below the hatch of what is missing
EDGE = "#5B6670"  # between areas; 3:1 on white and on the light classes
OUTLINE = "#17212B"
MARK = "#A6004E"  # far from every colour of the ramps, so the chosen area stands out on every class
GROUND = "#EDF1F4"  # below circles
PLACE = "#FFE14D"  # inside the dark ring of a place, which no class has: of the two one stands out on every colour

# Of sensors, by their state: what is in the ring, the sign in it, and its size in pixels. The sign tells them apart.
SENSORS: Mapping[str, tuple[str, str, int]] = {
    "reference": (PLACE, "R", 10),
    "ok": ("#1B6593", "", 7),
    "full": ("#0B1657", "!", 9),
    "doubted": ("#D7E8A8", "?", 8),
    "silent": (WHITE, "\N{MULTIPLICATION SIGN}", 8),
    "never": (WHITE, "\N{EN DASH}", 8),
}
# Of areas, by what is known of them: a colour says that it is measured, and never how much.
MEASURED, ESTIMATED, NOBODY = "#9ED0DB", "#E9ECEF", WHITE

# The hatch of each reason, in pixels and degrees clockwise from a horizontal line, as deck.gl's FillStyleExtension
# draws it: the browser fetches this list for the map, and the legend draws the same with CSS.
NOT_CLEAR, MOVED = "not_clear", "moved"  # of a change: it can be chance; both figures are not of the same thing
PATTERNS: Mapping[str, Mapping[str, Any]] = {
    Status.REASON_UNKNOWN: {"type": "hatch", "angle": 135, "strokeWidth": 1.5, "gap": 5},
    Status.SECRET: {"type": "cross-hatch", "angles": [45, 135], "strokeWidth": 1.2, "gap": 7},
    Status.WITHHELD: {"type": "cross-hatch", "angles": [0, 90], "strokeWidth": 1.2, "gap": 6},
    Status.TOO_FEW: {"type": "dots", "radius": 1.3, "gap": 3.5},
    Status.LATER: {"type": "dots", "radius": 3, "gap": 6},
    Status.STOPPED: {"type": "hatch", "angle": 0, "strokeWidth": 1.5, "gap": 5},
    Status.NOT_MEASURED: {"type": "hatch", "angle": 90, "strokeWidth": 1.5, "gap": 5},
    Status.NOT_APPLICABLE: {"type": "hatch", "angle": 135, "strokeWidth": 1.2, "gap": [2, 9]},
    Status.UNRELIABLE: {"type": "hatch", "angle": 45, "strokeWidth": 1.2, "gap": 6},
    NOT_CLEAR: {"type": "hatch", "angle": 45, "strokeWidth": 0.8, "gap": 3},
    MOVED: {"type": "hatch", "angle": 45, "strokeWidth": 1.2, "gap": [2, 9]},
}


def rgb(colour: str) -> Colour:
    """#RRGGBB as three numbers of 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def edge(colour: str) -> str:
    """Around a circle of `colour`: white where it is dark, to part it from its neighbours; else dark, to be seen."""
    return WHITE if (_light(GROUND) + 0.05) / (_light(colour) + 0.05) >= 3 else EDGE


def _light(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it: 0 is black, 1 is white."""
    parts = (part / 255 for part in rgb(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def pale(colour: str) -> str:
    """The same colour, greyed: of a value that is too uncertain to rely on."""
    return "#" + "".join(f"{round(0.45 * part + 0.55 * 222):02X}" for part in rgb(colour))


def ramp(count: int, palette: Sequence[str] = SEQUENTIAL) -> tuple[str, ...]:
    """`count` colours, spread over the whole of `palette` from light to dark. Raises ValueError when it has fewer."""
    if count > len(palette):
        raise ValueError(f"{count} classes, but only {len(palette)} colours that can be told apart")
    return tuple(palette[place] for place in spread(count, len(palette)))
