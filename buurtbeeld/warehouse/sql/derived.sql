-- One figure of our own making: numerator / denominator x factor, both of the same area, on the same borders, and of the
-- same period. Run once per derived indicator, each after those it is made from.
INSERT INTO observation
-- Materialized, or DuckDB joins every figure of an area with every other before it looks which of them belong together.
WITH above AS MATERIALIZED (
    SELECT id, kind, factor, decimals, least, widest, observation.*
    FROM declared_indicator, observation
    WHERE id = $indicator AND indicator = $numerator::indicator_name
),
below AS MATERIALIZED (FROM observation WHERE indicator = $denominator::indicator_name),
part AS (
    SELECT
        above.id AS indicator,
        above.kind,
        above.factor,
        above.decimals,
        above.least,
        above.widest,
        above.area_code,
        above.period,
        above.edition,
        above.source,
        above.converted OR below.converted AS converted,
        above.beside,
        above.provisional OR below.provisional AS provisional,
        list_distinct(above.sources || below.sources) AS sources,
        above.status AS above_status,
        above.value  AS above_value,
        -- what a conversion leaves open counts, also where the figure itself has no margin
        if(above.converted OR below.converted, coalesce(above.low, above.value), above.low)   AS above_low,
        if(above.converted OR below.converted, coalesce(above.high, above.value), above.high) AS above_high,
        below.status AS below_status,
        below.value  AS below_value,
        coalesce(below.low, below.value)  AS below_low,
        coalesce(below.high, below.value) AS below_high
    FROM above
    JOIN below ON below.area_code = above.area_code AND below.period = above.period
    WHERE below.beside = above.beside
    -- A part that was published on the borders of now goes with one that was converted to them.
       OR if(below.beside, above.edition, below.edition) = (SELECT max(edition) FROM mart_area)
    QUALIFY row_number() OVER (
        PARTITION BY above.id, above.area_code, above.period, above.beside ORDER BY (below.beside, below.converted) DESC
    ) = 1
),
-- The lowest is the lowest above over the highest below; rounded outwards, so that no digit narrows it.
sized AS (
    SELECT
        *,
        above_value / nullif(below_value, 0) * factor AS exact,
        floor(above_low / nullif(below_high, 0) * factor * 10 ** decimals + 1e-9) / 10 ** decimals AS low,
        ceil(above_high / nullif(below_low, 0) * factor * 10 ** decimals - 1e-9) / 10 ** decimals  AS high
    FROM part
),
judged AS (
    SELECT
        *,
        CASE WHEN below_status NOT IN ('ok', 'unreliable') THEN below_status
             WHEN below_value = 0 THEN 'not_applicable'
             WHEN below_value < least THEN 'too_few'
             WHEN above_status = 'ok' AND high - low > if(converted, 1, widest) * exact THEN 'unreliable'
             ELSE above_status END::status AS status
    FROM sized
)
SELECT
    indicator,
    area_code,
    period,
    edition,
    source,
    status,
    CASE WHEN shown THEN round(if(whole, least(exact, 100), exact), decimals) END AS value,
    CASE WHEN shown AND high IS NOT NULL THEN low END AS low,
    CASE WHEN shown AND low IS NOT NULL THEN if(whole, least(high, 100), high) END AS high,
    CASE WHEN shown AND kind IN ('share', 'rate') THEN below_value::INTEGER END AS n,
    provisional,
    sources,
    converted,
    beside
FROM (
    SELECT
        *,
        status IN ('ok', 'unreliable') AS shown,
        -- A share is no more than all. Of parts that are rounded each by itself 105 of 100 may come out: that is all.
        kind = 'share' AND (exact <= 100 OR coalesce(low <= 100, false)) AS whole
    FROM judged
);
