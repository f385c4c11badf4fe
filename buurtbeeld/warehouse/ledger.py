"""What was ever published of data that not everybody may see in full: what was shown, and what was hidden.

Marts are removed when newer ones come, but whoever kept what one of them showed can still compare. So this is kept
beside them for good. It holds no hidden count: only that it was hidden.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from buurtbeeld.settings import Settings

Series = tuple[str, date]
"""An indicator and a period."""
Shown = dict[str, int | None]
"""By area code: the count that was shown, None for one that was hidden. Other areas had none."""
Ledger = dict[Series, list[Shown]]
"""Every version of every series, oldest first."""


class LedgerError(Exception):
    """It can't be read, is not there and should be, or is older than a mart. The text is a sentence."""


def path(settings: Settings) -> Path:
    """Where it is: one for each gemeente."""
    return settings.data_dir / f"withheld-{settings.gemeente}.jsonl"


def read(file: Path) -> Ledger:
    """All that was published; empty when nothing was yet. Raises LedgerError."""
    found: Ledger = {}
    for line in _lines(file):
        version = json.loads(line)
        series = (version["indicator"], date.fromisoformat(version["period"]))
        found.setdefault(series, []).append(version["shown"])
    return found


def added(file: Path, build_id: str, published: Mapping[Series, Shown]) -> list[str]:
    """Its lines with those of a build: a line for each series that is another than ever before. Raises LedgerError."""
    known = read(file)
    new = [
        json.dumps({"build": build_id, "indicator": indicator, "period": period.isoformat(), "shown": shown})
        for (indicator, period), shown in published.items()
        if shown not in known.get((indicator, period), [])
    ]
    return [*_lines(file), *new]


def digest(lines: Iterable[str]) -> str:
    """What tells a ledger from any other. It can be in a mart: nothing is in a ledger that was not published."""
    return hashlib.sha256(_content(lines)).hexdigest()


def holds(file: Path, mark: str) -> bool:
    """Whether its digest is `mark`, or was before lines were added. Raises LedgerError."""
    seen = hashlib.sha256()
    marks = {seen.hexdigest()}
    for line in _lines(file):
        seen.update(_content([line]))
        marks.add(seen.hexdigest())
    return mark in marks


def write(file: Path, build_id: str, lines: Sequence[str]) -> None:
    """Makes these its lines. To be done before anybody can see what they tell of. After an OSError it is as it was."""
    if lines == _lines(file):
        return
    temporary = file.with_name(f".{file.name}-{build_id}")
    try:
        with open(temporary, "wb") as out:
            out.write(digest(lines).encode() + b"\n" + _content(lines))
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


def _lines(file: Path) -> list[str]:
    """A line for each version; the file's first line is the digest of all others."""
    if not file.exists():
        return []
    first, _, rest = file.read_bytes().partition(b"\n")
    if first.decode(errors="replace") != hashlib.sha256(rest).hexdigest():
        raise LedgerError(
            f"{file} is damaged, so nobody knows what was hidden before, and figures that are not open can't be made. "
            "Put back a copy of it that was made after the last build."
        )
    return rest.decode().splitlines()


def _content(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
