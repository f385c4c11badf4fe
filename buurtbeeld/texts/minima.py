"""Of how many people or homes a figure has to be, and whose rule that is, in words."""

from buurtbeeld.catalogue import Catalogue, Indicator
from buurtbeeld.texts import Words


def rule(indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """The rule and what becomes of a figure of fewer, in sentences; empty where it needs no rule."""
    if indicator.minimum is None:
        return ""
    case: str = "sensed" if indicator.quantity else indicator.minimum.whose
    if indicator.kept_below:
        case = "kept" if indicator.counted_by else "unknown"
    return words.t(f"minimum.{case}", of=_counted(indicator, words, catalogue), least=words.number(indicator.least))


def cell(indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """The same in a few words, for a table."""
    if indicator.minimum is None:
        return words.t("minimum.cell.none")
    whose, of = indicator.minimum.whose, _counted(indicator, words, catalogue)
    return words.t(f"minimum.cell.{whose}", of=of, least=words.number(indicator.least))


def _counted(indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """What it is counted by: the unit of a count, or what we have no number of."""
    assert indicator.minimum
    if counted := indicator.counted_by:
        return catalogue.units[catalogue.indicators[counted].unit].word.get(words.lang)
    return words.t(f"counted.{indicator.minimum.of}")
