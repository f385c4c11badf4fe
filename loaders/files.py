"""What publishers offer as a file: tables of text, archives. Nothing is believed, and nothing grows without bound."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO

from loaders import LoadError
from loaders.http import Answer, NotThereError

SEPARATORS = ";,\t|"
MAX_MEMBER = 2_000_000_000  # bytes of one file in an archive; the largest honest one known has some 400 MB
MAX_RATIO = 200  # of unpacked to packed; text packs to a tenth, and a bomb to a thousandth


def newest(ask: Callable[..., Answer], host: str, candidates: Iterable[tuple[int, str]]) -> tuple[int, Answer] | None:
    """The first of (year, path) that a publisher has, as `ask` gets it: a method of `Http`. None when it has none."""
    for year, path in candidates:
        try:
            return year, ask(host, path, label=str(year))
        except NotThereError:
            continue
    return None


def table(text: str, where: str) -> list[dict[str, str]]:
    """Rows of a table in text (CSV) by the names in its first line, cells as they came; the separator is found out.

    where: what it is, for who reads an error. Raises LoadError when it is no table.
    """
    return list(rows(io.StringIO(text, newline=""), where))


def rows(file: io.TextIOBase, where: str) -> Iterator[dict[str, str]]:
    """As `table`, row by row, for what is too large for memory."""
    head = file.readline()
    separator = max(SEPARATORS, key=head.count)
    names = next(csv.reader([head], delimiter=separator), [])
    if len(set(names)) < 2 or len(set(names)) < len(names):
        raise LoadError(f"{where} is no table with names in its first line: “{head.strip()[:200]}”.")
    try:
        for number, cells in enumerate(csv.reader(file, delimiter=separator, strict=True), start=2):
            if not cells:
                continue
            if len(cells) != len(names):
                raise LoadError(f"{where}: line {number} has {len(cells)} cells, and its first line {len(names)}.")
            yield dict(zip(names, cells, strict=True))
    except csv.Error as error:
        raise LoadError(f"{where} can't be read as a table ({error}).") from error


def names(archive: Path, pattern: str) -> list[str]:
    """The files in a ZIP archive whose names fit `pattern`; folders don't count. Raises LoadError as `member`."""
    try:
        with zipfile.ZipFile(archive) as opened:
            return [each.filename for each in _fitting(opened, pattern)]
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise LoadError(f"{archive.name} can't be unpacked ({error}). Load again later.") from error


@contextmanager
def member(archive: Path, pattern: str) -> Iterator[BinaryIO]:
    """The one file in a ZIP archive whose name fits `pattern`, such as "*buurten*.csv"; folders don't count.

    Raises LoadError when there is not exactly one, and when the archive is damaged, locked or would unpack without end.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            fitting = _fitting(opened, pattern)
            if len(fitting) != 1:
                names = ", ".join(each.filename for each in opened.infolist()[:10]) or "nothing"
                raise LoadError(f"{archive.name} should hold one {pattern}; it holds {names}. Look what changed there.")
            [found] = fitting
            if found.file_size > MAX_MEMBER or found.file_size > MAX_RATIO * max(found.compress_size, 10_000):
                raise LoadError(
                    f"{archive.name} holds {found.filename}, which would unpack to {found.file_size:,} bytes; that is "
                    "no honest file. Nothing of it is used."
                )
            with opened.open(found) as file:
                # zipfile stops at the size that was announced, and notices when there is more or less.
                yield file  # type: ignore[misc]  # a reader of bytes
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise LoadError(f"{archive.name} can't be unpacked ({error}). Load again later.") from error


def _fitting(opened: zipfile.ZipFile, pattern: str) -> list[zipfile.ZipInfo]:
    return [each for each in opened.infolist() if fnmatch(Path(each.filename).name.lower(), pattern.lower())]
