"""What every entry of a TOML file is made of: words in both languages, ids, numbers, links."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Words = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]*$")]
# Column names end up in SQL as identifiers, so nothing that could close a quotation may pass.
Column = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Positive = Annotated[float, Field(strict=True, gt=0)]
Day = Annotated[date, Field(strict=True)]
Link = Annotated[str, StringConstraints(strict=True, pattern=r"^https://\S+$")]


class Entry(BaseModel):
    """A table in a TOML file: frozen, and a key that nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Entry):
    """The same words in both languages."""

    nl: Words
    en: Words

    def get(self, lang: str) -> str:
        """The words in `lang`, which is nl or en. Raises KeyError for another language."""
        return {"nl": self.nl, "en": self.en}[lang]
