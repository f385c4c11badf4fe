"""What a gemeente answers about each kind of sensor: can it, may it, do we want it? From `city/sensors.toml`.

Staff edit that file by hand, and it counts at the next look at the page. What can't be read is left out with a sentence
in English that says where it is and what to do; the answers that can be read stand.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from buurtbeeld.catalogue.entry import Entry, Link, Words

FILE = "sensors.toml"
QUESTIONS = ("can", "may", "want")
MOST_BYTES = 200_000


class Answer(Entry):
    """What the gemeente says, in Dutch, and in English where it wants."""

    nl: Words
    en: Words | None = None


class Decided(Entry):
    """The answers about one kind of sensor, each only where it was filled in; and where more can be read."""

    can: Answer | None = None
    may: Answer | None = None
    want: Answer | None = None
    dpia: Link | None = None
    register_entry: Link | None = None


@dataclass(frozen=True)
class Decisions:
    """Answers by kind of sensor, and a sentence for staff about each thing that could not be read."""

    kinds: Mapping[str, Decided] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read(folder: Path, kinds: Collection[str]) -> Decisions:
    """The city's answers about `kinds`; none without the file."""
    path = folder / FILE
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            return Decisions(problems=(f"{FILE} is larger than {MOST_BYTES // 1_000} kB. Keep it to the answers.",))
        said = tomllib.loads(content.decode("utf-8-sig"))
    except FileNotFoundError:
        return Decisions()
    except OSError as error:
        return Decisions(problems=(f"{FILE} can't be opened: {error.strerror}. Make it readable for the dashboard.",))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Decisions(problems=(f"{FILE} can't be read: {error}. docs/feeds.md shows how it is written.",))
    found, problems = {}, []
    for kind, answers in said.items():
        if kind not in kinds:
            problems.append(f"{FILE}: there is no kind of sensor [{kind}]. Known are: {', '.join(sorted(kinds))}.")
            continue
        try:
            found[kind] = Decided.model_validate(answers)
        except ValidationError as error:
            wrong = error.errors()[0]
            place = ".".join(map(str, (kind, *wrong["loc"])))
            problems.append(f"{FILE}, {place}: {wrong['msg']}. docs/feeds.md shows how it is written.")
    return Decisions(found, tuple(problems))
