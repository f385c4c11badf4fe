"""The explanations of `docs/methods*.md`, so that the page that accounts for everything can show them."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILES = {"nl": "methods.nl.md", "en": "methods.md"}
_DOCS = Path(__file__).parents[2] / "docs"
_SECTION = re.compile(r"^<!-- (\w+) -->\n## (.+?)\n(.+?)(?=^<!-- |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Method:
    """One section: its name in addresses, its heading, its text as Markdown."""

    id: str
    title: str
    text: str


@cache
def methods(lang: str) -> tuple[Method, ...]:
    """Every section in the order of the file. Raises KeyError for a language other than nl and en."""
    written = (_DOCS / _FILES[lang]).read_text(encoding="utf-8")
    return tuple(Method(id, title.strip(), text.strip()) for id, title, text in _SECTION.findall(written))
