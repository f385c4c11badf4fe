"""A source: who publishes, under which licence, and how much of it may be passed on."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self, get_args

Shape = Literal["outline", "area", "name", "point", "reading", "list"]
Openness = Literal["rows", "aggregate", "none"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a loader declares once and every raw file, mart and page carries along.

    page is the publisher's page for people; licence is an id of licences.toml; attribution is the text to show;
    hosts are keys of the BASE_URL settings that the loader may call (empty when nothing is fetched).
    Raises ValueError naming every problem.
    """

    id: str
    publisher: str
    title: str
    page: str
    licence: str
    attribution: str
    shape: Shape
    openness: Openness
    refreshed: str
    hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        problems = [f"{name} is empty" for name in _TEXTS if not str(getattr(self, name)).strip()]
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.id):
            problems.append(f"id {self.id!r} is not in small letters, digits and underscores")
        for name, allowed in (("shape", get_args(Shape)), ("openness", get_args(Openness))):
            if getattr(self, name) not in allowed:
                problems.append(f"{name} {getattr(self, name)!r} is not one of {', '.join(allowed)}")
        if not self.page.startswith(("https://", "http://")):
            problems.append(f"page {self.page!r} is not a web address")
        if problems:
            raise ValueError(f"Source {self.id!r}: {'; '.join(problems)}.")

    def as_dict(self) -> dict[str, Any]:
        """The source as plain JSON values, for the metadata of a raw file."""
        return asdict(self) | {"hosts": list(self.hosts)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The source from `as_dict()` or from a wider table: keys that say more about one copy are left alone.

        Raises ValueError naming every key that is missing.
        """
        missing = [field.name for field in fields(cls) if field.name != "hosts" and field.name not in values]
        if missing:
            raise ValueError(f"Source {values.get('id', '?')!r} lacks {', '.join(missing)}.")
        own = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        return cls(**own | {"hosts": tuple(own.get("hosts", ()))})


_TEXTS = ("publisher", "title", "licence", "attribution", "refreshed")
