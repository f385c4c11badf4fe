"""The explanations: the same sections in both languages, each with something to read."""

import re
from pathlib import Path

from buurtbeeld.texts.methods import methods

DOCS = Path(__file__).parents[2] / "docs"


def test_both_languages_explain_the_same():
    assert [method.id for method in methods("nl")] == [method.id for method in methods("en")]
    assert all(len(method.text) > 200 for lang in ("nl", "en") for method in methods(lang))


def test_no_section_is_left_out():
    for lang, name in (("en", "methods.md"), ("nl", "methods.nl.md")):
        headings = re.findall(r"^## (.+)$", (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == [method.title for method in methods(lang)]


def test_every_section_is_linked_from_where_it_is_used():
    code = [*Path("buurtbeeld").rglob("*.py"), *Path("pages").rglob("*.py")]
    used = set(re.findall(r"\.method\(\"(\w+)\"\)", "".join(path.read_text(encoding="utf-8") for path in code)))
    assert {method.id for method in methods("nl")} - used == set()
