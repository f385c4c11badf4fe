"""What sensors measure, out of the rollups into the mart: sensors, hours, days, alerts, and figures made of them.

The rollups are brought up to date first, as far as something changed, since only the build knows in which buurt a
sensor stands. A mart holds the hours of the last two months and every day; older hours stay in the rollups.
"""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from buurtbeeld.catalogue import Catalogue
from buurtbeeld.sensors import alerts, partitions, rollup, rules, signals
from buurtbeeld.settings import Settings
from buurtbeeld.warehouse.inputs import Input, InputError

HOME = ZoneInfo("Europe/Amsterdam")
HOURS_KEPT = timedelta(days=62)
DAYS_KEPT = timedelta(days=400)  # of figures per day; those per month go back to the beginning
CLOCK = timedelta(hours=1)  # alerts look at whole hours
SQL = Path(__file__).with_name("sql")

_WHERE = """
    WITH RECURSIVE newest AS (SELECT * FROM mart_area WHERE edition = (SELECT max(edition) FROM mart_area)),
    -- A buurt is in itself, in its wijk and in the gemeente.
    whole AS (
        SELECT code AS buurt, code, parent_code FROM newest WHERE level = 'buurt'
        UNION ALL
        SELECT whole.buurt, newest.code, newest.parent_code FROM whole JOIN newest ON newest.code = whole.parent_code
    )
    SELECT sensor.source, sensor.id AS sensor, sensor.kind, whole.code
    FROM sensor LEFT JOIN whole ON whole.buurt = sensor.code
    ORDER BY ALL
"""
_SENSORS = """
    INSERT INTO sensor BY NAME
    SELECT
        received.id, source.id AS source, received.kind, received.name, received.code, received.lon, received.lat,
        list_contains($reference, received.kind) AS is_reference, source.is_sample, source.is_simulated
    FROM received_point AS received
    JOIN mart_source AS source ON source.id = received.source
    WHERE list_contains($sources, received.source) AND list_contains($kinds, received.kind)
      -- What two sources have is there once, from the source that calibrates it.
      AND NOT EXISTS (
          FROM received_point AS other WHERE other.id = received.same_as AND other.source <> received.source
      )
    ORDER BY source.id, received.id
"""
# Some publishers name what they count without saying where it is.
_UNPLACED = """
    INSERT INTO sensor BY NAME
    SELECT DISTINCT ON (reading.sensor)
        reading.sensor AS id, source.id AS source, known.kind, reading.sensor AS name, FALSE AS is_reference,
        source.is_sample, source.is_simulated
    FROM read_parquet($1) AS reading
    JOIN known ON known.name = reading.quantity
    JOIN mart_source AS source ON source.id = $2
    WHERE NOT EXISTS (FROM sensor WHERE sensor.source = $2 AND sensor.id = reading.sensor)
      AND NOT EXISTS (FROM received_point AS placed WHERE placed.source = $2 AND placed.id = reading.sensor)
    ORDER BY reading.sensor, known.kind
"""
_LAST = """
    UPDATE sensor SET last_at = newest.at
    FROM (SELECT source, sensor, max(last_at) AS at FROM reading_hour GROUP BY ALL) AS newest
    WHERE newest.source = sensor.source AND newest.sensor = sensor.id
"""


def of_readings(raw_dir: Path) -> set[str]:
    """The ids of sources that have readings, of a loader or of a stream."""
    days = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
    return {path.parent.name for end in ("", "@*.parquet") for path in raw_dir.glob(f"*/{days}{end}")}


def fill(
    con: duckdb.DuckDBPyConnection, settings: Settings, catalogue: Catalogue, inputs: Iterable[Input], at: datetime
) -> list[str]:
    """Fills sensor, reading_hour, reading_day, area_hour, area_day and alert; what went wrong, one sentence each.

    inputs: those of the build, of sources of readings the newest file. at: UTC, of this build. Needs the tables of
    sources, areas and places.
    """
    kinds = catalogue.sensor_kinds
    asked = {
        "reference": [kind.id for kind in kinds.values() if kind.reference],
        "sources": sorted(of_readings(settings.raw_dir)),
        "kinds": list(kinds),
    }
    con.execute(_SENSORS, asked)
    for item in inputs:
        if item.source.shape == "reading":
            _add_unplaced(con, item, catalogue)
    placed = con.sql(_WHERE).to_arrow_table()
    rolled = rollup.update(
        settings.data_dir,
        catalogue.quantities,
        kinds,
        placed,
        scheduler=settings.rollup_scheduler,
        gemeente=settings.gemeente,
    )
    files = rollup.files(settings.data_dir)
    # A clock that is wrong says 1970, or next year: nothing was measured then.
    today = local_day(at)
    for table, paths in files.items():
        hourly = table.endswith("_hour")
        since = today - HOURS_KEPT if hourly else alerts.EARLIEST.date()
        wanted = [str(path) for path in paths if since.isoformat() <= path.stem[:10] <= today.isoformat()]
        if wanted:
            con.execute(f"INSERT INTO {table} BY NAME FROM read_parquet($1)", [wanted])
        if hourly:
            con.execute(f"DELETE FROM {table} WHERE hour >= $1", [at.replace(tzinfo=None)])
    con.execute(_LAST)
    _alerts(con, settings, catalogue, files.get("reading_hour", []), at)
    for path, sign in signs(settings):
        con.execute("INSERT INTO mart_input VALUES (?, ?)", [path, sign])
    return list(rolled.problems)


def _alerts(
    con: duckdb.DuckDBPyConnection, settings: Settings, catalogue: Catalogue, hours: Sequence[Path], at: datetime
) -> None:
    try:
        asked = signals.read(settings.city_dir, catalogue)
    except signals.SignalsError as error:
        raise InputError(*error.problems) from error
    about = "SELECT source, id AS sensor, kind, code, last_at, is_sample, is_simulated FROM sensor"
    now = at.astimezone(UTC).replace(tzinfo=None)
    found = alerts.update(
        settings.data_dir, asked.rules.values(), hours, con.sql(about).to_arrow_table(), now, catalogue
    )
    con.register("given", found)
    con.execute("INSERT INTO alert BY NAME FROM given ORDER BY opened_at, id")
    con.unregister("given")


def figures(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, at: datetime) -> None:
    """Adds what is made of sensors to `observation`; `at` is UTC, of this build."""
    sql = (SQL / "sensed.sql").read_text(encoding="utf-8")
    for indicator in catalogue.indicators.values():
        if indicator.quantity:
            con.execute(
                sql,
                {
                    "indicator": indicator.id,
                    "quantity": indicator.quantity,
                    "stations": indicator.stations,
                    "grain": indicator.grain,
                    "levels": list(indicator.levels),
                    "least": int(indicator.least),
                    "decimals": indicator.decimals,
                    "source": indicator.source,
                    "today": local_day(at),
                    "since": local_day(at) - DAYS_KEPT,
                },
            )


def signs(settings: Settings) -> list[tuple[str, str]]:
    """Per source that has readings a path within data/ and a hash that changes when any of its readings does.

    And the same of the city's file of signals, when it has one.
    """
    sources = sorted(of_readings(settings.raw_dir))
    found = [(f"raw/{source}", partitions.sign(settings.data_dir, [source])) for source in sources]
    with suppress(OSError):
        asked = (settings.city_dir / signals.FILE).read_bytes()
        found.append((signals.FILE, hashlib.sha256(asked).hexdigest()))
    return found


def is_stale(con: duckdb.DuckDBPyConnection, at: datetime) -> bool:
    """Whether a mart is too old at `at` (UTC) for what goes by the clock: silence, and how long something is full."""
    query = "SELECT count(*) FROM build WHERE built_at < $1 AND EXISTS (FROM sensor)"
    return con.execute(query, [at.replace(tzinfo=None) - CLOCK]).fetchall() != [(0,)]


def local_day(at: datetime) -> date:
    """The day in the Netherlands at a UTC time."""
    return at.astimezone(HOME).date()


def _add_unplaced(con: duckdb.DuckDBPyConnection, item: Input, catalogue: Catalogue) -> None:
    """Adds to `sensor` what has newest readings and no place. A file that can't be read adds none."""
    known = [
        {"name": name, "kind": kind}
        for name, (quantity, _) in rules.names(catalogue.quantities.values(), item.source.id).items()
        if (kind := rules.kind_of(quantity.id, catalogue.sensor_kinds))
    ]
    con.register("known", pa.Table.from_pylist(known))
    with suppress(duckdb.IOException, duckdb.InvalidInputException, duckdb.BinderException):  # told by the rollups
        con.execute(_UNPLACED, [str(item.path), item.source.id])
    con.unregister("known")
