"""What is wrong in a catalogue file, said so that someone who does not program can repair it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the file, the key in it (`residents.title.en`; empty for the file as a whole) and the reason."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, {self.key}: {self.reason}" if self.key else f"{self.file}: {self.reason}"


class CatalogueError(ValueError):
    """The catalogue can't be used. `problems` holds every mistake, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        super().__init__("\n".join([f"The catalogue has {count}:", *(f"- {problem}" for problem in self.problems)]))
