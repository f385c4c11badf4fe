"""What must hold before a mart is published: each check is one query, and each row it finds is one sentence.

All checks run and every violation is told together, so that a publisher's change is mended once and not ten times. What
is wrong with a source is said in English, to whoever runs the server; what is wrong in the city's own files is read by
its staff, so its words are in `texts`.
"""

from dataclasses import dataclass

import duckdb

from buurtbeeld.catalogue import CityProblem

SHOWN_PER_CHECK = 20  # sentences; a file in the wrong unit breaks every row of it


@dataclass(frozen=True)
class Check:
    """`query` selects what is wrong; its columns fill `sentence`. `stage` says which tables exist by then."""

    stage: str
    query: str
    sentence: str


@dataclass(frozen=True)
class CityCheck:
    """`query` selects which `rows` of `file` are wrong in `column`; its other columns fill `key` of the texts.

    column: empty when it is about the whole row. stage: as of a Check.
    """

    stage: str
    file: str
    column: str
    key: str
    query: str


CHECKS = (
    Check(
        "received",
        """SELECT DISTINCT source, col, text FROM received_value
           WHERE text IS NOT NULL AND coalesce(NOT isfinite(number), true) ORDER BY ALL""",
        "Source {source}, column {col}: {text!r} is not a number.",
    ),
    Check(
        "received",
        """SELECT source, count(*) AS rows FROM received_value
           WHERE area_code IS NULL OR period IS NULL OR coalesce(edition NOT BETWEEN 1900 AND 2200, true)
           GROUP BY source ORDER BY source""",
        "Source {source} has {rows} values without an area_code, a period that is a date or an edition that is a year.",
    ),
    Check(
        "received",
        """SELECT DISTINCT received.source, indicator, period, grain
           FROM received_value AS received JOIN declared_indicator AS declared ON declared.id = indicator
           WHERE date_trunc(grain, period) <> period ORDER BY ALL""",
        "Source {source} gives {indicator} of {period}, which is not the first day of a {grain}.",
    ),
    Check(
        "received",
        """SELECT source, count(*) AS rows, min(area_code) AS code, any_value(gemeente) AS gemeente
           FROM received_value, declared
           WHERE substr(area_code, 3, 4) <> substr(gemeente, 3, 4)
           GROUP BY source ORDER BY source""",
        "Source {source}: {rows} values are of another gemeente than {gemeente}, {code!r} for one.",
    ),
    Check(
        "received",
        """WITH place AS MATERIALIZED (SELECT DISTINCT source, area_code, edition FROM received_value)
           SELECT source, min(area_code) AS code, count(DISTINCT area_code) AS areas FROM place
           WHERE substr(area_code, 3, 4) = (SELECT substr(gemeente, 3, 4) FROM declared)
             AND area_code NOT IN (SELECT code FROM mart_area) AND edition IN (SELECT edition FROM mart_area)
           GROUP BY source ORDER BY source""",
        "Source {source} has figures for {areas} areas that no outline knows, {code} for one. "
        "Load the outlines of that year too: `python -m loaders pdok_areas`.",
    ),
    Check(
        "received",
        """SELECT DISTINCT source, indicator, area_code, period, rows FROM (
               SELECT any_value(place) AS place, area_code, period, count(*) AS rows
               FROM received_cell JOIN (SELECT place, figure FROM received_column) USING (place)
               GROUP BY figure, area_code, period, edition HAVING count(*) > 1
           ) JOIN received_column USING (place) ORDER BY ALL""",
        "Source {source} gives {indicator} of {area_code} in {period} {rows} times.",
    ),
    Check(
        "received",
        """SELECT code, edition, level FROM received_area
           WHERE code IS NULL OR name IS NULL OR coalesce(level NOT IN (SELECT id FROM declared_level), true)
           ORDER BY ALL""",
        "Area {code} ({edition}) has level {level}: it needs a code, a name and a level of levels.toml.",
    ),
    Check(
        "received",
        """SELECT gemeente, coalesce(edition::VARCHAR, 'every year') AS edition,
                  count(*) FILTER (level = 'gemeente') AS found
           FROM declared LEFT JOIN mart_area ON true
           GROUP BY ALL HAVING found <> 1 OR NOT coalesce(bool_or(code = gemeente), false) ORDER BY ALL""",
        "The outlines of {edition} hold {found} gemeenten; expected {gemeente} alone.",
    ),
    Check(
        "received",
        "SELECT code, edition, count(*) AS rows FROM mart_area GROUP BY code, edition HAVING count(*) > 1 ORDER BY ALL",
        "Area {code} stands {rows} times in the outlines of {edition}.",
    ),
    Check(
        "received",
        """SELECT part.code, part.edition, part.parent_code FROM mart_area AS part
           LEFT JOIN (mart_area AS whole JOIN declared_level AS larger ON larger.id = whole.level)
             ON whole.code = part.parent_code AND whole.edition = part.edition
           JOIN declared_level AS own ON own.id = part.level
           WHERE part.level <> 'gemeente' AND coalesce(larger.rank >= own.rank, true) ORDER BY ALL""",
        "Area {code} ({edition}) lies in {parent_code}, which is no larger area in the outlines.",
    ),
    Check(
        "received",
        "SELECT code, edition FROM mart_area WHERE geometry IS NULL ORDER BY ALL",
        "Area {code} ({edition}) has no outline that can be drawn.",
    ),
    Check(
        "received",
        """SELECT code, edition, lon, lat FROM mart_area
           WHERE NOT (lon BETWEEN 3 AND 8 AND lat BETWEEN 50 AND 54) ORDER BY ALL""",
        "Area {code} ({edition}) lies at longitude {lon}, latitude {lat}: not in the Netherlands.",
    ),
    Check(
        "figure",
        """SELECT indicator, code, period, value, status FROM figure
           WHERE (value IS NOT NULL) <> (status IN ('ok', 'unreliable'))
              OR (value IS NULL AND (low IS NOT NULL OR high IS NOT NULL OR n IS NOT NULL)) ORDER BY ALL""",
        "Figure {indicator} of {code} in {period} has value {value} with status {status}.",
    ),
    Check(
        "figure",
        """SELECT indicator, code, period, value FROM figure JOIN indicator ON indicator.id = figure.indicator
           WHERE NOT isfinite(value) OR value <= (SELECT missing_floor FROM declared)
              OR (kind IN ('count', 'rate') AND value < 0) OR (kind = 'share' AND value NOT BETWEEN 0 AND 100)
           ORDER BY ALL""",
        "Figure {indicator} of {code} in {period} is {value}, which can't be.",
    ),
    Check(
        "figure",
        """SELECT indicator, code, period, value, low, high FROM figure
           WHERE (low IS NULL) <> (high IS NULL) OR NOT coalesce(value BETWEEN low AND high, true)
              OR NOT coalesce(isfinite(low) AND isfinite(high), true) ORDER BY ALL""",
        "Figure {indicator} of {code} in {period} is {value}, which is not within {low} to {high}.",
    ),
    # The last word on what is hidden, by way of nothing that decided on it.
    Check(
        "figure",
        """SELECT indicator, code, period, withhold_below::INTEGER AS limit_
           FROM figure JOIN declared_indicator AS declared ON declared.id = indicator
           WHERE value < withhold_below ORDER BY ALL""",
        "Figure {indicator} of {code} in {period} is below {limit_}, so it should have been hidden.",
    ),
    Check(
        "figure",
        """SELECT indicator, code, period FROM figure
           GROUP BY indicator, code, period, converted HAVING count(*) > 1 ORDER BY ALL""",
        "Figure {indicator} of {code} in {period} stands more than once.",
    ),
)

_GOAL = "received_targets AS received JOIN declared_indicator AS declared ON declared.id = indicator"
_WITHOUT_AREA = """
    SELECT [row] AS rows, code_text AS cell, gemeente,
           (SELECT list(DISTINCT area.code ORDER BY area.code) FROM area WHERE lower(name) = lower(code_text)) AS codes
    FROM received_{file}, declared WHERE received_{file}.code NOT IN (SELECT code FROM area)"""

CITY_CHECKS = (
    CityCheck(
        "city",
        "targets.csv",
        "indicator",
        "city.indicator",
        """WITH called AS (SELECT id, unnest([id, title_nl, title_en] || synonyms) AS name FROM declared_indicator)
           SELECT [row] AS rows, indicator AS cell,
                  (SELECT arg_max(id, jaro_winkler_similarity(lower(name), received.indicator)) FROM called) AS near
           FROM received_targets AS received
           WHERE indicator NOT IN (SELECT id FROM declared_indicator)""",
    ),
    *(
        CityCheck(
            "city", f"{file}.csv", "code", key, f"FROM ({_WITHOUT_AREA.format(file=file)}) WHERE codes IS {which}"
        )
        for file in ("targets", "measures")
        for key, which in (("city.code", "NULL"), ("city.code.name", "NOT NULL"))
    ),
    CityCheck(
        "city",
        "targets.csv",
        "",
        "city.goal.twice",
        """SELECT list(row ORDER BY row) AS rows, indicator, code, year FROM received_targets
           WHERE indicator IS NOT NULL AND code IS NOT NULL AND year IS NOT NULL
           GROUP BY indicator, code, year HAVING count(*) > 1""",
    ),
    CityCheck(
        "city",
        "measures.csv",
        "",
        "city.measure.twice",
        """SELECT list(row ORDER BY row) AS rows FROM received_measures
           WHERE code IS NOT NULL AND "from" IS NOT NULL AND title IS NOT NULL
           GROUP BY code, "from", title HAVING count(*) > 1""",
    ),
    CityCheck(
        "city",
        "measures.csv",
        "to",
        "city.order",
        """SELECT [row] AS rows, to_text AS cell, from_text AS begin FROM received_measures WHERE "from" > "to" """,
    ),
    CityCheck(
        "city",
        "targets.csv",
        "value",
        "city.percentage",
        f"""SELECT [row] AS rows, value_text AS cell, unit FROM {_GOAL}
            WHERE ends_with(value_text, '%') AND unit <> 'percent'""",
    ),
    CityCheck(
        "city",
        "targets.csv",
        "value",
        "city.fraction",
        f"""SELECT [row] AS rows, value_text AS cell, value_text || '%' AS little FROM {_GOAL}
            WHERE kind = 'share' AND value > 0 AND value < 1 AND NOT ends_with(value_text, '%')""",
    ),
    CityCheck(
        "city",
        "targets.csv",
        "value",
        "city.share",
        f"""SELECT [row] AS rows, value_text AS cell FROM {_GOAL}
            WHERE kind = 'share' AND value NOT BETWEEN 0 AND 100""",
    ),
    CityCheck(
        "city",
        "targets.csv",
        "value",
        "city.count",
        f"""SELECT [row] AS rows, value_text AS cell FROM {_GOAL}
            WHERE kind = 'count' AND (value < 0 OR value <> floor(value))""",
    ),
    CityCheck(
        "city",
        "targets.csv",
        "value",
        "city.rate",
        f"SELECT [row] AS rows, value_text AS cell FROM {_GOAL} WHERE kind = 'rate' AND value < 0",
    ),
    CityCheck(
        "city",
        "targets.csv",
        "indicator",
        "city.class",
        f"SELECT [row] AS rows, indicator FROM {_GOAL} WHERE kind = 'class'",
    ),
    CityCheck(
        "city",
        "subwijken.csv",
        "code",
        "city.subwijk.code",
        """SELECT [row] AS rows, code_text AS cell, 'SW' || substr(gemeente, 3) AS head
           FROM received_subwijken, declared
           WHERE NOT regexp_full_match(code, 'SW' || substr(gemeente, 3) || '[0-9A-Z]{1,4}')""",
    ),
    CityCheck(
        "city",
        "subwijken.csv",
        "buurt",
        "city.subwijk.buurt",
        """SELECT [row] AS rows, buurt_text AS cell, gemeente FROM received_subwijken, declared
           WHERE buurt NOT IN (SELECT code FROM area_now WHERE level = 'buurt')""",
    ),
    CityCheck(
        "city",
        "subwijken.csv",
        "",
        "city.subwijk.twice",
        """SELECT list(row ORDER BY row) AS rows, buurt AS cell FROM received_subwijken
           WHERE buurt IS NOT NULL GROUP BY buurt HAVING count(*) > 1""",
    ),
    CityCheck(
        "city",
        "subwijken.csv",
        "",
        "city.subwijk.names",
        """SELECT list(row ORDER BY row) AS rows, code AS cell, list(DISTINCT name ORDER BY name) AS codes
           FROM received_subwijken WHERE code IS NOT NULL AND name IS NOT NULL
           GROUP BY code HAVING count(DISTINCT name) > 1""",
    ),
    CityCheck(
        "goal",
        "targets.csv",
        "code",
        "city.level",
        """SELECT [row] AS rows, indicator, any_value(area.level) AS level,
                  (SELECT list(DISTINCT level ORDER BY level) FROM figure
                   WHERE figure.indicator = received.indicator) AS levels
           FROM received_targets AS received JOIN area USING (code)
           WHERE EXISTS (FROM figure WHERE figure.indicator = received.indicator)
           GROUP BY row, indicator, received.code
           HAVING NOT EXISTS (FROM figure WHERE figure.indicator = received.indicator AND figure.code = received.code)
           """,
    ),
    CityCheck(
        "goal",
        "targets.csv",
        "value",
        "city.far",
        # Other areas of its kind say what a figure can be. Of a count they differ too much to notice the number of one
        # area at another: there the area's own figures say how far it may be from those.
        """WITH near AS (
               SELECT row, value_text, received.value AS goal, figure.indicator, figure.level, figure.unit, kind,
                      min(figure.value) AS low, max(figure.value) AS high,
                      min(figure.value) FILTER (figure.value > 0) AS least,
                      min(figure.value) FILTER (figure.value > 0 AND figure.code = received.code) AS own_least,
                      max(figure.value) FILTER (figure.code = received.code) AS own_high
               FROM received_targets AS received
               JOIN (SELECT DISTINCT code, level FROM area) AS place USING (code)
               JOIN figure ON figure.indicator = received.indicator AND figure.level = place.level
               JOIN declared_indicator AS declared ON declared.id = figure.indicator
               GROUP BY ALL
           )
           SELECT [row] AS rows, value_text AS cell, indicator, level, unit, low, high FROM near
           WHERE (goal < 0 AND low >= 0)
              OR goal > CASE kind WHEN 'count' THEN greatest(high, 10 * own_high) ELSE 100 * high END
              OR (goal > 0 AND goal < CASE kind WHEN 'count' THEN least(least, own_least / 10) ELSE least / 100 END)
           """,
    ),
)
"""What the city wrote itself, held against itself and the rest of the mart."""


def violations(con: duckdb.DuckDBPyConnection, stage: str) -> list[str]:
    """Every violation of the checks of `stage`, one sentence each; empty when all is well."""
    sentences = []
    for check in CHECKS:
        if check.stage != stage:
            continue
        result = con.execute(check.query)
        names = [name for name, *_ in result.description or ()]
        found = result.fetchall()
        sentences += [check.sentence.format(**dict(zip(names, row, strict=True))) for row in found[:SHOWN_PER_CHECK]]
        if len(found) > SHOWN_PER_CHECK:
            sentences.append(f"… and {len(found) - SHOWN_PER_CHECK} more of the same kind.")
    return sentences


def left_out(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Takes out figures of areas that are in no outline, of years without outlines; says so, a sentence per source.

    Of such a year nobody can say where an area was that is there no more. Its other figures count.
    """
    told = con.execute(
        """WITH place AS MATERIALIZED (SELECT DISTINCT source, area_code, edition FROM received_value)
           SELECT source, count(DISTINCT area_code) AS areas, min(edition) AS first, max(edition) AS last
           FROM place WHERE area_code NOT IN (SELECT code FROM mart_area) GROUP BY source ORDER BY source"""
    ).fetchall()
    if told:
        con.execute("DELETE FROM received_cell WHERE area_code NOT IN (SELECT code FROM mart_area)")
    return [
        f"Figures of {areas} areas of {source}, from editions {first} to {last}, are left out: there are no outlines "
        "of those years, and later outlines do not know these areas."
        for source, areas, first, last in told
    ]


def city_violations(con: duckdb.DuckDBPyConnection, stage: str) -> list[CityProblem]:
    """The same for the city's own files."""
    problems = []
    for check in CITY_CHECKS:
        if check.stage == stage:
            result = con.execute(check.query)
            names = [name for name, *_ in result.description or ()]
            for row in result.fetchall():
                values = dict(zip(names, row, strict=True))
                problems.append(CityProblem(check.file, check.key, values, tuple(values.pop("rows")), check.column))
    return problems
