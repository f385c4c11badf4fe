"""Files of readings and rollups, in a folder of this machine or, by an address such as s3://…, in object storage.

A file appears under its name only when it is whole and on disk. Object storage goes by way of fsspec, which comes with
the optional extra `dask`; a folder needs nothing.
"""

import importlib
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

UNFINISHED = ".unfinished-"


class StorageError(Exception):
    """An address that can't be used; the text says what to do."""


def join(folder: str, *names: str) -> str:
    """The path or address of something in a folder."""
    return "/".join((folder.rstrip("/"), *names))


def listing(folder: str) -> dict[str, int]:
    """Every file under a folder, by its path within it with "/", and its size in bytes; empty when there is no folder.

    Raises OSError, and StorageError when the address can't be used.
    """
    if _is_address(folder):
        files, root = _files(folder)
        with suppress(FileNotFoundError):
            found = files.find(root, detail=True)
            return {
                path.removeprefix(root.rstrip("/") + "/"): int(said["size"]) for path, said in sorted(found.items())
            }
        return {}
    return dict(sorted(_walk(folder, "").items()))


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
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    found |= _walk(entry.path, f"{within}{entry.name}/")
                else:
                    with suppress(FileNotFoundError):  # it was just replaced
                        found[f"{within}{entry.name}"] = entry.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return found


def sync(path: str | Path) -> None:
    """Has the disk remember a local file, or the names in a folder. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
