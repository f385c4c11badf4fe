-- What each figure means; only indicators that have at least one figure.
CREATE TABLE mart_indicator AS
WITH shown AS (
    SELECT DISTINCT observation.indicator, area.level
    FROM observation
    JOIN mart_area AS area ON area.code = observation.area_code
    WHERE observation.status IN ('ok', 'unreliable')
),
held AS (
    SELECT shown.indicator, string_agg(shown.level, ',' ORDER BY level.rank) AS levels
    FROM shown
    JOIN declared_level AS level ON level.id = shown.level
    GROUP BY shown.indicator
)
SELECT
    (row_number() OVER (ORDER BY declared.position))::USMALLINT AS indicator_id,
    declared.id,
    declared.theme,
    declared.kind,
    declared.unit,
    declared.decimals::TINYINT AS decimals,
    declared.direction,
    declared.grain,
    declared.method,
    held.levels,
    declared.source,
    declared.title_nl,
    declared.title_en,
    declared.description_nl,
    declared.description_en
FROM declared_indicator AS declared
JOIN held ON held.indicator = declared.id
ORDER BY indicator_id;

CREATE VIEW indicator AS
SELECT id, theme, kind, unit, decimals, direction, grain, method, levels, source, title_nl, title_en, description_nl,
       description_en
FROM mart_indicator;
