"""What a page works with in one rerun: one build of the mart, the catalogue, the offer, the choice, the words."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from buurtbeeld import queries, selection
from buurtbeeld.catalogue import Catalogue, Caveat, Figure, Indicator
from buurtbeeld.queries import Area, SourceRow
from buurtbeeld.selection import Offer, Selection
from buurtbeeld.store import Mart
from buurtbeeld.texts import LANGUAGES, Words, sentences
from buurtbeeld.texts.methods import methods
from buurtbeeld.texts.sentences import Caption

Made = TypeVar("Made")

CITY = "gemeente"


@dataclass(frozen=True)
class View:
    """One build seen through one choice."""

    mart: Mart
    catalogue: Catalogue
    offer: Offer
    choice: Selection
    words: Words

    @property
    def indicator(self) -> Indicator:
        """The chosen indicator."""
        return self.catalogue.indicators[self.choice.indicator]

    @property
    def city(self) -> Area:
        """The gemeente itself."""
        return next(area for area in self.offer.areas.values() if area.level == CITY)

    def figures(self) -> tuple[Figure, ...]:
        """The chosen indicator and period for every area of the chosen level."""
        return self.mart.ask(queries.figures, self.choice.indicator, self.choice.level, self.choice.period)

    def city_figure(self) -> Figure | None:
        """The same indicator and period for the city, where it is published."""
        found = self.mart.ask(queries.figures, self.choice.indicator, CITY, self.choice.period)
        return found[0] if found else None

    def caption(self) -> Caption:
        """What is to be said of the chosen figure on the chosen map."""
        choice = self.choice

        def make() -> Caption:
            whole = self.city_figure(), self.figures()
            return sentences.caption(None, *whole, self.indicator, self.words, self.catalogue)

        return self.once("caption", make, choice.indicator, choice.level, choice.period)

    def every(self) -> tuple[tuple[tuple[Figure, ...], Figure | None], ...]:
        """All periods of the chosen indicator and level, each with the city's figure; none when classes may differ."""
        choice = self.choice
        periods = self.offer.held[choice.indicator][choice.level] if choice.fixed else ()
        return tuple((view.figures(), view.city_figure()) for view in map(self.at, periods))

    def at(self, period: date) -> "View":
        """The same in another period."""
        return replace(self, choice=replace(self.choice, period=period))

    @property
    def beside(self) -> "View | None":
        """What the second map shows; None when there is one map."""
        choice = selection.beside(self.choice, self.offer, self.catalogue)
        return replace(self, choice=choice) if choice else None

    def title(self, indicator: str) -> str:
        """The title of an indicator."""
        return self.catalogue.indicators[indicator].title.get(self.words.lang)

    def theme(self, indicator: str) -> str:
        """The title of the theme of an indicator."""
        return self.catalogue.themes[self.catalogue.indicators[indicator].theme].title.get(self.words.lang)

    def caveats(self, indicator: Indicator) -> list[Caveat]:
        """What to mind of an indicator, the most important first: of its caveats those that hold in this mart."""
        held = self.mart.ask(queries.caveats).get(indicator.id, frozenset())
        return [self.catalogue.caveats[key] for key in indicator.caveats if key in held]

    def level(self, id: str) -> str:
        """A level as a word, for one area: wijk, buurt."""
        return self.catalogue.levels[id].singular.get(self.words.lang)

    def nothing(self, indicator: str, level: str) -> str:
        """In a few words why there is no figure at all of an area: nobody publishes it for its level, or unknown."""
        if level in self.offer.held.get(indicator, {}):
            return self.words.t("table.none")
        return self.words.t("differ.level", level=self.level(level))

    def method(self, id: str) -> str:
        """A link, as Markdown, to the section of docs/methods.md of that name. Raises KeyError when there is none."""
        titles = {method.id: method.title for method in methods(self.words.lang)}
        lang = "" if self.words.lang == LANGUAGES[0] else f"?taal={self.words.lang}"
        address = f"/verantwoording{lang}#{id}"
        return f"[{self.words.t('method.how', title=titles[id])}]({address})"

    def once(self, name: str, make: Callable[[], Made], *args: object) -> Made:
        """What `make` gives, made once per build, language and `args`."""
        return self.mart.keep((name, self.words.lang, *args), make)


def badges(say: Words, row: SourceRow) -> str:
    """What a source's figures must wear, as Markdown: sample, simulated."""
    worn = [name for name, worn in (("sample", row.is_sample), ("simulated", row.is_simulated)) if worn]
    return "".join(f" :gray-badge[{say.t(f'badge.{name}')}]" for name in worn)


def cited(attribution: str) -> str:
    """How a source wants to be named, without the word "source": that is ours, in the visitor's language."""
    return attribution.removeprefix("Bron: ")


def plain(text: str) -> str:
    """Text without any meaning to Markdown, on one line."""
    line = _FOUND_LATER.sub(lambda found: f"{found[0]}\N{WORD JOINER}", _ENDS_LINE.sub(" ", text).strip())
    return _STARTS_BLOCK.sub(r"\1\\", _SPECIAL.sub(r"\\\g<0>", line))


_ENDS_LINE = re.compile(r"\s*[\r\n]\s*")
_SPECIAL = re.compile(r"[\\`*_{}\[\]()<>#+!|$~:&]")
_STARTS_BLOCK = re.compile(r"^(\d+(?=\.(?:\s|$))|(?=[-=]))")  # a list, a rule, the underline of a heading
# The front end looks for addresses and icons after it has taken the escapes away, and makes them links and pictures.
# A sign that shows nothing keeps the parts from being found.
_FOUND_LATER = re.compile(r"[:@](?=\S)|www(?=\.)", re.IGNORECASE)
