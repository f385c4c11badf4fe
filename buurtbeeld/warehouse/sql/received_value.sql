-- The values of one file, a row per figure, area and period: as text as it was received, and as a number where it is one.
-- The signs are what publishers put where there is no number; none of them is a zero.
-- `file` has the key columns and, for each figure the catalogue asks of it, a column c0, c1, … that `asked` explains.
INSERT INTO received_value
WITH wide AS (
    SELECT
        trim(area_code::VARCHAR)              AS area_code,
        try_cast(period::VARCHAR AS DATE)     AS period,
        try_cast(edition::VARCHAR AS INTEGER) AS edition,
        coalesce(try_cast(provisional::VARCHAR AS BOOLEAN), false) AS provisional,
        COLUMNS('^c[0-9]+$')::VARCHAR
    FROM file
),
long AS (
    SELECT area_code, period, edition, provisional, slot, CASE WHEN trim(received) NOT IN ('', '.', '-', '?', 'x') THEN trim(received) END AS text
    FROM wide UNPIVOT INCLUDE NULLS (received FOR slot IN (COLUMNS('^c[0-9]+$')))
)
SELECT
    asked.indicator,
    asked.source,
    asked.priority,
    asked.part,
    long.area_code,
    long.period,
    long.edition,
    long.provisional,
    asked.scale,
    asked.col,
    long.text,
    try_cast(long.text AS DOUBLE) AS number
FROM long
JOIN asked USING (slot);
