"""What came of the last load of each source, as the loaders left word of it in `data/raw/<source>/last.json`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

OUTCOMES = ("new", "unchanged", "unreachable", "unusable", "held_back", "mistake")
FINE = OUTCOMES[:2]


@dataclass(frozen=True)
class Load:
    """`outcome` is one of OUTCOMES; `at` is UTC without zone."""

    outcome: str
    at: datetime

    @property
    def failed(self) -> bool:
        """Whether what is shown is from before."""
        return self.outcome not in FINE


def last(raw_dir: Path, gemeente: str) -> dict[str, Load]:
    """The last load of each source, by its id. What can't be read, or is of another gemeente, says nothing."""
    return dict(_found(raw_dir, gemeente))


def _found(raw_dir: Path, gemeente: str) -> Iterator[tuple[str, Load]]:
    for path in raw_dir.glob("*/last.json"):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            load = Load(said["outcome"], datetime.fromisoformat(said["at"]).replace(tzinfo=None))
            if said["gemeente"] == gemeente and load.outcome in OUTCOMES:
                yield path.parent.name, load
        except (OSError, ValueError, KeyError, TypeError):
            continue
