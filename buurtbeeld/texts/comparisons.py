"""What is said when areas or figures are compared: a difference, how two figures go together, how areas are alike."""

from collections.abc import Sequence

from buurtbeeld.catalogue import Catalogue, Indicator
from buurtbeeld.statistics.association import Association, Strength
from buurtbeeld.texts import Words
from buurtbeeld.verdicts import Apart, Gap


def gap(gap: Gap, indicator: Indicator, words: Words, catalogue: Catalogue) -> tuple[str, str]:
    """A verdict in a few words, and the difference with its interval; the latter empty where nothing is claimed."""
    verdict = words.t(f"apart.{gap.verdict}")
    if gap.size is None:
        return verdict, ""
    value, low, high = gap.size
    size = words.change(words.number(abs(value), indicator.decimals), indicator, catalogue)
    ends = {
        name: _signed(words.number(abs(end), indicator.decimals), end, indicator)
        for name, end in (("low", low), ("high", high))
    }
    return verdict, words.t("apart.size", size=_signed(size, value, indicator), **ends)


def _signed(written: str, number: float, indicator: Indicator) -> str:
    """A size without its sign, with it: also before a unit that stands before the number."""
    rounded = round(number, indicator.decimals)
    return f"+{written}" if rounded > 0 else f"\N{MINUS SIGN}{written}" if rounded < 0 else written


_NAMED = {Apart.HIGHER: "differ.higher", Apart.LOWER: "differ.lower"}


def summary(gaps: Sequence[tuple[str, Apart | None]], words: Words) -> list[str]:
    """One area beside the first, a sentence each: what is clearly higher and lower, and of how many we can't say so.

    gaps: the title of each figure with the verdict; None where one of both areas has no value.
    """
    said = []
    for verdict, key in _NAMED.items():
        if titles := [title for title, each in gaps if each == verdict]:
            said.append(words.t(key, titles=", ".join(titles)))
    alike = sum(verdict in (Apart.SLIGHT, Apart.ALIKE) for _, verdict in gaps)
    untested = sum(verdict == Apart.UNTESTED for _, verdict in gaps)
    said += [words.n("differ.alike", alike)] if alike else []
    said += [words.n("differ.untested", untested)] if untested else []
    missing = sum(verdict is None for _, verdict in gaps)
    said += [words.n("differ.missing", missing)] if missing else []
    return said


def relation(one: str, other: str, levels: str, found: Association, words: Words) -> str:
    """How two figures go together: direction and strength."""
    key = _RELATIONS.get((found.strength, found.value > 0)) or _OTHERWISE[found.strength]
    return words.t(key, one=one, other=other, levels=levels)


def correlation(found: Association, words: Words) -> str:
    """The number behind it, and how sure that is; empty when nothing is said."""
    if found.strength == Strength.FEW:
        return ""
    value, low, high = (words.number(number, 2) for number in (found.value, found.low, found.high))
    return words.t("relation.size", value=value, low=low, high=high)


_RELATIONS = {
    (Strength.STRONG, True): "relation.strong.up",
    (Strength.STRONG, False): "relation.strong.down",
    (Strength.CLEAR, True): "relation.clear.up",
    (Strength.CLEAR, False): "relation.clear.down",
}
_OTHERWISE = {
    Strength.SLIGHT: "relation.slight",
    Strength.UNSURE: "relation.unsure",
    Strength.FEW: "relation.few",
}
