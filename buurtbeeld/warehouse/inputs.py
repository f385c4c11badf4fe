"""Which files a build reads: for each source the newest copy of every edition, else the sample.

The warehouse knows no loader. A raw file explains itself: its schema metadata carries the source, the address it came
from, the time and the hash. The sample explains itself in `sources.toml`.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from buurtbeeld.catalogue import Source
from buurtbeeld.sensors import switch
from buurtbeeld.settings import Settings

METADATA = b"buurtbeeld"
KEYS = {
    "outline": ("code", "level", "name", "parent_code", "changed"),
    "area": ("area_code", "period", "edition"),
    "name": ("area_code", "name"),
    "point": ("id", "kind", "name", "lon", "lat"),
    "list": ("id", "title", "link", "date"),
}
"""Shape of a source -> the columns every file of it has. Readings come by way of the rollups (sensors.py)."""
OPTIONAL = ("provisional",)
"""Columns that a file of areas may have: true where the publisher may still change a row."""

_COPY = re.compile(r"(?P<edition>[\w.-]+)@\d{8}T\d{6}Z\.parquet")  # of one length, so names sort by time
_DAMAGED = (OSError, pa.ArrowException, ValueError, KeyError, TypeError)


class InputError(Exception):
    """Files that cannot be read. `problems` holds one sentence each."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, kw_only=True)
class Input:
    """One file of one source, with where it is from."""

    source: Source
    path: Path
    cited: str  # how this edition wants to be named
    edition: str
    url: str
    retrieved_at: datetime  # UTC, without zone
    sha256: str
    rows: int
    gemeente: str | None  # None when the file does not say
    is_sample: bool
    is_simulated: bool

    @property
    def place(self) -> str:
        """The file within data/, the same on every machine."""
        if self.is_sample:
            return f"sample/{self.path.name}"
        within = self.path.parts[self.path.parts.index(self.source.id, -3) :]
        return "/".join(("raw", *within))

    def table(self) -> pa.Table:
        """The whole file, every column as received. Raises InputError when it can't be read or lacks a key column."""
        try:
            if self.path.suffix == ".parquet":
                table = pyarrow.parquet.ParquetFile(self.path).read()
            else:
                text = pyarrow.csv.ConvertOptions(strings_can_be_null=True, null_values=[""])
                table = pyarrow.csv.read_csv(self.path, convert_options=text)
        except _DAMAGED as error:
            raise InputError(unreadable(self.path, error)) from error
        lacking = [key for key in KEYS[self.source.shape] if table.column_names.count(key) != 1]
        if lacking:
            raise InputError(unreadable(self.path, f"it should have one column {', '.join(lacking)}"))
        return table


def find(settings: Settings) -> list[Input]:
    """Every input of the next build, in a fixed order.

    A source that has been loaded takes the place of its part of the sample as a whole. The sample is only there for the
    gemeente it describes. What is simulated counts only where nothing of its kind is real. Raises InputError with every
    file that can't be read.
    """
    problems: list[str] = []
    loaded = []
    for paths in copies(settings.raw_dir):
        if fnmatch(paths[0].name, f"{switch.DAY}@*"):
            continue  # readings, of which a damaged day is no reason to build nothing
        try:
            # Of copies for several gemeenten the newest of ours counts. An unreadable one may be ours.
            described = map(describe, reversed(paths))
            loaded += [next(item for item in described if item.gemeente in (None, settings.gemeente))]
        except StopIteration:
            continue
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    loaded = [item for item in loaded if item.source.shape in KEYS] + list(
        _readings(settings.raw_dir, settings.gemeente)
    )
    if any(item.is_simulated for item in loaded):
        held = switch.held(settings.raw_dir, settings.gemeente)
        counting = switch.counting(held) if settings.simulate else frozenset()
        idle = {each.source for each in held if each.is_simulated} - counting
        loaded = [item for item in loaded if item.source.id not in idle]
    ids = {item.source.id for item in loaded}
    sample = [item for item in _sample(settings.sample_dir, settings.gemeente) if item.source.id not in ids]
    return sorted(loaded + sample, key=lambda item: (item.source.id, item.edition))


def _readings(raw_dir: Path, gemeente: str) -> Iterator[Input]:
    """Of each source that has readings its newest file, which tells where they are from and until when they go.

    What is wrong with a file of readings is told by the rollups, which read them all.
    """
    for folder in sorted(raw_dir.glob("*/")):
        if newest := _newest(folder, gemeente):
            yield newest


def _newest(folder: Path, gemeente: str) -> Input | None:
    for path in switch.steady(lambda: switch.days(folder)):
        with suppress(InputError):
            item = describe(path)
            if item.gemeente in (None, gemeente):
                return item
    return None


def copies(raw_dir: Path) -> list[list[Path]]:
    """The raw files of each source and edition, oldest first. Files with other names are somebody else's."""
    found: dict[tuple[Path, str], list[Path]] = {}
    for path in sorted(raw_dir.glob("*/*.parquet")):
        if name := _COPY.fullmatch(path.name):
            found.setdefault((path.parent, name["edition"]), []).append(path)
    return list(found.values())


def describe(path: Path) -> Input:
    """What a raw file says of itself. Raises InputError when it does not say it, or is of another source or edition."""
    try:
        said = json.loads(pyarrow.parquet.read_schema(path).metadata[METADATA])
        item = Input(
            source=Source.from_dict(said["source"]),
            path=path,
            cited=said.get("cited", said["source"]["attribution"]),
            edition=str(said["edition"]),
            url=said["url"],
            retrieved_at=_utc(said["retrieved_at"]),
            sha256=said["sha256"],
            rows=int(said["rows"]),
            gemeente=said.get("gemeente"),
            is_sample=False,
            is_simulated=bool(said["is_simulated"]),
        )
        copy, batch = (path.parent.name, path.name.partition("@")[0]), (path.parent.parent.name, path.parent.name)
        if (item.source.id, item.edition) not in (copy, batch):
            raise ValueError(f"it says it is edition {item.edition} of {item.source.id}")
        if item.source.shape == "outline":
            int(item.edition)  # the year of the border
    except (*_DAMAGED, AttributeError) as error:
        raise InputError(unreadable(path, error)) from error
    return item


def unreadable(path: Path, reason: object) -> str:
    """The sentence for a file that is of no use."""
    said = first_line(reason)
    if path.suffix == ".parquet":
        return f"{path} can't be used: {said}. Delete it, or load it again: `python -m loaders {path.parent.name}`."
    return f"{path} can't be used: {said}. Mend it."


def first_line(reason: object) -> str:
    """An error in few words, without the full stop."""
    return (str(reason).splitlines() or [type(reason).__name__])[0].rstrip(".")


def outlines_of(item: Input) -> Path:
    """The outlines that belong to the sample's list of areas."""
    return item.path.with_name("outlines.geojson")


def _sample(folder: Path, gemeente: str) -> Iterator[Input]:
    described = folder / "sources.toml"
    try:
        if gemeente not in (folder / "areas.csv").read_text(encoding="utf-8"):
            return
        for id, said in tomllib.loads(described.read_text(encoding="utf-8")).items():
            outline = said["shape"] == "outline"
            files = ["areas.csv", "outlines.geojson"] if outline else [f"{id}.csv"]
            contents = [(folder / name).read_bytes() for name in files]
            yield Input(
                source=Source.from_dict(said),
                path=folder / files[0],
                cited=said["attribution"],
                edition=said["edition"],
                url=said["url"],
                retrieved_at=_utc(said["retrieved_at"]),
                sha256=hashlib.sha256(b"".join(contents)).hexdigest(),
                rows=contents[0].count(b"\n") - 1,
                gemeente=gemeente,
                is_sample=True,
                is_simulated=False,
            )
    except _DAMAGED as error:
        raise InputError(unreadable(described, error)) from error


def _utc(value: str | datetime) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
