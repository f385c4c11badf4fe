"""What a city says of its own feeds, in `feeds.toml` among its plain files (docs/feeds.md): one table per source."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from buurtbeeld.catalogue import load
from loaders import LoadError
from loaders.http import Http

FILE = "feeds.toml"
ABOUT = ("url", "licence", "attribution")
"""What every feed needs to be told of: where it is, what others may do with it, and whom to name."""


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


def problems(said: Mapping[str, Any], needed: Iterable[str] = ABOUT, allowed: Iterable[str] = ()) -> list[str]:
    """What is wrong with the table of a feed, that may have `needed` and `allowed` and nothing else."""
    needed, given = tuple(needed), {name: str(value).strip() for name, value in said.items()}
    found = [f"{name} has to be filled in" for name in needed if not given.get(name)]
    found += [f"{name} is not known" for name in said if name not in (*needed, *allowed)]
    if given.get("url") and not re.match(r"https?://[^/\s]+", given["url"]):
        found.append(f"url is {given['url']!r}, which is no address")
    if given.get("licence") and given["licence"] not in (licences := load().licences):
        found.append(f"licence is {given['licence']!r}, but must be one of {', '.join(licences)}")
    return found


def refused(table: str, problems: Iterable[str]) -> LoadError:
    """The error to raise for a table that can't be used."""
    return LoadError(f"[{table}] in city/{FILE} can't be used: {'; '.join(problems)}. docs/feeds.md has an example.")


def at(http: Http, host: str, url: str, table: str) -> tuple[str, dict[str, str]]:
    """Tell the client where the feed is, as `host`; gives the path and the options of its address."""
    parts = urlsplit(url)
    http.at(host, f"{parts.scheme}://{parts.netloc}", f"url of [{table}] in city/{FILE}")
    return parts.path, dict(parse_qsl(parts.query))
