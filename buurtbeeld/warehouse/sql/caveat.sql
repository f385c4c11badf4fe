-- What to mind, by key; code and period are NULL where it holds for all.
CREATE TABLE caveat AS
SELECT declared.indicator, NULL::VARCHAR AS code, NULL::DATE AS period, declared.key
FROM declared_caveat AS declared
JOIN mart_indicator AS indicator ON indicator.id = declared.indicator
LEFT JOIN mart_source AS source ON source.id = indicator.source
WHERE declared.times_city IS NULL AND (NOT declared.of_sample OR source.is_sample)
UNION ALL
-- For the areas only that are so far above the gemeente.
SELECT declared.indicator, figure.code, figure.period, declared.key
FROM declared_caveat AS declared
JOIN figure ON figure.indicator = declared.indicator
JOIN figure AS city ON city.indicator = figure.indicator AND city.period = figure.period AND city.level = 'gemeente'
WHERE figure.value > declared.times_city * city.value
UNION
-- For the areas of which that figure was converted to the borders of now, or could not be.
SELECT indicator, code, period, 'border_changed' FROM figure WHERE converted
ORDER BY ALL;
