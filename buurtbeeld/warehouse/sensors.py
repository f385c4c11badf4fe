"""What sensors measure, out of the rollups into the mart: sensors, hours, days, alerts, and figures made of them.

The rollups are brought up to date first, as far as something changed, since only the build knows in which buurt a
sensor stands. A mart holds the hours of the last two months and every day; older hours stay in the rollups.
"""

import hashlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from buurtbeeld.catalogue import Catalogue
from buurtbeeld.sensors import alerts, partitions, rollup, signals, storage, switch
from buurtbeeld.settings import Settings
from buurtbeeld.warehouse.inputs import InputError

HOME = ZoneInfo("Europe/Amsterdam")
HOURS_KEPT = timedelta(days=62)
DAYS_KEPT = timedelta(days=400)  # of figures per day; those per month go back to the beginning
CLOCK = timedelta(hours=1)  # alerts look at whole hours
_KNOWN = pa.schema(
    [(name, pa.string()) for name in ("gemeente", "id", "source", "kind", "name", "code")]
    + [("lon", pa.float64()), ("lat", pa.float64()), ("is_reference", pa.bool_())]
)
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
    FROM sensor
    JOIN mart_source ON mart_source.id = sensor.source
    -- Of a source of which nothing may be passed on, no figure of an area is made either.
    LEFT JOIN whole ON whole.buurt = sensor.code AND mart_source.openness <> 'none'
    UNION ALL
    SELECT source, '', kind, NULL FROM usual
    UNION ALL
    -- What has a place and is no sensor here is not taken for one without a place: a kind that measures nothing.
    SELECT received.source, received.id, '', NULL
    FROM received_point AS received SEMI JOIN usual ON usual.source = received.source
    ANTI JOIN sensor ON sensor.source = received.source AND sensor.id = received.id
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
# A publisher that names only what lives now forgets the others; what they measured stays of where they stood.
_REMEMBERED = """
    CREATE TEMP TABLE remembered AS
    SELECT
        before.id, before.source, before.kind, before.name, area.code, before.lon, before.lat, before.is_reference,
        source.is_sample, source.is_simulated
    FROM before
    JOIN mart_source AS source ON source.id = before.source
    LEFT JOIN area_now AS area ON area.code = before.code
    WHERE before.gemeente = $gemeente AND list_contains($sources, before.source)
      AND NOT EXISTS (FROM received_point AS now WHERE now.source = before.source AND now.id = before.id)
"""
# Some publishers name what they count without saying where it is, of all or of some.
_UNPLACED = """
    INSERT INTO sensor BY NAME
    SELECT DISTINCT
        reading.sensor AS id, reading.source, usual.kind, reading.sensor AS name,
        list_contains($reference, usual.kind) AS is_reference, source.is_sample, source.is_simulated
    FROM reading_hour AS reading
    JOIN usual ON usual.source = reading.source
    JOIN mart_source AS source ON source.id = reading.source
    ANTI JOIN sensor ON sensor.source = reading.source AND sensor.id = reading.sensor
    ANTI JOIN received_point AS received ON received.source = reading.source AND received.id = reading.sensor
    ORDER BY reading.source, reading.sensor
"""
_LAST = """
    UPDATE sensor SET last_at = newest.at
    FROM (SELECT source, sensor, max(last_at) AS at FROM reading_hour GROUP BY ALL) AS newest
    WHERE newest.source = sensor.source AND newest.sensor = sensor.id
"""


def of_readings(raw_dir: Path) -> set[str]:
    """The ids of sources that have readings, of a loader or of a stream."""
    return {path.parent.name for end in ("", "@*.parquet") for path in raw_dir.glob(f"*/{switch.DAY}{end}")}


def fill(con: duckdb.DuckDBPyConnection, settings: Settings, catalogue: Catalogue, at: datetime) -> list[str]:
    """Fills sensor, reading_hour, reading_day, area_hour, area_day and alert; what went wrong, one sentence each.

    at: UTC, of this build. Needs the tables of sources, areas and places.
    """
    # Before anything is read: what lands while this is made may not be in it, and must make the mart out of date.
    read = signs(settings)
    kinds = catalogue.sensor_kinds
    asked = {
        "reference": [kind.id for kind in kinds.values() if kind.reference],
        "sources": sorted(of_readings(settings.raw_dir)),
        "kinds": list(kinds),
    }
    con.execute(_SENSORS, asked)
    known = settings.data_dir / "rollups" / "known.parquet"
    _remember(con, known, settings.gemeente, asked["sources"])
    _usual(con, settings, asked["sources"], kinds.keys())
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
    con.execute(_UNPLACED, {"reference": asked["reference"]})
    con.execute(_LAST)
    _keep(con, known, settings.gemeente)
    con.execute("DROP TABLE usual")
    _alerts(con, settings, catalogue, files.get("reading_hour", []), at)
    for path, sign in read:
        con.execute("INSERT INTO mart_input VALUES (?, ?)", [path, sign])
    return list(rolled.problems)


def _alerts(
    con: duckdb.DuckDBPyConnection, settings: Settings, catalogue: Catalogue, hours: Sequence[Path], at: datetime
) -> None:
    try:
        asked = signals.read(settings.city_dir, catalogue)
    except signals.SignalsError as error:
        raise InputError(*error.problems) from error
    if not hours:
        return
    about = """WITH newest AS (
                   SELECT source, sensor, arg_max(first, last) AS first_at
                   FROM (SELECT source, sensor, hour, min(first_at) AS first, max(last_at) AS last
                         FROM reading_hour GROUP BY ALL)
                   GROUP BY ALL
               )
               SELECT sensor.source, id AS sensor, kind, code, last_at, first_at, is_sample, is_simulated
               FROM sensor LEFT JOIN newest ON newest.source = sensor.source AND newest.sensor = sensor.id"""
    now = at.astimezone(UTC).replace(tzinfo=None)
    found = alerts.update(
        settings.data_dir, asked.rules.values(), hours, con.sql(about).to_arrow_table(), now, catalogue
    )
    con.register("given", found)
    con.execute("INSERT INTO alert BY NAME FROM given ORDER BY opened_at, id")
    con.unregister("given")


def figures(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, at: datetime) -> None:
    """Adds what is made of sensors to `observation`; `at` is UTC, of this build.

    After that, what was remembered and said nothing for as long as a mart holds hours is no sensor of now any more. Its
    alerts go with it: what its publisher took away will never end its silence.
    """
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
    con.execute(
        """CREATE TEMP TABLE gone AS
           SELECT source, id FROM sensor SEMI JOIN remembered USING (source, id) WHERE last_at IS NULL"""
    )
    con.execute("DELETE FROM alert USING gone WHERE gone.source = alert.source AND gone.id = alert.sensor")
    con.execute("DELETE FROM sensor USING gone WHERE gone.source = sensor.source AND gone.id = sensor.id")
    con.execute("DROP TABLE gone")
    con.execute("DROP TABLE remembered")


def signs(settings: Settings) -> list[tuple[str, str]]:
    """Per source that has readings a path within data/ and a hash that changes when any of its readings does.

    And the same of the city's file of signals, when it has one. Raises InputError when files can't be listed.
    """
    sources = sorted(of_readings(settings.raw_dir))
    try:
        found = [(f"raw/{source}", partitions.sign(settings.data_dir, [source])) for source in sources]
    except storage.StorageError as error:
        raise InputError(str(error)) from error
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


def _remember(con: duckdb.DuckDBPyConnection, known: Path, gemeente: str, sources: Sequence[str]) -> None:
    """Adds to `sensor` what an earlier build knew the place of, and keeps these in the table `remembered`."""
    before = _KNOWN.empty_table()
    with suppress(OSError, pa.ArrowException, ValueError):  # what was remembered is lost, and found again
        before = pq.read_table(known).cast(_KNOWN)
    con.register("before", before)
    con.execute(_REMEMBERED, {"gemeente": gemeente, "sources": sources})
    con.unregister("before")
    con.execute("INSERT INTO sensor BY NAME FROM remembered ORDER BY source, id")


def _keep(con: duckdb.DuckDBPyConnection, known: Path, gemeente: str) -> None:
    """Writes down where sensors stand, for builds after this one. Raises OSError."""
    columns = ", ".join(name for name in _KNOWN.names if name != "gemeente")
    before = _KNOWN.empty_table()
    with suppress(OSError, pa.ArrowException, ValueError):
        before = pq.read_table(known).cast(_KNOWN)
    con.register("before", before)
    # What is not here at the moment, or of another gemeente, stays.
    query = f"""
        WITH now AS (SELECT $1 AS gemeente, {columns} FROM sensor WHERE lon IS NOT NULL AND NOT is_simulated)
        FROM now UNION ALL FROM before ANTI JOIN now USING (gemeente, source, id)
        ORDER BY gemeente, source, id
    """
    now = con.sql(query, params=[gemeente]).to_arrow_table().cast(_KNOWN)
    con.unregister("before")
    if not now.equals(before):
        storage.write(str(known), partial(pq.write_table, now))


def _usual(con: duckdb.DuckDBPyConnection, settings: Settings, sources: Sequence[str], kinds: Collection[str]) -> None:
    """The table `usual`: of each real source the kind of what it names no place of.

    That of its places, when they are all of one; else what its readings say, or the catalogue reads from it.
    """
    asked = """SELECT source.id, source.is_simulated, list(DISTINCT kind)
               FROM mart_source AS source JOIN received_point AS received ON received.source = source.id
               GROUP BY ALL"""
    placed = {source: (is_simulated, of_places) for source, is_simulated, of_places in con.execute(asked).fetchall()}
    rows = []
    for source in sources:
        is_simulated, of_places = placed.get(source, (False, []))
        # What is made up always has a place: without one it is of a former simulation, of more sensors.
        if is_simulated:
            continue
        alone = len(of_places) == 1 and of_places[0] in kinds
        found = of_places if alone else switch.declared(settings.raw_dir / source, settings.gemeente)
        rows += [{"source": source, "kind": kind} for kind in found]
    con.register(
        "given", pa.Table.from_pylist(rows, schema=pa.schema([("source", pa.string()), ("kind", pa.string())]))
    )
    con.execute("CREATE TEMP TABLE usual AS FROM given")
    con.unregister("given")
