"""Folders that change while they are listed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self


class Looks:
    """Stands in for `os`: of each look at a folder, what happens after its names were read, or while they are.

    before: one that passes where new files come to stand, and finds of the others what is left.
    """

    def __init__(self, happens: Callable[[int], object], folder: Path, *, before: bool) -> None:
        self.happens = happens
        self.folder = folder
        self.before = before
        self.number = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def scandir(self, folder: str) -> "Entries":
        with os.scandir(folder) as entries:
            listed = list(entries)
        if folder == str(self.folder):
            self.number += 1
            self.happens(self.number)
            if self.before:
                listed = [entry for entry in listed if os.path.exists(entry.path)]
        return Entries(listed)


class Entries(list["os.DirEntry[str]"]):
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return None
