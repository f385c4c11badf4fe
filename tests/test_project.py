"""What holds for the project as a whole: its files, its menu, its list of packages."""

import ast
import io
import os
import re
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from buurtbeeld import __version__

PROJECT = Path(__file__).parent.parent
MADE = {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "test-output"}
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def texts(ending: str = "") -> Iterator[tuple[Path, str]]:
    """Every text file of the project and what is in it. Of data/ only what is committed."""
    for folder, folders, names in os.walk(PROJECT):
        here = Path(folder)
        kept = {"sample"} if here == PROJECT / "data" else set(folders) - MADE
        folders[:] = sorted(kept & set(folders))
        for name in names:
            committed = here != PROJECT / "data" or name == "README.md"
            if committed and name.endswith(ending) and not (here / name).is_symlink():
                try:
                    yield (here / name).relative_to(PROJECT), (here / name).read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    continue


def lines_with(pattern: str, ending: str = "") -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:160]}"
        for path, text in texts(ending)
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]


def lines_of_code(text: str) -> int:
    """Lines with something to run: no blanks, comments or docstrings."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    code = {line for token in tokens if token.type not in LAYOUT for line in range(token.start[0], token.end[0] + 1)}
    docstrings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return len(code - docstrings)


def targets() -> dict[str, str]:
    """The targets of the Makefile with the line each has in the menu."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z][\w-]*):(?!=)[^#\n]*(?:## )?(.*)$", makefile, re.MULTILINE))


def pins(name: str) -> dict[str, str]:
    """The packages of a lock file with their versions."""
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.lstrip().startswith("#")]
    assert all(re.fullmatch(r"==[^*,]+", str(requirement.specifier)) for requirement in requirements)
    return {requirement.name: str(requirement.specifier)[2:] for requirement in requirements}


def direct(*extras: str) -> list[Requirement]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [Requirement(line) for line in (*project["dependencies"], *named)]


def test_no_file_names_a_path_of_one_machine():
    found = lines_with(r"(?<![\w.*-])(/(root|work|home|Users)/\w|/opt/(pypi|wheels)|file:///\w)")
    assert not found, "\n".join(found)


def test_no_file_names_a_package_registry():
    hosts = r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|(deb|security)\.debian\.org"
    assert lines_with(hosts) == lines_with("--(extra-)?index-url ") == []


def test_no_page_writes_html_by_hand():
    assert lines_with(r"unsafe_allow_(?=html)", ".py") == []


def test_a_page_has_at_most_80_lines_of_code():
    long = {str(path): lines_of_code(text) for path, text in texts(".py") if path.parts[0] == "pages"}
    assert {path: lines for path, lines in long.items() if lines > 80} == {}


def test_lines_of_code_leave_out_what_does_not_run():
    assert lines_of_code('"""What it is.\n\nAnd more."""\n\n# why\nx = (\n    1,\n)\n') == 3


def test_every_exception_to_a_rule_has_its_reason():
    bare = r"#\s*(noqa|type: ignore|pragma)\b(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[\w, -]+\])?[\s#-]*$"
    # A test may give a wrong type on purpose; that needs no explanation.
    found = [line for line in lines_with(bare, ".py") if not (line.startswith("tests/") and "type: ignore[" in line)]
    assert not found, "\n".join(found)
    pyproject = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = pyproject[pyproject.index("\nignore = [") : pyproject.index("[tool.ruff.lint.mccabe]")]
    assert [line for line in ignored.splitlines() if re.search(r'"[A-Z]+\d+"', line) and "# " not in line] == []


def test_the_menu_lists_every_target():
    menu = subprocess.check_output(["make", "--no-print-directory"], cwd=PROJECT, text=True)
    assert [line.split()[1] for line in menu.splitlines()] == list(targets())
    assert {"run", "test", "data", "mart", "check", "bench", "soak", "clean"} <= set(targets())


def test_every_target_has_its_line():
    assert [name for name, line in targets().items() if not line] == []


def test_every_direct_package_is_in_the_lock():
    locked, locked_dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert [need.name for need in direct() if not need.specifier.contains(locked[need.name])] == []
    assert [need.name for need in direct("dev") if not need.specifier.contains(locked_dev[need.name])] == []


def test_the_tests_run_on_the_versions_that_are_served():
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_the_version_is_the_same_in_both_places():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__
