"""Figures of old areas on the borders of new ones: the best estimate, and between which two the figure must lie.

An old area that lies in a new one as a whole takes everything along. Of one that was split nobody knows how much is on
which side: from nothing to all of it. The ends hold for certain, as far as those of the old figures do. They assume
only that nothing counted is below 0, so figures that can be are not for these functions.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST = 0.5  # a conversion may leave open at most half of the figure: beyond it says more of our guess than of the area

Numbers = NDArray[np.float64]


class Range(NamedTuple):
    """Values and between which ends they lie for certain; arrays of one length, in one unit. NaN: not known."""

    value: Numbers
    low: Numbers
    high: Numbers

    def at(self, places: NDArray[np.intp]) -> "Range":
        """Those at `places`, in that order."""
        return Range(*(end[places] for end in self))


@dataclass(frozen=True)
class Pieces:
    """What old and new areas have in common: arrays of one length, a place per pair that overlaps.

    old, new: numbers of the two areas. share: how much of the old area we think is in the piece, above 0 up to 1.
    whole: it is all of the old area, for certain. areas: how many new ones there are.
    """

    old: NDArray[np.intp]
    new: NDArray[np.intp]
    share: Numbers
    whole: NDArray[np.bool_]
    areas: int

    def added(self, amounts: Numbers) -> Numbers:
        """The sum of `amounts`, one of each piece, for every new area."""
        return np.bincount(self.new, amounts, self.areas).astype(float)


def by_size(pieces: Pieces, size: Numbers) -> Numbers:
    """The share of each piece by its `size`, such as who lives there now, which tells more than its land does.

    An old area keeps the shares it has where a size is NaN, where they are all 0, or where some of it lies in no piece:
    size is 0 or more.
    """
    count = int(pieces.old.max(initial=-1)) + 1
    total = np.bincount(pieces.old, size, count)
    # Shares that don't add up to 1 are those of an area that left something elsewhere.
    complete = np.abs(np.bincount(pieces.old, pieces.share, count) - 1) < 1e-9
    told = (complete & (total > 0))[pieces.old]
    return np.divide(size, total[pieces.old], out=pieces.share.copy(), where=told)


def counts(pieces: Pieces, old: Range) -> Range:
    """A count of every new area: Σ share·v, from Σ v of the whole pieces alone to Σ v of all.

    old: counts of the old areas, 0 or more. With one that is NaN the count of the new area is NaN too.
    """
    mine = old.at(pieces.old)
    return Range(
        pieces.added(pieces.share * mine.value),
        # what is not whole counts for 0, but a missing one stays missing
        pieces.added(np.where(pieces.whole, mine.low, mine.low * 0)),
        pieces.added(mine.high),
    )


def means(pieces: Pieces, mean: Range, size: Range, ceiling: float) -> Range:
    """A share, rate or mean of every new area, from those of the old areas and what they were taken over.

    mean: 0 or more, in any unit, and so are all ends. size: of how many it is the mean; 0 or more. ceiling: what one of
    them can be at most, 100 for a percentage, infinite where there is no such end.

    Σ share·w·m / Σ share·w. The lowest it can be: every mean and size of the whole pieces as unfavourable as their ends
    allow, and of each split area those are here who count for nothing; the highest: those who count for most, as many
    as its mean has room for. Where there is no ceiling the whole amount may be that of hardly anybody. NaN where nobody
    is counted; infinite where the overlap tells nothing.
    """
    m, w, whole = mean.at(pieces.old), size.at(pieces.old), pieces.whole
    weight = pieces.share * w.value
    with np.errstate(invalid="ignore", divide="ignore"):
        best = pieces.added(weight * m.value) / pieces.added(weight)
    nothing = m.low * 0
    alone = np.where(whole, w.low, nothing)
    amount = np.where(whole, nothing, w.high * m.high)  # what all in the split areas count for together
    least = _least(
        pieces, np.where(whole, m.low, nothing), alone, np.where(whole, w.high, w.high * (1 - m.low / ceiling))
    )
    if np.isfinite(ceiling):
        ends = np.where(whole, m.high, ceiling + nothing)
        most = -_least(pieces, -ends, alone, np.where(whole, w.high, amount / ceiling))
    else:
        most = -_least(pieces, -m.high, alone, np.where(whole, w.high, nothing))
        with np.errstate(invalid="ignore", divide="ignore"):
            more = np.where(pieces.added(amount) > 0, pieces.added(amount) / pieces.added(alone), 0)
        most = np.nan_to_num(most) + more
    # Where there is certainly nobody on one side, that end is the estimate; a missing one stays missing.
    return Range(
        best, np.minimum(np.fmin(least, best), best), np.minimum(np.maximum(np.fmax(most, best), best), ceiling)
    )


def carried(found: Range) -> NDArray[np.bool_]:
    """Whether the overlap can carry each of `found`, made of values without margins: it leaves open at most `MOST`."""
    with np.errstate(invalid="ignore"):
        return found.high - found.low <= MOST * found.value * (1 + 1e-9)


def _least(pieces: Pieces, m: Numbers, low: Numbers, high: Numbers) -> Numbers:
    """The least Σ w·m / Σ w of every new area for weights w between `low` and `high`; NaN where there is no weight.

    What is below the mean counts in full and what is above it for little, until the mean no longer changes: W.
    Dinkelbach, "On nonlinear fractional programming", Management Science 13 (1967) 492-498. It ends, since each round
    lowers the mean, of which there is one for each choice of who counts in full.
    """
    w = high
    found = np.full(pieces.areas, np.inf)
    while True:
        with np.errstate(invalid="ignore", divide="ignore"):
            lower = np.fmin(pieces.added(w * m) / pieces.added(w), found)
        if np.allclose(lower, found, rtol=1e-12, atol=0):
            return np.where(np.isinf(found), np.nan, found)
        found = lower
        w = np.where(m < found[pieces.new], high, low)
