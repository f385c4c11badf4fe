"""What a page says in HTML, as it was sent, held to the mart: each table, card, finding, small chart and legend.

Only how a figure is written comes from the project. Which figure belongs in which place is found here anew: by the
names that stand at its row and column, by the period that is written there, and by a query on the mart.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html import unescape

from buurtbeeld import queries
from buurtbeeld.catalogue import SHOWN, Catalogue, Figure, Indicator, Way, load
from buurtbeeld.charts import series
from buurtbeeld.queries import Area
from buurtbeeld.store import Mart
from buurtbeeld.texts import Words, sentences, words

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
YEAR = re.compile(r"\b(19|20)\d\d\b")


def spaced(text: str) -> str:
    """A text with usual spaces only."""
    return unescape(text).replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "").strip()


def between(tag: str, html: str) -> list[str]:
    """What stands between each such tag and its end; for tags that don't stand in each other."""
    return re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", html, re.DOTALL)


def pieces(html: str) -> list[str]:
    """The texts between the tags, without what is not read aloud."""
    aloud = re.sub(r"<style>.*?</style>|<span aria-hidden=\"true\"[^>]*>.*?</span>", "", html, flags=re.DOTALL)
    return [text for text in map(spaced, re.split(r"<[^>]*>", aloud)) if text]


def alternatives(html: str) -> list[str]:
    """What pictures say to who can't see them."""
    return [spaced(text) for text in re.findall(r'\balt="([^"]*)"', html)]


def tables(html: str) -> Iterator[list[list[str]]]:
    """The rows of each table, each cell as HTML."""
    for table in between("table", html):
        yield [re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in between("tr", table)]


class Truth:
    """What a mart holds, and how that is written in a language. Each method returns how much it compared."""

    def __init__(self, mart: Mart, lang: str) -> None:
        self.say, self.catalogue = words(lang), load()
        every = mart.ask(queries.areas)
        self.area = {area.code: area for area in every}
        self.city = next(area for area in every if area.level == "gemeente")
        self.newest = {level: mart.ask(queries.newest, level) for level in {area.level for area in every}}
        self.areas: dict[str, list[Area]] = {}
        for area in every:
            self.areas.setdefault(spaced(area.name), []).append(area)
        self.figures: dict[tuple[str, str], list[Figure]] = {}
        for figure in mart.ask(queries.figures_of, tuple(self.catalogue.indicators), tuple(self.area)):
            self.figures.setdefault((figure.code, figure.indicator), []).append(figure)
        self.titles: dict[str, Indicator] = {}
        for indicator in self.catalogue.indicators.values():
            self.titles[spaced(indicator.title.get(lang))] = indicator
            self.titles[spaced(self.say.head(indicator, self.catalogue))] = indicator

    def read(self, html: str, code: str) -> int:
        """All of these in a piece of HTML; `code` is the area that its cards and charts are about."""
        return sum([self.cells(html), self.cards(html, code), self.findings(html, code), self.charts(html, code)])

    def cells(self, html: str) -> int:
        """Every cell of a table that is one figure of one area, whichever of the two stands above it."""
        compared = 0
        for head, *rows in tables(html):
            columns = [pieces(cell) for cell in head]
            apart = [self.say.t("portrait.column.sure")] in columns  # margins have a column of their own
            for first, *row in rows:
                label, before = pieces(first), None
                for column, cell in zip(columns[1:], row, strict=bool(row)):
                    (title, *period), name = (column, label[0]) if column[0] in self.titles else (label, column[0])
                    if title not in self.titles or not period:
                        continue
                    when, indicator = period[0].split(" · ")[0], self.titles[title]
                    if name in self.areas:
                        found = self._cell(name, indicator, when, pieces(cell), before, apart)
                        before = before or (found if column[0] not in self.titles else None)
                        compared += 1
                    elif before:
                        self._about(before, name, cell)
        return compared

    def _cell(
        self, name: str, indicator: Indicator, when: str, said: list[str], first: Figure | None, apart: bool
    ) -> Figure | None:
        """One figure, with the ends of its margin, and then how far it is from that of the first area."""
        every = [f for area in self.areas[name] for f in self.of(area.code, indicator.id, when)]
        rest = self._numbers(" ".join(said[1:]), indicator)
        if not every:
            level = self.catalogue.levels[self.areas[name][0].level].singular.get(self.say.lang)
            assert said[0] in (self.say.t("table.none"), self.say.t("differ.level", level=level)), (name, said)
            assert rest == [], (name, said)
            return None
        figure = next((f for f in every if said[0] in self._written(f)), None)
        assert figure, (name, indicator.id, when, said)
        ends = [] if apart else self._ends(figure)
        assert rest[: len(ends)] == ends, (name, indicator.id, said)
        if away := rest[len(ends) :]:
            assert first and first.value is not None and figure.value is not None, (name, indicator.id, said)
            assert away[0] == self.say.number(abs(figure.value - first.value), indicator.decimals), (name, said)
        return figure

    def _about(self, figure: Figure, column: str, cell: str) -> None:
        """What a table of one area says beside each figure: how sure it is, how it stands, where it lies."""
        indicator, said = self.catalogue.indicators[figure.indicator], " ".join(pieces(cell))
        if column == self.say.t("portrait.column.sure"):
            assert self._numbers(said, indicator) == self._ends(figure), (figure, said)
            if figure.value is None:
                assert said == spaced(self.say.t(f"status.{figure.status}.why"))
        elif column == spaced(self.say.t("portrait.column.beside", city=self.city.name)):
            self._beside(figure, said)
        for text in alternatives(cell):
            self._strip(figure, text)

    def cards(self, html: str, code: str) -> int:
        """Every card: its figure, why there is none, its margin, and the figure of the wijk around it."""
        compared = 0
        for section in between("section", html):
            title, *said = pieces(section)
            if "<li" in section:
                continue
            indicator = self.titles[title]
            parts = [part for piece in said[1:] for part in piece.split(" · ")]
            [figure] = [f for part in parts for f in self.of(code, indicator.id, part)]
            assert said[0] == spaced(self.say.cell(figure, indicator, self.catalogue)), (figure, said)
            if figure.value is None:
                assert spaced(self.say.t(f"status.{figure.status}.means")) in said, (figure, said)
            known = {
                self.when(figure),
                *(spaced(each.title.get(self.say.lang)) for each in self.catalogue.caveats.values()),
            }
            if interval := spaced(self.say.interval(figure, indicator, self.catalogue)):
                known.add(interval)
                assert interval in parts, (figure, said)
            if wijk := self._around(figure):
                level = self.catalogue.levels[wijk.level].singular.get(self.say.lang)
                value = self.say.figure(wijk, indicator, self.catalogue)
                known.add(spaced(self.say.t("profile.wijk", level=level, name=wijk.name, value=value)))
                assert known & {part for part in parts if wijk.name in part}, (figure, said)
            for part in parts:
                if part not in known and self.city.name in part:
                    self._beside(figure, part)
                elif part not in known and (numbers := self._numbers(part, indicator)):
                    assert numbers == [str(len(self._level(figure)))], (figure, part)
            for text in alternatives(section):
                self._strip(figure, text)
            compared += 1
        return compared

    def findings(self, html: str, code: str) -> int:
        """Every sentence of a list that names a figure of the area; and of what is missing how much, by reason."""
        compared, missing = 0, Counter[str]()
        listed = [" ".join(pieces(each)) for section in between("section", html) for each in between("li", section)]
        if not listed:
            return 0
        newest = self.newest[self.area[code].level]
        every = [f for id in newest for f in self.figures.get((code, id), ()) if f.period == newest[id][0]]
        for said in listed:
            told = [f for f in every if f.value is not None and said.startswith(tuple(self._sentences(f)))]
            if told:
                whole = self._like(self.city.code, told[0])
                assert whole and self._number(whole) in said.partition(self.city.name)[2], said
                compared += 1
                continue
            assert not YEAR.search(said) and "%" not in said, said
            for status in {f.status for f in every if f.value is None}:
                if spaced(self.say.t(f"status.{status}.why")) in said:
                    missing[status] += int(NUMBER.findall(said)[0])
        assert missing == Counter(f.status for f in every if f.value is None)
        return compared + missing.total()

    def charts(self, html: str, code: str) -> int:
        """Every small chart: of a figure of the area, or of the figure that is `code` in the area that it names."""
        compared = 0
        for drawing in between("figure", html):
            [name, *caption], [said] = pieces(drawing), alternatives(drawing)
            if code in self.catalogue.indicators:
                options = [self.figures.get((area.code, code), []) for area in self.areas[name]]
            else:
                options = [self.figures[code, self.titles[name].id]]
            own = next((each for each in options if said.startswith(self._line(name, each))), None)
            assert own, (name, said)
            whole = [f for f in self.figures.get((self.city.code, own[0].indicator), []) if f.value is not None]
            rest = said.removeprefix(self._line(name, own)).removeprefix(". ")
            assert not rest or rest == self._line(spaced(self.city.name), whole), (name, said)
            if code in self.catalogue.indicators:
                assert " ".join(caption) == self._caption(own), (name, caption)
            compared += 1
        return compared

    def legend(self, html: str, figures: Sequence[Figure]) -> int:
        """The legend of a map: of how many areas there is no figure, by reason, and that no area is left out."""
        [rows] = [rows for rows in tables(html) if len(rows[0]) == 2] or [[]]
        counts = {pieces(label)[0]: int(pieces(count)[0]) for label, count in rows[1:]}
        for status, count in Counter(f.status for f in figures if f.status not in SHOWN).items():
            assert not counts or counts[self.say.status(status)] == count, (status, counts)
        assert not counts or sum(counts.values()) == len(figures), counts
        return len(counts)

    def all_of(self, like: Figure) -> list[Figure]:
        """The same figure of all areas of its level."""
        codes = [code for code, area in self.area.items() if area.level == like.level]
        return [found for code in codes if (found := self._like(code, like))]

    def of(self, code: str, indicator: str, period: str) -> list[Figure]:
        """The figure of an area in a period as it is written; none where there is none."""
        return [figure for figure in self.figures.get((code, indicator), ()) if self.when(figure) == period]

    def _like(self, code: str, like: Figure) -> Figure | None:
        """The same figure of another area."""
        return next((f for f in self.figures.get((code, like.indicator), ()) if f.period == like.period), None)

    def _around(self, figure: Figure) -> Figure | None:
        return self._like(self.area[figure.code].parent_code or "", figure) if figure.level == "buurt" else None

    def _level(self, like: Figure) -> list[float]:
        return [figure.value for figure in self.all_of(like) if figure.value is not None]

    def when(self, figure: Figure) -> str:
        """Its period, as it is written."""
        return spaced(self.say.period(figure.period, figure.grain))

    def _written(self, figure: Figure) -> set[str]:
        about = figure, self.catalogue.indicators[figure.indicator], self.catalogue
        return {spaced(self.say.cell(*about)), spaced(self.say.figure(*about))}

    def _sentences(self, figure: Figure) -> Iterator[str]:
        indicator = self.catalogue.indicators[figure.indicator]
        yield spaced(sentences.about_area(figure, indicator, self.say, self.catalogue))
        title, value = indicator.title.get(self.say.lang), self.say.figure(figure, indicator, self.catalogue)
        yield spaced(f"{title}, {self.when(figure)}: {value} (")

    def _number(self, figure: Figure) -> str:
        assert figure.value is not None
        return self.say.number(figure.value, self.catalogue.indicators[figure.indicator].decimals)

    def _numbers(self, text: str, indicator: Indicator) -> list[str]:
        """The numbers in a text, but for one that is part of the unit."""
        word = spaced(self.catalogue.units[indicator.unit].word.get(self.say.lang))
        return NUMBER.findall(text.replace(word, ""))

    def _ends(self, figure: Figure) -> list[str]:
        """Both ends of a margin, as far as they can be told apart; none where there is no value."""
        ends = self.say.ends(figure, self.catalogue.indicators[figure.indicator], self.catalogue)
        return [NUMBER.findall(end)[0] for end in ends] if len(set(ends)) == 2 else []

    def _beside(self, figure: Figure, said: str) -> None:
        """How a figure stands beside the city's names that of the city, but a count which part of it it is."""
        indicator, whole = self.catalogue.indicators[figure.indicator], self._like(self.city.code, figure)
        numbers = self._numbers(said.replace(spaced(self.city.name), ""), indicator)
        if figure.value is None or indicator.kind != "count":
            assert not numbers or (whole and numbers == [self._number(whole)]), (figure, said)

    def _strip(self, figure: Figure, said: str) -> None:
        """A strip says the figure, and from where to where those of all areas lie."""
        indicator = self.catalogue.indicators[figure.indicator]
        sentence = spaced(sentences.about_area(figure, indicator, self.say, self.catalogue))
        assert said.startswith(sentence), (figure, said)
        values = self._level(figure)
        ends = [self.say.number(value, indicator.decimals) for value in (min(values), max(values))]
        assert self._numbers(said.removeprefix(sentence), indicator) == list(dict.fromkeys(ends)), (figure, said)

    def _line(self, name: str, figures: Sequence[Figure]) -> str:
        """A small chart in words."""
        return f"{name}. {'; '.join(self._at(f, series.told(f, *self._how(f))) for f in figures)}"

    def _caption(self, figures: Sequence[Figure]) -> str:
        """From what to what it goes."""
        known = [f for f in figures if f.value is not None]
        ends = [self._at(f, series.short(f, *self._how(f))) for f in dict.fromkeys([*known[:1], *known[-1:]])]
        return " · ".join(ends) or self.say.t("table.none")

    def _how(self, figure: Figure) -> tuple[Way, Indicator, Words, Catalogue]:
        """With what a figure of a series is written."""
        return "waarde", self.catalogue.indicators[figure.indicator], self.say, self.catalogue

    def _at(self, figure: Figure, written: str) -> str:
        return spaced(self.say.t("multiples.at", period=self.when(figure), value=written))
