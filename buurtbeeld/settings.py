"""Every setting, from the environment, checked at start.

`python -m buurtbeeld.settings` prints the list below. A variable that is unset or empty means its default.
"""

import ipaddress
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent

T = TypeVar("T")


class Setting(NamedTuple):
    """One setting: its environment variable, its default as text ("" for none), and one line of help."""

    name: str
    default: str
    help: str


# The hosts as their publishers name them; a loader appends the whole path, so a test can put its own server here.
HOSTS: tuple[tuple[str, str, str], ...] = (
    ("PDOK", "https://api.pdok.nl", "PDOK: outlines of wijken and buurten, addresses"),
    ("PDOK_SERVICE", "https://service.pdok.nl", "PDOK: outlines of editions before 2023"),
    ("CBS_ODATA3", "https://opendata.cbs.nl", "CBS StatLine, OData version 3"),
    ("CBS_ODATA4", "https://datasets.cbs.nl", "CBS StatLine, OData version 4"),
    ("CBS_DERDEN", "https://dataderden.cbs.nl", "CBS for third parties: police and RIVM tables"),
    ("CBS_DOWNLOAD", "https://download.cbs.nl", "CBS files to download"),
    ("LUCHTMEETNET", "https://api.luchtmeetnet.nl", "Luchtmeetnet: official air quality"),
    ("SAMEN_METEN", "https://api-samenmeten.rivm.nl", "RIVM Samen Meten: residents' sensors"),
    ("SENSOR_COMMUNITY", "https://data.sensor.community", "Sensor.Community: residents' sensors"),
    ("SENSOR_COMMUNITY_ARCHIVE", "https://archive.sensor.community", "Sensor.Community: whole days of its sensors"),
    ("UTRECHT_PORTAAL", "https://open.utrecht.nl", "Utrecht's open-data portal"),
    ("UTRECHT_FILES", "https://data.utrecht.nl", "Utrecht's older open-data portal: files"),
    ("UTRECHT_GEOSERVER", "https://geodata.utrecht.nl", "Utrecht's map server"),
    ("UTRECHT_ARCGIS", "https://services-eu1.arcgis.com", "Utrecht's layers at ArcGIS Online"),
    ("UTRECHT_INCIJFERS", "https://utrecht.incijfers.nl", "Utrecht in Cijfers: the city's own statistics"),
    ("STALLINGSNET", "https://stallingsnet.nl", "Stallingsnet: bicycle parking"),
    ("RDW", "https://opendata.rdw.nl", "RDW: parking areas and tariffs"),
    ("NPR", "https://npropendata.rdw.nl", "National parking register: free places"),
    ("LEEFBAAROMETER", "https://www.leefbaarometer.nl", "Leefbaarometer: liveability scores"),
    ("DUO", "https://onderwijsdata.duo.nl", "DUO: schools"),
    ("ALGORITMEREGISTER", "https://algoritmes.overheid.nl", "The Dutch algorithm register"),
    ("KNMI", "https://www.daggegevens.knmi.nl", "KNMI: weather"),
)

SETTINGS: tuple[Setting, ...] = (
    Setting("DATA_DIR", "data", "folder of raw files, rollups and marts; a relative path starts at the project"),
    Setting("ADDRESS", "127.0.0.1", "network address the dashboard listens on; 0.0.0.0 for every one of this machine"),
    Setting("PORT", "8501", "port the dashboard listens on"),
    Setting("GEMEENTE", "GM0344", "CBS code of the gemeente the dashboard is about; GM0344 is Utrecht"),
    Setting("ANSWERS_URL", "", "database of answers, sqlite:// or postgresql://; a file in DATA_DIR when empty"),
    Setting("EVIDENCE_URL", "", "database of frozen figures, as ANSWERS_URL"),
    Setting("ROLLUP_SCHEDULER", "", "Dask scheduler for sensor rollups, tcp:// or tls://; this process when empty"),
    Setting("SIMULATE", "1", "1: `make run` makes up sensors of kinds that nothing real was read of; 0: never"),
    Setting("MQTT_PASSWORD", "", "password for the broker of city/mqtt.toml; stands in no file of ours and in no log"),
    Setting("CHROMIUM", "", "path of the Chromium or Chrome for tests and pictures; looked for when empty"),
    Setting("LC_ALL", "", "locale; where it begins with en, what is wrong in the city's own files is said in English"),
    Setting("LC_MESSAGES", "", "as LC_ALL, when that is empty"),
    Setting("LANG", "nl", "as LC_ALL, when both are empty"),
    *(Setting(f"BASE_URL_{host}", url, whose) for host, url, whose in HOSTS),
)


class SettingsError(ValueError):
    """Settings have a value that is not allowed. `problems` holds a sentence for each; the text is all of them."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Settings:
    """What the environment asks for, checked. Paths are absolute; `base_urls` have no slash at the end.

    simulate: whether a start may make up sensors where nothing real was read. language: nl or en, of whoever works at
    the command line; a visitor chooses his own.
    """

    data_dir: Path
    address: str
    port: int
    gemeente: str
    answers_url: str | None
    evidence_url: str | None
    rollup_scheduler: str | None
    mqtt_password: str | None = field(repr=False)
    chromium: str | None
    simulate: bool
    language: str
    base_urls: Mapping[str, str] = field(hash=False)

    @property
    def raw_dir(self) -> Path:
        """What the loaders received."""
        return self.data_dir / "raw"

    @property
    def city_dir(self) -> Path:
        """The city's own plain files: goals and measures."""
        return self.data_dir / "city"

    @property
    def marts_dir(self) -> Path:
        """The last builds of the mart, one file each."""
        return self.data_dir / "marts"

    @property
    def mart_link(self) -> Path:
        """The link to the published mart."""
        return self.data_dir / "dashboard.duckdb"

    @property
    def sample_dir(self) -> Path:
        """The sample that comes with the project; DATA_DIR does not move it."""
        return PROJECT / "data" / "sample"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`.

    Raises SettingsError with every problem at once, each a sentence with the name, the value and what is allowed.
    """
    problems: list[str] = []
    defaults = {setting.name: setting.default for setting in SETTINGS}

    def check(name: str, parse: Callable[[str], T], allowed: str) -> T | None:
        value = environ.get(name, "").strip() or defaults[name]
        if not value:
            return None
        try:
            return parse(value)
        except ValueError:
            # A database's address may hold a password, which has no place in a log.
            shown = re.sub(r"(?<=:)[^:@/]+(?=@)", "***", value)
            problems.append(f"{name} is {shown!r}, but must be {allowed}.")
            return None

    database = "the address of a database, beginning with sqlite:// or postgresql://"
    data_dir = check("DATA_DIR", _folder, "a folder of this machine, or a path where a folder can be made")
    address = check("ADDRESS", _address, "an IP address or the name of a host, without a port")
    port = check("PORT", _port, "a whole number from 1 to 65535")
    gemeente = check("GEMEENTE", _gemeente, "the CBS code of a gemeente: GM and four digits")
    answers_url = check("ANSWERS_URL", _database, database)
    evidence_url = check("EVIDENCE_URL", _database, database)
    scheduler = check("ROLLUP_SCHEDULER", _scheduler, "the address of a Dask scheduler, such as tcp://host:8786")
    chromium = check("CHROMIUM", _program, "the path or name of a program that can be run")
    simulate = check("SIMULATE", _switch, "1 or 0")
    # In the order of POSIX. C, and languages that there are no texts in, mean Dutch: the staff are.
    locale = check("LC_ALL", str, "") or check("LC_MESSAGES", str, "") or check("LANG", str, "")
    base_urls = {
        host: check(f"BASE_URL_{host}", _base_url, "an address beginning with http:// or https://, without ? or #")
        for host, _, _ in HOSTS
    }
    # A misspelt host would otherwise send a test, or a whole city, to the real publisher without a word.
    for name in sorted(environ):
        if name.startswith("BASE_URL_") and name not in defaults:
            known = ", ".join(host for host, _, _ in HOSTS)
            problems.append(f"{name} is {environ[name]!r}, but no host has that name; there are {known}.")

    if problems:
        raise SettingsError(problems)
    # They have defaults, so without problems they have values.
    assert data_dir and address and port and gemeente and locale
    return Settings(
        data_dir=data_dir,
        address=address,
        port=port,
        gemeente=gemeente,
        answers_url=answers_url,
        evidence_url=evidence_url,
        rollup_scheduler=scheduler,
        mqtt_password=environ.get("MQTT_PASSWORD") or None,  # as it is: a password may begin with a space
        chromium=chromium,
        simulate=simulate == "1",
        language="en" if locale.lower().startswith("en") else "nl",
        base_urls=MappingProxyType({host: url for host, url in base_urls.items() if url}),
    )


def _folder(value: str) -> Path:
    if "://" in value:  # an object store can't hold the mart, which is opened as a file
        raise ValueError
    path = (PROJECT / Path(value).expanduser()).resolve()
    if any(part.exists() and not part.is_dir() for part in (path, *path.parents)):
        raise ValueError
    return path


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError:
        label = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
        # All digits and dots is a mistyped IP address, not a name.
        if re.fullmatch(rf"{label}(\.{label})*", value) and not re.fullmatch(r"[0-9.]+", value):
            return value
        raise


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65535:
        raise ValueError
    return int(value)


def _gemeente(value: str) -> str:
    if not re.fullmatch(r"GM[0-9]{4}", value):
        raise ValueError
    return value


def _database(value: str) -> str:
    # A driver may be named too: postgresql+psycopg://
    if not re.fullmatch(r"(sqlite|postgresql)(\+[a-z0-9]+)?://.*", value):
        raise ValueError
    return value


def _scheduler(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or parts.port is None:
        raise ValueError
    return value


def _program(value: str) -> str:
    found = shutil.which(value)
    if not found:
        raise ValueError
    return found


def _switch(value: str) -> str:
    if value not in ("0", "1"):
        raise ValueError
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[?#\s]", value):
        raise ValueError
    _ = parts.port  # raises ValueError itself when the port is no number
    return value.rstrip("/")


def main() -> int:
    """Print every setting with its default and help, and what is wrong with this environment; 1 if anything is."""
    width = max(len(setting.name) for setting in SETTINGS)
    default_width = max(len(setting.default) for setting in SETTINGS)
    for setting in SETTINGS:
        print(f"{setting.name:{width}}  {setting.default:{default_width}}  {setting.help}")
    try:
        read()
    except SettingsError as error:
        print(f"\nThis environment has settings that cannot be used:\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
