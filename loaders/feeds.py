"""What a city says of its own feeds, in `feeds.toml` among its plain files (docs/feeds.md): one table per source."""

import tomllib
from pathlib import Path
from typing import Any

from loaders import LoadError

FILE = "feeds.toml"


def read(city_dir: Path, table: str) -> dict[str, Any]:
    """What the file says under [table]; nothing when there is no file, or no such table in it.

    Raises LoadError when the file can't be read.
    """
    try:
        found = tomllib.loads((city_dir / FILE).read_text(encoding="utf-8-sig")).get(table, {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:  # what is no TOML or no UTF-8 is a ValueError
        raise LoadError(f"city/{FILE} can't be read: {error}. Mend it; docs/feeds.md has an example.") from error
    if not isinstance(found, dict):
        raise LoadError(f"city/{FILE}: {table} should be a table, [{table}], and is not. Mend it.")
    return found


def waits_for(city_dir: Path, table: str) -> str:
    """What a source without its table waits for, in words. A file that can't be read is for `fetch()` to tell."""
    try:
        return "" if read(city_dir, table) else f"waits for [{table}] in city/{FILE}"
    except LoadError:
        return ""
