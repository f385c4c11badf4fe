"""What was ever published of data that not everybody may see in full: what was shown, and what was hidden.

Marts are removed when newer ones come, but whoever kept what one of them showed can still compare. So this is kept
beside them for good. It holds no hidden count: only that it was hidden.
"""

import hashlib
import json
import os
from collections.abc import Mapping
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
    """It is there and can't be read, or it is not there and should be. The text is a sentence."""


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


def add(file: Path, build_id: str, published: Mapping[Series, Shown]) -> None:
    """Adds what a build publishes, where that is another than before. To be done before anybody can see it.

    Raises LedgerError and OSError; the ledger is then as it was.
    """
    known = read(file)
    new = [
        json.dumps({"build": build_id, "indicator": indicator, "period": period.isoformat(), "shown": shown})
        for (indicator, period), shown in published.items()
        if shown not in known.get((indicator, period), [])
    ]
    if new:
        _write(file, build_id, [*_lines(file), *new])


def _lines(file: Path) -> list[str]:
    """A line for each version; the file's first line is the hash of all others."""
    if not file.exists():
        return []
    content = file.read_bytes()
    digest, _, rest = content.partition(b"\n")
    if digest.decode(errors="replace") != hashlib.sha256(rest).hexdigest():
        raise LedgerError(
            f"{file} is damaged, so nobody knows what was hidden before, and figures that are not open can't be made. "
            "Put back a copy of it that was made after the last build."
        )
    return rest.decode().splitlines()


def _write(file: Path, build_id: str, lines: list[str]) -> None:
    temporary = file.with_name(f".{file.name}-{build_id}")
    content = "".join(f"{line}\n" for line in lines).encode()
    try:
        with open(temporary, "wb") as out:
            out.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
