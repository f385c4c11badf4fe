"""A finished file takes the place of the published mart at once, or not at all.

The mart in use is a link; a new file gets its own name and the link is swapped in one step. Readers that still hold the
old file keep it. File names carry the build, because DuckDB, asked for a path it has open, answers from the old file.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from buurtbeeld.settings import Settings

KEPT = 3  # marts
_UNFINISHED = ".building-"


class Busy(Exception):
    """Another build is under way."""


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Holds the builder's lock; raises Busy at once when another process has it. A killed process lets go of it."""
    settings.marts_dir.mkdir(parents=True, exist_ok=True)
    with open(settings.marts_dir / ".lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(f"Another build is working in {settings.marts_dir}; this one leaves.") from error
        for left in settings.marts_dir.glob(f"{_UNFINISHED}*"):  # of a build that was killed
            left.unlink(missing_ok=True)
        yield


def unfinished(settings: Settings, build_id: str) -> Path:
    """Where a build works until it is whole."""
    return settings.marts_dir / f"{_UNFINISHED}{build_id}.duckdb"


def publish(settings: Settings, working: Path, build_id: str) -> Path:
    """Checks that `working` can be read from end to end, makes it last, and points the link at it.

    Returns the mart's path. Raises duckdb.Error or OSError; the published mart is then as it was.
    """
    scan(working)
    _sync(working)
    mart = settings.marts_dir / f"mart-{build_id}.duckdb"
    os.replace(working, mart)
    link = settings.mart_link
    temporary = link.with_name(f".{link.name}-{build_id}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(mart.relative_to(link.parent))
    os.replace(temporary, link)
    _sync(settings.marts_dir)
    _sync(link.parent)
    return mart


def scan(mart: Path) -> None:
    """Reads every block of every table, so that a damaged file is found before anyone is shown it."""
    with duckdb.connect(mart, read_only=True) as con:
        for (table,) in con.sql("SELECT table_name FROM duckdb_tables()").fetchall():
            con.sql(f'SELECT count(t), max(hash(t)) FROM "{table}" AS t').fetchall()


def prune(settings: Settings) -> None:
    """Keeps the last `KEPT` marts and the raw files behind them; never a raw file newer than those."""
    marts = sorted(settings.marts_dir.glob("mart-*.duckdb"))
    used: set[Path] = set()
    for mart in marts[-KEPT:]:
        try:
            with duckdb.connect(mart, read_only=True) as con:
                used |= {Path(path) for (path,) in con.sql("SELECT path FROM mart_input").fetchall()}
        except duckdb.Error:
            return  # what a mart was made from can't be told, so nothing is thrown away
    for mart in marts[:-KEPT]:
        mart.unlink(missing_ok=True)
    for path in _superseded(settings.raw_dir):
        if path not in used:
            for received in (path.parent / "received").glob(f"{path.stem}[-.]*"):
                received.unlink(missing_ok=True)
            path.unlink(missing_ok=True)


def _superseded(raw: Path) -> Iterator[Path]:
    """Raw files of which the same edition was loaded again since."""
    for folder in raw.glob("*"):
        newest: dict[str, Path] = {}
        for path in sorted(folder.glob("*@*.parquet")):
            edition = re.sub(r"@.*", "", path.stem)
            if edition in newest:
                yield newest[edition]
            newest[edition] = path


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
