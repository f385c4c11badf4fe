"""Sentences about figures through time: what clearly changed, and where a series can't be compared with itself."""

from collections.abc import Mapping
from datetime import date

from buurtbeeld.catalogue import Break, Catalogue, Figure, Indicator
from buurtbeeld.texts import Words
from buurtbeeld.verdicts import Change, tally

CLAIMS = (Change.UP, Change.DOWN, Change.UNCLEAR)  # what the test says; the others are why there is no test
APART = (Change.BORDER, Change.BREAK)  # both figures may be told, but not what lies between them


def signed(value: float, indicator: Indicator, words: Words) -> str:
    """A change with its sign: `+3,2`."""
    sign = "+" if round(value, indicator.decimals) > 0 else ""
    return sign + words.number(value, indicator.decimals)


def change(value: float, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A change with its sign and unit: `+3,2 procentpunt`."""
    return words.change(signed(value, indicator, words), indicator, catalogue)


def margin(sure: tuple[float, float] | None, indicator: Indicator, words: Words) -> str:
    """Between which two numbers a change lies: `tussen −3 en +15`; empty where that isn't known.

    To be read behind the change itself, which has the unit.
    """
    if sure is None:
        return ""
    low, high = (signed(end, indicator, words) for end in sure)
    return words.t("sure.between", low=low, high=high)


def about_change(
    then: Figure | None,
    now: Figure | None,
    verdict: Change | None,
    sure: tuple[float, float] | None,
    name: str,
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
) -> str:
    """What may be said of the change of one area, `name`, from `then` to `now`, with the numbers behind it."""
    if then is None or now is None or then.value is None or now.value is None or verdict is None:
        return words.t("trend.area.missing", area=name)
    numbers = {
        "area": name,
        "verdict": words.t(f"trend.verdict.{verdict}"),
        "before": words.badged(words.quantity(then.value, indicator, catalogue), then),
        "since": words.during(then.period, then.grain),
        "after": words.badged(words.quantity(now.value, indicator, catalogue), now),
        "until": words.during(now.period, now.grain),
    }
    if verdict in APART:
        return words.t("trend.area.apart", **numbers)
    between = margin(sure, indicator, words)
    written = change(now.value - then.value, indicator, words, catalogue)
    return words.t("trend.area", change=f"{written}, {between}" if between else written, **numbers)


def about_all(
    judged: Mapping[str, Change], level: str, since: date, until: date, grain: str, words: Words, catalogue: Catalogue
) -> str:
    """How many areas of `level` clearly changed, and how many can't be compared; empty where neither is so."""
    counts = tally(judged)
    total, moved = sum(counts[verdict] for verdict in CLAIMS), counts[Change.BORDER]
    names = catalogue.levels[level]
    levels = names.plural.get(words.lang)
    told = []
    if total:
        span = {"since": words.period(since, grain), "until": words.period(until, grain)}
        found = {str(verdict): words.number(counts[verdict]) for verdict in CLAIMS}
        told.append(words.t("trend.all", levels=levels, total=words.number(total), **span, **found))
    if moved:
        told.append(words.n("trend.all.moved", moved, level=names.singular.get(words.lang), levels=levels))
    return " ".join(told)


def about_break(each: Break, grain: str, words: Words) -> str:
    """From when on a figure is another, and why."""
    period = words.period(each.period, grain)
    kind = words.t(f"trend.break.{each.kind}")
    return words.t("trend.break.told", period=period, kind=kind, note=each.note.get(words.lang))
