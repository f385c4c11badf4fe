-- Every figure: per indicator, period and level one row for every area of that level, so that nothing is dropped.
-- Beside these stand figures of older editions that were converted to the newest borders, of areas that changed since.
-- In (indicator, period, area) order, with integer keys and no index: measured, the fastest and the smallest.
CREATE TABLE mart_figure AS
WITH observed AS (
    SELECT
        observation.*, indicator.indicator_id, source.source_id, area.level,
        -- A figure of our own making is sample or simulated when anything in it is.
        list_has_any(sources, (SELECT list(id) FROM mart_source WHERE mart_source.is_sample)) AS is_sample,
        list_has_any(sources, (SELECT list(id) FROM mart_source WHERE mart_source.is_simulated)) AS is_simulated
    FROM observation
    JOIN mart_indicator AS indicator ON indicator.id = observation.indicator
    JOIN mart_source AS source ON source.id = observation.source
    JOIN (SELECT DISTINCT code, level FROM mart_area) AS area ON area.code = observation.area_code
),
-- One series is published on one division at a time: the newest it came with, or the newest outlines we have.
series AS (
    SELECT
        observed.indicator_id, observed.period, observed.level, max(observed.edition) AS edition,
        min(observed.source_id) AS source_id, bool_or(is_sample) AS is_sample, bool_or(is_simulated) AS is_simulated,
        coalesce(max(area.edition) FILTER (area.edition = observed.edition), max(area.edition)) AS drawn_edition
    FROM observed
    JOIN mart_area AS area ON area.code = observed.area_code
    WHERE NOT beside
    GROUP BY ALL
),
received AS (SELECT * FROM observed WHERE NOT beside),
-- On the borders of now, beside what was received. Where that fails, an area that was there keeps what it had then.
moved AS (
    SELECT observed.*, area.area_id
    FROM observed
    JOIN mart_area AS area
      ON area.code = observed.area_code AND area.edition = (SELECT max(edition) FROM mart_area)
    LEFT JOIN (series JOIN mart_area AS older ON older.level = series.level AND older.edition = series.drawn_edition)
      ON series.indicator_id = observed.indicator_id AND series.period = observed.period AND older.code = area.code
    WHERE observed.beside AND (observed.value IS NOT NULL OR older.code IS NULL)
)
SELECT
    series.indicator_id,
    series.period,
    area.area_id,
    observed.value,
    observed.low,
    observed.high,
    observed.n,
    coalesce(observed.status, 'reason_unknown')::status AS status,
    coalesce(observed.provisional, FALSE) AS provisional,
    coalesce(observed.edition, series.edition)::SMALLINT AS edition,
    coalesce(observed.converted, FALSE) AS converted,
    FALSE AS beside,
    coalesce(observed.source_id, series.source_id) AS source_id,
    coalesce(observed.is_sample, series.is_sample, FALSE) AS is_sample,
    coalesce(observed.is_simulated, series.is_simulated, FALSE) AS is_simulated
FROM series
JOIN mart_area AS area ON area.level = series.level AND area.edition = series.drawn_edition
LEFT JOIN received AS observed
  ON observed.indicator_id = series.indicator_id AND observed.period = series.period AND observed.area_code = area.code
UNION ALL
SELECT
    indicator_id, period, area_id, value, low, high, n, status, provisional, edition::SMALLINT, TRUE, TRUE, source_id,
    coalesce(is_sample, FALSE), coalesce(is_simulated, FALSE)
FROM moved
ORDER BY indicator_id, period, area_id;

CREATE VIEW figure AS
SELECT
    area.code, area.name, area.level,
    indicator.id AS indicator,
    figure.period,
    indicator.grain,
    figure.value, figure.low, figure.high, figure.n,
    indicator.unit,
    figure.status::VARCHAR AS status,
    figure.provisional, figure.edition, figure.converted,
    source.id AS source,
    figure.is_sample, figure.is_simulated
FROM mart_figure AS figure
JOIN mart_area AS area USING (area_id)
JOIN mart_indicator AS indicator USING (indicator_id)
JOIN mart_source AS source USING (source_id);
