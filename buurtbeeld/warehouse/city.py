"""The city's own plain files, as staff keep them in a spreadsheet: goals, what was done, and what subwijken there are.

What a spreadsheet makes of a CSV file is read as it was meant where that is certain, and refused with a sentence where
it is not. This module judges cells; what must hold between cells, rows and the rest of the mart is in `checks.py`.
The sentences are in `texts`, because the staff who read them are Dutch.
"""

import codecs
import csv
import hashlib
import io
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import CITY_FILES, Catalogue, CityProblem
from buurtbeeld.texts import Words
from buurtbeeld.texts.city import said

MOST_BYTES = 1_000_000  # of one file; some ten thousand rows
SHOWN_PER_FILE = 20  # sentences; a column in the wrong order breaks every row
FIRST_YEAR, LAST_YEAR = 1990, 2100


class Wrong(Exception):
    """Something can't be read as it was meant: `key` of the texts says what and what to do, filled in with `values`."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(key)


@dataclass(frozen=True)
class Column:
    """How a cell is read: `read` raises Wrong.

    begun: a day that may not be still to come.
    """

    read: Callable[[str], Any]
    type: pa.DataType
    optional: bool = False
    begun: bool = False


@dataclass(frozen=True)
class Own:
    """What the city's files hold.

    tables: file → its rows: `row` (as a spreadsheet counts them), each column as it was meant, and `<column>_text` as
    it was written; a cell that could not be read is NULL. files: path within data/ and sha256 of each file that is
    there.
    """

    tables: Mapping[str, pa.Table]
    files: pa.Table
    problems: tuple[CityProblem, ...]


def read(folder: Path, today: date) -> Own:
    """Every file of `FILES` in `folder`; one that is not there has no rows."""
    tables: dict[str, pa.Table] = {}
    files: list[dict[str, str]] = []
    problems: list[CityProblem] = []
    for name, columns in FILES.items():
        rows: list[dict[str, Any]] = []
        try:
            content = (folder / name).read_bytes()
            files.append({"path": f"city/{name}", "sha256": hashlib.sha256(content).hexdigest()})
            problems += _read(name, content, today, rows)
        except FileNotFoundError:
            pass
        except OSError as error:
            problems.append(CityProblem(name, "city.unreadable", {"reason": error.strerror}))
        except Wrong as wrong:
            problems.append(CityProblem(name, wrong.key, wrong.values))
        tables[name.removesuffix(".csv")] = pa.Table.from_pylist(rows, schema=_schema(columns))
    return Own(tables, pa.Table.from_pylist(files, schema=_FILE), tuple(problems))


def told(problems: Sequence[CityProblem], words: Words, catalogue: Catalogue) -> list[str]:
    """A sentence for each problem, by file and row, as somebody works through them; of each file the first ones."""
    sentences: list[str] = []
    for file in FILES:
        found = [problem for problem in problems if problem.file == file]
        shown = sorted(found, key=lambda problem: min(problem.rows, default=math.inf))[:SHOWN_PER_FILE]
        if more := len(found) - len(shown):
            shown.append(CityProblem(file, "city.more", {"count": more}))
        sentences += [said(problem, words, catalogue) for problem in shown]
    return sentences


def write_templates(folder: Path) -> list[Path]:
    """Puts a file with nothing but the names of its columns where there is none; gives what was written.

    As a Dutch Excel opens it without questions: semicolons, and a mark that says it is UTF-8. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lacking = [folder / name for name in FILES if not (folder / name).exists()]
    for path in lacking:
        path.write_text(";".join(FILES[path.name]) + "\r\n", encoding="utf-8-sig", newline="")
    return lacking


def others(folder: Path) -> list[str]:
    """Names of tables in `folder` that nobody reads: a copy, or a slip in a name. What an editor keeps open is not."""
    found = (path.name for path in folder.glob("*") if path.suffix.lower() in (".csv", ".xlsx", ".xls", ".ods"))
    return sorted(name for name in found if name not in FILES and not name.startswith((".", "~")))


def _schema(columns: Mapping[str, Column]) -> pa.Schema:
    fields = [(name, column.type) for name, column in columns.items()]
    return pa.schema([("row", pa.int32()), *fields, *((f"{name}_text", pa.string()) for name in columns)])


def _read(file: str, content: bytes, today: date, rows: list[dict[str, Any]]) -> Iterator[CityProblem]:
    """Adds what `content` of `file` holds to `rows`; gives what is wrong. Raises Wrong when it is no table at all."""
    columns = FILES[file]
    (top, head), *body = list(_records(_decoded(content), columns)) or [(1, [])]
    names = [name.strip().lower() for name in head]
    while names and not names[-1]:
        names.pop()  # a spreadsheet may write more columns than are used
    if wrong := _wrong_head(names, columns):
        yield from (CityProblem(file, key, {"names": which, "columns": list(columns)}, (top,)) for key, which in wrong)
        return
    for number, cells in body:
        if any(cell.strip() for cell in cells[len(names) :]):
            yield CityProblem(file, "city.cells", rows=(number,))
            continue
        written = dict(zip(names, [*cells, *[""] * len(names)], strict=False))
        row: dict[str, Any] = {"row": number}
        for name, column in columns.items():
            cell = " ".join(unicodedata.normalize("NFC", written[name]).split())
            row[f"{name}_text"] = cell
            try:
                row[name] = _cell(cell, column, today)
            except Wrong as error:
                yield CityProblem(file, error.key, error.values, (number,), name)
        rows.append(row)


def _decoded(content: bytes) -> str:
    """The text of a file, in the encodings that spreadsheets write."""
    if len(content) > MOST_BYTES:
        raise Wrong("city.large", most=MOST_BYTES // 1_000_000)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Wrong("city.workbook")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            if "\x00" not in (text := content.decode(encoding)):
                return text
    raise Wrong("city.binary")


def _records(text: str, columns: Mapping[str, Column]) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not empty, with its number as a spreadsheet counts."""
    if text[:4].lower() == "sep=":  # a line that Excel writes for itself and does not show
        text = text.partition("\n")[2]
    head = (text.strip().splitlines() or [""])[0]
    separator = max(
        ";,\t", key=lambda sign: len({name.strip(' "').lower() for name in head.split(sign)} & set(columns))
    )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Wrong("city.quotes", row=number) from error
        if any(cell.strip() for cell in cells):
            yield number, cells


def _wrong_head(names: Sequence[str], columns: Mapping[str, Column]) -> list[tuple[str, list[str]]]:
    """What is wrong with the names of the columns: a key of the texts, and the names it is about."""
    lacking = [name for name in columns if name not in names]
    unknown = [name for name in names if name not in columns]
    double = sorted({name for name in names if name in columns and names.count(name) > 1})
    found = (("city.lacking", lacking), ("city.unknown", unknown), ("city.double", double))
    return [(key, which) for key, which in found if which]


def _cell(cell: str, column: Column, today: date) -> Any:
    if not cell:
        if column.optional:
            return None
        raise Wrong("city.empty")
    if not cell.isprintable():
        raise Wrong("city.invisible", cell=cell)
    if _BROKEN.search(cell):
        raise Wrong("city.broken", cell=cell)
    if cell[0] in "=+@#":
        raise Wrong("city.formula", cell=cell)
    value = column.read(cell)
    if column.begun and value > today:
        raise Wrong("city.future", cell=cell)
    return value


def _id(cell: str) -> str:
    return cell.lower()


def _code(cell: str) -> str:
    return cell.upper()


def _year(cell: str) -> int:
    if not re.fullmatch("[0-9]{4}", cell) or not FIRST_YEAR <= int(cell) <= LAST_YEAR:
        raise Wrong("city.year", cell=cell, first=FIRST_YEAR, last=LAST_YEAR)
    return int(cell)


def _number(cell: str) -> float:
    """A number as it was meant; a percent sign says only how it is written."""
    plain = cell.removesuffix("%").rstrip().replace("\N{MINUS SIGN}", "-")
    if re.fullmatch("-?[1-9][0-9]{0,2}[.,][0-9]{3}", plain):
        raise Wrong("city.twoways", cell=cell, whole=re.sub("[.,]", "", plain), decimal=f"{plain}0")
    if not re.fullmatch("-?[0-9]{1,12}([.,][0-9]{1,12})?", plain):
        raise Wrong("city.number", cell=cell)
    return float(plain.replace(",", "."))


def _day(cell: str) -> date:
    found = re.fullmatch("(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})", _without_time(cell))
    found = found or re.fullmatch("(?P<day>[0-9]{1,2})-(?P<month>[0-9]{1,2})-(?P<year>[0-9]{4})", _without_time(cell))
    try:
        if not found:
            raise ValueError
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError
    except ValueError:
        key = "city.day.inside" if re.fullmatch("[0-9]{5}", cell) else "city.day"
        raise Wrong(key, cell=cell, first=FIRST_YEAR, last=LAST_YEAR) from None
    return day


def _without_time(cell: str) -> str:
    """A day without the midnight that a spreadsheet may put behind it."""
    return re.sub("[ T]0?0:00(:00)?$", "", cell)


def _link(cell: str) -> str:
    if len(cell) > 500 or not re.fullmatch(
        r"https://([a-z0-9-]+\.)+[a-z]{2,}(:[0-9]+)?([/?#]\S*)?", cell, re.IGNORECASE
    ):
        raise Wrong("city.link", cell=cell)
    if _EMAIL.search(cell):
        raise Wrong("city.email")
    return cell


def _words(most: int) -> Callable[[str], str]:
    """Words that will be on a page: short, and about nobody in person."""

    def read(cell: str) -> str:
        if len(cell) > most:
            raise Wrong("city.long", signs=len(cell), most=most)
        if cell.startswith("-"):
            raise Wrong("city.dash", cell=cell)
        if key := _personal(cell):
            raise Wrong(key)  # without the cell: this goes to a log
        return cell

    return read


_BROKEN = re.compile("\ufffd|Ã[\u00a0-\u00bf]|â€|â‚¬")  # UTF-8 that was read as Windows-1252
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w")
_YEARS = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
_LONG_NUMBER = re.compile(r"(\d[\s.()/-]{0,3}){9,}")  # of a phone, an account, a person
# A house number with its postcode, on either side; years after a postcode are none.
_HOME = re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}\b,? *(?!(19|20)\d\d\b)\d|\b\d+ ?[a-z]?,? +[1-9]\d{3} ?[A-Z]{2}\b")
_PERSON = re.compile(
    r"\b(?:(?i:dhr|mevr|mw|mr|mrs|ms|drs|ir|ing|dr|prof|de heer|mevrouw|meneer|fam|familie|wethouder|burgemeester)\.? +"
    r"|(?:[A-Z]\. ?)+)"
    r"(?P<name>(?:[A-Z]\. ?)*(?:(?i:van|de|den|der|ten|ter|te|el|al|'t|het) +)*[A-ZÀ-Þ][\w'’-]+(?: +[A-ZÀ-Þ][\w'’-]+)*)"
)
# A place that is named after a person is no person.
_PLACE = re.compile(
    r"\w{3}(straat|laan|weg|plein|kade|park|hof|singel|brug|school|plantsoen|pad|dreef|steeg|gracht|dijk|tunnel|huis|markt"
    r"|baan|buurt|wijk|bos|tuin|veld|haven|college|lyceum|kerk|centrum)$",
    re.IGNORECASE,
)


def _personal(text: str) -> str:
    """The key that says what in `text` seems to be of a person; empty when nothing does.

    Rules of thumb: a person looks too.
    """
    if _EMAIL.search(text):
        return "city.email"
    if _LONG_NUMBER.search(_YEARS.sub("·", text)):
        return "city.phone"
    if _HOME.search(text):
        return "city.home"
    if any(not any(map(_PLACE.search, found["name"].split())) for found in _PERSON.finditer(text)):
        return "city.person"
    return ""


FILES: Mapping[str, Mapping[str, Column]] = dict(
    zip(
        CITY_FILES,
        (
            {
                "indicator": Column(_id, pa.string()),
                "code": Column(_code, pa.string()),
                "year": Column(_year, pa.int16()),
                "value": Column(_number, pa.float64()),
                "document": Column(_words(150), pa.string()),
                "link": Column(_link, pa.string()),
            },
            {
                "code": Column(_code, pa.string()),
                "from": Column(_day, pa.date32(), begun=True),
                "to": Column(_day, pa.date32(), optional=True),
                "title": Column(_words(120), pa.string()),
                "link": Column(_link, pa.string()),
            },
            {
                "code": Column(_code, pa.string()),
                "name": Column(_words(60), pa.string()),
                "buurt": Column(_code, pa.string()),
            },
        ),
        strict=True,
    )
)
"""File → its columns, in the order of the template."""

_FILE = pa.schema([("path", pa.string()), ("sha256", pa.string())])
