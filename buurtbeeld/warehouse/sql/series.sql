-- Which series of figures there are, so that nobody has to look through all figures for it: where, when, on the borders
-- of which year, and whether any figure of it has a value.
CREATE TABLE mart_series AS
SELECT
    figure.indicator_id,
    figure.period,
    area.level,
    level.rank,
    max(area.edition)                AS edition,
    bool_or(figure.value IS NOT NULL) AS filled
FROM mart_figure AS figure
JOIN mart_area AS area USING (area_id)
JOIN declared_level AS level ON level.id = area.level
WHERE NOT figure.beside
GROUP BY figure.indicator_id, figure.period, area.level, level.rank
ORDER BY figure.indicator_id, figure.period, level.rank;
