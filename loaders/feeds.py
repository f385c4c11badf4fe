"""What a city says of its own feeds, in `feeds.toml` among its plain files (docs/feeds.md): one table per source."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from buurtbeeld.catalogue import load
from loaders import LoadError
from loaders.http import Http

FILE = "feeds.toml"
ABOUT = ("licence", "attribution")
"""What every feed needs to be told of, besides where it is: what others may do with it, and whom to name."""
ADDRESS = ("url", "url_from")
"""Of which it has one: where it is, or the variable of the environment that holds that."""


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


def address(said: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> str:
    """Where a feed is, whichever of `ADDRESS` its table has; "" when that says nothing. It may hold a key."""
    name = str(said.get("url_from", "")).strip()
    return (environ.get(name, "") if name else str(said.get("url", ""))).strip()


def problems(
    said: Mapping[str, Any],
    needed: Iterable[str] = ABOUT,
    allowed: Iterable[str] = (),
    environ: Mapping[str, str] = os.environ,
) -> list[str]:
    """What is wrong with the table of a feed, that may have `ADDRESS`, `needed` and `allowed` and nothing else."""
    needed, given = tuple(needed), {name: str(value).strip() for name, value in said.items()}
    found = _of_address(given, environ)
    found += [f"{name} has to be filled in" for name in needed if not given.get(name)]
    found += [f"{name} is not known" for name in said if name not in (*ADDRESS, *needed, *allowed)]
    if given.get("licence") and given["licence"] not in (licences := load().licences):
        found.append(f"licence is {given['licence']!r}, but must be one of {', '.join(licences)}")
    return found


def _of_address(given: Mapping[str, str], environ: Mapping[str, str]) -> list[str]:
    """What is wrong with where a feed is; no word of what was said there, since that may be a key."""
    name = given.get("url_from", "")
    if name and given.get("url"):
        return ["url and url_from are both filled in; leave one out"]
    if name and not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        return ["url_from has to be the name of a variable of the environment, such as FEED_ADDRESS"]
    where = address(given, environ)
    if not where:
        return [f"the environment has no {name}" if name else "url has to be filled in, or url_from"]
    try:
        parts = httpx.URL(where)
    except httpx.InvalidURL:
        parts = httpx.URL()
    if re.search(r"\s", where) or parts.scheme not in ("https", "http") or not parts.host:
        return [f"{name or 'url'} is no address that begins with https:// or http://"]
    return []


def refused(table: str, problems: Iterable[str]) -> LoadError:
    """The error to raise for a table that can't be used."""
    return LoadError(f"[{table}] in city/{FILE} can't be used: {'; '.join(problems)}. docs/feeds.md has an example.")


def at(http: Http, host: str, url: str, table: str) -> tuple[str, dict[str, str]]:
    """Tell the client where the feed is, as `host`; gives the path and the options of its address."""
    parts = urlsplit(url)
    http.at(host, f"{parts.scheme}://{parts.netloc}", f"url of [{table}] in city/{FILE}")
    return parts.path, dict(parse_qsl(parts.query))
