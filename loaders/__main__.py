"""`python -m loaders [name …]`: load every source, or those named, and say at the end what came of it.

A source that fails leaves what was there: its last good copy, or the sample. Sources are loaded side by side, of one
publisher one thing at a time. Exit code 0 when all went well, 1 when some did not, 2 when the command or the settings
can't be used. With `--every 10m` it keeps running, and builds the mart when something is new.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from buurtbeeld import settings as environment
from buurtbeeld.catalogue import CatalogueError
from buurtbeeld.catalogue import load as load_catalogue
from buurtbeeld.settings import Settings, SettingsError
from loaders import Loader, discover
from loaders.http import Gate, Limits
from loaders.refresh import every, interval
from loaders.run import BusyError, Line, Run, alone, check, each, load, of

DONE, SOME_FAILED, UNUSABLE = 0, 1, 2
WIDTH = 1_000  # characters where there is no terminal, so that each line of a log is whole
STYLES = {"new": "green", "same": "green", "unchanged": "green", "changed": "yellow"}


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
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
            now=now,
            sleep=sleep,
            gate=Gate(sleep),
            limits=limits or Limits(),
            console=console,
        )
        there = {name for name, loader in loaders.items() if of(loader, settings.gemeente)}
        if strange := sorted(set(asked.name) - there):
            parser.error(f"{', '.join(strange)} has nothing of {settings.gemeente}")
        ready = {name for name in there if not loaders[name].waits_for(settings.city_dir)}
        chosen = [loaders[name] for name in sorted(set(asked.name) or ready)]
        if asked.live_check:
            lines = each(run, [chosen], check)
        elif asked.every:
            return every(asked.every, run, chosen, lambda lines: console.print(_summary(lines)))
        else:
            with alone(settings.raw_dir):
                lines = load(run, chosen)
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
    parser.add_argument(
        "--every", type=interval, metavar="TIME", help="keep running: load what is due each 10m, 1h, …, and build"
    )
    return parser


def _list(loaders: Iterable[Loader], settings: Settings) -> Table:
    table = _empty("id", "publisher", "hosts", "licence")
    for loader in loaders:
        source = loader.source
        hosts = "\n".join(f"{host} {settings.base_urls[host]}" for host in source.hosts)
        hosts = hosts or loader.waits_for(settings.city_dir)
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
