"""What is said when areas or figures are compared: a difference, how two figures go together, how areas are alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from buurtbeeld.catalogue import Catalogue, Indicator
from buurtbeeld.statistics.association import Association, Strength
from buurtbeeld.texts import Words
from buurtbeeld.texts.lists import joined
from buurtbeeld.texts.portrait import MOST_TITLES
from buurtbeeld.verdicts import Apart, Gap


def gap(gap: Gap, away: float, indicator: Indicator, words: Words, catalogue: Catalogue) -> tuple[str, str]:
    """A verdict in a few words, and the difference with its interval; the latter empty where nothing is claimed.

    away: the difference of the two values, which stands before the verdict where that claims nothing of it.
    """
    verdict = words.t(f"apart.{gap.verdict}")
    if gap.size is None and gap.verdict not in (Apart.UNTESTED, Apart.COUNT):
        return verdict, ""
    value = gap.size[0] if gap.size else away
    size = words.change(words.number(abs(value), indicator.decimals), indicator, catalogue)
    if gap.size is None:
        return f"{_signed(size, value, indicator)} · {verdict}", ""
    _, low, high = gap.size
    ends = {
        name: _signed(words.number(abs(end), indicator.decimals), end, indicator)
        for name, end in (("low", low), ("high", high))
    }
    return verdict, words.t("apart.size", size=_signed(size, value, indicator), **ends)


def _signed(written: str, number: float, indicator: Indicator) -> str:
    """A size without its sign, with it: also before a unit that stands before the number."""
    rounded = round(number, indicator.decimals)
    return f"+{written}" if rounded > 0 else f"\N{MINUS SIGN}{written}" if rounded < 0 else written


@dataclass(frozen=True)
class Said:
    """A sentence, and what it announces, a line each. about: the places in the summary of what it is about."""

    sentence: str
    parts: tuple[str, ...] = ()
    about: tuple[int, ...] = ()


def summary(gaps: Sequence[tuple[str, str, Apart | None]], words: Words) -> list[Said]:
    """One area beside the first, a sentence each: what is clearly higher and lower, and of how many we can't say so.

    gaps: theme and title of each figure with the verdict; None where one of both areas has no value. More titles than
    fit in a sentence stand by theme.
    """

    def places(*verdicts: Apart | None) -> tuple[int, ...]:
        return tuple(place for place, (*_, verdict) in enumerate(gaps) if verdict in verdicts)

    said = [
        replace(_clear(verdict, [gaps[place][:2] for place in clear], words), about=clear)
        for verdict in (Apart.HIGHER, Apart.LOWER)
        if (clear := places(verdict))
    ]
    if alike := places(Apart.SLIGHT, Apart.ALIKE):
        said.append(Said(words.n("differ.alike", len(alike)), about=alike))
    if untested := places(Apart.UNTESTED):
        said.append(Said(words.n("differ.untested", len(untested)), about=untested))
    if unranked := places(Apart.UNRANKED):
        titles = joined([gaps[place][1] for place in unranked])
        said.append(Said(words.t("relation.unranked", title=titles), about=unranked))
    if missing := places(None):
        said.append(Said(words.n("differ.missing", len(missing)), about=missing))
    return said


def _clear(verdict: Apart, found: Sequence[tuple[str, str]], words: Words) -> Said:
    """found: theme and title of every figure with this verdict."""
    if len(found) <= MOST_TITLES:
        return Said(words.t(f"differ.{verdict}", titles=joined([title for _, title in found])))
    themes: dict[str, list[str]] = {}
    for theme, title in found:
        themes.setdefault(theme, []).append(title)
    parts = tuple(f"{theme}: {joined(titles)}" for theme, titles in themes.items())
    return Said(words.t(f"differ.{verdict}.many", count=words.number(len(found))), parts)


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
