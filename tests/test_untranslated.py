"""No visible word stands in the code of a screen: every one comes from `buurtbeeld/texts/` or the catalogue.

Looked at is the source of pages, widgets and what prepares their text. What is shown is what a call of Streamlit is
given by place, or by the name of a part that is read; and what a function of these files returns as text.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
SCREENS = sorted(
    [*PROJECT.glob("pages/*.py"), *PROJECT.glob("buurtbeeld/widgets/*.py")]
    + [
        PROJECT / "buurtbeeld" / f"{name}.py"
        for name in ("profile", "trend", "multiples", "sources", "own", "goals", "view")
    ]
    + [
        PROJECT / "buurtbeeld" / "charts" / f"{name}.py"
        for name in ("cards", "differences", "legend", "series", "strip", "tables")
    ]
    + [*PROJECT.glob("buurtbeeld/comparison/*.py")]
)
# What a call puts on the screen, as the first thing it is given unless said otherwise.
SHOWS = {
    "title", "header", "subheader", "caption", "markdown", "write", "text", "html", "code", "latex", "badge", "metric",
    "info", "warning", "error", "success", "toast", "button", "download_button", "link_button", "page_link",
    "selectbox", "multiselect", "radio", "segmented_control", "pills", "checkbox", "toggle", "slider", "select_slider",
    "text_input", "text_area", "number_input", "date_input", "time_input", "file_uploader", "expander", "popover",
    "status", "spinner", "dialog", "tabs", "tab", "Page",
}  # fmt: skip
EVERY_ARGUMENT = {"metric", "tabs", "write"}
READ = {
    "label",
    "body",
    "help",
    "placeholder",
    "alt",
    "title",
    "page_title",
    "caption",
    "text",
    "icon",
    "options",
    "captions",
}
NOT_READ = {"Page", "page_link"}  # the first thing they are given is a file
# Letters that are no words: tags and styles of HTML, colours of badges, names of icons, addresses, SVG.
NO_WORDS = re.compile(r"<[^>]*>?|^[^<]*?>|:[a-z]+(?:-badge)?\[|:material/[a-z_]+:|/api/v1/[\w?=&]*|data:[\w/+]*,")


def words(node: ast.expr) -> str:
    """The letters that stand in an expression itself, whatever is filled in left out."""
    match node:
        case ast.Constant(value=str(text)):
            return letters(text)
        case ast.JoinedStr(values=parts):
            whole = "".join(str(part.value) if isinstance(part, ast.Constant) else "\x00" for part in parts)
            return letters(whole) + "".join(words(part.value) for part in parts if isinstance(part, ast.FormattedValue))
        case ast.BinOp(left=left, right=right):
            return words(left) + words(right)
        case ast.IfExp(body=one, orelse=other):
            return words(one) + words(other)
        case ast.BoolOp(values=several) | ast.List(elts=several) | ast.Tuple(elts=several):
            return "".join(map(words, several))
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(between)), attr="join"), args=several):
            return letters(between) + "".join(map(words, several))
        case ast.Call(func=ast.Name(id="plain" | "escape" | "str"), args=[inside, *_]):
            return words(inside)
    return ""


def letters(text: str) -> str:
    return "".join(re.findall(r"[^\W\d_]+", NO_WORDS.sub("", text)))


def shown(tree: ast.AST) -> Iterator[ast.expr]:
    """Every expression that ends up on the screen."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="lines" | "parts" | "cells"), attr="append"), args=[value]
            ):
                yield value
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=given, keywords=named):
                if name in SHOWS - NOT_READ:
                    yield from given if name in EVERY_ARGUMENT else given[:1]
                if name in SHOWS or name == "set_page_config" or name.endswith("_chart"):
                    yield from (word.value for word in named if word.arg in READ)
            case ast.Return(value=ast.expr() as value):
                yield value
            case ast.Assign(
                targets=[ast.Name(id="line" | "lines" | "head" | "cells" | "parts" | "title")], value=value
            ):
                yield value


def untranslated(source: str) -> list[str]:
    """Words in the code of a screen, with their line."""
    return [f"{node.lineno}: {ast.unparse(node)}" for node in shown(ast.parse(source)) if words(node)]


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_word_stands_in_the_code_of_a_screen(path):
    assert untranslated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "code",
    [
        'st.title("Kaart")',
        'left.selectbox("Jaar", years)',
        'st.selectbox(label="Jaar", options=years)',
        'st.markdown(f"**{name}** in {city}")',
        'st.caption("Bron: " + source)',
        'st.info(f"{count} buurten")',
        'st.metric(name, "onbekend")',
        'st.metric(name, value, help="Gemiddeld")',
        'rows, method = st.tabs([say.t("tab.table"), "Uitleg"])',
        'st.selectbox(say.t("pick.year"), years, placeholder="Kies")',
        'st.pydeck_chart(deck, alt=f"Kaart van {city}")',
        'st.set_page_config(page_title="Buurtbeeld")',
        'st.html(f"<b>{name}</b> per jaar")',
        'st.html("<b>Kaart</b>")',
        'st.markdown(plain("Let op"))',
        'st.title(name or "Onbekend")',
        'st.title("Ja" if yes else "Nee")',
        'st.caption(" en ".join(names))',
        'with st.expander("Tabel"): pass',
        'st.page_link(page, label="Verder")',
        'st.link_button("CSV", address)',
        'def cell(): return f"{number} procent"',
        'lines.append(f"{name} heeft {number}")',
        'head = ["Buurt", name]',
        'st.markdown(f":orange-badge[voorbeeld]")',
    ],
)
def test_a_word_in_the_code_would_be_found(code):
    assert untranslated(code)


@pytest.mark.parametrize(
    "code",
    [
        'st.title(say.t("map.title", city=city))',
        'st.markdown(f"**{plain(name)}**")',
        'st.selectbox(say.t("pick.year"), years, key="year", format_func=lambda id: names[id])',
        'st.html(f\'<h1 style="{HIDDEN}">{escape(title)}</h1>\')',
        'st.code(path, language=None)',
        'st.caption(" · ".join(parts))',
        'st.Page(page.file, title=say.t(page.name))',
        'st.container(border=True, height="stretch", key="menu")',
        'logging.exception("A page could not be drawn.")',
        'st.markdown(f":orange-badge[{say.t(\'badge.sample\')}]")',
        'return f":gray[{say.figure(figure)}]"',
        'st.markdown("---")',
    ],
)  # fmt: skip
def test_words_from_the_texts_are_let_through(code):
    assert untranslated(code) == []
