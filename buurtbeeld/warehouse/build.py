"""Raw files in, one mart out: receive, transform by the SQL of `sql/`, check, publish.

Everything happens in one transaction in a new file, and the row that says the build is finished is written last: a
build that is killed leaves nothing that could be taken for a mart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

import buurtbeeld
from buurtbeeld.catalogue import Catalogue, CityProblem, Indicator, Status, match
from buurtbeeld.sensors import rollup, storage
from buurtbeeld.settings import Settings
from buurtbeeld.texts import words
from buurtbeeld.warehouse import areas, checks, city, crosswalk, ledger, margins, places, publish, sensors, withhold
from buurtbeeld.warehouse.inputs import KEYS, OPTIONAL, Input, InputError, find, first_line

SQL = Path(__file__).with_name("sql")
# Marts of DuckDB 1.5 and 2 are read by either, and no extension is ever fetched.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.5.0",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # What does not fit goes to the disk, beside the mart: a build must not need more than a small server has.
    "memory_limit": "1GB",
}

_RECEIVED = """
    CREATE TEMP TABLE received_column (
        place USMALLINT, figure USMALLINT, indicator indicator_name, source source_name, priority UTINYINT,
        part VARCHAR, scale DOUBLE, col VARCHAR
    );
    CREATE TEMP TABLE received_cell (
        place USMALLINT, area_code VARCHAR, period DATE, edition INTEGER, provisional BOOLEAN, text VARCHAR,
        number DOUBLE
    );
    CREATE TEMP VIEW received_value AS FROM received_cell JOIN received_column USING (place);
    CREATE TEMP TABLE received_name (area_code VARCHAR, kind VARCHAR, name VARCHAR);
"""


class BuildError(Exception):
    """A build that was refused. `problems` holds one sentence each; the published mart is as it was."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Built:
    """What a build made. `warnings`: what is less than the catalogue promises, one sentence each."""

    id: str
    path: Path
    areas: int
    indicators: int
    figures: int
    is_sample: bool
    warnings: tuple[str, ...]


def build(settings: Settings, catalogue: Catalogue, now: datetime | None = None) -> Built:
    """Builds a mart from the newest raw files (else the sample) and publishes it.

    Raises BuildError with every problem as a sentence, and publish.Busy when another build is under way.
    """
    at = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    try:
        with publish.alone(settings):
            return _build(settings, catalogue, at)
    except InputError as error:
        raise BuildError(error.problems) from error
    except (ledger.LedgerError, rollup.RollupError, storage.StorageError) as error:
        raise BuildError([str(error)]) from error
    except (duckdb.Error, OSError) as error:
        raise BuildError([f"The mart could not be made in {settings.marts_dir}: {first_line(error)}."]) from error


def is_current(settings: Settings, catalogue: Catalogue) -> bool:
    """Whether the published mart was made from these very files, by this version with this catalogue.

    False when there is none, or it can't be read, or it has sensors and is over an hour old: that one of them says
    nothing is news too. Raises InputError when a file of a source can't be read.
    """
    at = datetime.now(UTC)
    given = {(item.place, item.sha256 if item.source.openness == "rows" else "") for item in find(settings)}
    own = city.read(settings.city_dir, at.date()).files.to_pylist()
    given |= {(file["path"], file["sha256"]) for file in own} | set(sensors.signs(settings))
    try:
        with duckdb.connect(settings.mart_link.resolve(), read_only=True, config=CONFIG) as con:
            made = con.execute("SELECT gemeente, app_version, catalogue FROM mart_build").fetchall()
            used = con.execute("SELECT path, sha256 FROM mart_input").fetchall()
            stale = sensors.is_stale(con, at)
    except duckdb.Error:
        return False
    made_here = made == [(settings.gemeente, buurtbeeld.__version__, catalogue.fingerprint)]
    return made_here and set(used) == given and not stale


def check_city(settings: Settings, catalogue: Catalogue, today: date) -> tuple[list[str], int]:
    """What is wrong with the city's own files, in the sentences of a build, and how many rows they hold.

    Nothing is built: areas and figures are those of the published mart. Raises duckdb.Error when it can't be read, and
    LookupError when it is of another gemeente.
    """
    own = city.read(settings.city_dir, today)
    with duckdb.connect(settings.mart_link.resolve(), read_only=True, config=CONFIG) as con:
        if con.execute("SELECT gemeente FROM build").fetchall() != [(settings.gemeente,)]:
            raise LookupError(settings.gemeente)
        _declare(con, catalogue, settings.gemeente)
        problems = _receive_own(con, own)
        problems += checks.city_violations(con, "city") + checks.city_violations(con, "goal")
    rows = sum(table.num_rows for table in own.tables.values())
    return city.told(problems, words(settings.language), catalogue), rows


def _build(settings: Settings, catalogue: Catalogue, at: datetime) -> Built:
    inputs = find(settings)
    if not any(item.source.shape == "outline" for item in inputs):
        raise InputError(
            f"There are no outlines for {settings.gemeente}: the sample does not hold it, and nothing has been loaded. "
            "Load it with `make data`."
        )
    build_id = publish.new_id(settings, at)
    working = publish.unfinished(settings, build_id)
    with duckdb.connect(working, config=CONFIG) as con:
        con.begin()
        before = _before(settings, catalogue)
        warnings = _fill(con, inputs, city.read(settings.city_dir, at.date()), catalogue, settings, before, at)
        shown = _shown(con, settings, build_id, catalogue)
        counts = _finish(con, build_id, at.replace(tzinfo=None), settings.gemeente, inputs, catalogue)
        con.commit()
        con.execute("CHECKPOINT")
    path = publish.publish(settings, working, build_id, shown)
    publish.prune(settings)
    is_sample = any(item.is_sample for item in inputs)
    return Built(build_id, path, *counts, is_sample=is_sample, warnings=tuple(warnings))


def _before(settings: Settings, catalogue: Catalogue) -> ledger.Ledger:
    """What was published before of data that is not open. Raises LedgerError, also when a mart knows of more."""
    if not withhold.closed(catalogue):
        return {}
    withhold.check(ledger.path(settings), publish.kept(settings), settings.gemeente)
    return ledger.read(ledger.path(settings))


def _shown(con: duckdb.DuckDBPyConnection, settings: Settings, build_id: str, catalogue: Catalogue) -> list[str]:
    """The lines of the ledger with those of this mart, which keeps their digest so that an older copy is noticed.

    No lines when there is nothing to hide; then too the mart keeps what there is to remember of the ledger.
    """
    file = ledger.path(settings)
    lines: list[str] = []
    if withhold.closed(catalogue):
        lines = ledger.added(file, build_id, withhold.published(con, catalogue))
        marks = {ledger.digest(lines)}
    else:
        marks = withhold.remembered(file, publish.kept(settings), settings.gemeente)
    if marks:
        con.execute("CREATE TABLE mart_ledger AS SELECT unnest($1) AS digest", [sorted(marks)])
    return lines


def _fill(
    con: duckdb.DuckDBPyConnection,
    inputs: list[Input],
    own: city.Own,
    catalogue: Catalogue,
    settings: Settings,
    before: ledger.Ledger,
    at: datetime,
) -> list[str]:
    """Fills every table; returns what is less than the catalogue promises. Raises BuildError."""
    _enum(con, "status", map(str, Status))
    # As numbers with names: a whole country has millions of each.
    _enum(con, "indicator_name", sorted(catalogue.indicators))
    _enum(con, "source_name", sorted({item.source.id for item in inputs}))
    _declare(con, catalogue, settings.gemeente)
    con.execute(_RECEIVED)
    _keep(con, "received_input", _described(inputs))
    problems, warnings = _receive(con, inputs, catalogue, _members(own))
    of_the_city = _receive_own(con, own)
    for name in ("build", "area", "area_member", "area_name", "source"):
        _run(con, name)
    problems += checks.violations(con, "received")
    of_the_city += checks.city_violations(con, "city")
    if problems:
        _stop(problems + city.told(of_the_city, words(settings.language), catalogue))
    warnings += checks.left_out(con)
    _run(con, "sensor")
    warnings += sensors.fill(con, settings, catalogue, at)
    _run(con, "observation")
    _run(con, "counted")
    sensors.figures(con, catalogue, at)
    _stop(withhold.fill(con, catalogue, before))
    margins.fill(con, catalogue)
    _run(con, "minimum")
    crosswalk.fill(con, catalogue)
    for indicator in catalogue.derivations():
        parts = {"numerator": indicator.numerator, "denominator": indicator.denominator}
        con.execute(_sql("derived"), {"indicator": indicator.id} | parts)
    for name in ("indicator", "figure", "series", "caveat", "city", "place", "entry"):
        _run(con, name)
    con.execute(
        "DROP TABLE observation; DROP VIEW received_value; DROP TABLE received_cell; DROP TABLE received_column"
    )
    con.execute("DROP TYPE indicator_name; DROP TYPE source_name")
    of_the_city += checks.city_violations(con, "goal")
    _stop(checks.violations(con, "figure") + city.told(of_the_city, words(settings.language), catalogue))
    return warnings


def _enum(con: duckdb.DuckDBPyConnection, name: str, values: Iterable[str]) -> None:
    con.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(repr(value) for value in values)})")


def _declare(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, gemeente: str) -> None:
    _keep(con, "declared", pa.table({"gemeente": [gemeente], "missing_floor": [catalogue.missing_floor]}))
    levels = catalogue.levels.values()
    _keep(con, "declared_level", pa.table({"id": [each.id for each in levels], "rank": [each.rank for each in levels]}))
    codes = catalogue.missing_codes
    _keep(
        con,
        "declared_missing_code",
        pa.table({"code": pa.array(list(codes), pa.float64()), "status": [str(status) for status in codes.values()]}),
    )
    indicators = catalogue.indicators.values()
    _keep(
        con,
        "declared_indicator",
        pa.Table.from_pylist([_declared(i, position) for position, i in enumerate(indicators)], schema=_DECLARED),
    )
    caveats: list[dict[str, object]] = [
        {"indicator": i.id, "key": key, "of_sample": catalogue.caveats[key].of_sample}
        for i in indicators
        for key in i.caveats
    ]
    for indicator in indicators:
        caveats += [{"indicator": indicator.id, **local._asdict()} for local in indicator.local_caveats]
    counts = [{"indicator": i.id, "source": i.source, "kind": kind} for i in indicators for kind in i.counts]
    _keep(con, "declared_count", pa.Table.from_pylist(counts, schema=_COUNT))
    _keep(con, "declared_caveat", pa.Table.from_pylist(caveats, schema=_CAVEAT))


_COUNT = pa.schema([(name, pa.string()) for name in ("indicator", "source", "kind")])
_CAVEAT = pa.schema(
    [("indicator", pa.string()), ("key", pa.string()), ("times_city", pa.float64()), ("of_sample", pa.bool_())]
)
_DECLARED = pa.schema(
    [(name, pa.string()) for name in ("id", "theme", "kind", "unit", "direction", "grain", "method", "source")]
    + [(name, pa.string()) for name in ("title_nl", "title_en", "description_nl", "description_en")]
    + [(name, pa.string()) for name in ("numerator", "denominator", "counted_by")]
    + [(name, pa.float64()) for name in ("factor", "least", "widest", "withhold_below")]
    + [("kept_below", pa.bool_()), ("synonyms", pa.list_(pa.string()))]
    + [("decimals", pa.int32()), ("position", pa.int32())]
)


def _declared(indicator: Indicator, position: int) -> dict[str, object]:
    titles = {"title": indicator.title, "description": indicator.description}
    texts = {f"{name}_{lang}": text.get(lang) for name, text in titles.items() for lang in ("nl", "en")}
    plain = {name: getattr(indicator, name) for name in _DECLARED.names if hasattr(indicator, name)}
    return plain | texts | {"position": position}


def _described(inputs: list[Input]) -> pa.Table:
    # The places of sensors are of no edition of their own: what a source of readings is of, its newest readings say.
    newest = {item.source.id: item.edition for item in inputs if item.source.shape == "reading"}
    return pa.Table.from_pylist(
        [
            {
                "id": item.source.id,
                "publisher": item.source.publisher,
                "title": item.source.title,
                "licence": item.source.licence,
                "attribution": item.source.attribution,
                "cited": item.cited,
                "openness": item.source.openness,
                "url": item.url,
                "edition": newest.get(item.source.id, item.edition),
                "retrieved_at": item.retrieved_at,
                "rows": item.rows,
                "sha256": item.sha256,
                "is_sample": item.is_sample,
                "is_simulated": item.is_simulated,
                "path": item.place,
            }
            for item in inputs
        ]
    )


def _receive(
    con: duckdb.DuckDBPyConnection, inputs: list[Input], catalogue: Catalogue, members: list[areas.Member]
) -> tuple[list[str], list[str]]:
    """Puts what the catalogue asks of the files into received_*. members: the buurten of the city's subwijken.

    Returns what is wrong with sources and columns, and what is lacking that a mart can do without.

    Raises InputError naming every file that can't be used: without them the checks would complain of what they lack.
    """
    problems = [problem for item in inputs for problem in catalogue.check_source(item.source)]
    unusable: list[str] = []
    outlines = [areas.SCHEMA.empty_table()]
    points, entries = [places.POINTS.empty_table()], [places.ENTRIES.empty_table()]
    filled: set[tuple[str, str]] = set()
    for item in inputs:
        try:
            if item.source.shape == "outline":
                outlines.append(areas.register(item, members))
            elif item.source.shape == "point":
                points.append(places.points(item))
            elif item.source.shape == "list":
                entries.append(places.entries(item))
            elif item.source.shape == "area":
                parts, ambiguous = _receive_values(con, item, catalogue)
                filled |= {(part, item.source.id) for part in parts}
                problems += ambiguous
            elif item.source.shape == "name":
                _receive_names(con, item.source.id, item.table(), catalogue)
        except InputError as error:
            unusable += error.problems
    if unusable:
        raise InputError(*unusable)
    _keep(con, "received_area", pa.concat_tables(outlines))
    _keep(con, "received_entry", pa.concat_tables(entries))
    located = places.located(pa.concat_tables(points), [item for item in inputs if item.source.shape == "outline"])
    _keep(con, "received_point", located)
    refused, warned = _without_column(filled, inputs, catalogue)
    return problems + refused, warned


def _members(own: city.Own) -> list[areas.Member]:
    """The buurten of subwijken, of the rows that can be read."""
    rows = [areas.Member(row["buurt"], row["code"], row["name"]) for row in own.tables["subwijken"].to_pylist()]
    return [row for row in rows if all(row)]


def _receive_own(con: duckdb.DuckDBPyConnection, own: city.Own) -> list[CityProblem]:
    """Puts the city's own files into received_*; returns what is wrong with them."""
    _keep(con, "received_city", own.files)
    for name, table in own.tables.items():
        _keep(con, f"received_{name}", table)
    return list(own.problems)


def _receive_values(con: duckdb.DuckDBPyConnection, item: Input, catalogue: Catalogue) -> tuple[set[str], list[str]]:
    """Receives one file; returns the parts of indicators it has a column for, and the columns that could be several."""
    table = item.table()
    filled: set[str] = set()
    problems: list[str] = []
    asked: list[dict[str, object]] = []
    [(place,)] = con.execute("SELECT count(*) FROM received_column").fetchall()
    groups = _groups(table.schema)
    for read in catalogue.read_from(item.source.id):
        match read.wanted.among(groups):
            case []:
                continue
            case [name]:
                about = {
                    "indicator": read.indicator,
                    "source": item.source.id,
                    "priority": read.priority,
                    "part": read.part,
                    "scale": read.scale,
                }
                asked.append({"slot": f"c{len(asked)}", "place": place + len(asked), "col": name, **about})
            case several:
                problems.append(f"{item.path}: {read.indicator} could be any of the columns {', '.join(several)}.")
        filled.add(f"{read.indicator} {read.part}")
    if asked:
        con.register("asked", pa.Table.from_pylist(asked))
        con.execute(_sql("received_column"))
        _run_on(con, "received_cell", table, {str(each["slot"]): str(each["col"]) for each in asked})
        con.unregister("asked")
    _receive_names(con, item.source.id, table, catalogue)
    return filled, problems


def _receive_names(con: duckdb.DuckDBPyConnection, source: str, table: pa.Table, catalogue: Catalogue) -> None:
    """Receives by what else a file says that its areas are known."""
    for other in catalogue.names.values():
        if other.source != source or other.column is None or other.pattern is None:
            continue
        for column in match(other.column, table.column_names)[:1]:
            asked_for = {"kind": other.id, "pattern": other.pattern}
            _run_on(con, "received_name", table, {"name": column}, asked_for)


def _run_on(
    con: duckdb.DuckDBPyConnection,
    name: str,
    table: pa.Table,
    columns: dict[str, str],
    values: dict[str, str] | None = None,
) -> None:
    """Runs an SQL file on `file`: the key columns of `table`, and others under names of ours (ours: theirs)."""
    columns = {key: key for key in (*KEYS["area"], *OPTIONAL)} | columns
    known = {ours: theirs for ours, theirs in columns.items() if theirs in table.column_names}
    file = pa.table({ours: table[theirs] for ours, theirs in known.items()})
    for absent in columns.keys() - known.keys():
        file = file.append_column(absent, pa.nulls(file.num_rows, pa.string()))
    con.register("file", file)
    con.execute(_sql(name), values or {})
    con.unregister("file")


def _without_column(
    filled: set[tuple[str, str]], inputs: list[Input], catalogue: Catalogue
) -> tuple[list[str], list[str]]:
    """Indicators whose column is in no file of their source: why the mart is refused, and what it can do without.

    Publishers drop a measure out of a hundred, which is no reason to show none of the others; only those that somebody
    relies on must be there, and those without their margins rather than not. The sample never had more than a part.
    """
    loaded = {item.source.id for item in inputs if item.source.shape == "area" and not item.is_sample}
    needed = catalogue.relied_on()
    refused: list[str] = []
    warned: list[str] = []
    for source in sorted(loaded):
        lacking = [
            read for read in catalogue.read_from(source) if (f"{read.indicator} {read.part}", source) not in filled
        ]
        refused += [
            f"Indicator {read.indicator} reads column {read.wanted} of {source}, but no file of that source has it."
            for read in lacking
            if read.part == "value" and read.indicator in needed
        ]
        without = [f"{r.indicator} ({r.wanted})" for r in lacking if r.part == "value" and r.indicator not in needed]
        unsure = [f"{read.indicator} ({read.wanted})" for read in lacking if read.part != "value"]
        for lost, means in (
            (without, "they have no figures from it"),
            (unsure, "how sure their figures are is not known"),
        ):
            if lost:
                warned.append(f"No file of {source} has what these indicators read, so {means}: {', '.join(lost)}.")
    return refused, warned


def _groups(schema: pa.Schema) -> dict[str, str]:
    """The columns of a file with the titles of the groups that each stands under, as far as the file tells."""
    return {field.name: (field.metadata or {}).get(b"group", b"").decode() for field in schema}


def _finish(
    con: duckdb.DuckDBPyConnection,
    build_id: str,
    at: datetime,
    gemeente: str,
    inputs: list[Input],
    catalogue: Catalogue,
) -> tuple[int, int, int]:
    complete = {i.source for i in catalogue.indicators.values()} <= {item.source.id for item in inputs}
    is_sample = any(item.is_sample for item in inputs)
    con.execute(
        "INSERT INTO mart_build VALUES (?, ?, ?, ?, ?, ?, ?)",
        [build_id, at, gemeente, buurtbeeld.__version__, is_sample, complete, catalogue.fingerprint],
    )
    [(areas, indicators, figures)] = con.execute(
        "SELECT (SELECT count(*) FROM area_now), (SELECT count(*) FROM indicator), (SELECT count(*) FROM mart_figure)"
    ).fetchall()
    return areas, indicators, figures


def _run(con: duckdb.DuckDBPyConnection, name: str) -> None:
    con.execute(_sql(name))


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _keep(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    con.register("given", table)
    con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM given")
    con.unregister("given")


def _stop(problems: list[str]) -> None:
    if problems:
        raise BuildError(problems)
