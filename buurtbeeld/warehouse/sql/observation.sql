-- What was received, one row per indicator, area and period, in the catalogue's unit, with a status for what is not there.
-- Temporary, since it holds what is to be hidden: no block of the mart's file may keep it, not even a freed one.
CREATE TEMP TABLE observation AS
WITH received AS (SELECT * FROM received_value WHERE part = 'value'),
-- What the publisher says of how sure it is, beside the value itself.
beside AS (SELECT * FROM received_value WHERE part <> 'value'),
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
),
margin AS (
    SELECT
        indicator, source, area_code, period, edition,
        any_value(number) FILTER (part = 'low')  AS low,
        any_value(number) FILTER (part = 'high') AS high,
        any_value(number) FILTER (part = 'n')    AS n
    FROM beside WHERE number > (SELECT missing_floor FROM declared)
    GROUP BY ALL
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
    CASE WHEN status = 'ok' THEN round(low * scale, 6) END AS low,
    CASE WHEN status = 'ok' THEN round(high * scale, 6) END AS high,
    CASE WHEN status = 'ok' THEN n::INTEGER END AS n,
    provisional,
    [source] AS sources,
    FALSE AS converted,  -- to the borders of another edition than it, or a part of it, was published for
    FALSE AS beside      -- and so beside a row on those that it was published for
FROM known
LEFT JOIN margin USING (indicator, source, area_code, period, edition);
