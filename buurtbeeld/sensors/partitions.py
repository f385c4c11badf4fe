"""The readings that there are, by source and day of UTC, and the local days that these are made into.

    data/raw/<source>/<day>@<stamp>.parquet     a whole copy of a day; the newest stamp counts
    data/raw/<source>/<day>/<stamp>….parquet    a batch of a stream; all of them count, the later one wins

The day is that of the end of a reading, in UTC: what ends at 00:00 is of the day before. So a reading at the full hour
closes that hour, and an hour never lies in two partitions.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from buurtbeeld.sensors import storage

ZONE = ZoneInfo("Europe/Amsterdam")
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_COPY = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)@(?P<stamp>[^/]+)\.parquet")
_BATCH = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)/(?P<stamp>[^./][^/]*)\.parquet")


class File(NamedTuple):
    """A file of readings: its path or address, and its size in bytes."""

    path: str
    size: int


class Partition(NamedTuple):
    """The readings of one source that end on one day of UTC. Files that come later win.

    whole: it is one copy, in which no reading stands twice. older: the copies before the newest one, newest first; they
    count where that is of another gemeente.
    """

    source: str
    day: date
    files: tuple[File, ...]
    whole: bool
    older: tuple[File, ...] = ()


class Hour(NamedTuple):
    """An hour by its beginning: in UTC without a zone, and on the clock (0 to 23; one of them twice a year, or not)."""

    hour: datetime
    local_hour: int


def find(data_dir: Path | str, source: str) -> dict[date, Partition]:
    """The partitions of a source by day, oldest first. Files with other names are somebody else's.

    Raises OSError and storage.StorageError.
    """
    folder = storage.join(str(data_dir), "raw", source)
    copies: dict[date, list[tuple[str, File]]] = {}
    batches: dict[date, list[tuple[str, File]]] = {}
    for name, size in storage.listing(folder).items():
        file = File(storage.join(folder, name), size)
        if (found := _COPY.fullmatch(name)) and (day := _day(found["day"])):
            copies.setdefault(day, []).append((found["stamp"], file))
        elif (found := _BATCH.fullmatch(name)) and (day := _day(found["day"])):
            batches.setdefault(day, []).append((found["stamp"], file))
    made = {}
    for day in sorted(copies.keys() | batches.keys()):
        by_age = sorted(copies.get(day, []))
        files = tuple(file for _, file in sorted(by_age[-1:] + batches.get(day, [])))
        older = tuple(file for _, file in reversed(by_age[:-1]))
        made[day] = Partition(source, day, files, day not in batches, older)
    return made


def sign(data_dir: Path | str, sources: Iterable[str] | None = None) -> str:
    """A short text that changes when a file of readings comes, goes or changes, of some sources or of all there are.

    Only names and sizes are looked at. Raises OSError and storage.StorageError.
    """
    raw = Path(data_dir) / "raw"
    names = sorted(path.name for path in raw.iterdir()) if sources is None and raw.is_dir() else sorted(sources or ())
    made = hashlib.sha256()
    for name in names:
        for partition in find(data_dir, name).values():
            for file in partition.files:
                made.update(f"{name} {partition.day} {file.path.rpartition('/')[2]} {file.size}\n".encode())
    return made.hexdigest()[:16]


def needed(local_day: date) -> tuple[date, date]:
    """The days of UTC that a local day is made of, with the twenty hours before it and the hour after it.

    A local day begins at 22:00 or 23:00 UTC of the day before, and ends at 22:00 or 23:00.
    """
    return local_day - _DAY, local_day


def touched(day: date) -> tuple[date, date]:
    """The local days that a day of UTC has readings for."""
    return day, day + _DAY


def hours(local_day: date) -> list[Hour]:
    """The hours of a local day: 24, or 23 and 25 when the clock changes."""
    begin = _utc(datetime(local_day.year, local_day.month, local_day.day, tzinfo=ZONE))
    following = local_day + _DAY
    end = _utc(datetime(following.year, following.month, following.day, tzinfo=ZONE))
    count = (end - begin) // _HOUR
    return [Hour(at, at.replace(tzinfo=UTC).astimezone(ZONE).hour) for at in (begin + i * _HOUR for i in range(count))]


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None  # 2026-02-30
