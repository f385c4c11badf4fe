-- Figures made of what sensors measure: of a day, or of a month from its days. Run once per such indicator.
-- Every area of now has a row for each period in which anybody measured, also when nothing of it is believed: where
-- nobody did, or not well enough, it is not_measured. A month needs three quarters of its days, as a day does of its
-- hours. A day that is not over has no figure, a month that isn't is provisional.
INSERT INTO observation BY NAME
WITH area AS (SELECT code, level, edition FROM mart_area WHERE edition = (SELECT max(edition) FROM mart_area)),
-- Of a source of which nothing may be passed on, no figure is made and none names it.
inside AS (
    SELECT reading.source, reading.day, reading.median, reading.status, sensor.is_reference
    FROM reading_day AS reading
    JOIN sensor ON sensor.source = reading.source AND sensor.id = reading.sensor
    JOIN mart_source ON mart_source.id = sensor.source
    WHERE reading.quantity = $quantity AND sensor.code IS NOT NULL AND mart_source.openness <> 'none'
),
-- Of stations there are too few for anything but the whole gemeente.
station AS (SELECT day, median, status FROM inside WHERE is_reference),
of_stations AS (
    SELECT
        area.code,
        day,
        quantile_cont(median, 0.5) FILTER (station.status = 'ok')         AS of_good,
        quantile_cont(median, 0.5) FILTER (station.status = 'unreliable') AS of_doubtful,
        count(*) FILTER (station.status = 'ok')                           AS good,
        count(*) FILTER (station.status = 'unreliable')                   AS doubtful
    FROM station, area
    WHERE area.level = 'gemeente'
    GROUP BY ALL
),
day AS (
    SELECT code, day, median, sensors, status FROM area_day WHERE quantity = $quantity AND NOT $stations
    UNION ALL
    SELECT
        code, day, if(good > 0, of_good, of_doubtful), if(good > 0, good, doubtful),
        CASE WHEN good >= $least THEN 'ok'
             WHEN good + doubtful > 0 THEN 'unreliable' ELSE 'not_measured' END::status
    FROM of_stations WHERE $stations
),
over AS (FROM day WHERE day < $today AND ($grain <> 'day' OR day >= $since)),
measured AS (
    SELECT
        code,
        date_trunc($grain, day)::DATE                          AS period,
        max(day)                                               AS newest,
        count(*) FILTER (status = 'ok')                        AS good,
        count(median)                                          AS any_good,
        quantile_cont(median, 0.5) FILTER (status = 'ok')      AS of_good,
        quantile_cont(median, 0.5)                             AS of_any,
        -- Of how many sensors every day was at least, of the days that the value is of.
        coalesce(min(sensors) FILTER (status = 'ok'), min(sensors) FILTER (median IS NOT NULL)) AS sensors
    FROM over
    GROUP BY ALL
),
period AS (
    SELECT
        period,
        least((period + if($grain = 'day', INTERVAL 1 DAY, INTERVAL 1 MONTH))::DATE, $today) AS until,
        (period + if($grain = 'day', INTERVAL 1 DAY, INTERVAL 1 MONTH))::DATE > $today AS running
    FROM measured
    GROUP BY period
),
judged AS (
    SELECT
        area.code,
        area.edition,
        period.period,
        period.running,
        measured.sensors,
        measured.of_good,
        measured.of_any,
        CASE WHEN coalesce(any_good, 0) = 0 THEN 'not_measured'
             WHEN good >= 0.75 * date_diff('day', period.period, until) THEN 'ok'
             ELSE 'unreliable' END::status AS status
    FROM period
    CROSS JOIN area
    LEFT JOIN measured ON measured.code = area.code AND measured.period = period.period
    WHERE list_contains($levels, area.level)
),
-- What was read: of a quantity all is simulated or nothing is (sensors/switch.py).
behind AS (
    SELECT list(DISTINCT source ORDER BY source) AS sources FROM inside WHERE is_reference = $stations
)
SELECT
    $indicator::indicator_name AS indicator,
    code AS area_code,
    period,
    edition,
    coalesce(list_filter(sources, lambda one: one = $source)[1], sources[1])::source_name AS source,
    status,
    CASE WHEN status = 'ok' THEN round(of_good, $decimals)
         WHEN status = 'unreliable' THEN round(coalesce(of_good, of_any), $decimals) END AS value,
    CASE WHEN status <> 'not_measured' THEN sensors::INTEGER END AS n,
    running AS provisional,
    sources::source_name[] AS sources,
    FALSE AS converted,
    FALSE AS beside
FROM judged, behind
WHERE len(sources) > 0
ORDER BY period, code;
