-- What to mind, by key; code and period are NULL where it holds for all.
CREATE TABLE caveat AS
SELECT declared.indicator, NULL::VARCHAR AS code, NULL::DATE AS period, declared.key
FROM declared_caveat AS declared
JOIN mart_indicator AS indicator ON indicator.id = declared.indicator
ORDER BY ALL;
