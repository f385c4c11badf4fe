-- Figures that were read of too few people or homes; those of our own making are judged when they are made.
-- What they are counted by is of the same period, or else of the nearest that has a number: of older years the number of
-- residents per buurt is often not published. Where there is no number at all, its reason is that of the figure too: a
-- rule of ours that can't be tested was not kept. What the publisher gave by its own rule stays, as unreliable: it knows
-- the number before it was rounded.
UPDATE observation
SET status = judged.status,
    value  = CASE WHEN shown THEN value END,
    low    = CASE WHEN shown THEN low END,
    high   = CASE WHEN shown THEN high END,
    n      = CASE WHEN shown THEN n END
FROM (
    WITH figure AS (
        SELECT observation.rowid AS place, area_code, period, counted_by, least, kept_below
        FROM observation JOIN declared_indicator AS declared ON declared.id = indicator
        WHERE status = 'ok' AND counted_by IS NOT NULL AND numerator IS NULL
    ),
    -- Sought once for all figures that are counted by the same.
    counted AS (
        SELECT asked.counted_by, asked.area_code, asked.period, counted.value, counted.status
        FROM (SELECT DISTINCT counted_by, area_code, period FROM figure) AS asked
        LEFT JOIN observation AS counted
          ON counted.indicator = asked.counted_by AND counted.area_code = asked.area_code
        QUALIFY row_number() OVER (
            PARTITION BY asked.counted_by, asked.area_code, asked.period
            ORDER BY counted.period = asked.period DESC, counted.value IS NULL,
                     abs(date_diff('day', asked.period, counted.period)), counted.period
        ) = 1
    ),
    compared AS (
        SELECT
            place,
            CASE WHEN value IS NULL AND kept_below THEN 'ok'
                 WHEN value IS NULL THEN coalesce(status, 'reason_unknown')
                 WHEN value >= least THEN 'ok'
                 WHEN kept_below THEN 'unreliable'
                 WHEN value = 0 THEN 'not_applicable'
                 ELSE 'too_few' END::status AS status
        FROM figure JOIN counted USING (counted_by, area_code, period)
    )
    SELECT place, status, status IN ('ok', 'unreliable') AS shown FROM compared
) AS judged
WHERE observation.rowid = judged.place AND judged.status <> 'ok';
