"""A finished file takes the place of the published mart at once, or not at all.

The mart in use is a link; a new file gets its own name and the link is swapped in one step. Readers that still hold the
old file keep it. File names carry the build, because DuckDB, asked for a path it has open, answers from the old file.
"""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from buurtbeeld.settings import Settings
from buurtbeeld.warehouse import ledger
from buurtbeeld.warehouse.inputs import Input, InputError, copies, describe

KEPT = 3  # marts
_STAMP = "%Y%m%dT%H%M%SZ"
_MART = re.compile(r"mart-(\d{8}T\d{6}Z)-[0-9a-f]{6}\.duckdb")
_UNFINISHED = ".building-"


class Busy(Exception):
    """Another build is under way."""


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Holds the builder's lock and leaves nothing half done behind, also of a build that was killed.

    Raises Busy at once when another process has the lock (a killed process lets go of it), and OSError.
    """
    settings.marts_dir.mkdir(parents=True, exist_ok=True)
    with open(settings.marts_dir / ".lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"Another build is working in {settings.marts_dir}; this one leaves.") from error
        _sweep(settings)
        try:
            yield
        finally:
            _sweep(settings)


def new_id(settings: Settings, at: datetime) -> str:
    """The id of a build that starts `at` (UTC). It sorts after every mart there is, even when the clock went back."""
    stamp = at.strftime(_STAMP)
    if (taken := max((_stamp(mart) for mart in kept(settings)), default="")) >= stamp:
        stamp = (datetime.strptime(taken, _STAMP).replace(tzinfo=UTC) + timedelta(seconds=1)).strftime(_STAMP)
    return f"{stamp}-{secrets.token_hex(3)}"


def unfinished(settings: Settings, build_id: str) -> Path:
    """Where a build works until it is whole."""
    return settings.marts_dir / f"{_UNFINISHED}{build_id}.duckdb"


def publish(settings: Settings, working: Path, build_id: str, shown: Sequence[str] = ()) -> Path:
    """Checks that `working` can be read from end to end, and points the link at it.

    shown: the lines of the ledger, with what it shows and hides of data that is not open. They are written before
    anybody can see it: after a failure in between there is a version too many, which hides too much and not too little.

    Returns the mart's path. Raises duckdb.Error, OSError or LedgerError; the published mart is then as it was.
    """
    scan(working)
    _sync(working)
    if shown:
        ledger.write(ledger.path(settings), build_id, shown)
        _sync(settings.data_dir)
    mart = settings.marts_dir / f"mart-{build_id}.duckdb"
    link = settings.mart_link
    temporary = link.with_name(f".{link.name}-{build_id}")
    os.replace(working, mart)
    try:
        _sync(settings.marts_dir)  # or, after a power cut, the link could be on disk and its file not
        temporary.symlink_to(mart.relative_to(link.parent))
        os.replace(temporary, link)
    except OSError:
        mart.unlink(missing_ok=True)
        raise
    _sync(link.parent)
    return mart


def scan(mart: Path) -> None:
    """Reads every block of every table, so that a damaged file is found before anyone is shown it."""
    with duckdb.connect(mart, read_only=True) as con:
        tables = con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        con.execute(" UNION ALL ".join(f'SELECT max(hash(t)) FROM "{name}" AS t' for (name,) in tables)).fetchall()


def prune(settings: Settings) -> None:
    """Keeps the last `KEPT` marts, the published one among them, and the raw files that are the newest or behind those.

    What can't be removed now is removed after the next build: the new mart is published either way.
    """
    published = settings.mart_link.resolve()
    others = [mart for mart in kept(settings) if mart != published]
    for mart in others[: 1 - KEPT]:
        with suppress(OSError):
            mart.unlink()
    superseded = list(_superseded(settings.raw_dir))
    if not superseded:
        return
    try:
        used = {place for mart in (published, *others[1 - KEPT :]) for place in _inputs(mart)}
    except duckdb.Error:
        return  # what a mart was made from can't be told, so no raw file is thrown away
    for item in superseded:
        if item.place not in used:
            with suppress(OSError):
                for received in (item.path.parent / "received").glob(f"{item.path.stem}[-.]*"):
                    received.unlink(missing_ok=True)
                item.path.unlink(missing_ok=True)


def kept(settings: Settings) -> list[Path]:
    """Every mart by age. Files with other names are somebody else's."""
    folder = settings.marts_dir.resolve()
    return sorted(path for path in folder.glob("mart-*") if _MART.fullmatch(path.name))


def _stamp(mart: Path) -> str:
    return mart.name.split("-")[1]


def _inputs(mart: Path) -> list[str]:
    """The files a mart was made from, as `Input.place` has them."""
    with duckdb.connect(mart, read_only=True) as con:
        return [place for (place,) in con.execute("SELECT path FROM mart_input").fetchall()]


def _superseded(raw_dir: Path) -> Iterator[Input]:
    """Raw files of which the same edition was loaded again since, for the same gemeente."""
    for paths in copies(raw_dir):
        if len(paths) == 1:
            continue  # as most days of readings are, of which there may be thousands
        newer: set[str | None] = set()
        for path in reversed(paths):
            with suppress(InputError):  # a file that can't be read is no newer copy of anything
                item = describe(path)
                if item.gemeente in newer:
                    yield item
                newer.add(item.gemeente)


def _sweep(settings: Settings) -> None:
    """Removes what a build left that did not come to its end."""
    link = settings.mart_link
    for left in (*settings.marts_dir.glob(f"{_UNFINISHED}*"), *link.parent.glob(f".{link.name}-*")):
        with suppress(OSError):
            if left.is_dir():  # where DuckDB puts what does not fit in memory
                shutil.rmtree(left)
            else:
                left.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
