"""From what was typed to results, ever more forgiving until something is found."""

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from buurtbeeld.search.folding import JUDGING, RANKING, SMALL, beginning, compound, fold
from buurtbeeld.search.index import CITY, Index, Kind, Target

MOST = 8  # results that are shown
LONGEST = 80  # signs that are read
MOST_WORDS = 8  # of these
PAIRED = 4  # figures, and areas, that a search for one in the other puts together
SHORTEST_PART = 4  # letters that are looked for inside a word, as in koop·woningen
# A word may have so many typing errors: one letter too many, missing, another, or two that changed places. Short words
# have none, since nearly every one of them is one letter away from another.
ERRORS = {5: 1, 8: 2, 12: 3}  # from that many letters on

# How well a word fits, from well to badly; the last is a guess.
EXACT, PREFIX, WORDS, INSIDE, DESCRIBED, GUESSED = range(6)
# As what it fits.
HOW = (
    "name",
    "code",
    "old_name",
    "postcode",
    "postcode6",
    "synonym",
    "contains",
    "related",
    "description",
    "street",
)
FIGURES: tuple[Kind, ...] = ("indicator", "theme")
TOPICS: tuple[Kind, ...] = ("indicator", "theme", "page")
POSTCODES = ("postcode", "postcode6")
HOUSE_NUMBER = "[1-9][0-9]{0,3}[a-z]{0,2}"
LETTERS = "(?:ij|[a-z]){2}"  # of a postcode, folded
ANYTHING: tuple[Kind, ...] = ("indicator", "area", "theme", "page")  # in this order when they fit as well

Cost = tuple[int, int]  # how well, and with how many errors


@dataclass(frozen=True, slots=True)
class Result:
    """Somewhere to go: the segment of a page, and what changes in its address; None takes a parameter out.

    label: its name. about: what it is. why: what must be known of how it was found, or "".
    """

    kind: Kind
    label: str
    about: str
    why: str
    page: str
    params: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """The best results of `total` for `asked`: what was typed, as far as it was read, to be shown again.

    guess: nothing is called that, and these look like it. postcode: the four digits that were read as one, or "".
    shortened: its letters were left out. ranking: areas were asked from good to bad, and these are figures about that.
    """

    asked: str
    results: tuple[Result, ...]
    total: int
    guess: bool
    postcode: str
    shortened: bool
    ranking: bool = False


class Fit(NamedTuple):
    """How well an entry fits; the smallest is the best. `how` and `kind` are places in their lists."""

    tier: int
    errors: int
    how: int
    kind: int
    place: int
    length: int
    label: str
    entry: int


def find(index: Index, text: str, most: int = MOST) -> Found:
    """The best results for what was typed, at most `most`. Never raises, whatever the text is."""
    # Signs that can't be seen are no part of it: some of them turn around the words behind them.
    asked = "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST]).strip()
    words, postcode, shortened = _read(asked, index.names)
    search = _Search(index, words)
    # A name that has such a word in it is just a name.
    topic = _ranked(index, words)
    if topic is not None and not search.fits(words, False):
        results = [each for each in _first(_Search(index, topic))[1] if each.kind in FIGURES]
        return Found(asked, tuple(results[:most]), len(results), False, postcode, shortened, ranking=True)
    guess, results = _first(search)
    return Found(asked, tuple(results[:most]), len(results), guess, postcode, shortened)


def _first(search: "_Search") -> tuple[bool, list[Result]]:
    """The first attempt that finds something."""
    return next(((guess, results) for guess, results in search.attempts() if results), (False, []))


def _ranked(index: Index, words: Sequence[str]) -> tuple[str, ...] | None:
    """What a search for the best or the worst areas is about, in words for a figure; None for any other search."""
    judging = RANKING | (JUDGING if index.levels.intersection(words) else {})
    if not any(word in judging for word in words):
        return None
    topics = [index.topic(judging[word]) for word in words if judging.get(word)]
    rest = [word for word in words if not ({word} & (index.levels | judging.keys() | SMALL))]
    return (*(part for topic in topics for part in fold(topic)), *rest)


def _read(asked: str, known: Container[str]) -> tuple[tuple[str, ...], str, bool]:
    """The words, a postcode as one of them, and whether only its digits: 3532 AB or 3532ab is kept whole if known."""
    words: list[str] = []
    postcode, shortened = "", False
    for word in fold(asked):
        code = re.fullmatch(rf"([1-9][0-9]{{3}})({LETTERS})?", word)
        if code and not postcode:
            postcode, shortened = code[1], bool(code[2]) and word not in known
            words.append(postcode if shortened else word)
        elif postcode and words[-1] == postcode and not shortened and re.fullmatch(LETTERS, word):
            if postcode + word in known:
                words[-1] += word
            else:
                shortened = word not in SMALL
        else:
            words.append(word)
    return tuple(words[:MOST_WORDS]), postcode, shortened


class _Search:
    """One search in an index."""

    def __init__(self, index: Index, words: Sequence[str]) -> None:
        self.index = index
        self.words = words
        self._hits: dict[tuple[str, bool], dict[str, Cost]] = {}

    def attempts(self) -> Iterator[tuple[bool, list[Result]]]:
        """Whether it is a guess, and results: as typed, a figure in an area, with errors, without unknown words.

        A word such as `buurt` names no area: from the second attempt on it counts beside other words only.
        """
        if not self.words:
            return
        typed = self.fits(self.words, False)
        yield bool(typed) and typed[0].tier == GUESSED, self.results(typed)
        yield False, self.results(self.by_two_names())
        yield False, self.results(self.at_number())
        # Before figures in areas: `oog in all` is a name with an error in it sooner than a word for a figure.
        yield True, self.results(self.nearly())
        yield False, self.pairs(self.words, False)
        telling = [word for word in self.words if word not in self.index.levels]
        if not telling:
            return
        yield False, self.results(self.fits(telling, False))
        yield True, self.results(self.fits(self.words, True))
        yield True, self.pairs(self.words, True)
        known = [w for w in telling if len(w) >= SHORTEST_PART and w not in SMALL and self.hits(w, True)]
        if known:
            yield True, self.results(self.fits(known, True))
            yield True, self.pairs(known, True)
            # What people call an area says more than a postcode, and what fits more than what looks like it.
            single = sorted(fit for word in known for fit in self.fits([word], True))
            sure = [fit for fit in single if fit.tier != GUESSED]
            yield True, self.results(sorted(sure or single, key=lambda fit: HOW[fit.how] in POSTCODES))

    def by_two_names(self) -> list[Fit]:
        """Areas that have every word, some in one of their names and some in another: `3531 lombok`."""
        if len(self.words) < 2 or all(map(str.isalpha, self.words)):  # a second name of one area is a number
            return []
        fits = [self.fits([word], False, ("area",)) for word in self.words if word not in SMALL]
        mine = [{self.index.entries[fit.entry].target: fit for fit in each} for each in fits]
        shared = set[int]().union(*mine).intersection(*mine) if mine else set()
        return sorted(min(each[target] for each in mine) for target in shared)

    def at_number(self) -> list[Fit]:
        """Areas with the street of an address: `kanaalstraat 12a`. The number itself is looked for nowhere."""
        words = [word for word in self.words if not re.fullmatch(HOUSE_NUMBER, word)]
        if not words or len(words) == len(self.words):
            return []
        fits = self.fits(words, False, ("area",))
        return [fit for fit in fits if HOW[fit.how] == "street" and fit.tier == EXACT]

    def nearly(self) -> list[Fit]:
        """Areas of which the name is one error away from all that was typed, written as one word."""
        if len(self.words) < 2:  # of one word that is an attempt of its own
            return []
        joined = "".join(self.words)
        near = [name for name, cost in self.hits(joined, True).items() if cost == (GUESSED, 1)]
        found = [fit for name in near for fit in self.fits([name], False, ("area",))]
        return sorted(fit._replace(tier=GUESSED, errors=1) for fit in found)

    def hits(self, word: str, loose: bool) -> dict[str, Cost]:
        """The words of names that fit one word."""
        if (word, loose) not in self._hits:
            self._hits[word, loose] = self._looked_up(word, loose)
        return self._hits[word, loose]

    def _looked_up(self, word: str, loose: bool) -> dict[str, Cost]:
        index = self.index
        if word in index.codes:
            return {word: (EXACT, 0)}
        found = {name: (WORDS, int(name != word)) for name in beginning(index.sorted_names, word)}
        if not word.isalpha():  # a number with an error in it is another number
            return found
        if len(word) >= SHORTEST_PART:
            for name in index.single:
                if word in name:
                    found.setdefault(name, (INSIDE, 0))
        errors = max((most for least, most in ERRORS.items() if len(word) >= least), default=0)
        if loose and errors:
            near = process.extract(word, index.sorted_names, scorer=OSA.distance, score_cutoff=errors, limit=None)
            for name, distance, _ in near:
                found.setdefault(name, (GUESSED, int(distance)))
            for half in compound(word, index.names) if word in self.words else ():
                found.setdefault(half, (GUESSED, len(word) - len(half)))
        return found

    def fits(self, words: Sequence[str], loose: bool, kinds: tuple[Kind, ...] = ANYTHING) -> list[Fit]:
        """What has all of `words`, the best first, each target once."""
        counted = tuple(word for word in words if word not in SMALL) or tuple(words)
        joined = {"".join(words), "".join(counted)}
        found: dict[int, Cost] = {}
        for asked in {counted, *((word,) for word in joined)}:
            for entry, cost in self._having(asked, loose).items():
                found[entry] = min(cost, found.get(entry, cost))
        best: dict[int, Fit] = {}
        for fit in sorted(self._fit(entry, cost, joined, kinds) for entry, cost in found.items()):
            target = self.index.entries[fit.entry].target
            # That there is no figure is said of what was typed, not of a longer word that it is a part of.
            unsaid = fit.tier == INSIDE and HOW[fit.how] in ("contains", "related")
            # There are many streets, and they end alike: with two errors nearly every one of them is another.
            unsaid = unsaid or (HOW[fit.how] == "street" and fit.errors > 1 and fit.tier == GUESSED)
            if self.index.targets[target].kind in kinds and not unsaid:
                first = best.setdefault(target, fit)
                # What is in its very name needs no other reason.
                if HOW[fit.how] == "name" and fit.tier < DESCRIBED:
                    best[target] = first._replace(entry=fit.entry)
        return list(best.values())

    def _fit(self, number: int, cost: Cost, joined: Collection[str], kinds: tuple[Kind, ...]) -> Fit:
        entry = self.index.entries[number]
        target = self.index.targets[entry.target]
        tier, errors = cost
        if tier < DESCRIBED and entry.whole in joined:
            tier = EXACT
        elif tier < DESCRIBED and any(entry.whole.startswith(start) for start in joined):
            tier = PREFIX
        if entry.how == "street" and EXACT < tier < DESCRIBED:
            tier = DESCRIBED  # who types `park` means the Parkstraat last
        kind = kinds.index(target.kind) if target.kind in kinds else len(kinds)
        return Fit(tier, errors, HOW.index(entry.how), kind, entry.place, len(entry.whole), target.label, number)

    def _having(self, words: Sequence[str], loose: bool) -> dict[int, Cost]:
        """The entries that have all of `words`, at least one of them in the name itself."""
        costs: list[dict[int, Cost]] = []
        own: set[int] = set()
        for word in words:
            each: dict[int, Cost] = {}
            for name, cost in self.hits(word, loose).items():
                for entry, is_own in self.index.names[name]:
                    if is_own or name == word:
                        each[entry] = min(cost, each.get(entry, cost))
                    if is_own:
                        own.add(entry)
            costs.append(each)
        found = dict.fromkeys(set.intersection(*map(self._described, words)), (DESCRIBED, 0))
        for entry in set.intersection(*map(set, costs)) & own:
            found[entry] = max(each[entry][0] for each in costs), sum(each[entry][1] for each in costs)
            if self._borrowed(entry, words):
                found[entry] = GUESSED, 0
        return found

    def _borrowed(self, entry: int, words: Sequence[str]) -> bool:
        """Whether a name has only its later words of these, and the others are of the area around it.

        `overvecht noord` may well be meant as a name, and Vechtzoom-noord in Overvecht is a part of what it would be.
        """
        whole, levels = self.index.entries[entry].whole, self.index.levels
        around = [w for w in words if (entry, False) in self.index.names.get(w, ()) and w not in levels]
        return bool(around) and not any(whole.startswith(word) for word in words)

    def _described(self, word: str) -> set[int]:
        described = self.index.described
        if len(word) < SHORTEST_PART:
            return set(described.get(word, ()))
        return {entry for name in beginning(self.index.sorted_described, word) for entry in described[name]}

    def pairs(self, words: Sequence[str], loose: bool) -> list[Result]:
        """A figure and an area, in either order: `inbraak lombok`, `overvecht huisarts`."""
        found: dict[tuple[int, int], tuple[tuple[int, ...], Result]] = {}
        for cut in range(1, len(words)):
            for topic_words, area_words in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
                if self.index.levels.issuperset(area_words):
                    continue
                areas = self.fits(area_words, loose, ("area",))
                areas = [fit for fit in areas if fit.tier == areas[0].tier][:PAIRED]
                topics = self.fits(topic_words, loose, TOPICS) if areas else []
                topics = ([fit for fit in topics if fit.tier != DESCRIBED] or topics)[:PAIRED]
                # A page is no figure: an area that looks like the name of one is no reason to go there.
                topics = [fit for fit in topics if fit.tier != GUESSED or TOPICS[fit.kind] != "page"]
                for i, topic in enumerate(topics):
                    for j, area in enumerate(areas):
                        key = (self.index.entries[topic.entry].target, self.index.entries[area.entry].target)
                        rank = (max(topic.tier, area.tier), topic.tier + area.tier, i, j)
                        if key not in found or rank < found[key][0]:
                            found[key] = rank, self._pair(topic, area)
        return [result for _, result in sorted(found.values(), key=lambda each: each[0])]

    def _pair(self, topic_fit: Fit, area_fit: Fit) -> Result:
        topic, area = self._result(topic_fit), self._result(area_fit)
        [level] = self._target(area_fit).levels
        # The level of the area, where the figure has a map of it: then the area is on the map.
        held = self._target(topic_fit).levels
        shown = {"niveau": level} if level in held and level != CITY else {}
        absent = self.index.absent(area.label, held == (CITY,)) if held and level not in (*held, CITY) else ""
        return Result(
            kind=topic.kind,
            label=self.index.pair(topic.label, area.label),
            about=area.about,
            why=" · ".join(filter(None, (topic.why, area.why, absent))),
            page=topic.page,
            params={**topic.params, **area.params, **shown},
        )

    def results(self, fits: Iterable[Fit]) -> list[Result]:
        """Each target once."""
        best: dict[int, Fit] = {}
        for fit in fits:
            best.setdefault(self.index.entries[fit.entry].target, fit)
        return [self._result(fit) for fit in best.values()]

    def _result(self, fit: Fit) -> Result:
        entry, target = self.index.entries[fit.entry], self._target(fit)
        why = "" if entry.how == "name" else self.index.why(entry.how, entry.said)
        return Result(target.kind, target.label, target.about, why, target.page, target.params)

    def _target(self, fit: Fit) -> Target:
        return self.index.targets[self.index.entries[fit.entry].target]
