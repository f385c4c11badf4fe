"""How far apart two colours are, also to people who are colour-blind.

The matrices are those of Machado, Oliveira and Fernandes (2009) for a cone that is missing, on linear RGB; distance is
CIE76, in Lab under D65. Below 10 two colours are risky.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from buurtbeeld.maps.palettes import rgb

KINDS = {
    "full": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "red-blind": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "green-blind": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "blue-blind": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]])
_WHITE = np.array([0.95047, 1, 1.08883])


def lab(colour: str, kind: str = "full") -> np.ndarray:
    """Lightness, green to red, blue to yellow."""
    seen = np.clip(np.array(KINDS[kind]) @ _linear(colour), 0, 1)
    part = _XYZ @ seen / _WHITE
    bent = np.where(part > 216 / 24389, np.cbrt(part), (24389 / 27 * part + 16) / 116)
    return np.array([116 * bent[1] - 16, 500 * (bent[0] - bent[1]), 200 * (bent[1] - bent[2])])


def distance(one: str, other: str, kind: str) -> float:
    """How different two colours look."""
    return float(np.linalg.norm(lab(one, kind) - lab(other, kind)))


def nearest(colours: Sequence[str], kind: str) -> float:
    """The distance between the two colours that are hardest to tell apart."""
    return min(distance(*pair, kind) for pair in combinations(colours, 2))


def contrast(one: str, other: str = "#FFFFFF") -> float:
    """The contrast of WCAG: 1 to 21."""
    dark, light = sorted(float(_XYZ[1] @ _linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _linear(colour: str) -> np.ndarray:
    part = np.array(rgb(colour)) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
