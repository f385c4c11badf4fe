-- The values of one file, a row per column, area and period: as a number, or as text where it is none.
-- The signs are what publishers put where there is no number; none of them is a zero.
-- `file` has the key columns and, for each figure the catalogue asks of it, a column c0, c1, … that `asked` explains.
INSERT INTO received_cell
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
    SELECT
        area_code, period, edition, provisional, slot,
        CASE WHEN trim(received) NOT IN ('', '.', '-', '?', 'x') THEN trim(received) END AS text
    FROM wide UNPIVOT INCLUDE NULLS (received FOR slot IN (COLUMNS('^c[0-9]+$')))
)
SELECT place, area_code, period, edition, provisional, if(isfinite(number), NULL, text) AS text, number
FROM (SELECT asked.place, long.*, try_cast(long.text AS DOUBLE) AS number FROM long JOIN asked USING (slot));
