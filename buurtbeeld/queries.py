"""What a page may ask of the mart: one function per question.

Every function takes a cursor first and plain, hashable values after it, and keeps nothing. Values are always bound,
but for the numbers that are keys of the mart. Figures come as `Figure` (for screens) or as an Arrow table (for files);
both hold the same rows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from buurtbeeld.catalogue import Figure, Measure, Target
from buurtbeeld.catalogue.measured import Beat, Hour
from buurtbeeld.statistics.dispersion import Dispersion

FIGURE = tuple(Figure.__slots__)
_SHOWN_PLACES = """FROM place JOIN source ON source.id = place.source
                   WHERE place.code IS NOT NULL AND source.openness = 'rows'"""


@dataclass(frozen=True, slots=True)
class Keys:
    """What the keys of the tall table stand for: the small tables of a mart, which never change."""

    areas: dict[int, tuple[str, str, str]]  # code, name, level
    levels: dict[str, tuple[int, int]]  # the first and the last area of a level; of several editions others lie between
    indicators: dict[int, tuple[str, str, str]]  # id, grain, unit
    sources: dict[int, str]


class Reader:
    """A cursor of DuckDB that knows the `Keys` of its mart, so that questions for figures need no join."""

    def __init__(self, con: duckdb.DuckDBPyConnection, keys: Keys) -> None:
        self.execute = con.execute
        self.sql = con.sql
        self.keys = keys


Cursor = duckdb.DuckDBPyConnection | Reader


@dataclass(frozen=True, slots=True)
class Build:
    """Which build this is. `built_at` is UTC without zone."""

    id: str
    built_at: datetime
    gemeente: str
    app_version: str
    is_sample: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the newest edition, without its outline. lon, lat: a point inside it, degrees. area_ha: hectares."""

    code: str
    level: str
    name: str
    parent_code: str | None
    edition: int
    lon: float
    lat: float
    area_ha: float
    changed: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """Where and when the mart has a figure: one indicator, one level, and its periods with any value, oldest first."""

    indicator: str
    level: str
    periods: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as it was read. `retrieved_at` is UTC without zone."""

    id: str
    publisher: str
    title: str
    licence: str
    attribution: str
    openness: str
    url: str
    edition: str
    retrieved_at: datetime
    rows: int
    sha256: str
    is_sample: bool
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a register, in the buurt `code`. lon, lat: degrees."""

    id: str
    source: str
    name: str
    code: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list that others keep. `date` and `licence` are NULL where they do not say."""

    id: str
    source: str
    title: str
    link: str | None
    date: date | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class Sensor:
    """What measures, in the buurt `code`; NULL outside the gemeente. lon, lat: degrees, None where nobody says.

    last_at: of its newest message, UTC without zone; None when there was none in the hours that
    are kept, which is not the same as never.
    """

    id: str
    source: str
    kind: str
    name: str
    code: str | None
    lon: float | None
    lat: float | None
    is_reference: bool
    last_at: datetime | None
    is_sample: bool
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest reading of one quantity of a sensor, and the hour it is of. Times are UTC without zone.

    last_reason: why the reading is not believed; None when it is. status, reason: of the hour as a whole.
    """

    source: str
    sensor: str
    quantity: str
    hour: datetime
    median: float | None
    n: int
    valid: int
    status: str
    reason: str | None
    last_at: datetime
    last_value: float
    last_reason: str | None
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """A threshold that was passed and still is. A sensor that sends nothing has no quantity."""

    id: str
    rule: str
    source: str
    sensor: str | None
    code: str | None
    quantity: str | None
    threshold: float | None
    value: float | None
    opened_at: datetime
    is_simulated: bool


def build(con: Cursor) -> Build:
    """The build of this mart. Raises LookupError when it was never finished."""
    rows = con.execute("SELECT id, built_at, gemeente, app_version, is_sample, complete FROM build").fetchall()
    if not rows:
        raise LookupError("the mart has no build row")
    return Build(*rows[0])


def keys(con: Cursor) -> Keys:
    """The small tables, to make a `Reader` with."""
    areas = con.execute("SELECT area_id, code, name, level FROM mart_area").fetchall()
    levels = con.execute("SELECT level, min(area_id), max(area_id) FROM mart_area GROUP BY level").fetchall()
    indicators = con.execute("SELECT indicator_id, id, grain, unit FROM mart_indicator").fetchall()
    sources = con.execute("SELECT source_id, id FROM mart_source").fetchall()
    return Keys(
        {id: tuple(rest) for id, *rest in areas},
        {level: (first, last) for level, first, last in levels},
        {id: tuple(rest) for id, *rest in indicators},
        dict(sources),
    )


def made_by(con: Cursor) -> tuple[str, str]:
    """Version of the program and fingerprint of the catalogue that made this mart; empty where it does not say."""
    try:
        [(version, catalogue)] = con.execute("SELECT app_version, catalogue FROM mart_build").fetchall()
    except duckdb.BinderException:  # made by a version that did not write it down
        return "", ""
    return version, catalogue


def areas(con: Cursor) -> tuple[Area, ...]:
    """Every area of the newest edition: gemeente, wijken, buurten; by level, then name."""
    return _rows(con, Area, "area_now", "ORDER BY length(code), name")


def area_names(con: Cursor) -> tuple[tuple[str, str, str], ...]:
    """(code, kind, name) of what else an area is known by; kind is `old_name` or one of names.toml."""
    return tuple(con.execute("SELECT code, kind, name FROM area_name ORDER BY ALL").fetchall())


def outlines(con: Cursor, level: str, edition: int | None = None) -> tuple[tuple[str, bytes], ...]:
    """(code, WKB in degrees) of every area of `level`, by code; of the newest edition unless one is given."""
    query = """SELECT code, geometry FROM area
               WHERE level = $level AND edition = coalesce($edition, (SELECT max(edition) FROM area))
               ORDER BY code"""
    return tuple(con.execute(query, {"level": level, "edition": edition}).fetchall())


def area_table(con: Cursor, level: str | None, edition: int | None) -> pa.Table:
    """The view `area`, by code: one level and edition, or every level, or the newest edition when None."""
    query = """SELECT * FROM area
               WHERE level = coalesce($level, level)
                 AND edition = coalesce($edition, (SELECT max(edition) FROM area))
               ORDER BY code"""
    return _table(con, query, {"level": level, "edition": edition})


def editions(con: Cursor) -> tuple[int, ...]:
    """The years of border this mart holds outlines of, oldest first."""
    return tuple(row[0] for row in con.execute("SELECT DISTINCT edition FROM area ORDER BY edition").fetchall())


def held(con: Cursor) -> tuple[Held, ...]:
    """What the mart has figures of: one row per indicator and level, in the catalogue's order."""
    query = """SELECT indicator.id, series.level, list(series.period ORDER BY series.period)
               FROM mart_series AS series JOIN mart_indicator AS indicator USING (indicator_id)
               WHERE series.filled
               GROUP BY indicator_id, indicator.id, series.rank, series.level
               ORDER BY indicator_id, series.rank"""
    return tuple(Held(indicator, level, tuple(periods)) for indicator, level, periods in con.execute(query).fetchall())


def figures(con: Cursor, indicator: str, level: str, period: date) -> tuple[Figure, ...]:
    """One indicator in one period: a figure for every area of `level`, by code. Empty when there is no such series.

    The areas are those of the division that it was published on; what was converted to other borders is not in it.
    """
    first, last = _keys(con).levels.get(level, (0, 0))
    asked = f"period = $period AND area_id BETWEEN {first} AND {last} AND NOT beside"
    found = _figures(con, asked, {"period": period}, (indicator,))
    return tuple(figure for figure in found if figure.level == level)


def figures_of(con: Cursor, indicators: tuple[str, ...], codes: tuple[str, ...]) -> tuple[Figure, ...]:
    """Every period of `indicators` in the areas `codes`, on the borders of now where it could be converted to them.

    By indicator, period, code.
    """
    wanted = set(codes)
    areas = [id for id, (code, *_) in _keys(con).areas.items() if code in wanted]
    found = _figures(con, f"area_id IN {_written(areas)}", {}, indicators)
    # What was converted comes after what was published on older borders, and takes its place.
    return tuple({(figure.indicator, figure.period, figure.code): figure for figure in found}.values())


def newest(con: Cursor, level: str) -> dict[str, tuple[date, tuple[float, ...]]]:
    """Each indicator's newest period with any value at `level`, and the values that are there, lowest first."""
    query = """SELECT indicator.id, figure.period, list(figure.value ORDER BY figure.value)
               FROM mart_figure AS figure
               JOIN (SELECT indicator_id, max(period) AS period FROM mart_series
                     WHERE level = $level AND filled GROUP BY indicator_id) AS newest USING (indicator_id, period)
               JOIN mart_area AS area USING (area_id)
               JOIN mart_indicator AS indicator USING (indicator_id)
               WHERE area.level = $level AND figure.value IS NOT NULL AND NOT figure.beside
               GROUP BY indicator.id, figure.period"""
    rows = con.execute(query, {"level": level}).fetchall()
    return {id: (period, tuple(values)) for id, period, values in rows}


def values(con: Cursor, indicator: str, level: str, period: date) -> dict[str, float]:
    """The values to calculate with, by code: those of `level` that are there and can be relied on."""
    query = """SELECT area.code, figure.value
               FROM mart_figure AS figure
               JOIN mart_area AS area USING (area_id)
               JOIN mart_indicator AS indicator USING (indicator_id)
               WHERE indicator.id = $indicator AND area.level = $level AND figure.period = $period
                 AND figure.status = 'ok' AND NOT figure.beside
               ORDER BY area.code"""
    return dict(con.execute(query, {"indicator": indicator, "level": level, "period": period}).fetchall())


def spread(con: Cursor, level: str, most: int) -> dict[tuple[str, date], tuple[float, ...]]:
    """How figures are spread over the areas of `level`: (indicator, period) → the values that can be relied on.

    Where there are more than `most` areas, those of about so many, taken at even steps, stand for all.
    """
    query = """WITH chosen AS (
                   SELECT area_id FROM mart_area WHERE level = $level
                   QUALIFY row_number() OVER (ORDER BY area_id) % ceil(count(*) OVER () / $most) = 0
               )
               SELECT indicator.id, figure.period, list(figure.value ORDER BY figure.value)
               FROM mart_figure AS figure
               JOIN chosen USING (area_id)
               JOIN mart_indicator AS indicator USING (indicator_id)
               WHERE figure.status = 'ok' AND NOT figure.beside
               GROUP BY indicator.id, figure.period"""
    rows = con.execute(query, {"level": level, "most": most}).fetchall()
    return {(id, period): tuple(found) for id, period, found in rows}


def figure_table(
    con: Cursor, indicators: tuple[str, ...], level: str, period: str | date, codes: tuple[str, ...] | None
) -> pa.Table:
    """The rows of `figure` for a file: by indicator, period and code.

    period: a date (first day), "newest" (per indicator the newest with any value at this level) or "all". Always one
    row per area of `level`, as it was divided for that figure, or per area of `codes`, on the borders of now where the
    figure could be converted to them: an area that has no row in the mart, because nothing was received for its level
    or it did not exist then, gets one that says so.
    """
    query, asked = _chosen(indicators, level, period, codes)
    query += """,
        found AS (SELECT figure.* FROM mart_figure AS figure JOIN place USING (indicator_id, period, area_id))
        SELECT
            place.code, place.name, place.level, wanted.id AS indicator, place.period, wanted.grain,
            found.value, found.low, found.high, found.n, wanted.unit,
            coalesce(found.status::VARCHAR, 'reason_unknown') AS status,
            coalesce(found.provisional, false) AS provisional,
            coalesce(found.edition, place.edition) AS edition,
            coalesce(found.converted, false) AS converted,
            source.id AS source,
            coalesce(found.is_sample, source.is_sample) AS is_sample,
            coalesce(found.is_simulated, source.is_simulated) AS is_simulated
        FROM place
        JOIN wanted USING (indicator_id)
        LEFT JOIN found USING (indicator_id, period, area_id)
        LEFT JOIN mart_source AS own ON own.id = wanted.source
        JOIN mart_source AS source ON source.source_id = coalesce(found.source_id, own.source_id)
        ORDER BY wanted.id, place.period, place.code"""
    return _table(con, query, asked)


def figure_count(
    con: Cursor, indicators: tuple[str, ...], level: str, period: str | date, codes: tuple[str, ...] | None
) -> int:
    """How many rows `figure_table` would give, without making them."""
    query, asked = _chosen(indicators, level, period, codes)
    [(count,)] = con.execute(f"{query} SELECT count(*) FROM place", asked).fetchall()
    return int(count)


def periods(con: Cursor, indicators: tuple[str, ...]) -> tuple[date, ...]:
    """Every period that any of `indicators` has a row for, oldest first."""
    query = """SELECT DISTINCT series.period
               FROM mart_series AS series JOIN mart_indicator AS indicator USING (indicator_id)
               WHERE list_contains($indicators, indicator.id) ORDER BY series.period"""
    return tuple(row[0] for row in con.execute(query, {"indicators": list(indicators)}).fetchall())


def caveats(con: Cursor) -> dict[str, frozenset[str]]:
    """Per indicator the keys of the caveats that hold for all its areas and periods; one without any is not in it."""
    query = "SELECT indicator, list(key) FROM caveat WHERE code IS NULL GROUP BY indicator"
    return {indicator: frozenset(keys) for indicator, keys in con.execute(query).fetchall()}


def local_caveats(con: Cursor, indicator: str) -> dict[tuple[str, date], tuple[str, ...]]:
    """The caveats that hold for some areas and periods only: (code, first day) → their keys."""
    query = """SELECT code, period, list(key ORDER BY key) FROM caveat
               WHERE indicator = $indicator AND code IS NOT NULL GROUP BY code, period"""
    return {
        (code, period): tuple(keys) for code, period, keys in con.execute(query, {"indicator": indicator}).fetchall()
    }


def noise(con: Cursor, indicator: str, level: str) -> Dispersion | None:
    """How much more than by chance the events of `indicator` vary at `level`; None where that isn't known."""
    query = "SELECT factor, power, overall FROM mart_noise WHERE indicator = $indicator AND level = $level"
    rows = con.execute(query, {"indicator": indicator, "level": level}).fetchall()
    return Dispersion(*rows[0]) if rows else None


def moved(con: Cursor, level: str, first: int, last: int) -> frozenset[str]:
    """The codes of `level` whose border moved after edition `first`, up to `last`, or may have: nobody says it didn't.

    CBS says per area and edition: 1 unchanged, 2 a new code, 3 the border moved. Of an edition that the mart has no
    outlines of, nothing is known: with a gap between `first` and `last` every code may have moved.
    """
    query = """SELECT code, bool_and(changed IN (1, 2)) AND count(*) = $last - $first AS same
               FROM area WHERE level = $level AND edition > $first AND edition <= $last GROUP BY code"""
    found = con.execute(query, {"level": level, "first": first, "last": last}).fetchall()
    known = {code for code, same in found if same}
    every = con.execute("SELECT DISTINCT code FROM area WHERE level = $level", {"level": level}).fetchall()
    return frozenset(code for (code,) in every if first != last and code not in known)


def borders(con: Cursor, codes: tuple[str, ...]) -> dict[str, dict[int, int]]:
    """What CBS says of the border of each of `codes`, per edition: 1 unchanged, 2 a new code, 3 the border moved.

    Editions of which it says nothing are not in it.
    """
    query = """SELECT code, edition, changed FROM area
               WHERE list_contains($codes, code) AND changed IN (1, 2, 3) ORDER BY code, edition"""
    found: dict[str, dict[int, int]] = {code: {} for code in codes}
    for code, edition, changed in con.execute(query, {"codes": list(codes)}).fetchall():
        found[code][edition] = changed
    return found


def sources(con: Cursor) -> tuple[SourceRow, ...]:
    """Every source behind this mart, by id."""
    return _rows(con, SourceRow, "source", "ORDER BY id")


def entries(con: Cursor) -> tuple[Entry, ...]:
    """Every entry of every list, by list and title."""
    return _rows(con, Entry, "entry", "ORDER BY source, title, id")


def place_kinds(con: Cursor) -> frozenset[str]:
    """The kinds of which the mart has a place that `places` gives."""
    return frozenset(kind for (kind,) in con.execute(f"SELECT DISTINCT kind {_SHOWN_PLACES}").fetchall())


def places(con: Cursor, kind: str) -> tuple[Place, ...]:
    """The places of a kind that lie in a buurt, by name: only of sources of which every row may be passed on."""
    columns = ", ".join(f"place.{column}" for column in Place.__slots__)
    query = f"SELECT {columns} {_SHOWN_PLACES} AND kind = $kind ORDER BY lower(name), source, place.id"
    return tuple(Place(*row) for row in con.execute(query, {"kind": kind}).fetchall())


def members(con: Cursor) -> dict[str, tuple[str, ...]]:
    """Per buurt the areas that it is part of besides its wijk: those that cut across others."""
    query = "SELECT part_code, list(whole_code ORDER BY whole_code) FROM area_member GROUP BY part_code"
    return {part: tuple(wholes) for part, wholes in con.execute(query).fetchall()}


# Of other sources there are figures of areas at most: a sensor, its readings and its alerts are rows.
_SHOWN_SENSORS = "FROM sensor SEMI JOIN source ON source.id = sensor.source AND source.openness = 'rows'"
_SHOWN_ALERTS = "FROM alert SEMI JOIN source ON source.id = alert.source AND source.openness = 'rows'"
RHYTHM_DAYS = 56  # eight whole weeks: as many as there are in the hours that a mart holds (warehouse/sensors.py)


def sensor_kinds(con: Cursor) -> dict[str, str]:
    """The kind of every sensor that may be shown, by `source/id`."""
    rows = con.execute(f"SELECT sensor.source || '/' || sensor.id, kind {_SHOWN_SENSORS}").fetchall()
    return dict(rows)


def sensors(con: Cursor) -> tuple[Sensor, ...]:
    """Every sensor that may be shown, by name; "sensor 2" comes before "sensor 10"."""
    made = {"name": "coalesce(nullif(trim(sensor.name), ''), sensor.id)"}
    columns = ", ".join(made.get(column, f"sensor.{column}") for column in Sensor.__slots__)
    rows = con.execute(f"SELECT {columns} {_SHOWN_SENSORS} ORDER BY 4, sensor.source, sensor.id").fetchall()
    return tuple(sorted((Sensor(*row) for row in rows), key=lambda each: by_number(each.name)))


def by_number(name: str) -> str:
    """By what names are put in order when the numbers in them count as numbers, up to twenty digits."""
    return re.sub("[0-9]+", lambda number: number[0].zfill(20), name.casefold())


def readings(con: Cursor) -> tuple[Reading, ...]:
    """The newest reading of each quantity of each sensor that may be shown.

    As far as it is of the week before its newest message.
    """
    # What is made of others, such as a share of places that are taken, has an hour and no reading of its own.
    made = {
        "last_at": "coalesce(reading_hour.last_at, least(hour + INTERVAL 1 HOUR, sensor.last_at))",
        "last_value": "coalesce(last_value, median)",
        "status": "status::VARCHAR",
    }
    columns = ", ".join(made.get(column, f"reading_hour.{column}") for column in Reading.__slots__)
    rows = con.execute(
        f"""SELECT {columns}
            FROM reading_hour
            JOIN (SELECT * {_SHOWN_SENSORS}) AS sensor
              ON sensor.source = reading_hour.source AND sensor.id = reading_hour.sensor
            WHERE coalesce(last_value, median) IS NOT NULL AND hour >= sensor.last_at - INTERVAL 7 DAY
            QUALIFY row_number() OVER (
                PARTITION BY reading_hour.source, reading_hour.sensor, quantity ORDER BY hour DESC
            ) = 1
            ORDER BY reading_hour.source, reading_hour.sensor, quantity"""
    ).fetchall()
    return tuple(Reading(*row) for row in rows)


def sensor_hours(con: Cursor, source: str, sensor: str, quantity: str, since: datetime) -> tuple[Hour, ...]:
    """The hours of a sensor from `since` on, oldest first."""
    rows = con.execute(
        """SELECT hour, median, valid, status::VARCHAR, is_simulated FROM reading_hour
           WHERE source = $source AND sensor = $sensor AND quantity = $quantity AND hour >= $since ORDER BY hour""",
        {"source": source, "sensor": sensor, "quantity": quantity, "since": since},
    ).fetchall()
    return tuple(Hour(*row) for row in rows)


def area_hours(con: Cursor, code: str, quantity: str, since: datetime) -> tuple[Hour, ...]:
    """The hours of an area from `since` on, oldest first; without reference stations."""
    rows = con.execute(
        """SELECT hour, median, sensors, status::VARCHAR, is_simulated FROM area_hour
           WHERE code = $code AND quantity = $quantity AND hour >= $since ORDER BY hour""",
        {"code": code, "quantity": quantity, "since": since},
    ).fetchall()
    return tuple(Hour(*row) for row in rows)


def newest_hour(con: Cursor, code: str, quantity: str) -> datetime | None:
    """The beginning of the newest hour of an area that is ok."""
    asked = "SELECT max(hour) FROM area_hour WHERE code = $code AND quantity = $quantity AND status = 'ok'"
    found: tuple[datetime | None] | None = con.execute(asked, {"code": code, "quantity": quantity}).fetchone()
    return found[0] if found else None


def areas_at(con: Cursor, quantity: str, hour: datetime) -> dict[str, Hour]:
    """What every area has of one hour, by code; areas without a sensor are not there."""
    rows = con.execute(
        """SELECT code, hour, median, sensors, status::VARCHAR, is_simulated FROM area_hour
           WHERE quantity = $quantity AND hour = $hour""",
        {"quantity": quantity, "hour": hour},
    ).fetchall()
    return {code: Hour(*rest) for code, *rest in rows}


def sensor_rhythm(con: Cursor, source: str, sensor: str, quantity: str) -> tuple[tuple[Beat, ...], int]:
    """The week of a sensor in its last eight weeks, by hours that are ok; and how many days these are of."""
    asked: dict[str, object] = {"source": source, "sensor": sensor, "quantity": quantity}
    return _rhythm(con, "reading_hour", "source = $source AND sensor = $sensor AND quantity = $quantity", asked)


def area_rhythm(con: Cursor, code: str, quantity: str) -> tuple[tuple[Beat, ...], int]:
    """The same of an area."""
    return _rhythm(con, "area_hour", "code = $code AND quantity = $quantity", {"code": code, "quantity": quantity})


def _rhythm(con: Cursor, table: str, where: str, asked: dict[str, object]) -> tuple[tuple[Beat, ...], int]:
    fine = f"""WITH fine AS (SELECT * FROM {table} WHERE {where} AND status = 'ok'),
                    late AS (SELECT * FROM fine WHERE day > (SELECT max(day) FROM fine) - {RHYTHM_DAYS})"""
    rows = con.execute(
        f"""{fine} SELECT isodow(day), local_hour, quantile_cont(median, 0.5), count(*), bool_or(is_simulated)
            FROM late GROUP BY ALL ORDER BY ALL""",
        asked,
    ).fetchall()
    days = con.execute(f"{fine} SELECT coalesce(max(day) - min(day) + 1, 0) FROM late", asked).fetchall()[0][0]
    return tuple(Beat(*row) for row in rows), days


def rhythm_areas(con: Cursor, quantity: str) -> dict[str, int]:
    """How many hours of a quantity each area has that are ok, by code; areas without one are not there."""
    asked = "SELECT code, count(*) FROM area_hour WHERE quantity = $quantity AND status = 'ok' GROUP BY code"
    return dict(con.execute(asked, {"quantity": quantity}).fetchall())


def open_alerts(con: Cursor) -> tuple[Alert, ...]:
    """The thresholds that are passed now, of sensors that may be shown, the newest first."""
    columns = ", ".join(Alert.__slots__)
    query = f"SELECT {columns} {_SHOWN_ALERTS} WHERE closed_at IS NULL ORDER BY opened_at DESC, id"
    rows = con.execute(query).fetchall()
    return tuple(Alert(*row) for row in rows)


def named(con: Cursor) -> dict[str, dict[str, str]]:
    """Per source its editions, oldest first, each with how it wants to be named."""
    query = """SELECT source.id, edition.edition, edition.attribution
               FROM mart_edition AS edition JOIN mart_source AS source USING (source_id) ORDER BY ALL"""
    found: dict[str, dict[str, str]] = {}
    for id, edition, attribution in con.execute(query).fetchall():
        found.setdefault(id, {})[edition] = attribution
    return found


def spans(con: Cursor) -> dict[str, tuple[date, date]]:
    """Per source the first and the last period it has a value for; a source without figures is not in it."""
    query = """SELECT source.id, min(figure.period), max(figure.period)
               FROM mart_figure AS figure JOIN mart_source AS source USING (source_id)
               WHERE figure.value IS NOT NULL GROUP BY source.id"""
    return {id: (first, last) for id, first, last in con.execute(query).fetchall()}


def targets(con: Cursor) -> tuple[Target, ...]:
    """Every goal that the council set, by indicator, area and year: few, so that one answer serves every page."""
    return tuple(Target(*row) for row in con.execute("SELECT * FROM target ORDER BY ALL").fetchall())


def measures(con: Cursor) -> tuple[Measure, ...]:
    """Everything the city says was done, oldest first."""
    rows = con.execute('SELECT * FROM measure ORDER BY "from", code, title').fetchall()
    return tuple(Measure(*row) for row in rows)


def city_files(con: Cursor) -> dict[str, str]:
    """The city's own files that this mart was made with: name -> sha256."""
    rows = con.execute("SELECT path, sha256 FROM mart_input WHERE starts_with(path, 'city/')").fetchall()
    return {path.removeprefix("city/"): sha256 for path, sha256 in rows}


def view(con: Cursor, name: str) -> pa.Table:
    """One of the small public views as a whole, in its own order."""
    if name not in ("build", "indicator", "source"):
        raise ValueError(f"{name!r} is not a view that is given whole")
    return _table(con, f"SELECT * FROM {name}", {})


def alert_count(con: Cursor, open: bool | None) -> int:
    """How many rows `alert_table` has."""
    query = f"SELECT count(*) {_SHOWN_ALERTS} WHERE $1 IS NULL OR (closed_at IS NULL) = $1"
    [(count,)] = con.execute(query, [open]).fetchall()
    return int(count)


def alert_table(con: Cursor, open: bool | None) -> pa.Table:
    """The view `alert`, newest first: those that are open, those that are closed, or all (None).

    Only of sensors that may be shown.
    """
    query = f"SELECT * {_SHOWN_ALERTS} WHERE $open IS NULL OR (closed_at IS NULL) = $open ORDER BY opened_at DESC, id"
    return _table(con, query, {"open": open})


def _chosen(
    indicators: tuple[str, ...], level: str, period: str | date, codes: tuple[str, ...] | None
) -> tuple[str, dict[str, object]]:
    """The beginning of a query and its values: up to `place`, the series that are asked for x their areas."""
    asked: dict[str, object] = {"indicators": list(indicators), "level": level}
    own = "OVER (PARTITION BY indicator_id)"
    rows = "mart_series JOIN wanted USING (indicator_id)"
    match period:
        # A level that nothing was received for still answers, with the newest period of the indicator.
        case "all":
            which = f"QUALIFY here OR (NOT bool_or(here) {own} AND period = max(period) {own})"
        case "newest":
            which = f"QUALIFY period = coalesce(max(period) FILTER (filled) {own}, max(period) {own})"
        case _:
            # Beside an indicator that has figures of that period, one that has none gets its rows too.
            which, asked["period"] = "", period
            rows = """(SELECT indicator_id, $period AS period FROM wanted WHERE date_trunc(grain, $period) = $period)
                      LEFT JOIN mart_series USING (indicator_id, period)"""
    if codes is None:
        where = "WHERE area.edition = chosen.division"
    else:
        where = """
            LEFT JOIN (SELECT indicator_id, period, area_id FROM mart_figure WHERE beside) AS moved
              ON moved.indicator_id = chosen.indicator_id AND moved.period = chosen.period
             AND moved.area_id = area.area_id
            WHERE list_contains($codes, area.code)
            QUALIFY row_number() OVER (
                PARTITION BY chosen.indicator_id, chosen.period, area.code
                ORDER BY moved.area_id IS NULL, area.edition = chosen.division DESC, area.edition DESC
            ) = 1"""
        asked["codes"] = list(codes)
    query = f"""WITH wanted AS (
            SELECT indicator_id, id, grain, unit, source FROM mart_indicator WHERE list_contains($indicators, id)
        ),
        series AS (
            SELECT indicator_id, period, bool_or(level = $level) AS here, bool_or(level = $level AND filled) AS filled,
                   max(edition) FILTER (level = $level) AS division
            FROM {rows}
            GROUP BY indicator_id, period
        ),
        chosen AS (
            SELECT indicator_id, period, coalesce(division, (SELECT max(edition) FROM mart_area)) AS division
            FROM series {which}
        ),
        place AS (
            SELECT chosen.indicator_id, chosen.period, area.area_id, area.code, area.name, area.level, area.edition
            FROM chosen JOIN mart_area AS area ON area.level = $level {where}
        )"""
    return query, asked


def _written(keys: Sequence[int]) -> str:
    """Numbers as a list of SQL; one that no row has where there are none."""
    return f"({', '.join(str(int(key)) for key in keys) or -1})"


def _keys(con: Cursor) -> Keys:
    return con.keys if isinstance(con, Reader) else keys(con)


def _figures(con: Cursor, asked: str, values: dict[str, object], indicators: tuple[str, ...]) -> tuple[Figure, ...]:
    """Those of `indicators` for which `asked` holds, a condition on the tall table; by indicator, period, code."""
    known = _keys(con)
    ids = [id for id, (indicator, *_) in known.indicators.items() if indicator in indicators]
    # The rows are sorted by their ids, so DuckDB skips nearly all. To join the small tables took most of its time.
    # Keys of ours are written out: of bound values DuckDB doesn't know beforehand where they can be.
    query = f"""SELECT area_id, indicator_id, period, value, low, high, n, status::VARCHAR,
                       provisional, edition, converted, source_id, is_sample, is_simulated
                FROM mart_figure
                WHERE indicator_id IN {_written(ids)} AND {asked}"""
    found = []
    rows = con.execute(query, values).fetchall()
    for area_id, indicator_id, period, value, low, high, n, status, *made, source_id, sample, simulated in rows:
        code, name, level = known.areas[area_id]
        indicator, grain, unit = known.indicators[indicator_id]
        about = (*made, known.sources[source_id], sample, simulated)
        found.append(Figure(code, name, level, indicator, period, grain, value, low, high, n, unit, status, *about))
    return tuple(sorted(found, key=lambda figure: (figure.indicator, figure.period, figure.code, figure.converted)))


def _table(con: Cursor, query: str, values: dict[str, object]) -> pa.Table:
    # DuckDB 1.5 is several times slower in sql() with values; DuckDB 2 makes one more copy in execute(), and warns.
    if int(duckdb.__version__.split(".")[0]) >= 2:
        return con.sql(query, params=values).to_arrow_table()
    return con.execute(query, values).to_arrow_table()


def _rows(con: Cursor, kind: Any, view: str, order: str) -> tuple[Any, ...]:
    rows = con.execute(f"SELECT {', '.join(kind.__slots__)} FROM {view} {order}").fetchall()
    return tuple(kind(*row) for row in rows)
