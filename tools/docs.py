"""Writes the generated parts of README.md and docs/ anew: `python -m tools.docs`.

A generated part stands between two comments, `<!-- made by tools/docs.py: menu -->` and `<!-- end -->`, and comes from
what it is about: the Makefile, the sample's sources, the settings. A test compares.
"""

import csv
import inspect
import re
import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

from buurtbeeld.catalogue import load
from buurtbeeld.settings import HOSTS, PROJECT, SETTINGS, Setting
from loaders import Loader, discover

SAMPLE = PROJECT / "data" / "sample"
FILES = ("README.md", "docs/settings.md", "docs/sources.md")
PART = re.compile(r"(?<=<!-- made by tools/docs\.py: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)


def menu() -> str:
    """Every target of the Makefile with its line."""
    lines = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][\w-]*):[^#\n]*## (.*)$", lines, re.MULTILINE)
    return table(("command", "what it does"), ((f"`make {name}`", line) for name, line in targets))


def sources() -> str:
    """Every source of the sample: who publishes it, of when, under which licence, and whether there is a loader."""
    said = tomllib.loads((SAMPLE / "sources.toml").read_text(encoding="utf-8"))
    licences = load().licences
    files: dict[str, list[str]] = {}
    for file, source in said.items():
        files.setdefault(source["id"], []).append(file)
    rows = []
    for id, (file, *others) in files.items():
        loader, source = f"loaders/{id}.py", said[file]
        licence = licences[source["licence"]]
        rows.append(
            (
                f"[{source['title']}]({source['page']})",
                source["publisher"],
                years(file, *others) or source["edition"],
                f"[{licence.title.en}]({licence.url})",
                f"[{loader}]({loader})" if (PROJECT / loader).exists() else "not yet: sample only",
            )
        )
    return table(("source", "publisher", "in the sample", "licence", "loader"), rows)


def years(*files: str) -> str:
    """The years that files of the sample have figures of: 2021–2025, or each of them; empty for what has no years."""
    try:
        texts = [(SAMPLE / f"{file}.csv").read_text(encoding="utf-8").splitlines() for file in files]
        found = sorted({int(row["period"][:4]) for text in texts for row in csv.DictReader(text)})
    except (FileNotFoundError, KeyError):  # outlines, a register
        return ""
    whole = len(found) > 2 and found[-1] - found[0] == len(found) - 1
    return f"{found[0]}–{found[-1]}" if whole else ", ".join(map(str, found))


def settings() -> str:
    """Every setting but the addresses of publishers."""
    return _settings(setting for setting in SETTINGS if not setting.name.startswith("BASE_URL_"))


def publishers() -> str:
    """The settings that hold the address of a publisher."""
    return _settings(setting for setting in SETTINGS if setting.name.startswith("BASE_URL_"))


def loaders() -> str:
    """Every source that is loaded: what it declares, how often it is asked, and what its file says on top."""
    return "\n".join(map(_loader, discover().values()))


def _loader(loader: Loader) -> str:
    source, module = loader.source, sys.modules[loader.fetch.__module__]
    catalogue = load()
    licence = catalogue.licences[source.licence]
    hosts = ", ".join(f"`{host}` ({HOST_URLS[host]})" for host in source.hosts) or "none: files of the city"
    read = sum(
        source.id == indicator.source or any(also.source == source.id for also in indicator.also)
        for indicator in catalogue.indicators.values()
    )
    facts = (
        ("publisher", f"[{source.publisher}]({source.page})"),
        ("licence", f"[{licence.title.en}]({licence.url})"),
        ("cited as", source.attribution),
        ("addresses", hosts),
        ("what it gives", source.shape),
        ("may be passed on", source.openness),
        ("changes", source.refreshed),
        ("of", ", ".join(sorted(loader.gemeenten)) if loader.gemeenten else "any gemeente"),
        ("figures in the catalogue", str(read)),
        ("share of rows a load may lose", f"{loader.largest_loss:.0%}"),
        ("`--live-check`", "yes" if loader.look else "no"),
    )
    text = inspect.cleandoc(module.__doc__ or "")
    return f"## {source.id}\n\n{source.title}\n\n{table(('', ''), facts)}\n{text}\n"


HOST_URLS = {name: url for name, url, _ in HOSTS}

PARTS: dict[str, Callable[[], str]] = {
    "menu": menu,
    "sources": sources,
    "settings": settings,
    "publishers": publishers,
    "loaders": loaders,
}
"""Name in the comment → what makes the part."""


def filled(text: str) -> str:
    """`text` with each generated part made anew. Raises KeyError for a part that nothing makes."""
    return PART.sub(lambda found: f"{found[1]}{found[2]}\n{PARTS[found[1]]()}\n", text)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _settings(chosen: Iterable[Setting]) -> str:
    return table(
        ("name", "default", "what it is"),
        ((f"`{each.name}`", f"`{each.default}`" if each.default else "", each.help) for each in chosen),
    )


def main() -> int:
    """Write what changed, and say which files that were."""
    for path in (PROJECT / Path(name) for name in FILES):
        text = path.read_text(encoding="utf-8")
        if (new := filled(text)) != text:
            path.write_text(new, encoding="utf-8")
            print(path.relative_to(PROJECT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
