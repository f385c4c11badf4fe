"""The words of both languages: the same keys, all used, none missing, nothing left in the other language.

Keys stand in the code as they are, or as an f-string over a closed list; `FAMILIES` names each such list, so that what
is used can be told exactly.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple, get_args

import pytest
from babel.messages.pofile import read_po

import buurtbeeld.texts
from buurtbeeld import queries
from buurtbeeld.addresses import PAGES
from buurtbeeld.api import router
from buurtbeeld.catalogue import UNCOUNTED, WAYS, Figure, Status
from buurtbeeld.catalogue.model import BreakKind, Grain, Method, Whose
from buurtbeeld.catalogue.sensing import Limit
from buurtbeeld.catalogue.sensing import Reason as Reasons
from buurtbeeld.combining import Reason
from buurtbeeld.decisions import QUESTIONS
from buurtbeeld.loads import OUTCOMES
from buurtbeeld.now.states import State
from buurtbeeld.search.find import HOW
from buurtbeeld.search.folding import JUDGING, RANKING
from buurtbeeld.selection import ORDERS, PARAMS, PARTS
from buurtbeeld.server.plain import _PROBLEMS
from buurtbeeld.statistics import classes
from buurtbeeld.statistics.association import Hindrance
from buurtbeeld.statistics.compare import Stand
from buurtbeeld.texts import LANGUAGES
from buurtbeeld.texts.now import CLASSES
from buurtbeeld.texts.sentences import _UNKNOWN
from buurtbeeld.verdicts import Apart, Basis, Change
from tests.figures import mart_of

PROJECT = Path(__file__).parents[2]
TEMPLATES = PROJECT / "buurtbeeld" / "server" / "templates"
PROBLEMS = {*_PROBLEMS.values(), "error"}
METHODS = get_args(Method)
UNSURE = tuple(basis for basis in Basis if basis != Basis.COUNTED)

# f-string → what can stand in it
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "api.{}": tuple(route.name for route in router.routes if getattr(route, "operation_id", None)),  # type: ignore[attr-defined]
    "api.parameter.{}": ("taal", "level", "edition", "indicator", "period", "area", "format", "open"),
    "alike.{}": ("much", "fair", "little"),
    "apart.{}": tuple(Apart),
    "differ.{}": ("higher", "lower"),
    "differ.{}.many": ("higher", "lower"),
    "api.column.{}": Figure.__slots__,
    "{}.search": tuple(page.name for page in PAGES),
    "area.{}": ("postcode", "old_name"),
    "badge.{}": ("sample", "simulated"),
    "classes.{}": classes.METHODS,
    "classes.{}.why": classes.METHODS,
    "classes.city.{}": ("below", "above"),
    "classes.city.{}.near": ("below", "above"),
    "ignored.{}": (*PARAMS, "alone", "level", "many", "many_own", "city", "part", "beside", "same"),
    "minimum.{}": (*get_args(Whose), "kept", "unknown", "sensed"),
    "minimum.cell.{}": get_args(Whose),
    "method.{}": METHODS,
    "method.{}.short": METHODS,
    "own.why.{}": tuple(Reason),
    "sure.city.{}": ("unreliable", "provisional", "simulated"),
    "nomart.{}": ("missing", "damaged", "other", "empty"),
    "now.air.{}": tuple(name for _, name in CLASSES),
    "now.air.{}.means": tuple(name for _, name in CLASSES),
    "now.known.{}": ("measured", "estimated", "unsure", "nobody"),
    "now.limit.{}": get_args(Limit.model_fields["by"].annotation),
    "now.limit.over.{}": get_args(Limit.model_fields["over"].annotation),
    "now.part.{}": tuple(PARTS.values()),
    "now.question.{}": QUESTIONS,
    "now.reason.{}": get_args(Reasons),
    "now.state.{}": tuple(State),
    "now.state.{}.means": tuple(State),
    "now.table.{}": ("name", "area", "said", "state", "at"),
    "pick.{}": (*get_args(Grain), "since", "until"),
    "portrait.{}": tuple(Stand),
    "portrait.{}.short": tuple(Stand),
    "portrait.also.{}": ("better", "worse", "other"),
    "portrait.unknown.{}": ("margin", "unsure", "missing", "alone"),
    "portrait.border.{}": ("same", "code", "moved", "unknown"),
    "relation.lineless.{}": tuple(Hindrance),
    "signal.{}.title": ("opened", "closed", "withdrawn"),
    "search.why.{}": tuple(how for how in HOW if how not in ("name", "description")),
    "search.topic.{}": tuple(sorted({topic for topic in (RANKING | JUDGING).values() if topic})),
    "play.{}": get_args(Grain),
    "share.{}": ("csv", "parquet", "json"),
    "sources.load.{}": OUTCOMES[2:],
    "sources.column.{}": ("figure", "method", "source", "newest", "minimum"),
    "counted.{}": UNCOUNTED[:-1],
    "start.{}": ("own", "meeting", "work"),
    "start.{}.why": ("own", "meeting", "work"),
    "start.{}.go": ("own", "meeting", "work"),
    "status.{}": (*Status, "unconverted"),
    "status.{}.why": (*(status for status in Status if status != Status.OK), "unconverted"),
    "status.{}.means": (*Status, "unconverted"),
    "sure.{}": UNSURE,
    "sure.{}.unknown": _UNKNOWN,
    "sure.all.{}": UNSURE,
    "sure.all.{}.unknown": _UNKNOWN,
    "sure.column.{}": UNSURE,
    "sure.short.{}": UNSURE,
    "table.order.{}": ORDERS,
    "sentence.then.{}": get_args(Grain),
    "trend.break.{}": get_args(BreakKind),
    "trend.verdict.{}": tuple(Change),
    "way.{}": WAYS,
    "zoom.{}": ("in", "out", "city"),
}
# Words that are the same in both languages, or hold nothing but what is filled in.
SAME = {
    "site.name", "page.start", "page.trends", "area.in", "area.postcode", "map.title", "legend.all", "legend.middle",
    "share.csv", "share.parquet", "share.json", "sentence.topic", "period.in", "method.register.short",
    "beside.title", "profile.wijk", "api.parameter", "portrait.theme.table", "goals.listed", "measures.month",
    "search.pair", "sure.span",
    "multiples.at", "trend.unit.index", "way.index",
    "own.lacking",
    "now.age.of",
}  # fmt: skip
# Small words that only one of the two languages has.
ENGLISH = set("the and with which this are there is from your you we not no here than each for to at by".split()) - {
    "is",
    "we",
}
DUTCH = set("de het een niet geen wij uw van voor met dat deze zijn naar bij er ook wordt".split())


def messages(lang: str):
    """Key → its texts; two of them where there is one and many."""
    with Path(buurtbeeld.texts.__file__).with_name(f"{lang}.po").open("rb") as file:
        catalogue = read_po(file, locale=lang, abort_invalid=True)
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        key, texts = (each if isinstance(each, str) else tuple(each or ()) for each in (message.id, message.string))
        if key:
            assert key not in found and key[0] not in found, f"{key} stands in {lang}.po twice"
            found[key if isinstance(key, str) else key[0]] = (texts,) if isinstance(texts, str) else texts
    return found


NL, EN = (messages(lang) for lang in LANGUAGES)


def placeholders(texts):
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}


def letters(text):
    """The words of a text, without code and without what is filled in."""
    return re.findall(r"[^\W\d_]+", re.sub(r"`[^`]*`|\{[^}]*\}|\([^)]*\)", " ", text).lower())


class Call(NamedTuple):
    """One `….t(key, …)`, `….n(key, count, …)` or `Wrong(key, …)` in the code."""

    where: str
    key: str | None  # None where it is computed; a family where it is an f-string
    plural: bool
    given: set[str] | None  # names that are filled in; None where they are not known here


def skeleton(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
    return None


@cache
def code() -> tuple[tuple[Path, ast.AST], ...]:
    """Every expression of the code, with its file."""
    paths = (*PROJECT.glob("buurtbeeld/**/*.py"), *PROJECT.glob("pages/*.py"), PROJECT / "dashboard.py")
    trees = ((path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths)
    return tuple((path, node) for path, tree in trees for node in ast.walk(tree) if isinstance(node, ast.expr))


def calls() -> Iterator[Call]:
    for path, node in code():
        match node:
            case ast.Call(
                func=ast.Attribute(attr="t" | "n" as name) | ast.Name(id="t" | "n" | "Wrong" as name),
                args=[key, *rest],
            ):
                known = all(word.arg for word in node.keywords)
                given = {word.arg or "" for word in node.keywords} | ({"count"} if name == "n" else set())
                where = f"{path.relative_to(PROJECT)}:{node.lineno}"
                yield Call(where, skeleton(key), bool(rest), given if known else None)


@cache
def strings() -> set[str]:
    """Every string and f-string in the code."""
    return {text for _, node in code() if (text := skeleton(node))}


def in_templates() -> set[str]:
    """Keys and families in the plain pages: words.t("api.title"), t("status." ~ status ~ ".means")."""
    found = set()
    for path in TEMPLATES.glob("*.html"):
        for asked in re.findall(r'\bt\(("[^)]*)\)', path.read_text(encoding="utf-8")):
            found.add("".join(part.strip('" ') if '"' in part else "{}" for part in asked.split("~")))
    return found


def spelled(key: str) -> list[str]:
    return [key.format(word) for word in FAMILIES[key]] if "{}" in key else [key]


def families() -> set[str]:
    """Every f-string that makes a key: as the argument, or by the name it begins with."""
    names = "|".join({key.partition(".")[0] for key in NL})
    made = {text for text in strings() if re.fullmatch(rf"(?:{names})(?:\.[a-z_]+|\.\{{\}})+", text) and "{}" in text}
    asked = {call.key for call in calls() if call.key and "{}" in call.key}
    return made | asked | {key for key in in_templates() if "{}" in key}


def test_both_languages_have_the_same_keys_in_the_same_order():
    assert list(NL) == list(EN)


def test_the_lists_behind_computed_keys_are_all_named_here():
    assert families() == set(FAMILIES)


def test_every_key_that_is_used_exists():
    literal = {(call.where, call.key) for call in calls() if call.key and "{}" not in call.key}
    literal |= {("a template", key) for key in in_templates() if "{}" not in key}
    literal |= {("the city's own files", key) for key in strings() if re.fullmatch(r"city\.[a-z.]+", key)}
    assert {(where, key) for where, key in literal if key not in NL} == set()
    assert {key for family in FAMILIES for key in spelled(family) if key not in NL} == set()
    assert {page.name for page in PAGES} <= set(NL)


def test_every_key_that_exists_is_used():
    used = {key for key in strings() | in_templates() if "{}" not in key}
    used |= {key for family in FAMILIES for key in spelled(family)}
    used |= {f"{problem}.{part}" for problem in PROBLEMS for part in ("title", "text")}
    assert set(NL) - used == set()


def test_other_names_of_areas_are_of_the_kinds_that_have_words(sample):
    kinds = {kind for _, kind, _ in mart_of(sample).ask(queries.area_names)}
    assert kinds <= set(FAMILIES["area.{}"])


def test_what_is_filled_in_is_what_the_text_asks():
    wrong = [
        (call.where, key, call.given)
        for call in calls()
        if call.key and call.given is not None
        for key in spelled(call.key)
        if call.given != placeholders(NL[key])
    ]
    assert wrong == []


def test_only_texts_with_a_plural_are_counted():
    keys = {key: call.plural for call in calls() if call.key for key in spelled(call.key)}
    assert {key for key, plural in keys.items() if plural} == {key for key, texts in NL.items() if len(texts) > 1}


@pytest.mark.parametrize("key", NL)
def test_both_languages_fill_in_the_same(key):
    assert placeholders(NL[key]) == placeholders(EN[key])
    assert len(NL[key]) == len(EN[key])


@pytest.mark.parametrize(("lang", "found"), [("nl", NL), ("en", EN)])
def test_no_text_is_empty_or_has_loose_ends(lang, found):
    wrong = [key for key, texts in found.items() if not all(text and text == text.strip() for text in texts)]
    doubled = [
        key for key, texts in found.items() if any("  " in text or " ." in text or " ," in text for text in texts)
    ]
    assert (wrong, doubled) == ([], [])


def test_both_forms_of_a_plural_fill_in_a_count():
    assert all(
        "count" in placeholders([text])
        for found in (NL, EN)
        for texts in found.values()
        if len(texts) > 1
        for text in texts
    )


def test_only_known_words_are_the_same_in_both_languages():
    assert {key for key in NL if NL[key] == EN[key]} == SAME


def test_no_english_on_the_dutch_side_and_no_dutch_on_the_english():
    assert {key: left for key, texts in NL.items() if (left := ENGLISH & set(letters(" ".join(texts))))} == {}
    assert {key: left for key, texts in EN.items() if (left := DUTCH & set(letters(" ".join(texts))))} == {}


def test_a_text_in_the_other_language_would_be_found():
    assert ENGLISH & set(letters("There is no figure for this area."))
    assert DUTCH & set(letters("Er is geen cijfer."))


def test_visitors_are_addressed_one_way():
    assert [key for key, texts in NL.items() if {"je", "jij", "jouw", "jullie"} & set(letters(" ".join(texts)))] == []


def test_sentences_are_short():
    long = [
        key
        for key, texts in NL.items()
        for text in texts
        for part in re.split(r"[.:;?] ", text)
        if len(letters(part)) > 25
    ]
    assert long == []
