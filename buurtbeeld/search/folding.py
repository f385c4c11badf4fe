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
