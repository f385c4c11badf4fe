"""Words as they are compared: without what people write differently."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

SHORTEST_HALF = 6  # letters that are recognised as half of a compound

_WRITTEN = {"st": "sint", "1e": "eerste", "2e": "tweede", "3e": "derde", "4e": "vierde"}
# Words that nobody searches for, folded.
SMALL = frozenset(
    "de het een en of in op te van voor bij met naar uit om aan is zijn er hoe hoeveel wat waar welke mijn onze ik s t "
    "the a an and or at for to from near are there how much many what where which mij our i".split()
)

# Words that ask for a ranking, folded, with what they are about (`search.topic.<id>` in texts/); "" where that is
# anyone's guess. Those of JUDGING do so only beside a word for areas: `gevaarlijke buurt`.
RANKING = {
    **dict.fromkeys("slechtste beste ergste mooiste leukste fijnste worst best nicest finest".split(), ""),
    **dict.fromkeys("meeste minste hoogste laagste most least highest lowest top ranglijst ranking".split(), ""),
    **dict.fromkeys("armste armst rijkste rijkst poorest richest wealthiest".split(), "income"),
    **dict.fromkeys(
        "gevaarlijkste gevaarlijkst onveiligste veiligste veiligst crimineelste safest unsafest".split(),
        "crime",
    ),
    **dict.fromkeys("gezondste ongezondste healthiest unhealthiest".split(), "health"),
    **dict.fromkeys("eenzaamste loneliest".split(), "loneliness"),
    **dict.fromkeys("duurste goedkoopste cheapest".split(), "homes"),
}
JUDGING = {
    **dict.fromkeys("slecht slechte bad".split(), ""),
    **dict.fromkeys("arm arme rijk rijke poor rich wealthy".split(), "income"),
    **dict.fromkeys(
        "gevaarlijk gevaarlijke onveilig onveilige veilig veilige crimineel criminele dangerous unsafe safe".split(),
        "crime",
    ),
}
# What people call areas, next to the names of levels.
PLACES = frozenset(
    "plek plekken gebied gebieden straat place places area areas street neighborhood neighborhoods".split()
)


def fold(text: str) -> tuple[str, ...]:
    """The words of a text in small letters, without accents and hyphens; y as ij, St. as Sint, e.o. as en omgeving."""
    # A sign such as 𝕊 becomes a capital, so capitals go after that.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("y", "ij")
    plain = re.sub(r"\be\.\s?o\b\.?", " en omgeving ", plain)
    return tuple(_WRITTEN.get(word, word) for word in re.findall(r"[^\W_]+", plain))


def left_out(name: str) -> Iterator[str]:
    """Whole words of which a name writes half: `taagdreef` of Taag- en Rubicondreef."""
    for half, kind in re.findall(r"(\w+)- en \w+?(dreef|straat|laan|plein|park|weg|buurt|wijk)\b", name):
        yield "".join(fold(half + kind))


def head(name: str) -> str:
    """What the parts of an area have in common, as one word: `demeern` of De Meern-Noord; "" for another name."""
    found = re.match(r"(.+)-(?:noord|zuid|oost|west|centrum)\b", name, re.IGNORECASE)
    return "".join(fold(found[1])) if found else ""


def compound(word: str, known: Collection[str]) -> list[str]:
    """What a compound is about: woning·inbraak is about inbraak. Its beginning counts only where its end is unknown."""
    lengths = range(SHORTEST_HALF, len(word))
    return [word[-n:] for n in lengths if word[-n:] in known] or [word[:n] for n in lengths if word[:n] in known]


def beginning(words: Sequence[str], start: str) -> Iterator[str]:
    """Those of sorted `words` that begin with `start`."""
    for place in range(bisect_left(words, start), len(words)):
        if not words[place].startswith(start):
            return
        yield words[place]
