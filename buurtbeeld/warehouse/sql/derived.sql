-- One figure of our own making: numerator / denominator x factor, both of the same area and the same period.
-- Run once per derived indicator, each after those it is made from.
INSERT INTO observation
WITH part AS (
    SELECT
        declared.id AS indicator,
        declared.factor,
        declared.decimals,
        declared.min_denominator,
        above.area_code,
        above.period,
        above.edition,
        above.source,
        list_distinct(above.sources || below.sources) AS sources,
        above.status AS above_status,
        above.value  AS above_value,
        below.status AS below_status,
        below.value  AS below_value
    FROM declared_indicator AS declared
    JOIN observation AS above ON above.indicator = declared.numerator
    JOIN observation AS below
      ON below.indicator = declared.denominator AND below.area_code = above.area_code AND below.period = above.period
    WHERE declared.id = $indicator
),
judged AS (
    SELECT
        *,
        CASE WHEN below_status <> 'ok' THEN below_status
             WHEN below_value = 0 THEN 'not_applicable'
             WHEN below_value < min_denominator THEN 'too_few'
             ELSE above_status END::status AS status
    FROM part
)
SELECT
    indicator,
    area_code,
    period,
    edition,
    source,
    status,
    CASE WHEN status = 'ok' THEN round(above_value / below_value * factor, decimals) END AS value,
    sources
FROM judged;
