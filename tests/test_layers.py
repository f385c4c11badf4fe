"""The table of layers in docs/architecture.md, enforced over every Python file of ours, also inside functions."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).parent.parent
OPEN = {"buurtbeeld", "settings", "catalogue"}
PLACES = ("buurtbeeld", "loaders", "pages", "tools")


class Layer(NamedTuple):
    may: set[str]
    never: set[str]


def table() -> dict[str, Layer]:
    """The rows of the table: per layer the names between backticks in its two other columns."""
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:4] for line in text.splitlines() if line.startswith("| `")]
    cells = [[re.findall(r"`([^`]+)`", cell) for cell in row] for row in rows]
    return {name: Layer(set(may), set(never)) for names, may, never in cells for name in names}


def files(root: Path) -> list[Path]:
    found = [path for place in PLACES for path in (root / place).rglob("*.py")]
    return sorted(path.relative_to(root) for path in (*found, root / "dashboard.py") if path.exists())


def layer_of(path: Path) -> str:
    """`pages/map.py` is of pages, `buurtbeeld/maps/files.py` of maps, `buurtbeeld/__init__.py` of buurtbeeld."""
    parts = path.with_suffix("").parts
    inside = parts[1:] if parts[0] == "buurtbeeld" and parts[1:] != ("__init__",) else parts
    return inside[0]


def imported(root: Path, path: Path) -> Iterator[str]:
    """Every module that the file imports, with its whole name."""
    for node in ast.walk(ast.parse((root / path).read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                base = list(path.parts[: -node.level]) if node.level else []
                module = ".".join([*base, *([node.module] if node.module else [])])
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case ast.Call(func=ast.Name(id=call) | ast.Attribute(attr=call), args=[ast.Constant(value=str(name)), *_]):
                if call in ("import_module", "__import__"):
                    yield name


def target(root: Path, module: str) -> str:
    """The layer that a module is of, or its package when it isn't ours; `buurtbeeld.__version__` is of buurtbeeld."""
    first, *rest = module.split(".")
    if first != "buurtbeeld":
        return first
    below = root / "buurtbeeld" / rest[0] if rest else None
    return rest[0] if below and (below.is_dir() or below.with_suffix(".py").exists()) else first


def violations(root: Path) -> list[str]:
    layers = table()
    ours = {*layers, *OPEN}
    found = []
    for path in files(root):
        layer = layer_of(path)
        if layer not in ours:
            found.append(f"{path} is of no layer; docs/architecture.md has no row for {layer}.")
            continue
        may, never = layers.get(layer, Layer(set(), set()))
        for module in imported(root, path):
            other = target(root, module)
            allowed = other not in ours or other in {*may, *OPEN, layer}
            if not allowed or other in never:
                found.append(f"{path} imports {module}, which {layer} may not.")
    return found


def sources(root: Path) -> set[str]:
    """The loaders' modules that declare a SOURCE."""
    return {
        f"loaders.{path.stem}"
        for path in (root / "loaders").glob("*.py")
        if re.search(r"^SOURCE\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }


def test_every_import_goes_down():
    found = violations(PROJECT)
    assert not found, "\n".join(found)


def test_no_source_imports_another():
    names = sources(PROJECT)
    found = [
        f"{path} imports {module}"
        for path in files(PROJECT)
        for module in imported(PROJECT, path)
        if any(f"{module}.".startswith(f"{name}.") for name in names)
    ]
    assert not found, "\n".join(found)


def test_the_table_has_only_layers_in_its_middle_column():
    layers = table()
    assert {name for layer in layers.values() for name in layer.may} <= set(layers)


def test_the_table_has_no_circle():
    layers, done = table(), set(OPEN)
    while ready := {name for name, layer in layers.items() if name not in done and layer.may <= done}:
        done |= ready
    assert set(layers) <= done


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pages/a.py", "import duckdb"),
        ("pages/a.py", "def draw():\n    from duckdb import connect"),
        ("pages/a.py", "from buurtbeeld import warehouse"),
        ("pages/a.py", "from buurtbeeld.warehouse.build import build"),
        ("pages/a.py", "from pages import b"),
        ("pages/a.py", "from . import b"),
        ("pages/a.py", "import importlib\nimportlib.import_module('loaders.http')"),
        ("loaders/a.py", "import buurtbeeld.queries"),
        ("dashboard.py", "import geopandas"),
        ("buurtbeeld/maps/a.py", "import streamlit as st"),
        ("buurtbeeld/maps/a.py", "from .. import queries"),
        ("buurtbeeld/catalogue/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import duckdb"),
        ("buurtbeeld/other.py", "x = 1"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path, path, text):
    for module in ("warehouse/build", "queries", "settings"):
        (tmp_path / "buurtbeeld" / module).with_suffix(".py").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "buurtbeeld" / module).with_suffix(".py").touch()
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    assert len(violations(tmp_path)) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pages/a.py", "import streamlit\nfrom buurtbeeld.store import ask\nfrom buurtbeeld.settings import read"),
        ("loaders/a.py", "from buurtbeeld import __version__\nfrom loaders.http import Http"),
        ("buurtbeeld/maps/a.py", "from . import palettes\nfrom buurtbeeld.maps import palettes"),
        ("dashboard.py", "from buurtbeeld import api"),
    ],
)
def test_an_allowed_import_is_left_alone(tmp_path, path, text):
    for name in ("settings", "store", "api"):
        (tmp_path / "buurtbeeld").mkdir(exist_ok=True)
        (tmp_path / "buurtbeeld" / f"{name}.py").touch()
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    assert violations(tmp_path) == []


def test_a_status_is_compared_as_the_text_that_the_mart_gives():
    """`is Status.OK` is false for a status that was read, and true for one that a test made."""
    found = [
        f"{path}:{node.lineno}"
        for path in files(PROJECT)
        for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops)
        if any(ast.unparse(each).startswith("Status.") for each in (node.left, *node.comparators))
    ]
    assert found == []
