"""Which files a build reads: for each source the newest good copy of every edition, else the sample.

The warehouse knows no loader. A raw file explains itself: its schema metadata carries the source, the address it came
from, the time and the hash. The sample explains itself in `sources.toml`.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from buurtbeeld.catalogue import Source
from buurtbeeld.settings import Settings

METADATA = b"buurtbeeld"


class InputError(Exception):
    """Files that cannot be read. `problems` holds one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, kw_only=True)
class Input:
    """One file of one source, with where it is from."""

    source: Source
    path: Path
    edition: str
    url: str
    retrieved_at: datetime  # UTC, without zone
    sha256: str
    rows: int
    is_sample: bool
    is_simulated: bool

    def table(self) -> pa.Table:
        """The whole file, every column as received."""
        if self.path.suffix == ".parquet":
            return pyarrow.parquet.read_table(self.path)
        text = pyarrow.csv.ConvertOptions(strings_can_be_null=True, null_values=[""])
        return pyarrow.csv.read_csv(self.path, convert_options=text)


def find(settings: Settings) -> list[Input]:
    """Every input of the next build, in a fixed order.

    A source that has been loaded takes the place of its part of the sample as a whole. The sample is only there for the
    gemeente it describes. Raises InputError with every file that can't be read.
    """
    problems: list[str] = []
    loaded = list(_raw(settings.raw_dir, problems))
    if problems:
        raise InputError(problems)
    ids = {item.source.id for item in loaded}
    sample = [item for item in _sample(settings.sample_dir, settings.gemeente) if item.source.id not in ids]
    return sorted(loaded + sample, key=lambda item: (item.source.id, item.edition))


def outlines_of(item: Input) -> Path:
    """The outlines that belong to the sample's list of areas."""
    return item.path.with_name("outlines.geojson")


def _raw(folder: Path, problems: list[str]) -> Iterator[Input]:
    for source in sorted(path for path in folder.glob("*") if path.is_dir()):
        newest: dict[str, Path] = {}
        for path in sorted(source.glob("*@*.parquet")):  # the stamp sorts by time, so the last one wins
            newest[path.stem.rpartition("@")[0]] = path
        for path in newest.values():
            try:
                yield _describe(path)
            except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
                problems.append(
                    f"{path} can't be read ({_first_line(error)}). Delete that file, or load it again with "
                    f"`python -m loaders {source.name}`."
                )


def _describe(path: Path) -> Input:
    file = pyarrow.parquet.ParquetFile(path)
    said = json.loads((file.schema_arrow.metadata or {})[METADATA])
    # A file cut short opens when its footer happens to be whole; reading one row group finds out for little.
    for group in range(file.num_row_groups):
        file.read_row_group(group)
    return Input(
        source=Source.from_dict(said["source"]),
        path=path,
        edition=str(said["edition"]),
        url=said["url"],
        retrieved_at=_utc(said["retrieved_at"]),
        sha256=said["sha256"],
        rows=int(said["rows"]),
        is_sample=False,
        is_simulated=bool(said["is_simulated"]),
    )


def _sample(folder: Path, gemeente: str) -> Iterator[Input]:
    described = tomllib.loads((folder / "sources.toml").read_text(encoding="utf-8"))
    names = {field.name for field in fields(Source)}
    areas = folder / "areas.csv"
    if gemeente not in areas.read_text(encoding="utf-8"):
        return
    for id, said in described.items():
        path = areas if said["shape"] == "outline" else folder / f"{id}.csv"
        data = path.read_bytes()
        yield Input(
            source=Source.from_dict({"id": id} | {key: value for key, value in said.items() if key in names}),
            path=path,
            edition=said["edition"],
            url=said["url"],
            retrieved_at=_utc(said["retrieved_at"]),
            sha256=hashlib.sha256(data).hexdigest(),
            rows=data.count(b"\n") - 1,
            is_sample=True,
            is_simulated=False,
        )


def _utc(value: str | datetime) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
