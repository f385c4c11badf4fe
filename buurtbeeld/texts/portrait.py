"""What a profile says of an area: how large it is, and how its figures stand beside the city's.

Sentences are chosen by declared rules (verdicts.py), never written for one area. They say more and less, not better
and worse, and are about figures of a place, not about who lives there.
"""

from collections.abc import Mapping, Sequence

from buurtbeeld.catalogue import Catalogue, Figure, Indicator, Status
from buurtbeeld.statistics.compare import Stand
from buurtbeeld.texts import Words
from buurtbeeld.texts.lists import joined
from buurtbeeld.texts.sentences import about_area, beside_city, sure_of

FEW_RESIDENTS = 500  # of fewer the rounding is a part that counts
MOST_TITLES = 4  # of figures in one sentence; the rest is counted
SIGNS = {Stand.ABOVE: "▲", Stand.BELOW: "▼", Stand.SLIGHT: "~", Stand.ALIKE: "≈", Stand.UNSURE: "?"}
_BORDER = {1: "same", 2: "code", 3: "moved"}  # what CBS says of an area and its edition


def place(area: str, level: str, whole: str | None, parts: int, part: tuple[str, str], words: Words) -> str:
    """What an area is and what lies in it. level: as a word; part: the level of its parts as a word, one and many."""
    said = [words.t("portrait.in", area=area, level=level, whole=whole)] if whole else []
    if parts:
        said.append(words.n("portrait.parts", parts, area=area, level=part[0], levels=part[1]))
    return " ".join(said)


def size(residents: Figure, city: Figure | None, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """How many people live in an area, and which part of the city that is; of few how far rounding may be off."""
    if residents.value is None:
        period, reason = words.period(residents.period, residents.grain), words.t(f"status.{residents.status}.why")
        return words.t("portrait.residents.none", area=residents.name, period=period, reason=reason)
    said = [about_area(residents, indicator, words, catalogue)]
    if residents.value < FEW_RESIDENTS:
        said.append(sure_of(residents, indicator, words, catalogue))
    part = beside_city(residents, city, indicator, words, catalogue)
    said += [words.t("portrait.part", part=part)] if part else []
    return " ".join(filter(None, said))


def border(hectares: float, edition: int, changed: int | None, words: Words) -> str:
    """How large an area is, of which year its border is, and whether it changed in that year. changed: as CBS says."""
    known = words.t("portrait.border", hectares=words.number(hectares), edition=edition)
    happened = _BORDER.get(changed or 0, "unknown")
    return f"{known} {words.t(f'portrait.border.{happened}')}"


def tally(city: str, clear: int, alike: int, unknown: Mapping[str, int], words: Words) -> str:
    """How many figures are clearly different from the city, how many are not, and of how many that isn't known.

    unknown: that number by why not. Of several reasons each is counted, as the sentences below the tally count them.
    """
    first = words.n("portrait.clear", clear, city=city) if clear else words.t("portrait.clear.none", city=city)
    others = [words.t("portrait.clear.not", count=words.number(alike))] if alike else []
    if unknown:
        parts = [words.n(f"portrait.unknown.{why}", count) for why, count in unknown.items()]
        count = words.number(sum(unknown.values()))
        others.append(words.t("portrait.clear.unknown", count=count, parts=joined(parts)))
    return " ".join([first, *others])


def beside(
    figure: Figure, city: Figure | None, stand: Stand | None, indicator: Indicator, words: Words, catalogue: Catalogue
) -> str:
    """How a figure stands beside the city's, in a few words; empty where the city has none or is itself."""
    if city is None or city.value is None or figure.level == city.level:
        return ""
    if indicator.kind == "count" and figure.value is not None:
        return beside_city(figure, city, indicator, words, catalogue)
    value = words.badged(words.quantity(city.value, indicator, catalogue), city)
    if indicator.kind in ("count", "class") or figure.value is None:
        return words.t("portrait.whole", city=city.name, value=value)
    if stand is None:
        return words.t("portrait.untested", city=city.name, value=value)
    return words.t(f"portrait.{stand}", city=city.name, value=value)


def clear(
    figure: Figure, city: Figure, stand: Stand, caveats: Sequence[str], indicator: Indicator, words: Words,
    catalogue: Catalogue,
) -> str:  # fmt: skip
    """A figure and how it stands beside the city's, as sentences. caveats: what to mind in this area only."""
    said = about_area(figure, indicator, words, catalogue)
    how = words.t("portrait.that", stand=beside(figure, city, stand, indicator, words, catalogue))
    return " ".join([said, how, *(catalogue.caveats[key].description.get(words.lang) for key in caveats)])


def fact(figure: Figure, city: Figure, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A figure and the city's, without a claim: `Eenzaam, 2020: 58,2% (heel Utrecht: 48,9%)`."""
    value, whole = (words.figure(each, indicator, catalogue) for each in (figure, city))
    title, period = indicator.title.get(words.lang), words.period(figure.period, figure.grain)
    return words.t("portrait.fact", title=title, period=period, value=value, city=city.name, whole=whole)


def maybe(figure: Figure, city: Figure, indicator: Indicator, words: Words, catalogue: Catalogue) -> str:
    """A figure that may differ from the city's, and why that can't be said."""
    key = "portrait.fact.unreliable" if figure.status == Status.UNRELIABLE else "portrait.fact.unsure"
    return f"{fact(figure, city, indicator, words, catalogue)}. {words.t(key)}"


def alike(
    figure: Figure, city: Figure, stand: Stand | None, indicator: Indicator, words: Words, catalogue: Catalogue
) -> str:
    """A figure that is not clearly different from the city's, and whether it is different at all."""
    said = fact(figure, city, indicator, words, catalogue)
    return f"{said}. {words.t('portrait.fact.slight')}" if stand is Stand.SLIGHT else said


def missing(titles: Sequence[str], status: Status, words: Words) -> str:
    """Which figures are missing, and why."""
    return words.n("portrait.missing", len(titles), titles=named(titles, words), reason=words.t(f"status.{status}.why"))


def absent(titles: Sequence[str], level: str, parts: str, words: Words) -> str:
    """Which figures nobody publishes for this level, and whether they are there for its parts (a word, or empty)."""
    said = words.t("portrait.absent", level=level, titles=named(titles, words))
    return f"{said} {words.t('portrait.absent.parts', level=parts)}" if parts else said


def alone(titles: Sequence[str], city: str, words: Words) -> str:
    """Which figures have none of the city to stand beside."""
    return words.t("portrait.alone", city=city, titles=named(titles, words))


def named(titles: Sequence[str], words: Words) -> str:
    """The first of `titles`, and how many more there are."""
    more = len(titles) - MOST_TITLES
    shown = joined(titles[:MOST_TITLES] if more > 1 else titles)
    return words.t("portrait.more", titles=shown, count=words.number(more)) if more > 1 else shown


def sure(figure: Figure, indicator: Indicator, counted: bool, words: Words, catalogue: Catalogue) -> str:
    """How sure a figure is, in a few words; empty without a value. counted: in a register, all of it."""
    if figure.value is None:
        return ""
    if between := words.interval(figure, indicator, catalogue):
        return between
    if figure.low is not None:
        return words.t("portrait.sure.narrow")
    return words.t("portrait.sure.counted" if counted else "portrait.sure.unknown")
