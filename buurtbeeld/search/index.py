"""What can be found, and by which words: made once per build and language."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import Catalogue, Indicator
from buurtbeeld.queries import Area
from buurtbeeld.search.folding import PLACES, SMALL, fold, head, left_out
from buurtbeeld.texts import LANGUAGES, Words

Kind = Literal["area", "indicator", "theme", "page"]

CITY = "gemeente"  # of which there is no map, and in which everything lies


class Target(NamedTuple):
    """Somewhere to go: a page by its segment, and what changes in its address; None takes a parameter out.

    levels: that of an area, or those of an indicator's maps.
    """

    kind: Kind
    label: str
    about: str
    page: str
    params: Mapping[str, str | None]
    levels: tuple[str, ...] = ()


class Entry(NamedTuple):
    """One name of a target: how it is one, as written, without spaces, and its place among those like it, best first.

    A description has nothing without spaces: only its single words count.
    """

    target: int
    how: str
    said: str
    whole: str
    place: int


@dataclass(frozen=True)
class Index:
    """Targets, their entries, and the words that lead there. Entries and targets are named by their number.

    names: a single word, or a whole name without spaces → its entries, and whether it is in the name itself or only
    around it. sorted_names: all of these; single: the single words among them. described: a word of a description →
    its entries. codes: the code of an area as people type it → its entry; only a whole code finds it. levels: words for
    levels, which name no area. why: (how, as written) → what must be known of that. pair: (topic, area) → the name of
    both. absent: what to say where a figure is not published for an area. topic: what a ranking is about, in words.
    """

    targets: tuple[Target, ...]
    entries: tuple[Entry, ...]
    names: Mapping[str, Sequence[tuple[int, bool]]]
    sorted_names: Sequence[str]
    single: Sequence[str]
    described: Mapping[str, Sequence[int]]
    sorted_described: Sequence[str]
    codes: Mapping[str, int]
    levels: frozenset[str]
    why: Callable[[str, str], str]
    pair: Callable[[str, str], str]
    absent: Callable[[str, bool], str]
    topic: Callable[[str], str]


def index(
    areas: Iterable[Area],
    names: Iterable[tuple[str, str, str]],
    catalogue: Catalogue,
    themes: Mapping[str, Sequence[str]],
    held: Mapping[str, Iterable[str]],
    say: Words,
) -> Index:
    """What can be found: areas with their other names (code, kind, name), the indicators of themes, themes and pages.

    held: indicator → the levels it has figures of.
    """
    made = _Builder(catalogue, say)
    made.areas({area.code: area for area in areas}, names)
    every = [catalogue.indicators[id] for indicators in themes.values() for id in indicators]
    called = {word.casefold() for each in every for word in (each.title.nl, each.title.en, *each.synonyms)}
    for theme, indicators in themes.items():
        made.theme(theme)
        for id in indicators:
            made.indicator(catalogue.indicators[id], held[id], called)
    made.pages()
    return Index(
        targets=tuple(made.targets),
        entries=tuple(made.entries),
        names=made.names,
        sorted_names=sorted(made.names.keys() - made.codes),
        single=sorted(made.single),
        described=made.described,
        sorted_described=sorted(made.described),
        codes=made.codes,
        levels=made.levels,
        why=lambda how, said: said if how == "description" else say.t(f"search.why.{how}", word=said),
        pair=lambda topic, area: say.t("search.pair", topic=topic, area=area),
        absent=lambda area, alone: say.t("search.absent.city" if alone else "search.absent", area=area),
        topic=lambda id: say.t(f"search.topic.{id}"),
    )


class _Builder:
    def __init__(self, catalogue: Catalogue, say: Words) -> None:
        self.catalogue = catalogue
        self.say = say
        self.others = [lang for lang in LANGUAGES if lang != say.lang]
        self.targets: list[Target] = []
        self.entries: list[Entry] = []
        self.names: dict[str, list[tuple[int, bool]]] = {}
        self.single: set[str] = set()
        self.described: dict[str, list[int]] = {}
        self.codes: dict[str, int] = {}
        called = (
            text.get(lang)
            for level in catalogue.levels.values()
            for text in (level.singular, level.plural)
            for lang in LANGUAGES
        )
        self.levels = frozenset(word for text in called for word in fold(text)) | PLACES

    def areas(self, areas: Mapping[str, Area], names: Iterable[tuple[str, str, str]]) -> None:
        """Each with its level, the area around it, and what else it is known by."""
        known: dict[str, list[tuple[str, str]]] = {}
        for code, kind, name in names:
            known.setdefault(code, []).append((kind, name))
        for area in areas.values():
            level = self.catalogue.levels[area.level].singular.get(self.say.lang)
            whole = areas.get(area.parent_code or "")
            inside = whole.name if whole and whole.level != CITY else ""
            about = self.say.t("area.in", level=level, whole=inside) if inside else level
            self._target(Target("area", area.name, about, "profiel", {"gebied": area.code}, (area.level,)))
            around = {*fold(level), *fold(inside)}
            for kind, name in (("name", area.name), *known.get(area.code, ())):
                self._entry(kind, name, around)
            for name in self.catalogue.called.get(area.code, ()):
                self._entry("synonym", name, around)
            self._code(area.code)

    def theme(self, id: str) -> None:
        """A theme leads to the map of its first figure."""
        theme, lang = self.catalogue.themes[id], self.say.lang
        title = theme.title.get(lang)
        fresh = {"thema": id, "indicator": None, "periode": None, "van": None}
        self._target(Target("theme", title, self.say.t("search.theme"), "kaart", fresh))
        self._entry("name", title)
        for other in self.others:
            self._entry("synonym", theme.title.get(other))
        self._description(theme.description.get(lang), [title])

    def indicator(self, indicator: Indicator, held: Iterable[str], called: Collection[str]) -> None:
        """An indicator leads to its map, or its line; of a word that any is `called` nobody says it has no figure."""
        title = indicator.title.get(self.say.lang)
        theme = self.catalogue.themes[indicator.theme].title.get(self.say.lang)
        fresh = {"thema": None, "indicator": indicator.id, "periode": None, "van": None}
        levels = tuple(level for level in held if level != CITY)
        about = self.say.t("search.indicator", theme=theme)
        page = "kaart" if levels else "trends"
        self._target(Target("indicator", title, about, page, fresh, levels or (CITY,)))
        self._entry("name", title)
        translated = [indicator.title.get(other) for other in self.others]
        lists = {"synonym": [*indicator.synonyms, *translated]}
        for how, without in (("contains", indicator.contains), ("related", indicator.related)):
            lists[how] = [word for word in without if word.casefold() not in called]
        for how, words in lists.items():
            for place, word in enumerate(words):
                self._entry(how, word, place=place)
        self._description(indicator.description.get(self.say.lang), [title, *indicator.synonyms])

    def pages(self) -> None:
        """Each with the other words that lead to it."""
        for page in PAGES:
            title = self.say.t(page.name)
            self._target(Target("page", title, self.say.t("search.page"), page.segment, {}))
            self._entry("name", title)
            for word in self.say.t(f"{page.name}.search").split(","):
                self._entry("synonym", word.strip())

    def _target(self, target: Target) -> None:
        """What the entries that follow lead to."""
        self.targets.append(target)

    def _entry(self, how: str, said: str, around: Iterable[str] = (), place: int = 0) -> None:
        """One name. around: words that may be typed with it, but don't find it alone."""
        words = fold(said)
        whole = "".join(words)
        number = len(self.entries)
        self.entries.append(Entry(len(self.targets) - 1, how, said, whole, place))
        self.single.update(words)
        own = {*words, whole, *left_out(said), head(said)} - {""}
        for word in own:
            self.names.setdefault(word, []).append((number, True))
        for word in set(around) - own:
            self.names.setdefault(word, []).append((number, False))

    def _code(self, code: str) -> None:
        whole = "".join(fold(code))
        self.codes[whole] = len(self.entries)
        self.names[whole] = [(len(self.entries), True)]
        self.entries.append(Entry(len(self.targets) - 1, "code", code, whole, 0))

    def _description(self, said: str, names: Iterable[str]) -> None:
        """A sentence, found by its words together with those of `names`."""
        number = len(self.entries)
        self.entries.append(Entry(len(self.targets) - 1, "description", said, "", 0))
        for word in {word for text in (said, *names) for word in fold(text)} - SMALL:
            self.described.setdefault(word, []).append(number)
