"""`python -m loaders [name …]`: load every source, or those named, and say at the end what came of it.

A source that fails leaves what was there: its last good copy, or the sample. Exit code 0 when all went well, 1 when
some did not, 2 when the command or the settings can't be used.
"""

import argparse
import fcntl
import os
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from buurtbeeld import settings as environment
from buurtbeeld.catalogue import Catalogue, CatalogueError
from buurtbeeld.catalogue import load as load_catalogue
from buurtbeeld.settings import Settings, SettingsError
from loaders import Loader, LoadError, Task, discover
from loaders.check import differences
from loaders.http import Answer, Http, Limits, UnreachableError
from loaders.raw import Shelf, utc_text

DONE, SOME_FAILED, UNUSABLE = 0, 1, 2
WIDTH = 140  # characters, when nobody's terminal says otherwise
STYLES = {"new": "green", "same": "green", "unchanged": "green", "changed": "yellow"}


class BusyError(Exception):
    """Another load holds the lock. The text is what it wrote there."""


@dataclass(frozen=True)
class Line:
    """One line of the summary."""

    source: str
    edition: str
    rows: str
    result: str
    why: str
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """What all sources of one run share."""

    settings: Settings
    catalogue: Catalogue
    loaders: Mapping[str, Loader]
    editions: tuple[int, ...]
    accept: bool
    today: date
    sleep: Callable[[float], None]
    limits: Limits
    console: Console

    def shelf(self, loader: Loader) -> Shelf:
        return Shelf(self.settings.raw_dir, loader.source, self.settings.gemeente, datetime.now(UTC))

    def columns(self, loader: Loader) -> tuple[str, ...]:
        """Published columns that the catalogue reads from a source."""
        read: dict[str, None] = {}
        for indicator in self.catalogue.indicators.values():
            for also in indicator.also:
                if also.source == loader.source.id:
                    read[also.column] = None
            if indicator.source == loader.source.id and indicator.column:
                read[indicator.column] = None
        return tuple(read)

    @contextmanager
    def task(
        self, loader: Loader, notes: list[str], say: Callable[[str], None], keep: Callable[[str, Answer], None]
    ) -> Iterator[Task]:
        """What `fetch` or `look` is given."""
        settings = self.settings
        with Http(
            settings.base_urls, keep=keep, say=say, sleep=self.sleep, limits=self.limits, gemeente=settings.gemeente
        ) as http:
            yield Task(
                gemeente=settings.gemeente,
                http=http,
                columns=self.columns(loader),
                editions=self.editions,
                figure_years=self._figure_years() if loader.source.shape == "outline" else (),
                today=self.today,
                note=notes.append,
            )

    def _figure_years(self) -> tuple[int, ...]:
        """Border years of the figures on disk, and of the sample that stands in for the rest."""
        areas = [loader for loader in self.loaders.values() if loader.source.shape == "area"]
        editions = {edition for loader in areas for edition in self.shelf(loader).copies()}
        editions |= {said["edition"] for said in sample(self.settings).values() if said["shape"] == "area"}
        return tuple(sorted(int(edition) for edition in editions if re.fullmatch(r"\d{4}", edition)))


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    today: date | None = None,
    sleep: Callable[[float], None] = time.sleep,
    limits: Limits | None = None,
    console: Console | None = None,
) -> int:
    """The command. Everything after `argv` is there for tests."""
    console = console or Console(width=None if sys.stdout.isatty() else WIDTH)
    loaders = discover()
    parser = _parser(loaders)
    asked = parser.parse_args(argv)
    if unknown := sorted(set(asked.name) - loaders.keys()):
        parser.error(f"there is no source {', '.join(unknown)}; there are {', '.join(loaders)}")
    try:
        settings = environment.read(environ)
        if asked.list:
            console.print(_list(loaders.values(), settings))
            return DONE
        run = Run(
            settings=settings,
            catalogue=load_catalogue(),
            loaders=loaders,
            editions=tuple(asked.edition),
            accept=asked.accept,
            today=today or datetime.now(UTC).date(),
            sleep=sleep,
            limits=limits or Limits(),
            console=console,
        )
        # Outlines come last: they are loaded for every year that figures are drawn with.
        chosen = sorted(
            (loaders[name] for name in set(asked.name) or loaders),
            key=lambda loader: (loader.source.shape == "outline", loader.source.id),
        )
        if asked.live_check:
            lines = _each(run, chosen, _check)
        else:
            with _alone(settings.raw_dir):
                lines = _each(run, chosen, _load)
    except (SettingsError, CatalogueError) as error:
        _say(console, str(error))
        return UNUSABLE
    except BusyError as error:
        _say(console, f"Another load is running ({error}). This one leaves; nothing was loaded by it.")
        return SOME_FAILED
    except KeyboardInterrupt:
        _say(console, "Stopped. Sources that were finished are kept; of the others, what was there is still there.")
        return 130
    console.print(_summary(lines))
    return SOME_FAILED if any(line.failed for line in lines) else DONE


def _parser(loaders: Mapping[str, Loader]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loaders", description="Load open data from its publishers.")
    parser.add_argument("name", nargs="*", help=f"source to load; all of them without a name: {', '.join(loaders)}")
    parser.add_argument("--list", action="store_true", help="print id, publisher, hosts and licence, and load nothing")
    parser.add_argument(
        "--edition", type=int, action="append", default=[], metavar="YEAR", help="load this edition too (repeatable)"
    )
    parser.add_argument(
        "--accept", action="store_true", help="a person looked: accept fewer rows and changed units this once"
    )
    parser.add_argument(
        "--live-check",
        action="store_true",
        help="ask each publisher a few small things, say what changed since the last load, and load nothing",
    )
    return parser


def _each(
    run: Run, loaders: Sequence[Loader], do: Callable[[Run, Loader, Callable[[str], None]], list[Line]]
) -> list[Line]:
    """`do` for one source after another, with progress. What is counted is sources: how much a publisher will send is
    not known before it has."""
    lines: list[Line] = []
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=run.console, transient=True, disable=not run.console.is_terminal) as progress:
        bar = progress.add_task("", total=len(loaders))
        for loader in loaders:
            lines += do(run, loader, lambda text: progress.update(bar, description=text))
            progress.advance(bar)
    return lines


def _load(run: Run, loader: Loader, say: Callable[[str], None]) -> list[Line]:
    """Load one source. A failure of any kind is its own: the next source is loaded all the same."""
    shelf, notes = run.shelf(loader), list[str]()
    try:
        shelf.tidy()
        with run.task(loader, notes, say, shelf.keep) as task:
            editions = loader.fetch(task)
        saved = shelf.save(editions, task.columns, accept=run.accept)
    except LoadError as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - a mistake in one file may not keep the others from loading
        why = _mistake(run, error)
    else:
        return [
            Line(
                loader.source.id,
                copy.edition,
                str(copy.rows),
                "unchanged" if copy.unchanged else "new",
                "" if number else " ".join(notes),
            )
            for number, copy in enumerate(saved)
        ]
    why = " ".join([why, stays(shelf, loader, run.settings), *notes])
    return [Line(loader.source.id, "", "", "failed", why, failed=True)]


def _check(run: Run, loader: Loader, say: Callable[[str], None]) -> list[Line]:
    """Look at one publisher and compare. Nothing is written."""
    notes: list[str] = []
    if loader.look is None:
        return [Line(loader.source.id, "", "", "no check", "This source has no look().")]
    try:
        with run.task(loader, notes, say, lambda _label, _answer: None) as task:
            look = loader.look(task)
    except UnreachableError as error:
        return [Line(loader.source.id, "", "", "unreachable", str(error), failed=True)]
    except LoadError as error:
        return [Line(loader.source.id, "", "", "failed", str(error), failed=True)]
    except Exception as error:  # noqa: BLE001 - as above
        return [Line(loader.source.id, "", "", "failed", _mistake(run, error), failed=True)]
    copies = run.shelf(loader).copies()
    newest = next(reversed(copies.values()), None)
    found = differences(look, copies.get(look.edition, newest), task.columns)
    result = "breaks" if found.breaks else "changed" if found.news else "same"
    counts = ", ".join(f"{number} {letters}" for letters, number in look.counts.items())
    why = " ".join((*found.breaks, *found.news, *notes))
    return [Line(loader.source.id, look.edition, counts, result, why, failed=bool(found.breaks))]


def _mistake(run: Run, error: Exception) -> str:
    """What nobody foresaw: a fault in the loader, or in the disk. Whoever mends it needs the trace."""
    run.console.print_exception()
    return f"This should not happen ({error!r}); the trace is above, the answers are in {run.settings.raw_dir}."


def stays(shelf: Shelf, loader: Loader, settings: Settings) -> str:
    """What the dashboard goes on with when a load failed, and from when that is."""
    copies = shelf.copies()
    if copies:
        editions = ", ".join(copies)
        return f"The copy of {editions} stays, from {max(copy.retrieved_at for copy in copies.values())[:10]}."
    said = sample(settings).get(loader.source.id)
    return f"The sample stays, from {str(said['retrieved_at'])[:10]}." if said else "There is nothing of it yet."


def sample(settings: Settings) -> dict[str, dict[str, Any]]:
    """What the sample says of its sources; nothing when it is about another gemeente."""
    try:
        areas = (settings.sample_dir / "areas.csv").read_text(encoding="utf-8")
        said = tomllib.loads((settings.sample_dir / "sources.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return said if settings.gemeente in areas else {}


@contextmanager
def _alone(raw_dir: Path) -> Iterator[None]:
    """Be the only load of this folder. The lock goes with the process, however that ends.

    Raises BusyError when there is another, SettingsError when the folder can't be written.
    """
    try:
        raw_dir.mkdir(parents=True, exist_ok=True)
        file = (raw_dir / ".lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise SettingsError([f"{raw_dir} can't be written ({error.strerror}). Mend it, or set DATA_DIR."]) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise BusyError(file.read().strip()) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {utc_text(datetime.now(UTC))}\n")
        file.flush()
        yield


def _list(loaders: Iterable[Loader], settings: Settings) -> Table:
    table = _empty("id", "publisher", "hosts", "licence")
    for loader in loaders:
        source = loader.source
        hosts = "\n".join(f"{host} {settings.base_urls[host]}" for host in source.hosts)
        table.add_row(*map(Text, (source.id, source.publisher, hosts, source.licence)))
    return table


def _summary(lines: Iterable[Line]) -> Table:
    table = _empty("source", "edition", "rows", "result", "why")
    for line in lines:
        result = Text(line.result, style="red" if line.failed else STYLES.get(line.result, ""))
        table.add_row(line.source, line.edition, line.rows, result, Text(line.why))
    return table


def _empty(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _say(console: Console, text: str) -> None:
    """Text of others, as it is: brackets in it are no markup."""
    console.print(text, markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
