"""Keeping what came in: the bytes as received, and one Parquet file per edition and load.

    data/raw/<source id>/<edition>@<stamp>.parquet                  never changed; the newest stamp of an edition counts
    data/raw/<source id>/received/<edition>@<stamp>-<n>.<ext>.gz    the answers behind it, as received (downloads as is)
    data/raw/<source id>/received/<edition>@<stamp>.json            address, status, time and hash of each
    data/raw/<source id>/parts/                                     downloads under way
    data/raw/<source id>/last.json                                  what came of the last load (buurtbeeld/loads.py)
    data/raw/<source id>/checked.json                               when it was last checked, where it has a pause
    data/raw/<source id>/whole.json                                 which days of readings were once read to their end

`sha256` in a file is the hash of the answers with status 200 that are kept under its edition, or under the label that
its edition names, one after another.

A file appears under its name only when it is whole and on disk, and all editions of a load appear together after all of
them were written and checked. So a full disk, a kill or a refused load leaves what was there. What is the same as the
copy before is not written again: nothing is made anew from it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from buurtbeeld.catalogue import Source, Wanted, base
from loaders import Edition, HeldBackError, LoadError, Same
from loaders.believe import doubts
from loaders.http import Answer, Known

METADATA = b"buurtbeeld"
STAMP = "%Y%m%dT%H%M%SZ"
VALIDATORS = ("etag", "last-modified")
A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TOUCHED = timedelta(days=8)  # no load asks for readings of longer ago than a week
EXTENSIONS = {"json": "json", "html": "html", "xml": "xml", "csv": "csv", "zip": "zip"}


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One edition on disk, as somebody once loaded it."""

    path: Path
    edition: str
    retrieved_at: str
    rows: int
    gemeente: str
    marker: str
    schema: pa.Schema

    def table(self, columns: Sequence[str] | None = None) -> pa.Table | None:
        """All of it, or some columns; None when it can't be read to its end."""
        try:
            return pq.read_table(self.path, columns=columns)
        except (OSError, pa.ArrowException):
            return None


Sign = tuple[int, int]
"""Of a file: its bytes, and the nanosecond in which it was changed."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What became of one edition."""

    edition: str
    rows: int
    unchanged: bool


class Shelf:
    """The raw folder of one source, for one load. Only one process may hold shelves at a time (see `__main__.py`)."""

    def __init__(self, raw_dir: Path, source: Source, gemeente: str, now: datetime, *, private: bool = False) -> None:
        """`now` is UTC. Nothing is written until something is kept. private: see `Loader`.

        Two loads never share a stamp, and a clock that was set back does not make a new copy look old.
        """
        self.folder = raw_dir / source.id
        self._source = source
        self._gemeente = gemeente
        self._kept = not private and source.openness != "none"
        self._readings = source.shape == "reading"
        self._touched = (now - TOUCHED).date().isoformat()
        self._copies: dict[Path, tuple[Sign | None, Copy | None]] = {}
        self._whole: dict[str, Sign] = {}
        self._received: dict[str, list[dict[str, Any]]] = {}
        self._hashes: dict[str, Any] = {}
        taken = max((_stamp_of(path) for path in self.folder.glob("**/*@*")), default="")
        self.stamp = now.strftime(STAMP)
        if self.stamp <= taken:
            self.stamp = (datetime.strptime(taken, STAMP).replace(tzinfo=UTC) + timedelta(seconds=1)).strftime(STAMP)

    @property
    def parts(self) -> Path:
        """Where downloads grow."""
        return self.folder / "parts"

    def tidy(self) -> None:
        """Remove what no one needs: half-written files of a killed load, answers without a copy (of failed loads) but
        for the newest, and readings of a day that newer copies have too.
        """
        for path in (*self.folder.glob(".*.tmp"), *self.folder.glob("received/.*.tmp")):
            path.unlink()
        for edition, paths in self._by_edition().items():
            if self._readings and A_DAY.fullmatch(edition):
                # No mart is made from readings, so no mart needs them; those of another gemeente are another's.
                copies = {path: self._copy(path) for path in paths}
                own = [path for path, copy in copies.items() if copy is None or copy.gemeente == self._gemeente]
                for older in own[:-2]:
                    older.unlink()
        received = list(self.folder.glob("received/*@*"))
        with_copy = {_stamp_of(path) for path in self.folder.glob("*@*.parquet")}
        without_copy = sorted({_stamp_of(path) for path in received} - with_copy - {""})
        for path in received:
            if _stamp_of(path) in without_copy[:-1]:
                path.unlink()

    def whole(self) -> dict[str, Copy]:
        """Those of `copies` that can be read to their end: a damaged one is to be loaded again.

        Days of readings pile up, so one that no load touches any more is not read again when a former load read it to
        its end, and its file is as large and as old as it was. Whoever reads such a day for what is in it finds the
        damage that does not show in that.
        """
        before = self._read_before()
        found: dict[str, Copy] = {}
        for edition, copy in self.copies().items():
            name, sign = copy.path.name, _sign(copy.path)
            settled = self._readings and A_DAY.fullmatch(edition) and edition < self._touched
            if sign and ((settled and before.get(name) == sign) or copy.table() is not None):
                found[edition] = copy
                self._whole[name] = sign
        return found

    def _read_before(self) -> dict[str, Sign]:
        """The files that were read to their end, by name, with their signs then."""
        try:
            said = json.loads((self.folder / "whole.json").read_text(encoding="utf-8"))
            return {str(name): (int(size), int(changed)) for name, (size, changed) in said.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def copies(self) -> dict[str, Copy]:
        """The newest copy of each edition, oldest edition first. Unreadable or of another gemeente is no copy."""
        newest: dict[str, Copy] = {}
        for edition, paths in sorted(self._by_edition().items()):
            readable = (copy for path in reversed(paths) if (copy := self._copy(path)))
            if copy := next((copy for copy in readable if copy.gemeente == self._gemeente), None):
                newest[edition] = copy
        return newest

    def _copy(self, path: Path) -> Copy | None:
        """What a file says of itself, read once for each load as long as it does not change."""
        sign = _sign(path)
        if path not in self._copies or self._copies[path][0] != sign:
            self._copies[path] = (sign, _read(path))
        return self._copies[path][1]

    def known(self, address: str) -> Known | None:
        """The newest answer to an address that can be asked for again with "only when it changed"."""
        return self._known.get(address)

    @cached_property
    def _known(self) -> dict[str, Known]:
        found: dict[str, Known] = {}
        for index in sorted(self.folder.glob("received/*@*.json"), key=_stamp_of):
            with suppress(OSError, ValueError, KeyError, TypeError):
                for entry in json.loads(index.read_text(encoding="utf-8")):
                    file = index.with_name(entry["file"])
                    if entry["status"] == 200 and entry.get("validators") and file.exists():
                        found[entry.get("asked") or entry["url"]] = Known(
                            headers=entry["validators"] | {"content-type": entry["content_type"]},
                            retrieved_at=datetime.fromisoformat(entry["retrieved_at"]),
                            file=file,
                            read=partial(_unpacked, file),
                        )
        return found

    def keep(self, label: str, answer: Answer) -> Path | None:
        """Write an answer as received. `label` is the edition it is about, or another short word.

        Of a source whose answers hold something of persons, only the hash stays.

        Returns where a download is from now on. Raises LoadError when the disk does not take it.
        """
        entries = self._received.setdefault(label, [])
        kind = re.split(r"[/+;]", answer.content_type.lower().partition(";")[0])[-1]
        packed = "" if answer.file else ".gz"
        name = f"{label}@{self.stamp}-{len(entries) + 1}.{EXTENSIONS.get(kind, 'bin')}{packed}"
        validators = {key: answer.headers[key] for key in VALIDATORS if key in answer.headers}
        entries.append(
            {
                "url": answer.url,
                "status": answer.status,
                "content_type": answer.content_type,
                "retrieved_at": utc_text(answer.retrieved_at),
                "sha256": answer.sha256,
                "file": name,
            }
            | ({"validators": validators} if validators and answer.status == 200 else {})
            | ({"asked": answer.asked} if answer.asked else {})
        )
        if answer.status == 200:
            hashed = self._hashes.setdefault(label, hashlib.sha256())
            for piece in _pieces(answer):
                hashed.update(piece)
        folder = self.folder / "received"
        if answer.kept or answer.file:
            _take(answer, folder / name)
        elif self._kept:
            _write_all({folder / name: lambda file: file.write(gzip.compress(answer.body, compresslevel=6, mtime=0))})
        index = json.dumps(entries, ensure_ascii=False, indent=1).encode()
        _write_all({folder / f"{label}@{self.stamp}.json": lambda file: file.write(index)})
        return folder / name if answer.file else None

    def save(
        self,
        editions: Sequence[Edition | Same],
        columns: Iterable[Wanted] = (),
        *,
        accept: bool = False,
        largest_loss: float = 0.2,
    ) -> list[Saved]:
        """Keep all editions of a load, or none. What is as it was is not written again.

        Raises LoadError naming everything that can't be true; HeldBackError naming every edition that lost more than
        `largest_loss` of its rows and every column of `columns` whose unit changed, which `accept` lets pass. Raises
        LoadError when the disk does not take it.
        """
        before = self.copies()  # a damaged one equals nothing, and is written again
        new = [edition for edition in editions if isinstance(edition, Edition)]
        if problems := [doubt for edition in new for doubt in doubts(edition, self._source, self._gemeente)]:
            raise LoadError(" ".join(problems))
        if not accept and (losses := list(_losses(new, before, tuple(columns), largest_loss))):
            raise HeldBackError(" ".join(losses))
        tables = {edition.edition: self._with_provenance(edition) for edition in new}
        markers = {edition.edition: edition.marker for edition in new}
        unchanged = {
            name
            for name, table in tables.items()
            if name in before and before[name].marker == markers[name] and _equal(before[name].table(), table)
        } | {edition.edition for edition in editions if isinstance(edition, Same)}
        _write_all(
            {
                self.folder / f"{name}@{self.stamp}.parquet": partial(pq.write_table, table, compression="zstd")
                for name, table in tables.items()
                if name not in unchanged
            }
        )
        behind = {edition.answers or edition.edition for edition in new if edition.edition not in unchanged}
        for label in self._received.keys() - behind:
            if unchanged == {edition.edition for edition in editions} or label in unchanged:
                self._forget(label)
        rows = {name: copy.rows for name, copy in before.items()} | {n: table.num_rows for n, table in tables.items()}
        return [Saved(edition=e.edition, rows=rows[e.edition], unchanged=e.edition in unchanged) for e in editions]

    def remember(self, said: Mapping[str, str]) -> None:
        """What came of this load, for the screen; and for the next one, which days of readings were read."""
        files = {"last.json": json.dumps(said, indent=1)}
        if self._readings and self._whole != self._read_before():
            files["whole.json"] = json.dumps(self._whole)
        _write_all({self.folder / name: partial(_write_text, text) for name, text in files.items()})

    def remember_check(self, at: datetime) -> None:
        """That the publisher is asked, for whoever would ask it again too soon. Raises LoadError as `save`."""
        said = json.dumps({"at": utc_text(at)})
        _write_all({self.folder / "checked.json": partial(_write_text, said)})

    def asked(self) -> datetime | None:
        """When the last load or remembered check was, of any gemeente; None when there is no word of one."""
        found = []
        for name in ("last.json", "checked.json"):
            with suppress(OSError, ValueError, KeyError, TypeError):
                said = json.loads((self.folder / name).read_text(encoding="utf-8"))
                found.append(datetime.fromisoformat(said["at"]).astimezone(UTC))
        return max(found, default=None)

    def _forget(self, label: str) -> None:
        """Remove the answers of this load that are no news: those behind the copy stay."""
        for path in self.folder.glob(f"received/{label}@{self.stamp}*"):
            path.unlink(missing_ok=True)

    def _with_provenance(self, edition: Edition) -> pa.Table:
        label = edition.answers or edition.edition
        entries = [entry for entry in self._received.get(label, []) if entry["status"] == 200]
        if not entries:
            raise LoadError(
                f"Edition {edition.edition} of {self._source.id} has no answer behind it, so it is not kept."
            )
        source = replace(
            self._source,
            licence=edition.licence or self._source.licence,
            openness=edition.openness or self._source.openness,
            shape=edition.shape or self._source.shape,
        )
        said = {
            "source": source.as_dict(),
            "cited": edition.attribution or self._source.attribution,
            "edition": edition.edition,
            "url": edition.url,
            "retrieved_at": max(entry["retrieved_at"] for entry in entries),
            "sha256": self._hashes[label].hexdigest(),
            "rows": edition.table.num_rows,
            "is_simulated": False,
            "gemeente": self._gemeente,
            "marker": edition.marker,
        }
        return edition.table.replace_schema_metadata({METADATA: json.dumps(said, ensure_ascii=False)})

    def _by_edition(self) -> dict[str, list[Path]]:
        """Copies by edition, oldest first."""
        found: dict[str, list[Path]] = {}
        for path in sorted(self.folder.glob("*@*.parquet"), key=_stamp_of):
            if _stamp_of(path):  # somebody else's file is left alone
                found.setdefault(path.name.partition("@")[0], []).append(path)
        return found


def column(name: str, values: Sequence[object], *, empty: pa.DataType | None = None) -> pa.Array:
    """A published column as it came: whole numbers, numbers, text or true/false. `empty` is the type of nothing at all.

    Raises LoadError when it holds more than one of these.
    """
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.array(values, type=empty or pa.string())
    for allowed, kind in _KINDS:
        if kinds <= allowed:
            return pa.array(values, type=kind)
    first = {kind: next(value for value in values if type(value) is kind) for kind in sorted(kinds, key=str)}
    examples = " and ".join(f"{value!r}" for value in first.values())
    raise LoadError(
        f"Column {name} should hold one kind of value, but has {examples}. Look what the publisher changed."
    )


def utc_text(at: datetime) -> str:
    """2026-11-23T18:53:00Z"""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_KINDS: tuple[tuple[set[type], pa.DataType], ...] = (
    ({int}, pa.int64()),
    ({int, float}, pa.float64()),
    ({str}, pa.string()),
    ({bool}, pa.bool_()),
)


def unit_of(schema: pa.Schema, name: str) -> str:
    """The unit a publisher gave a column, "" for none; spaces and capitals don't count."""
    unit = (schema.field(name).metadata or {}).get(b"unit", b"").decode()
    return " ".join(unit.lower().split())


def groups_of(schema: pa.Schema) -> dict[str, str]:
    """The columns with the titles of the groups that each stands under, "" for none."""
    return {field.name: (field.metadata or {}).get(b"group", b"").decode() for field in schema}


def _losses(
    editions: Sequence[Edition], before: Mapping[str, Copy], columns: tuple[Wanted, ...], largest_loss: float
) -> Iterator[str]:
    """Why a load may not replace what is there before somebody looked, one sentence each."""
    schemas = {edition: copy.schema for edition, copy in before.items()}
    for new in sorted(editions, key=lambda edition: edition.edition):
        old = before.get(_nearest(new.edition, before) or "")
        if old and new.table.num_rows < (1 - largest_loss) * old.rows:
            yield (
                f"Edition {new.edition} has {new.table.num_rows} rows; the copy of {old.edition} had {old.rows}. "
                "If that is right, load again with --accept."
            )
        reference = _nearest(new.edition, schemas)
        if reference:
            yield from _unit_changes(columns, reference, schemas[reference], new)
        schemas[new.edition] = new.table.schema


def _unit_changes(columns: tuple[Wanted, ...], reference: str, old: pa.Schema, new: Edition) -> Iterator[str]:
    before, after = groups_of(old), groups_of(new.table.schema)
    for wanted in columns:
        was, now = wanted.among(before), wanted.among(after)
        if len(was) == 1 and len(now) == 1:
            was_unit, now_unit = unit_of(old, was[0]), unit_of(new.table.schema, now[0])
            if was_unit != now_unit:
                yield (
                    f"{base(now[0])} is in “{now_unit}” in edition {new.edition}, and in “{was_unit}” in {reference}. "
                    "Look whether its scale in indicators.toml still holds, then load again with --accept."
                )


def _nearest(edition: str, known: Iterable[str]) -> str | None:
    """The same edition, else the one before it, else the oldest."""
    known = sorted(known)
    return max((name for name in known if name <= edition), default=known[0] if known else None)


def _read(path: Path) -> Copy | None:
    try:
        schema = pq.read_schema(path)
        said = json.loads(schema.metadata[METADATA])
        return Copy(
            path=path,
            edition=said["edition"],
            retrieved_at=said["retrieved_at"],
            rows=said["rows"],
            gemeente=said.get("gemeente", ""),
            marker=said.get("marker", ""),
            schema=schema,
        )
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError):
        return None


def _sign(path: Path) -> Sign | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _write_text(text: str, file: BinaryIO) -> None:
    file.write(text.encode())


def _equal(one: pa.Table | None, other: pa.Table | None) -> bool:
    """The same columns and rows; what is said about them may differ."""
    return one is not None and other is not None and one.equals(other)


def _unpacked(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes())


def _pieces(answer: Answer) -> Iterator[bytes]:
    """The bytes of an answer, of a large one little by little."""
    if answer.file is None:
        yield answer.body
        return
    with answer.file.open("rb") as file:
        while piece := file.read(1_000_000):
            yield piece


def _take(answer: Answer, path: Path) -> None:
    """Give a file that is there already its name here: a finished download, or the bytes of a former load."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if answer.kept:
            with suppress(FileExistsError):
                os.link(answer.kept, path)
        elif answer.file:
            shutil.move(answer.file, path)
    except OSError as error:
        raise LoadError(
            f"{path} could not be written ({error.strerror or error}). Make room or mend the rights, then load again."
        ) from error


def _stamp_of(path: Path) -> str:
    """The stamp in a name such as 2024@20261123T185300Z-1.json.gz, "" when there is none."""
    found = re.search(r"@(\d{8}T\d{6}Z)[-.]", path.name)
    return found[1] if found else ""


def _write_all(files: Mapping[Path, Callable[[BinaryIO], object]]) -> None:
    """Write every file beside its place, all the way to the disk, and only then give each its name.

    Raises LoadError when the disk does not take it; then none has its name.
    """
    if not files:
        return
    unnamed = {path: path.with_name(f".{path.name}.tmp") for path in files}
    try:
        for path, write in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with unnamed[path].open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
        for path in files:
            unnamed[path].replace(path)
        for folder in {path.parent for path in files}:
            _sync(folder)
    except OSError as error:
        for path in unnamed.values():
            path.unlink(missing_ok=True)
        raise LoadError(
            f"{next(iter(files)).parent} could not be written ({error.strerror or error}). What was there is still "
            "there. Make room or mend the rights, then load again."
        ) from error


def _sync(folder: Path) -> None:
    """Have the disk remember the names in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
