"""`python -m buurtbeeld.warehouse`: builds the mart and publishes it.

With `--city` it builds nothing: it writes the city's own files where they are missing, and says what is wrong with
those that are there, to its staff: in Dutch, or in English when the locale is. What is wrong with its files about
sensors (signals, feeds, and what it decided about each kind) is said in English.

Exit code 0: built, or nothing wrong; 1: refused; 2: wrong settings, catalogue or option; 3: another build is working.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from buurtbeeld import decisions, settings
from buurtbeeld.catalogue import Catalogue, CatalogueError, load
from buurtbeeld.sensors import signals, topics
from buurtbeeld.settings import Settings
from buurtbeeld.texts import words
from buurtbeeld.texts.lists import listed
from buurtbeeld.warehouse import city
from buurtbeeld.warehouse.build import BuildError, build, check_city, is_current
from buurtbeeld.warehouse.inputs import InputError
from buurtbeeld.warehouse.publish import Busy


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(prog="python -m buurtbeeld.warehouse", description="Builds the mart.")
    parser.add_argument("--city", action="store_true", help="write and check the city's own files; build nothing")
    parser.add_argument("--changed", action="store_true", help="build only when a file, the catalogue or this changed")
    asked = parser.parse_args(arguments)
    try:
        made, catalogue = settings.read(), load()
    except (settings.SettingsError, CatalogueError) as error:
        print(error, file=sys.stderr)
        return 2
    return _city(made, catalogue) if asked.city else _build(made, catalogue, always=not asked.changed)


def _build(settings: Settings, catalogue: Catalogue, *, always: bool) -> int:
    started = time.perf_counter()
    try:
        if not always and is_current(settings, catalogue):
            print("Nothing changed since the mart was made, so it stays.")
            return 0
        built = build(settings, catalogue)
    except (BuildError, Busy, InputError) as error:
        print(f"{error}\nNothing was published; the dashboard shows what it showed.", file=sys.stderr)
        return 3 if isinstance(error, Busy) else 1
    for warning in built.warnings:
        print(warning, file=sys.stderr)
    kind = " (sample in part or whole)" if built.is_sample else ""
    print(
        f"Mart {built.id}{kind}: {built.areas} areas, {built.indicators} indicators, {built.figures} figures, "
        f"in {time.perf_counter() - started:.1f} s."
    )
    return 0


def _city(settings: Settings, catalogue: Catalogue) -> int:
    say = words(settings.language)
    try:
        for path in city.write_templates(settings.city_dir):
            print(say.t("city.written", path=path))
        problems, rows = check_city(settings, catalogue, datetime.now(UTC).date())
        problems += _about_sensors(settings.city_dir, catalogue)
    except OSError as error:
        print(say.t("city.unwritable", path=error.filename, reason=error.strerror), file=sys.stderr)
        return 1
    except (duckdb.Error, LookupError):
        print(say.t("city.nomart", gemeente=settings.gemeente), file=sys.stderr)
        return 1
    for name in city.others(settings.city_dir):
        print(say.t("city.unread", name=name, files=listed(list(city.FILES), say)))
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    print(say.n("city.right", rows))
    return 0


def _about_sensors(city_dir: Path, catalogue: Catalogue) -> list[str]:
    """What is wrong with the city's files about sensors, as far as it has them."""
    found = [f"city/{problem}" for problem in decisions.read(city_dir, catalogue.sensor_kinds).problems]
    try:
        signals.read(city_dir, catalogue)
    except signals.SignalsError as error:
        found += error.problems
    try:
        topics.read(city_dir)
    except topics.NoConfigError:
        pass
    except topics.ConfigError as error:
        found += error.problems
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
