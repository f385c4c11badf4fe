"""One run over the sources: side by side, each on its own, so that the failure of one is not the other's trouble."""

import fcntl
import os
import re
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import shapely
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from buurtbeeld.catalogue import Catalogue, Wanted
from buurtbeeld.settings import Settings, SettingsError
from loaders import Area, HeldBackError, Loader, LoadError, Task, discover
from loaders.check import differences
from loaders.files import table
from loaders.http import Answer, Gate, Http, Limits, UnreachableError
from loaders.raw import Shelf, utc_text

AT_ONCE = 6  # sources; one that waits for its publisher costs nothing
OUTLINES = "pdok_areas"

Doing = Callable[["Run", Loader, Callable[[str], None]], list["Line"]]


class BusyError(Exception):
    """Another load holds the lock. The text is what it wrote there."""


@dataclass(frozen=True)
class Line:
    """One line of the summary."""

    source: str
    edition: str
    rows: str
    result: str
    why: str
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """What all sources of one run share."""

    settings: Settings
    catalogue: Catalogue
    loaders: Mapping[str, Loader]
    editions: tuple[int, ...]
    accept: bool
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    gate: Gate
    limits: Limits
    console: Console
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the process was asked to stop: what has not begun does not begin."""

    def shelf(self, loader: Loader) -> Shelf:
        settings = self.settings
        return Shelf(settings.raw_dir, loader.source, settings.gemeente, datetime.now(UTC), private=loader.private)

    def columns(self, loader: Loader) -> tuple[Wanted, ...]:
        """Published columns that the catalogue reads from a source, each once."""
        return tuple(dict.fromkeys(read.wanted for read in self.catalogue.read_from(loader.source.id)))

    @contextmanager
    def task(
        self,
        loader: Loader,
        shelf: Shelf,
        notes: list[str],
        say: Callable[[str], None],
        keep: Callable[[str, Answer], Path | None],
    ) -> Iterator[Task]:
        """What `fetch` or `look` is given."""
        settings = self.settings
        with Http(
            settings.base_urls,
            keep=keep,
            known=shelf.known,
            parts=shelf.parts,
            say=say,
            sleep=self.sleep,
            gate=self.gate,
            limits=self.limits,
            gemeente=settings.gemeente,
        ) as http:
            yield Task(
                gemeente=settings.gemeente,
                http=http,
                columns=self.columns(loader),
                editions=self.editions,
                figure_years=self._figure_years() if loader.source.shape == "outline" else (),
                now=self.now(),
                note=notes.append,
                copies=shelf.whole(),
                outline=partial(outline, self),
                city_dir=settings.city_dir,
                areas=partial(areas, self),
                asked=shelf.asked(),
            )

    def _figure_years(self) -> tuple[int, ...]:
        """Border years of the figures on disk, and of the sample that stands in for the rest."""
        areas = [loader for loader in self.loaders.values() if loader.source.shape == "area"]
        tables = (copy.table(["edition"]) for loader in areas for copy in self.shelf(loader).copies().values())
        years = {year for table in tables if table for year in table["edition"].unique().to_pylist()}
        years |= {int(said["edition"]) for said in _of_areas(sample(self.settings))}
        return tuple(sorted(years))


def of(loader: Loader, gemeente: str) -> bool:
    """Whether a source has anything about a gemeente."""
    return loader.gemeenten is None or gemeente in loader.gemeenten


def load(run: Run, loaders: Sequence[Loader]) -> list[Line]:
    """Load sources: figures first, then the outlines of every year that figures are drawn with, and then what has to
    know where the gemeente lies.
    """
    turns: dict[int, list[Loader]] = {0: [], 1: [], 2: []}
    for loader in loaders:
        turn = 2 if loader.after_outlines else {"area": 0, "outline": 1}.get(loader.source.shape, 2)
        turns[turn].append(loader)
    return each(run, list(turns.values()), _load)


def each(run: Run, turns: Sequence[Sequence[Loader]], do: Doing) -> list[Line]:
    """`do` for the sources of one turn after another, side by side within a turn, with progress; by name.

    What is counted is sources: how much a publisher will send is not known before it has.
    """
    lines: list[Line] = []
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with (
        Progress(*columns, console=run.console, transient=True, disable=not run.console.is_terminal) as progress,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        bar = progress.add_task("sources", total=sum(map(len, turns)))

        def one(loader: Loader) -> list[Line]:
            own = progress.add_task(loader.source.id, total=None)
            try:
                if run.stop.is_set():
                    return []
                return do(run, loader, lambda text: progress.update(own, description=text))
            finally:
                progress.remove_task(own)
                progress.advance(bar)

        try:
            for turn in turns:
                for future in as_completed([pool.submit(one, loader) for loader in turn]):
                    lines += future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sorted(lines, key=lambda line: line.source)


def _load(run: Run, loader: Loader, say: Callable[[str], None]) -> list[Line]:
    """Load one source. A failure of any kind is its own: the next source is loaded all the same."""
    shelf, notes = run.shelf(loader), list[str]()
    try:
        shelf.tidy()
        with run.task(loader, shelf, notes, say, shelf.keep) as task:
            editions = loader.fetch(task)
        saved = shelf.save(editions, task.columns, accept=run.accept, largest_loss=loader.largest_loss)
    except UnreachableError as error:
        return _failed(run, loader, shelf, notes, "unreachable", str(error))
    except HeldBackError as error:
        return _failed(run, loader, shelf, notes, "held_back", str(error))
    except LoadError as error:
        return _failed(run, loader, shelf, notes, "unusable", str(error))
    except Exception as error:  # noqa: BLE001 - a mistake in one file may not keep the others from loading
        return _failed(run, loader, shelf, notes, "mistake", _mistake(run, error))
    _remember(run, shelf, "unchanged" if all(copy.unchanged for copy in saved) else "new")
    if not saved:
        return [Line(loader.source.id, "", "", "nothing", " ".join(notes))]
    return [
        Line(
            loader.source.id,
            copy.edition,
            str(copy.rows),
            "unchanged" if copy.unchanged else "new",
            "" if number else " ".join(notes),
        )
        for number, copy in enumerate(saved)
    ]


def _failed(run: Run, loader: Loader, shelf: Shelf, notes: list[str], outcome: str, why: str) -> list[Line]:
    _remember(run, shelf, outcome)
    why = " ".join([why, stays(shelf, loader, run.settings), *notes])
    return [Line(loader.source.id, "", "", "failed", why, failed=True)]


def _remember(run: Run, shelf: Shelf, outcome: str) -> None:
    """Leave word for the screen; a disk that doesn't take it was told of already."""
    try:
        shelf.remember({"outcome": outcome, "at": utc_text(run.now()), "gemeente": run.settings.gemeente})
    except LoadError as error:
        run.console.print(str(error), markup=False, highlight=False)


def check(run: Run, loader: Loader, say: Callable[[str], None]) -> list[Line]:
    """Look at one publisher and compare. Nothing is written, but for when one was asked that has a pause."""
    notes: list[str] = []
    if loader.look is None:
        return [Line(loader.source.id, "", "", "no check", "This source has no look().")]
    shelf = run.shelf(loader)
    asked = shelf.asked() if loader.pause else None
    if asked and timedelta(0) <= run.now() - asked < loader.pause:
        minutes = loader.pause // timedelta(minutes=1)
        why = f"It was asked less than {minutes} minutes ago, and is left alone."
        return [Line(loader.source.id, "", "", "no check", why)]
    try:
        if loader.pause:
            shelf.remember_check(run.now())
        with run.task(loader, shelf, notes, say, lambda _label, _answer: None) as task:
            look = loader.look(task)
    except UnreachableError as error:
        return [Line(loader.source.id, "", "", "unreachable", str(error), failed=True)]
    except LoadError as error:
        return [Line(loader.source.id, "", "", "failed", str(error), failed=True)]
    except Exception as error:  # noqa: BLE001 - as above
        return [Line(loader.source.id, "", "", "failed", _mistake(run, error), failed=True)]
    copies = shelf.copies()
    newest = next(reversed(copies.values()), None)
    found = differences(look, copies.get(look.edition, newest), task.columns)
    same = "same" if look.columns else "is there"
    result = "breaks" if found.breaks else "changed" if found.news else same
    counts = ", ".join(f"{number} {letters}" for letters, number in look.counts.items())
    why = " ".join((*found.breaks, *found.news, *notes))
    return [Line(loader.source.id, look.edition, counts, result, why, failed=bool(found.breaks))]


def _mistake(run: Run, error: Exception) -> str:
    """What nobody foresaw: a fault in the loader, or in the disk. Whoever mends it needs the trace."""
    run.console.print_exception()
    return f"This should not happen ({error!r}); the trace is above, the answers are in {run.settings.raw_dir}."


def stays(shelf: Shelf, loader: Loader, settings: Settings) -> str:
    """What the dashboard goes on with when a load failed, and from when that is."""
    copies = shelf.copies()
    if copies:
        names = list(copies)
        editions = ", ".join(names) if len(names) < 5 else f"{names[0]} to {names[-1]}"
        return f"The copy of {editions} stays, from {max(copy.retrieved_at for copy in copies.values())[:10]}."
    said = sample(settings).get(loader.source.id)
    return f"The sample stays, from {str(said['retrieved_at'])[:10]}." if said else "There is nothing of it yet."


def sample(settings: Settings) -> dict[str, dict[str, Any]]:
    """What the sample says of its sources; nothing when it is about another gemeente."""
    try:
        areas = (settings.sample_dir / "areas.csv").read_text(encoding="utf-8")
        said = tomllib.loads((settings.sample_dir / "sources.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return said if settings.gemeente in areas else {}


def _of_areas(said: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [each for each in said.values() if each["shape"] == "area" and re.fullmatch(r"\d{4}", each["edition"])]


def outline(run: Run) -> shapely.Geometry:
    """The gemeente of the newest outlines on disk, in longitude and latitude. Raises LoadError when there are none."""
    table = _newest_outlines(run, ["code", "geometry"])
    return shapely.from_wkb(table.filter(pc.equal(table["code"], run.settings.gemeente))["geometry"][0].as_py())


def areas(run: Run) -> list[Area]:
    """The areas of the newest outlines on disk, and the city's own subwijken. Raises LoadError without outlines."""
    drawn = [Area(**row) for row in _newest_outlines(run, ["code", "level", "name", "edition"]).to_pylist()]
    return [*drawn, *_subwijken(run.settings, drawn[0].edition)]


def _subwijken(settings: Settings, edition: int) -> list[Area]:
    """The subwijken in the city's own file; none without that file. What is wrong in it, `make city` tells."""
    path = settings.city_dir / "subwijken.csv"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LoadError(f"{path} can't be read ({error.strerror}). Mend it: `make city` checks it.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    rows = [{name.strip().lower(): cell.strip() for name, cell in row.items()} for row in table(text, str(path))]
    if rows and not {"code", "name"} <= rows[0].keys():
        raise LoadError(f"{path} has no columns code and name. `make city` says what is wrong with it.")
    found = {row["code"].upper(): row["name"] for row in rows if row["code"] and row["name"]}
    return [Area(code, "subwijk", name, edition) for code, name in sorted(found.items())]


def _newest_outlines(run: Run, columns: list[str]) -> pa.Table:
    loader = run.loaders.get(OUTLINES) or discover()[OUTLINES]
    for copy in reversed(run.shelf(loader).copies().values()):
        if table := copy.table(columns):
            return table
    raise LoadError(
        f"Where {run.settings.gemeente} lies is not known yet. Load its outlines first: `python -m loaders {OUTLINES}`."
    )


@contextmanager
def alone(raw_dir: Path) -> Iterator[None]:
    """Be the only load of this folder. The lock goes with the process, however that ends.

    Raises BusyError when there is another, SettingsError when the folder can't be written.
    """
    try:
        raw_dir.mkdir(parents=True, exist_ok=True)
        file = (raw_dir / ".lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise SettingsError([f"{raw_dir} can't be written ({error.strerror}). Mend it, or set DATA_DIR."]) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise BusyError(file.read().strip()) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {utc_text(datetime.now(UTC))}\n")
        file.flush()
        yield
