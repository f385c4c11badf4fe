-- What was received, one row per indicator, area and period, in the catalogue's unit, with a status for what is not there.
CREATE TABLE observation AS
WITH received AS (SELECT * FROM received_value),
-- The same figure from two sources: the indicator's own source wins.
one_each AS (
    SELECT * FROM received
    QUALIFY row_number() OVER (PARTITION BY indicator, area_code, period ORDER BY priority, edition DESC) = 1
),
known AS (
    SELECT
        one_each.*,
        CASE WHEN number IS NULL THEN 'reason_unknown'
             WHEN number <= (SELECT missing_floor FROM declared) THEN coalesce(code.status, 'reason_unknown')
             ELSE 'ok' END::status AS status
    FROM one_each
    LEFT JOIN declared_missing_code AS code ON code.code = one_each.number
)
SELECT
    indicator,
    area_code,
    period,
    edition,
    source,
    status,
    -- the scale is a power of ten; rounding takes away what binary multiplication adds
    CASE WHEN status = 'ok' THEN round(number * scale, 6) END AS value,
    [source] AS sources
FROM known;
