"""Reads the TOML files, reports everything that is wrong with them together, and hands out the catalogue."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from buurtbeeld.catalogue import rules
from buurtbeeld.catalogue.entry import Text
from buurtbeeld.catalogue.figure import SHOWN, Status
from buurtbeeld.catalogue.model import (
    Catalogue,
    Caveat,
    Indicator,
    Level,
    Licence,
    OtherName,
    PlaceKind,
    Theme,
    Unit,
)
from buurtbeeld.catalogue.problem import CatalogueError, Problem
from buurtbeeld.catalogue.sensing import Quantity, SensorKind, Signal

ENTRIES: dict[str, type[BaseModel]] = {
    "themes": Theme,
    "units": Unit,
    "levels": Level,
    "licences": Licence,
    "caveats": Caveat,
    "names": OtherName,
    "places": PlaceKind,
    "quantities": Quantity,
    "sensor_kinds": SensorKind,
    "signals": Signal,
    "indicators": Indicator,
}
"""File name without .toml -> what each table in it is."""


class _MissingCode(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    value: Annotated[float, Field(strict=True, lt=0)]
    status: Status
    description: Text


class _Missing(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    floor: Annotated[float, Field(strict=True, lt=0)]
    code: tuple[_MissingCode, ...]


def load(folder: Path | None = None) -> Catalogue:
    """The project's own catalogue (read once), or that of another folder (read anew at every call).

    Raises CatalogueError, whose text lists every problem: file, key, reason.
    """
    return _own() if folder is None else read(folder)


@cache
def _own() -> Catalogue:
    return read(Path(__file__).parent)


def read(folder: Path) -> Catalogue:
    """Reads and checks all files of a folder. Raises CatalogueError."""
    problems: list[Problem] = []
    files = {name: _toml(folder / f"{name}.toml", problems) for name in (*ENTRIES, "missing")}
    tables = {name: files[name] for name in ENTRIES if files[name] is not None}
    checked = {name: _checked(name, tables.get(name, {}), problems) for name in ENTRIES}
    missing = _missing(files["missing"], problems)
    problems += rules.check(tables)
    if problems or missing is None:
        # An entry can be found wrong by its type and by a rule in the same words; once is enough.
        raise CatalogueError(dict.fromkeys(problems))
    return Catalogue(
        **checked,
        missing_codes={code.value: code.status for code in missing.code},
        missing_floor=missing.floor,
    )


def _toml(path: Path, problems: list[Problem]) -> Any:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(Problem(path.name, "", "The file is not there."))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(path.name, "", f"It can't be read as TOML: {error}."))
    return None


def _checked(name: str, entries: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    found = {}
    for id_, entry in entries.items():
        if not isinstance(entry, Mapping):
            problems.append(Problem(f"{name}.toml", id_, "It stands outside a table; begin an entry with its [id]."))
        elif "id" in entry:
            problems.append(Problem(f"{name}.toml", f"{id_}.id", "The id is the table's name; leave this key out."))
        else:
            try:
                whole = _with_source(entry, entries) if name == "indicators" else entry
                found[id_] = ENTRIES[name].model_validate({"id": id_, **whole})
            except ValidationError as error:
                problems += sentences(name, id_, error)
    return found


def _with_source(entry: Mapping[str, Any], entries: Mapping[str, Any]) -> Mapping[str, Any]:
    """A derived entry with the source of its numerator, found by going down; bounded, since it may be a circle."""
    source: Any = entry.get("source")
    part: Any = entry
    for _ in entries:
        if source is not None or not isinstance(part, Mapping):
            break
        part = entries.get(str(part.get("numerator")))
        source = part.get("source") if isinstance(part, Mapping) else None
    # Without any source the rules already say what is missing; the type need not say it again.
    return {**entry, "source": source or "unknown"}


def _missing(table: Any, problems: list[Problem]) -> _Missing | None:
    if table is None:
        return None
    try:
        missing = _Missing.model_validate(table)
    except ValidationError as error:
        problems += sentences("missing", "", error)
        return None
    for code in missing.code:
        if code.status in SHOWN:
            problems.append(Problem("missing.toml", f"{code.value:.0f}", "A missing code can't have a shown status."))
    return missing


SENTENCES = {
    "missing": "This key is missing.",
    "extra_forbidden": "This key is unknown; look for a typing error.",
    "literal_error": "{input!r} is not allowed; choose {expected}.",
    "enum": "{input!r} is not allowed; choose {expected}.",
    "string_type": "It must be text between quotation marks.",
    "string_too_short": "It is empty.",
    "string_pattern_mismatch": "{input!r} has the wrong form; it must match {pattern}.",
    "int_type": "It must be a whole number without quotation marks.",
    "float_type": "It must be a number without quotation marks.",
    "bool_type": "It must be true or false.",
    "date_type": "It must be a day without quotation marks, such as 2019-01-01.",
    "tuple_type": "It must be a list between [ and ].",
    "too_short": "The list is empty.",
    "model_type": "It must have a text for nl and one for en.",
    "model_attributes_type": "It must have a text for nl and one for en.",
    "greater_than": "{input} is not allowed; it must be more than {gt}.",
    "greater_than_equal": "{input} is not allowed; it must be {ge} or more.",
    "less_than": "{input} is not allowed; it must be less than {lt}.",
    "less_than_equal": "{input} is not allowed; it must be {le} or less.",
    "missing_argument": "This key is missing.",
    "unexpected_keyword_argument": "This key is unknown; look for a typing error.",
}
"""Pydantic's kind of error -> the sentence we say instead; others keep pydantic's own words."""


def sentences(name: str, id_: str, error: ValidationError) -> Iterator[Problem]:
    """What is wrong with the entry `id_` of `<name>.toml`, a sentence for each mistake."""
    for detail in error.errors(include_url=False):
        key = ".".join(str(part) for part in (id_, *detail["loc"]) if part != "")
        yield Problem(f"{name}.toml", key.removesuffix(".id"), _sentence(detail))


def _sentence(detail: ErrorDetails) -> str:
    if detail["type"] in SENTENCES:
        return SENTENCES[detail["type"]].format(input=detail["input"], **detail.get("ctx", {}))
    return detail["msg"].rstrip(".") + "."
