"""One sentence about a figure, made from the figure: on the page, in the map's text alternative, beside a chart.

Its order: what, when, where, value; the spread over areas; how many are missing and why.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date

from buurtbeeld.catalogue import SHOWN, Catalogue, Figure, Indicator
from buurtbeeld.statistics.classes import digits_of
from buurtbeeld.texts import Words


def about_area(figure: Figure, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """One figure as a sentence; where it is missing, the sentence says so and why."""
    period = words.period(figure.period, figure.grain)
    if figure.status in SHOWN and figure.value is not None:
        value = words.quantity(figure.value, indicator, catalogue)
        return indicator.sentence.get(words.lang).format(period=period, area=figure.name, value=value)
    title = indicator.title.get(words.lang)
    reason = words.t(f"status.{figure.status}.why")
    return words.t("sentence.missing", title=title, area=figure.name, period=period, reason=reason)


def together(figures: Sequence[Figure], catalogue: Catalogue, words: Words) -> str:
    """Several figures of one area as running text: a period that was just named is not named again."""
    said: list[str] = []
    before = ""
    for figure in figures:
        sentence = about_area(figure, catalogue.indicators[figure.indicator], words, catalogue)
        when = words.t("sentence.when", period=words.period(figure.period, figure.grain))
        if when == before and sentence.startswith(when):
            sentence = words.t(f"sentence.then.{figure.grain}") + sentence.removeprefix(when)
        said.append(sentence)
        before = when
    return " ".join(said)


def about_map(
    city: Figure | None, figures: Sequence[Figure], indicator: Indicator, words: Words, catalogue: Catalogue
) -> str:
    """A whole map as text: the city's value, the range over its areas, and how many are missing with the reason."""
    said = about_city(city, figures, indicator, words, catalogue)
    return " ".join(filter(None, [said, missing(figures, words, catalogue)]))


def about_city(
    city: Figure | None, figures: Sequence[Figure], indicator: Indicator, words: Words, catalogue: Catalogue
) -> str:
    """The city's value and the range over its areas."""
    parts = []
    if city:
        parts.append(about_area(city, indicator, words, catalogue))
    elif figures:
        period = words.period(figures[0].period, figures[0].grain)
        parts.append(words.t("sentence.topic", title=indicator.title.get(words.lang), period=period))
    if figures:
        parts.append(spread(figures, indicator, words, catalogue))
    return " ".join(parts)


def spread(figures: Sequence[Figure], indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """From the lowest to the highest value that is shown; a sentence of its own when none is."""
    level = catalogue.levels[figures[0].level]
    values = sorted(figure.value for figure in figures if figure.value is not None)
    if not values:
        return words.t("sentence.spread.none", level=level.singular.get(words.lang))
    low, high = (words.quantity(value, indicator, catalogue) for value in (values[0], values[-1]))
    if len(values) == 1:
        return words.t("sentence.spread.one", level=level.singular.get(words.lang), value=low)
    if low == high:
        return words.t("sentence.spread.same", levels=level.plural.get(words.lang), value=low)
    return words.t("sentence.spread", level=level.singular.get(words.lang), low=low, high=high)


def missing(figures: Sequence[Figure], words: Words, catalogue: Catalogue) -> str:
    """How many areas have no value, per reason; empty when none is missing."""
    reasons = Counter(str(figure.status) for figure in figures if figure.status not in SHOWN)
    if not reasons:
        return ""
    level = catalogue.levels[figures[0].level]
    names = {"level": level.singular.get(words.lang), "levels": level.plural.get(words.lang)}
    return " ".join(
        words.n("sentence.missing.some", count, reason=words.t(f"status.{status}.why"), **names)
        for status, count in sorted(reasons.items())
    )


def beside_city(figure: Figure, city: Figure | None, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """How an area compares with the city, in a few words; empty where a comparison says nothing."""
    if city is None or figure.value is None or city.value is None or figure.level == "gemeente":
        return ""
    stands = words.quantity(city.value, indicator, catalogue)
    if indicator.kind == "count":
        if not city.value:
            return ""
        share = figure.value / city.value * 100
        # As many decimals as it takes to show that little is not nothing.
        decimals = 0 if share >= 10 or share <= 0 else max(1, -math.floor(math.log10(share)))
        return words.t("compare.part", share=words.number(share, decimals), city=city.name)
    if words.quantity(figure.value, indicator, catalogue) == stands:
        return words.t("compare.same", city=city.name, value=stands)
    key = "compare.higher" if figure.value > city.value else "compare.lower"
    return words.t(key, city=city.name, value=stands)


def about_change(
    changes: Sequence[Figure], since: date, step: float, indicator: Indicator, words: Words, catalogue: Catalogue
) -> str:
    """What changed between two periods: how many areas rose or fell by `step` or more.

    Smaller differences are counted together: a sentence that calls each of them a rise or a fall would count noise.
    """
    levels = catalogue.levels[changes[0].level].plural.get(words.lang)
    values = [figure.value for figure in changes if figure.value is not None]
    title = indicator.title.get(words.lang)
    span = {"since": words.period(since, indicator.grain), "until": words.period(changes[0].period, indicator.grain)}
    if not values:
        return words.t("change.sentence.none", title=title, levels=levels, **span)
    up, down = sum(value >= step for value in values), sum(value <= -step for value in values)
    counted = {"up": up, "down": down, "same": len(values) - up - down, "total": len(values)}
    counts = {name: words.number(count) for name, count in counted.items()}
    size = words.change(words.number(step, digits_of(step, indicator.decimals)), indicator, catalogue)
    return words.t("change.sentence", title=title, levels=levels, step=size, **span, **counts)
