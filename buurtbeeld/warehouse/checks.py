"""What must hold before a mart is published: each check is one query, and each row it finds is one sentence.

All checks run and every violation is told together, so that a publisher's change is mended once and not ten times.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from buurtbeeld.catalogue import CITY_FILES

SHOWN_PER_CHECK = 20  # sentences; a file in the wrong unit breaks every row of it


@dataclass(frozen=True)
class Check:
    """`query` selects what is wrong; its columns fill `sentence`. `stage` says which tables exist by then."""

    stage: str
    query: str
    sentence: str


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
        """SELECT source, min(area_code) AS code, count(DISTINCT area_code) AS areas FROM received_value
           WHERE substr(area_code, 3, 4) = (SELECT substr(gemeente, 3, 4) FROM declared)
             AND area_code NOT IN (SELECT code FROM mart_area)
           GROUP BY source ORDER BY source""",
        "Source {source} has figures for {areas} areas that no outline knows, {code} for one. "
        "Load the outlines of that year too: `python -m loaders pdok_areas`.",
    ),
    Check(
        "received",
        """SELECT DISTINCT source, indicator, area_code, period, count(*) AS rows FROM received_value
           GROUP BY source, indicator, area_code, period, edition, priority, part HAVING count(*) > 1 ORDER BY ALL""",
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
        "SELECT indicator, code, period FROM figure GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL",
        "Figure {indicator} of {code} in {period} stands more than once.",
    ),
    # What the city wrote itself: read by its staff, so the cell is named as a spreadsheet does.
    Check(
        "city",
        """WITH called AS (SELECT id, unnest([id, title_nl, title_en] || synonyms) AS name FROM declared_indicator)
           SELECT row, indicator,
                  (SELECT arg_max(id, jaro_winkler_similarity(lower(name), received.indicator)) FROM called) AS near
           FROM received_targets AS received
           WHERE indicator NOT IN (SELECT id FROM declared_indicator) ORDER BY row""",
        "city/targets.csv, row {row}, indicator: there is no {indicator!r}; {near!r} is nearest. "
        "The names are those of /api/v1/indicators, column id.",
    ),
    Check(
        "city",
        """SELECT file, row, code_text, gemeente,
                  coalesce((SELECT string_agg(DISTINCT area.code || ' is ' || name || '. ', '') FROM area
                            WHERE lower(name) = lower(code_text)), '') AS called
           FROM (SELECT 'targets' AS file, row, code, code_text FROM received_targets
                 UNION ALL SELECT 'measures', row, code, code_text FROM received_measures) AS received, declared
           WHERE received.code NOT IN (SELECT code FROM area) ORDER BY ALL""",
        "city/{file}.csv, row {row}, code: {gemeente} has no area {code_text!r}. {called}The codes are those of "
        "/api/v1/areas; {gemeente} itself is the whole city.",
    ),
    Check(
        "city",
        """SELECT string_agg(row, ' and ' ORDER BY row) AS rows, indicator, code, year FROM received_targets
           WHERE indicator IS NOT NULL AND code IS NOT NULL AND year IS NOT NULL
           GROUP BY indicator, code, year HAVING count(*) > 1 ORDER BY min(row)""",
        "city/targets.csv, rows {rows}: each holds a goal for {indicator} of {code} in {year}. Keep one.",
    ),
    Check(
        "city",
        """SELECT string_agg(row, ' and ' ORDER BY row) AS rows FROM received_measures
           WHERE code IS NOT NULL AND "from" IS NOT NULL AND title IS NOT NULL
           GROUP BY code, "from", title HAVING count(*) > 1 ORDER BY min(row)""",
        "city/measures.csv, rows {rows}: they are the same. Keep one.",
    ),
    Check(
        "city",
        """SELECT row, to_text, from_text FROM received_measures WHERE "from" > "to" ORDER BY row""",
        "city/measures.csv, row {row}, to: {to_text!r} is before {from_text!r}.",
    ),
    Check(
        "city",
        """SELECT row, value_text, unit
           FROM received_targets JOIN declared_indicator AS declared ON declared.id = indicator
           WHERE ends_with(value_text, '%') AND unit <> 'percent' ORDER BY row""",
        "city/targets.csv, row {row}, value: {value_text!r} is a percentage, but the indicator is in {unit}.",
    ),
    Check(
        "city",
        """SELECT row, value_text FROM received_targets JOIN declared_indicator AS declared ON declared.id = indicator
           WHERE kind = 'share' AND value > 0 AND value < 1 AND NOT ends_with(value_text, '%') ORDER BY row""",
        "city/targets.csv, row {row}, value: {value_text!r} is less than one percent. Write 20 or 20% for a fifth, and "
        "{value_text}% if it is really that little.",
    ),
    Check(
        "city",
        """SELECT row, value_text, kind
           FROM received_targets JOIN declared_indicator AS declared ON declared.id = indicator
           WHERE (kind = 'share' AND value NOT BETWEEN 0 AND 100) OR (kind IN ('count', 'rate') AND value < 0)
              OR (kind = 'count' AND value <> floor(value)) ORDER BY row""",
        "city/targets.csv, row {row}, value: a {kind} can't be {value_text!r}.",
    ),
    Check(
        "city",
        """SELECT row, indicator FROM received_targets JOIN declared_indicator AS declared ON declared.id = indicator
           WHERE kind = 'class' ORDER BY row""",
        "city/targets.csv, row {row}, indicator: {indicator} says which class an area is in, and there is no distance "
        "between classes. Take a figure that is a number.",
    ),
    Check(
        "goal",
        """SELECT row, indicator, any_value(area.level) AS level,
                  (SELECT string_agg(DISTINCT level, ', ' ORDER BY level) FROM figure
                   WHERE figure.indicator = received.indicator) AS held
           FROM received_targets AS received JOIN area USING (code)
           WHERE EXISTS (FROM figure WHERE figure.indicator = received.indicator)
           GROUP BY row, indicator, received.code
           HAVING NOT EXISTS (FROM figure WHERE figure.indicator = received.indicator AND figure.code = received.code)
           ORDER BY row""",
        "city/targets.csv, row {row}, code: there are no figures of {indicator} for a {level}, so nobody could see "
        "whether the goal is reached. There are for: {held}.",
    ),
    Check(
        "goal",
        """SELECT row, value_text, figure.indicator, unit, min(figure.value) AS low, max(figure.value) AS high
           FROM received_targets AS received JOIN figure USING (indicator)
           GROUP BY row, value_text, received.value, figure.indicator, unit
           HAVING received.value > 100 * high OR (received.value < 0 AND low >= 0)
               OR (received.value > 0 AND received.value < min(figure.value) FILTER (figure.value > 0) / 100)
           ORDER BY row""",
        "city/targets.csv, row {row}, value: {value_text!r} is far from every figure of {indicator}, which go from "
        "{low:.9g} to {high:.9g}. It is to be in the same unit: {unit}.",
    ),
)


def in_order(sentences: Sequence[str]) -> list[str]:
    """Sentences on the city's own files by file and row, as somebody works through them; what has no row comes last."""
    return sorted(sentences, key=_place)


def _place(sentence: str) -> tuple[int, int]:
    found = re.match(r"city/(?P<file>\w+)\.csv(?:, rows? (?P<row>[0-9]+))?", sentence)
    if not found:
        return len(CITY_FILES), 0
    file = f"{found['file']}.csv"
    return CITY_FILES.index(file) if file in CITY_FILES else len(CITY_FILES), int(found["row"] or 10**9)


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
