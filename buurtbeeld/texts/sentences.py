"""One sentence about a figure, made from the figure: on a page, as text alternative, in a file, on a public screen.

Its order: what, when, where, value; the city's value; the spread over areas; how many are missing and why; how sure.
The beginning also stands alone, where there is little room.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from buurtbeeld import verdicts
from buurtbeeld.catalogue import SHOWN, Catalogue, Figure, Indicator, Level, Status
from buurtbeeld.statistics import compare
from buurtbeeld.statistics.classes import digits_of
from buurtbeeld.texts import Words, capital
from buurtbeeld.verdicts import Basis


@dataclass(frozen=True)
class Caption:
    """What is to be said of a figure, in two parts that are read one after the other.

    lead: what, when, where, value, the city's value, the spread. rest: how many areas are missing and why, how sure.
    """

    lead: str
    rest: str

    @property
    def whole(self) -> str:
        """Both parts as running text."""
        return " ".join(filter(None, [self.lead, self.rest]))


def caption(
    area: Figure | None,
    city: Figure | None,
    figures: Sequence[Figure],
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
) -> Caption:
    """What is to be said of one area, or of a whole map where `area` is None.

    city: the same indicator and period of the gemeente, None where it has no such figure. figures: every area of one
    level, also those without a value.
    """
    if area is None:
        first = _whole(city, figures, indicator, words, catalogue)
        sure = sure_of_all(figures, indicator, words, catalogue)
    else:
        own = about_area(area, indicator, words, catalogue)
        first = " ".join(filter(None, [own, city_value(area, city, indicator, words, catalogue)]))
        sure = sure_of(area, indicator, words, catalogue)
    if area and all(figure.code == area.code for figure in figures):
        figures = ()  # of an area that is the only one of its level, all was said
    lead = first, _spread(figures, indicator, words, catalogue) if figures else ""
    ends = _ends(figures, words) if indicator.ranked else ""
    rest = ends, missing(figures, words, catalogue), sure, _sure_of_city(city, [area] if area else figures, words)
    told, more = (" ".join(filter(None, parts)) for parts in (lead, rest))
    # The lead also stands alone: above a map, and as its text alternative.
    return Caption(words.worn(told, area, city, *figures), more)


def _whole(
    city: Figure | None, figures: Sequence[Figure], indicator: Indicator, words: Words, catalogue: Catalogue
) -> str:
    """What a map is about: the city's own figure, or else the title and the period."""
    if city:
        return about_area(city, indicator, words, catalogue)
    if not figures:
        return ""
    period = words.period(figures[0].period, figures[0].grain)
    return words.t("sentence.topic", title=indicator.title.get(words.lang), period=period)


def about_area(figure: Figure, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """One figure as a sentence; where it is missing, the sentence says so and why."""
    period = words.period(figure.period, figure.grain)
    if figure.status in SHOWN and figure.value is not None:
        value = words.amount(figure, indicator, catalogue)
        said = indicator.sentence_one if figure.value == 1 and indicator.sentence_one else indicator.sentence
        return words.fill(said.get(words.lang), period=period, area=figure.name, value=value)
    title = indicator.title.get(words.lang)
    reason = words.t(f"status.{words.reason(figure)}.why")
    return words.t("sentence.missing", title=title, area=figure.name, period=period, reason=reason)


def together(figures: Sequence[Figure], catalogue: Catalogue, words: Words) -> str:
    """Several figures of one area as running text: a period that was just named is not named again."""
    said: list[str] = []
    before = ""
    for figure in figures:
        sentence = about_area(figure, catalogue.indicators[figure.indicator], words, catalogue)
        when = capital(words.during(figure.period, figure.grain))
        if when == before and sentence.startswith(when):
            sentence = words.t(f"sentence.then.{figure.grain}") + sentence.removeprefix(when)
        said.append(sentence)
        before = when
    return " ".join(said)


def city_value(area: Figure, city: Figure | None, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """The same figure of the city as a whole, for an area: its value, and of a count which part of it the area is."""
    if city is None or area.level == city.level:
        return ""
    if city.value is None:
        return words.t("sentence.city.missing", city=city.name, reason=words.t(f"status.{city.status}.why"))
    value = words.badged(words.quantity(city.value, indicator, catalogue), city)
    if share := _share(area, city, indicator, words):
        return words.t("sentence.city.part", share=share, city=city.name, value=value)
    return words.t("sentence.city", city=city.name, value=value)


def _share(area: Figure, city: Figure, indicator: Indicator, words: Words) -> str:
    """Which part of the city's count an area is, in percent as a written number; empty where that means nothing."""
    if indicator.kind != "count" or area.value is None or not city.value:
        return ""
    share = area.value / city.value * 100
    # As many decimals as it takes to show that little is not nothing.
    decimals = 0 if share >= 10 or share <= 0 else max(1, -math.floor(math.log10(share)))
    return words.number(share, decimals)


def _spread(figures: Sequence[Figure], indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    values = [figure.value for figure in figures if figure.value is not None]
    return spread(values, catalogue.levels[figures[0].level], indicator, words, catalogue)


def _ends(figures: Sequence[Figure], words: Words) -> str:
    """That the lowest or the highest figure is uncertain, where it is: the words of the spread are about these."""
    shown = {figure.value: figure.status for figure in figures if figure.value is not None}
    doubtful = len(shown) > 1 and Status.UNRELIABLE in (shown[min(shown)], shown[max(shown)])
    return words.t("sentence.spread.doubtful") if doubtful else ""


def spread(values: Sequence[float], level: Level, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """From the lowest to the highest of the values that are shown; a sentence of its own when there is none."""
    if not values:
        return words.t("sentence.spread.none", level=level.singular.get(words.lang))
    first, last = (words.quantity(value, indicator, catalogue) for value in (min(values), max(values)))
    if not indicator.ranked:
        names = {"level": level.singular.get(words.lang), "levels": level.plural.get(words.lang)}
        return words.t("sentence.spread.unranked", **names)
    if len(values) == 1:
        return words.t("sentence.spread.one", level=level.singular.get(words.lang), value=first)
    if first == last:
        return words.t("sentence.spread.same", levels=level.plural.get(words.lang), value=first)
    low, high = words.pair(min(values), max(values), indicator, catalogue)
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


def sure_of(figure: Figure, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """How sure a figure is, and what else is the matter with it; empty where it is counted or missing."""
    if figure.value is None:
        return ""
    basis, interval = verdicts.basis(indicator, catalogue), words.interval(figure, indicator, catalogue)
    said = [words.t("sure.converted")] if figure.converted else []
    if interval:
        said.append(words.t("sure.converted.between" if figure.converted else f"sure.{basis}", interval=interval))
    if figure.low is None and basis in _UNKNOWN:
        said.append(words.t(f"sure.{basis}.unknown"))
    if figure.status == Status.UNRELIABLE:
        said.append(words.t("sure.unreliable", reason=words.unsure(indicator)))
    if figure.provisional:
        said.append(words.t("sure.provisional"))
    if figure.is_simulated:
        said.append(words.t("sure.simulated"))
    return " ".join(said)


# What is not counted is uncertain, also where nobody says how much.
_UNKNOWN = (Basis.MODEL, Basis.SURVEY, Basis.MEASURED)


def sure_of_all(figures: Sequence[Figure], indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """How sure the figures of a map are: which differences say little, how many are unreliable, what is provisional."""
    shown = [figure for figure in figures if figure.value is not None]
    if len(shown) == 1:
        return sure_of(shown[0], indicator, words, catalogue)
    said = [_differences(shown, indicator, words, catalogue)] if shown else []
    if unreliable := [figure for figure in shown if figure.status == Status.UNRELIABLE]:
        level, reason = catalogue.levels[unreliable[0].level], words.unsure(indicator)
        names = {"level": level.singular.get(words.lang), "levels": level.plural.get(words.lang)}
        said.append(words.n("sure.unreliable.some", len(unreliable), reason=reason, **names))
    provisional = sum(figure.provisional for figure in shown)
    if provisional:
        said.append(words.t("sure.provisional.all" if provisional == len(shown) else "sure.provisional.some"))
    if any(figure.is_simulated for figure in shown):
        said.append(words.t("sure.simulated"))
    return " ".join(filter(None, said))


def _sure_of_city(city: Figure | None, others: Sequence[Figure], words: Words) -> str:
    """What is the matter with the city's own figure, as far as that isn't said of all the others too."""
    if city is None or city.value is None:
        return ""
    there = [figure for figure in others if figure.value is not None]
    said = [
        ("unreliable", city.status == Status.UNRELIABLE, False),
        ("provisional", city.provisional, bool(there) and all(figure.provisional for figure in there)),
        ("simulated", city.is_simulated, any(figure.is_simulated for figure in there)),
    ]
    return " ".join(words.t(f"sure.city.{what}", city=city.name) for what, so, known in said if so and not known)


def _differences(shown: Sequence[Figure], indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """Up to which difference between areas there may be none; empty where they were counted."""
    basis = verdicts.basis(indicator, catalogue)
    widths = [figure.high - figure.low for figure in shown if figure.low is not None and figure.high is not None]
    if not widths:
        return words.t(f"sure.all.{basis}.unknown") if basis in _UNKNOWN else ""
    size = compare.little(widths)
    if size is None:
        return words.t("sure.all.varies", level=catalogue.levels[shown[0].level].singular.get(words.lang))
    place = 1 - math.floor(math.log10(size))  # two digits: the size is that of a usual area, and no more exact
    written = words.number(round(size, place), max(0, min(indicator.decimals, place)))
    return words.t(f"sure.all.{basis}", size=words.change(written, indicator, catalogue))


def in_short(figure: Figure, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A figure and how sure it is, for the tooltip of a map: `25 · zeker tussen 21 en 29`."""
    basis, ends = verdicts.basis(indicator, catalogue), words.ends(figure, indicator, catalogue)
    parts = [words.figure(figure, indicator, catalogue)]
    if basis == Basis.MODEL and figure.value is not None:
        parts.append(words.t("sure.label.model"))
    if ends:
        between = words.t("sure.between", low=ends[0], high=ends[-1])
        parts.append(words.t(f"sure.short.{basis}", interval=between))
    return " · ".join(parts)


def beside_city(figure: Figure, city: Figure | None, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """How an area compares with the city, in a few words; empty where a comparison says nothing."""
    if city is None or figure.value is None or city.value is None or figure.level == "gemeente":
        return ""
    if not indicator.ranked:
        return ""
    quantity = words.quantity(city.value, indicator, catalogue)
    stands = words.badged(quantity, figure, city)
    if indicator.kind == "count":
        share = _share(figure, city, indicator, words)
        return words.badged(words.t("compare.part", share=share, city=city.name), figure, city) if share else ""
    if words.quantity(figure.value, indicator, catalogue) == quantity:
        return words.t("compare.same", city=city.name, value=stands)
    key = "compare.higher" if figure.value > city.value else "compare.lower"
    return words.t(key, city=city.name, value=stands)


def about_change(
    changes: Sequence[Figure], since: date, step: float, indicator: Indicator, words: Words, catalogue: Catalogue
) -> str:
    """What changed between two periods: in how many areas it rose or fell at all, and in how many by `step` or more."""
    levels = catalogue.levels[changes[0].level].plural.get(words.lang)
    values = [figure.value for figure in changes if figure.value is not None]
    title = indicator.title.get(words.lang)
    span = {"since": words.period(since, indicator.grain), "until": words.period(changes[0].period, indicator.grain)}
    if not values:
        return words.t("change.sentence.none", title=title, levels=levels, **span)
    written = [round(value, indicator.decimals) for value in values]  # what reads as 0 is no change
    up, down = sum(value > 0 for value in written), sum(value < 0 for value in written)
    counts = {"up": words.number(up), "down": words.number(down), "total": words.number(len(values))}
    said = [words.t("change.sentence", title=title, levels=levels, **span, **counts)]
    if same := len(values) - up - down:
        said.append(words.t("change.sentence.same", same=words.number(same)))
    size = words.change(words.number(step, digits_of(step, indicator.decimals)), indicator, catalogue)
    more, less = sum(value >= step for value in values), sum(value <= -step for value in values)
    said.append(words.t("change.sentence.step", step=size, up=words.number(more), down=words.number(less)))
    return words.worn(" ".join(said), *changes)
