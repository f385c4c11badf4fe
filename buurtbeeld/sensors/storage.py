"""Files of readings and rollups, in a folder of this machine or, by an address such as s3://…, in object storage.

A file appears under its name only when it is whole and on disk. Object storage goes by way of fsspec, which comes with
the optional extra `dask`; a folder needs nothing.
"""

import importlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import duckdb

UNFINISHED = ".unfinished-"
PAUSES = (0.0, 0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)  # seconds before each try to list a folder that changes

_Said = TypeVar("_Said")


class StorageError(Exception):
    """An address that can't be used, or a folder that can't be listed; the text says what to do."""


class _Gone(Exception):
    """Something that was just listed is not there any more."""


def join(folder: str, *names: str) -> str:
    """The path or address of something in a folder."""
    return "/".join((folder.rstrip("/"), *names))


def listing(folder: str) -> dict[str, int]:
    """Every file under a folder, by its path within it with "/", and its size in bytes; empty when there is no folder.

    Where files are merged or replaced meanwhile, the one that takes their place is among them, or they are themselves,
    unless that happens in each of two looks that follow one another.
    Raises OSError, and StorageError when the address can't be used, or a folder never stops changing.
    """
    if _is_address(folder):
        files, root = _files(folder)
        return dict(sorted(_steady(folder, partial(_found, files, root)).items()))
    for pause in PAUSES:
        time.sleep(pause)
        try:
            return dict(sorted(_walk(folder, "").items()))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except _Gone:  # a folder, and there may be another in its place
            continue
    raise _restless(folder)


def write(path: str, make: Callable[[str], object]) -> None:
    """Has `make` write a local file, and gives it its name when it is whole.

    Raises OSError and whatever `make` does; what was under the name is then still there.
    """
    folder, _, name = path.rpartition("/")
    if _is_address(path):
        with tempfile.TemporaryDirectory() as local:
            make(f"{local}/{name}")
            files, remote = _files(path)
            files.makedirs(remote.rpartition("/")[0], exist_ok=True)
            files.put_file(f"{local}/{name}", remote)
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    unfinished = f"{folder}/{UNFINISHED}{name}-{secrets.token_hex(4)}"
    try:
        make(unfinished)
        sync(unfinished)
        os.replace(unfinished, path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    sync(folder)


def remove(path: str) -> None:
    """Removes a file, if it is there."""
    with suppress(FileNotFoundError):
        if _is_address(path):
            files, remote = _files(path)
            files.rm_file(remote)
        else:
            os.unlink(path)


def register(con: duckdb.DuckDBPyConnection, folder: str) -> None:
    """Lets a database read from where `folder` is."""
    if _is_address(folder):
        files, _ = _files(folder)
        protocols = files.protocol if isinstance(files.protocol, tuple) else (files.protocol,)
        if not any(con.filesystem_is_registered(protocol) for protocol in protocols):
            con.register_filesystem(files)


def opened(path: str) -> Any:
    """A file to read bytes from; to be closed. Raises OSError."""
    if _is_address(path):
        files, remote = _files(path)
        return files.open(remote, "rb")
    return open(path, "rb")


def _is_address(path: str) -> bool:
    return "://" in path


def _files(address: str) -> tuple[Any, str]:
    try:
        fsspec = importlib.import_module("fsspec")
        files, root = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise StorageError(
            f"{address} can't be used ({error}). Storage elsewhere needs fsspec and its part for that kind of address: "
            "install the extra dask and that part, or take a folder."
        ) from error
    return files, root


def _walk(folder: str, within: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, size in _steady(folder, partial(_entries, folder)).items():
        if size is not None:
            found[f"{within}{name}"] = size
            continue
        try:
            found |= _walk(f"{folder}/{name}", f"{within}{name}/")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _Gone from error
    return found


def _steady(folder: str, look: Callable[[], dict[str, _Said]]) -> dict[str, _Said]:
    """What `look` finds by name, once nothing is gone of what it found just before.

    What takes the place of other files is there before they go. One look can still miss both: it has passed where the
    new one comes to stand, and the others are gone before it gets to them. But then the look before it has the others,
    or the next one the new one. Files that only come are no reason to look again.
    """
    for pause in PAUSES:
        time.sleep(pause)
        with suppress(_Gone):
            before, now = look(), look()
            # What isn't finished gets another name any moment.
            if {name for name in before if not name.rpartition("/")[2].startswith(".")} <= now.keys():
                return now
    raise _restless(folder)


def _entries(folder: str) -> dict[str, int | None]:
    """What is in a folder, by name: the size of a file, None of a folder. Raises _Gone, and OSError for the folder."""
    with os.scandir(folder) as entries:
        listed = list(entries)
    found: dict[str, int | None] = {}
    for entry in listed:
        try:
            found[entry.name] = None if entry.is_dir() else entry.stat().st_size
        except FileNotFoundError as error:
            # What isn't finished goes all the time; a link to nothing is no file, and stays what it is.
            if entry.name[0] != "." and not entry.is_symlink():
                raise _Gone from error
    return found


def _found(files: Any, root: str) -> dict[str, int]:
    files.invalidate_cache()  # else a second look is the first one again
    try:
        found = files.find(root, detail=True)
    except FileNotFoundError:
        return {}
    return {path.removeprefix(root.rstrip("/") + "/"): int(said["size"]) for path, said in found.items()}


def _restless(folder: str) -> StorageError:
    return StorageError(
        f"The files in {folder} were replaced again and again while they were listed, so nobody knows which count. "
        "Try again when what merges or copies them is done."
    )


def sync(path: str | Path) -> None:
    """Has the disk remember a local file, or the names in a folder. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
