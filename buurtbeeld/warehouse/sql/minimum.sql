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
    SELECT place, status, status IN ('ok', 'unreliable') AS shown
    FROM (
        SELECT
            figure.rowid AS place,
            CASE WHEN counted.value IS NULL AND declared.kept_below THEN 'ok'
                 WHEN counted.value IS NULL THEN coalesce(counted.status, 'reason_unknown')
                 WHEN counted.value >= declared.least THEN 'ok'
                 WHEN declared.kept_below THEN 'unreliable'
                 WHEN counted.value = 0 THEN 'not_applicable'
                 ELSE 'too_few' END::status AS status
        FROM observation AS figure
        JOIN declared_indicator AS declared ON declared.id = figure.indicator
        LEFT JOIN observation AS counted
          ON counted.indicator = declared.counted_by AND counted.area_code = figure.area_code
        WHERE figure.status = 'ok' AND declared.counted_by IS NOT NULL AND declared.numerator IS NULL
        QUALIFY row_number() OVER (
            PARTITION BY figure.rowid
            ORDER BY counted.period = figure.period DESC, counted.value IS NULL,
                     abs(date_diff('day', figure.period, counted.period)), counted.period
        ) = 1
    )
) AS judged
WHERE observation.rowid = judged.place AND judged.status <> 'ok';
