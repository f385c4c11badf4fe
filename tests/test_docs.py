"""README.md and docs/ are true: links lead somewhere, commands exist, generated parts are current, examples run."""

import re
import shutil
import struct
import sys
from ast import literal_eval
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread

import duckdb
import pytest
from rich.console import Console

import loaders
import loaders.__main__ as command
from buurtbeeld import catalogue, settings
from buurtbeeld.catalogue import CatalogueError, Figure, Status, load
from buurtbeeld.settings import PROJECT, Setting
from buurtbeeld.warehouse import city
from buurtbeeld.warehouse.build import BuildError, build, check_city
from tests.marts import own
from tools import docs, picture

PAGES = sorted([PROJECT / "README.md", PROJECT / "data" / "README.md", *(PROJECT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(PROJECT)) for page in PAGES]
GUIDE = "docs/add-a-source.md"


def text(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text(name), flags=re.MULTILINE | re.DOTALL)


def blocks(language: str = "") -> list[str]:
    """The guide's blocks of code in one language, in order; those without a language are what a command printed."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text(GUIDE), flags=re.MULTILINE | re.DOTALL)
    return [code for written, code in found if written == language]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- what is named is there


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name):
    page = PROJECT / name
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(name)):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", NAMES)
def test_every_file_between_backticks_exists(name):
    """Seen from the project, from the page or from buurtbeeld/; a bare name may be anywhere in the engine."""
    places = (PROJECT, (PROJECT / name).parent, PROJECT / "buurtbeeld")
    named = re.findall(r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:py|sql|toml|md|csv|geojson|po))`", prose(name))
    made = re.compile("(raw|rollups|marts|city)/")  # on each machine, so not committed
    promised = [each for each in named if not made.match(each)]
    anywhere = {path.name for folder in ("buurtbeeld", "data/sample") for path in (PROJECT / folder).rglob("*")}
    lost = [each for each in promised if not any((place / each).exists() for place in places) and each not in anywhere]
    assert lost == []


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_exists(name):
    targets = set(re.findall(r"^([a-z]\w*):", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]\w*)", text(name), re.MULTILINE)) <= targets


@pytest.mark.parametrize("name", NAMES)
def test_every_module_that_is_run_exists(name):
    modules = set(re.findall(r"python -m ([\w.]+)", text(name)))
    paths = {module: PROJECT.joinpath(*module.split(".")) for module in modules}
    assert [
        m for m, path in paths.items() if not (path.with_suffix(".py").exists() or (path / "__main__.py").exists())
    ] == []


def test_readme_has_a_line_for_every_folder():
    ignored = {line.strip("/") for line in text(".gitignore").splitlines() if line.endswith("/")}
    folders = {path.name for path in PROJECT.iterdir() if path.is_dir()} - ignored - {".git"}
    assert set(re.findall(r"^\| \[([\w.]+)/\]", text("README.md"), re.MULTILINE)) == folders


def test_the_architecture_has_a_paragraph_for_every_part_of_the_engine():
    parts = {path.name for path in (PROJECT / "buurtbeeld").iterdir() if not path.name.startswith("__")} - {"assets"}
    said = set(re.findall(r"\*\*`([\w./]+)`\*\*", text("docs/architecture.md")))
    assert {part if "." in part else f"{part}/" for part in parts} - {"__init__.py"} <= said


def test_the_architecture_names_every_field_and_status_of_a_figure():
    said = text("docs/architecture.md")
    assert " ".join(Figure.__slots__) in " ".join(said.split())
    assert re.findall(r"^\| \*\*(\w+)\*\* \|", said, re.MULTILINE) == list(Status)


def test_every_decision_is_short_and_in_the_list():
    decisions = sorted(path.name for path in (PROJECT / "docs" / "decisions").glob("[0-9]*.md"))
    assert re.findall(r"^- \[.*\]\((.*)\)", text("docs/decisions/README.md"), re.MULTILINE) == decisions
    long = {name: len(text(f"docs/decisions/{name}").splitlines()) for name in decisions}
    assert {name: lines for name, lines in long.items() if lines > 25} == {}


def test_the_picture_has_the_size_that_was_asked_for_and_is_light():
    data = picture.PICTURE.read_bytes()
    assert struct.unpack(">II", data[16:24]) == picture.SIZE
    assert len(data) <= picture.MAX_BYTES


# --- what is generated is current


@pytest.mark.parametrize("name", docs.FILES)
def test_generated_parts_are_current(name):
    assert docs.filled(text(name)) == text(name), "write them anew: make docs"


def test_every_generated_part_stands_somewhere():
    assert {found[1] for name in docs.FILES for found in docs.PART.finditer(text(name))} == set(docs.PARTS)


def test_settings_that_are_said_to_do_nothing_do_nothing():
    idle = ("ANSWERS_URL", "EVIDENCE_URL")
    assert all(f"`{name}`" in prose("docs/settings.md") for name in idle)
    code = [path for folder in ("buurtbeeld", "pages", "loaders") for path in (PROJECT / folder).rglob("*.py")]
    users = [path for path in code if any(name.lower() in path.read_text(encoding="utf-8") for name in idle)]
    assert users == [PROJECT / "buurtbeeld" / "settings.py"]


def test_indicators_of_the_sample_without_a_figure_are_those_of_the_decision(unopened):
    with duckdb.connect(unopened / "dashboard.duckdb", read_only=True) as con:
        held = {id for (id,) in con.sql("SELECT id FROM indicator").fetchall()}
    named = re.findall(r"`([a-z_]+)`", text("docs/decisions/15-declared-without-figures.md"))
    sample = PROJECT / "data" / "sample"
    there = {
        (path.stem, column)
        for path in sample.glob("*.csv")
        for column in path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    }
    found = {id for id, each in load().indicators.items() if (each.source, each.column) in there}
    assert found - held == set(named) & set(load().indicators)


# --- the guide's examples run


@pytest.fixture
def entries(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the catalogue with blocks added, each to the file that its first line names."""

    def add(*added: str) -> Path:
        folder = tmp_path / "catalogue"
        shutil.copytree(Path(catalogue.__file__).parent, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        for block in added:
            with (folder / Path(block.split()[1]).name).open("a", encoding="utf-8") as file:
                file.write(f"\n{block}")
        return folder

    return add


@contextmanager
def publisher(body: str, kind: str) -> Iterator[str]:
    """A server on this machine that answers everything with `body`; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def load_benches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Runs the guide's second example, `python -m loaders example_benches`; gives what the command said."""
    setting, loader = blocks("python")
    host, url, whose = literal_eval(setting.partition("\n")[2])
    folder = tmp_path / "loaders"
    folder.mkdir()
    (folder / Path(loader.split()[1]).name).write_text(loader, encoding="utf-8")
    monkeypatch.setattr(loaders, "__path__", [*loaders.__path__, str(folder)])
    monkeypatch.setattr(settings, "HOSTS", (*settings.HOSTS, (host, url, whose)))
    monkeypatch.setattr(settings, "SETTINGS", (*settings.SETTINGS, Setting(f"BASE_URL_{host}", url, whose)))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def run(folder: Path, body: str, kind: str = "text/csv") -> str:
        said = StringIO()
        monkeypatch.setattr(command, "load_catalogue", lambda: load(folder))
        with publisher(body, kind) as address:
            environ = {"DATA_DIR": str(tmp_path), f"BASE_URL_{host}": address}
            command.main(["example_benches"], environ=environ, console=Console(file=said, width=1000))
        return said.getvalue().replace(address, url)

    yield run
    sys.modules.pop("loaders.example_benches", None)


def figures(data_dir: Path, folder: Path, indicator: str) -> list[str]:
    """The figures of a mart that is built for it, as the guide writes them."""
    build(settings.read({"DATA_DIR": str(data_dir)}), load(folder))
    with duckdb.connect(data_dir / "dashboard.duckdb", read_only=True) as con:
        rows = con.execute(
            """SELECT code, name, year(period), coalesce(format('{:g}', value), '-'), status FROM figure
               WHERE indicator = ? ORDER BY length(code), code""",
            [indicator],
        ).fetchall()
    return ["  ".join(map(str, row)) for row in rows]


def words(said: str) -> str:
    """What was said, however its lines were broken."""
    return " ".join(said.split())


def test_a_new_figure_is_one_entry(tmp_path, entries):
    made = figures(tmp_path, entries(blocks("toml")[0]), "children_per_household")
    assert len(made) == 1 + 10 + 111
    assert set(blocks()[0].splitlines()) <= set(made)


def test_a_new_source_is_one_file_and_its_entries(tmp_path, entries, load_benches):
    folder = entries(*blocks("toml")[1:])
    assert words(load_benches(folder, blocks("csv")[0])) == words(blocks()[1])
    made = figures(tmp_path, folder, "benches")
    assert len(made) == 111
    assert made[:2] == blocks()[2].splitlines()


def test_mistakes_in_an_entry_are_told_as_the_guide_says(entries):
    spoilt = blocks("toml")[0]
    for change in re.findall(r"-(.*)\n(?:\+(.*)\n)?", blocks("diff")[0]):
        assert f"{change[0]}\n" in spoilt
        spoilt = spoilt.replace(f"{change[0]}\n", f"{change[1]}\n")
    with pytest.raises(CatalogueError) as error:
        load(entries(spoilt))
    assert str(error.value) == blocks()[3].rstrip("\n")


def test_a_page_in_place_of_the_table_is_told_as_the_guide_says(entries, load_benches):
    said = load_benches(entries(*blocks("toml")[1:]), "<h1>Maintenance</h1>", "text/html")
    assert words(said) == words(blocks()[4])


def test_a_wrong_file_is_told_as_the_guide_says(tmp_path, entries, load_benches):
    folder = entries(*blocks("toml")[1:])
    load_benches(folder, blocks("csv")[1])
    with pytest.raises(BuildError) as error:
        build(settings.read({"DATA_DIR": str(tmp_path)}), load(folder))
    assert words(str(error.value)) == words(blocks()[5])


@pytest.mark.parametrize(("nth", "locale"), [(0, ""), (1, "en")])
def test_a_wrong_file_of_the_city_is_told_as_its_guide_says_in_both_languages(sample, tmp_path, nth, locale):
    guide = text("docs/goals-and-measures.md")
    rows, said = re.findall(r"^```csv\n(.*?)^```$.*?^```\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)[nth]
    folder = settings.read({"DATA_DIR": str(own(sample, tmp_path)), "LANG": locale})
    folder.city_dir.mkdir()
    (folder.city_dir / "targets.csv").write_text(rows, encoding="utf-8")
    problems, _ = check_city(folder, load(), date(2026, 11, 24))
    assert problems == said.splitlines()


def test_the_guide_of_the_city_tells_of_every_column_in_both_languages():
    guide = text("docs/goals-and-measures.md")
    for name, columns in city.FILES.items():
        tables = re.findall(rf"`city/{name}`:\n\n(.*?)\n\n", guide, re.DOTALL)
        assert [re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) for table in tables] == [list(columns)] * 2
