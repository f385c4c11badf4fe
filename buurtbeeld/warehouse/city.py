"""The city's own plain files, as staff keep them in a spreadsheet: goals that the council set, and what was done.

What a spreadsheet makes of a CSV file is read as it was meant where that is certain, and refused with a sentence where
it is not. This module judges cells; what must hold between cells, rows and the rest of the mart is in `checks.py`.
"""

import codecs
import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue import CITY_FILES
from buurtbeeld.warehouse.inputs import first_line

MOST_BYTES = 1_000_000  # of one file; some ten thousand rows
SHOWN_PER_FILE = 20  # sentences; a column in the wrong order breaks every row
FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class Column:
    """How a cell is read: `read` raises ValueError with what is wrong and what to write, as a sentence.

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
    there. problems: a sentence for each thing that is wrong.
    """

    tables: Mapping[str, pa.Table]
    files: pa.Table
    problems: tuple[str, ...]


def read(folder: Path, today: date) -> Own:
    """Every file of `FILES` in `folder`; one that is not there has no rows."""
    tables: dict[str, pa.Table] = {}
    files: list[dict[str, str]] = []
    problems: list[str] = []
    for name, columns in FILES.items():
        place = f"city/{name}"
        rows: list[dict[str, Any]] = []
        try:
            content = (folder / name).read_bytes()
            files.append({"path": place, "sha256": hashlib.sha256(content).hexdigest()})
            wrong = [f"{place}{said}" for said in _read(content, columns, today, rows)]
        except FileNotFoundError:
            wrong = []
        except OSError as error:
            wrong = [f"{place}: it can't be read: {error.strerror}."]
        problems += wrong[:SHOWN_PER_FILE]
        if len(wrong) > SHOWN_PER_FILE:
            problems.append(f"{place}: … and {len(wrong) - SHOWN_PER_FILE} more.")
        tables[name.removesuffix(".csv")] = pa.Table.from_pylist(rows, schema=_schema(columns))
    return Own(tables, pa.Table.from_pylist(files, schema=_FILE), tuple(problems))


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


def _read(content: bytes, columns: Mapping[str, Column], today: date, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Adds what `content` holds to `rows`; what is wrong comes as the end of a sentence that begins with the file."""
    try:
        text = _decoded(content)
        records = list(_records(text, columns))
    except (ValueError, csv.Error) as error:
        yield f": {first_line(error)}."
        return
    head, *body = records or [(1, [])]
    names = [name.strip().lower() for name in head[1]]
    while names and not names[-1]:
        names.pop()  # a spreadsheet may write more columns than are used
    if wrong := _wrong_head(names, columns):
        yield f", row {head[0]}: {wrong} The columns are {', '.join(columns)}."
        return
    for number, cells in body:
        if any(cell.strip() for cell in cells[len(names) :]):
            yield f", row {number}: it has more cells than columns. Put a text that holds a separator in quotes."
            continue
        written = dict(zip(names, [*cells, *[""] * len(names)], strict=False))
        row: dict[str, Any] = {"row": number}
        for name, column in columns.items():
            cell = " ".join(unicodedata.normalize("NFC", written[name]).split())
            row[f"{name}_text"] = cell
            try:
                row[name] = _cell(cell, column, today)
            except ValueError as error:
                yield f", row {number}, {name}: {error}"
        rows.append(row)


def _decoded(content: bytes) -> str:
    """The text of a file, in the encodings that spreadsheets write."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES // 1_000_000} MB, which no list of this kind is")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ValueError("it is a workbook with the name of a CSV file; open it and save it as CSV")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            if "\x00" not in (text := content.decode(encoding)):
                return text
    raise ValueError("it is no text that can be read; save it as CSV UTF-8")


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
            raise ValueError(f"row {number} can't be read ({error}); look at its quotation marks") from error
        if any(cell.strip() for cell in cells):
            yield number, cells


def _wrong_head(names: Sequence[str], columns: Mapping[str, Column]) -> str:
    lacking = [name for name in columns if name not in names]
    unknown = [name or "a column without a name" for name in names if name not in columns]
    double = sorted({name for name in names if name in columns and names.count(name) > 1})
    said = (
        ("lacks", lacking),
        ("holds what nobody asked for:", unknown),
        ("holds more than once:", double),
    )
    parts = [f"it {what} {', '.join(which)}" for what, which in said if which]
    return f"{'; '.join(parts)}." if parts else ""


def _cell(cell: str, column: Column, today: date) -> Any:
    if not cell:
        if column.optional:
            return None
        raise ValueError("it is empty. Fill it in, or take the row out.")
    if not cell.isprintable():
        raise ValueError(f"{_said(cell)} holds signs that can't be seen. Type it anew.")
    if _BROKEN.search(cell):
        raise ValueError(f"{_said(cell)} holds broken letters. Type it anew and save the file as CSV UTF-8.")
    if cell[0] in "=+@#":
        raise ValueError(f"{_said(cell)} is a formula, or what came of one. Write the text or the number itself.")
    value = column.read(cell)
    if column.begun and value > today:
        raise ValueError(f"{_said(cell)} is still to come. Only what has begun is shown.")
    return value


def _said(cell: str) -> str:
    """A cell as a sentence names it."""
    return repr(cell if len(cell) <= 60 else f"{cell[:60]}…")


def _id(cell: str) -> str:
    return cell.lower()


def _code(cell: str) -> str:
    return cell.upper()


def _year(cell: str) -> int:
    if not re.fullmatch("[0-9]{4}", cell) or not FIRST_YEAR <= int(cell) <= LAST_YEAR:
        raise ValueError(
            f"{_said(cell)} is not a year from {FIRST_YEAR} to {LAST_YEAR}. Write four digits, such as 2030."
        )
    return int(cell)


def _number(cell: str) -> float:
    """A number as it was meant; a percent sign says only how it is written."""
    plain = cell.removesuffix("%").rstrip().replace("\N{MINUS SIGN}", "-")
    if re.fullmatch("-?[1-9][0-9]{0,2}[.,][0-9]{3}", plain):
        raise ValueError(
            f"{_said(cell)} can be read in two ways. Write {re.sub('[.,]', '', plain)} if the mark is for thousands, "
            f"{plain}0 if it is for decimals."
        )
    if not re.fullmatch("-?[0-9]{1,12}([.,][0-9]{1,12})?", plain):
        raise ValueError(
            f"{_said(cell)} is not a plain number. Write digits only, without marks for thousands or a unit."
        )
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
        inside = " It is how a spreadsheet keeps a day inside: give the column the format of a date."
        raise ValueError(
            f"{_said(cell)} is not a day from {FIRST_YEAR} to {LAST_YEAR}. Write it as 2024-03-31 or 31-3-2024."
            f"{inside if re.fullmatch('[0-9]{5}', cell) else ''}"
        ) from None
    return day


def _without_time(cell: str) -> str:
    """A day without the midnight that a spreadsheet may put behind it."""
    return re.sub("[ T]0?0:00(:00)?$", "", cell)


def _link(cell: str) -> str:
    if len(cell) > 500 or not re.fullmatch(
        r"https://([a-z0-9-]+\.)+[a-z]{2,}(:[0-9]+)?([/?#]\S*)?", cell, re.IGNORECASE
    ):
        raise ValueError(f"{_said(cell)} is not the address of a page. It begins with https:// and has no spaces.")
    if _EMAIL.search(cell):
        raise ValueError(f"it holds an e-mail address. {_NOBODY}")
    return cell


def _words(most: int) -> Callable[[str], str]:
    """Words that will be on a page: short, and about nobody in person."""

    def read(cell: str) -> str:
        if len(cell) > most:
            raise ValueError(f"it has {len(cell)} signs; {most} fit. Say it shorter, the link tells the rest.")
        if cell.startswith("-"):
            raise ValueError(
                f"{_said(cell)} begins with a dash, which a spreadsheet takes for a formula. Leave it out."
            )
        if found := _personal(cell):
            raise ValueError(f"it seems to hold {found}. {_NOBODY}")  # not said again: this goes to a log
        return cell

    return read


_NOBODY = "Everybody can read this file's rows, so nothing in it may be about a person."
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
    """What in `text` looks like something of a person; empty when nothing does. Rules of thumb: a person looks too."""
    if _EMAIL.search(text):
        return "an e-mail address"
    if _LONG_NUMBER.search(_YEARS.sub("·", text)):
        return "a telephone number or another long number"
    if _HOME.search(text):
        return "the address of a house"
    if any(not any(map(_PLACE.search, found["name"].split())) for found in _PERSON.finditer(text)):
        return "somebody's name"
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
        ),
        strict=True,
    )
)
"""File → its columns, in the order of the template."""

_FILE = pa.schema([("path", pa.string()), ("sha256", pa.string())])
