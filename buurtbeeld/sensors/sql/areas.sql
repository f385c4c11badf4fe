-- A local day: what its sensors measured per hour and as a whole, and the areas that they stand in, from the hours of all
-- sources on two days of UTC. What needs the hours before and after, other sensors or the whole day is decided here.
--
-- Before it: views `hour_made` (those of hours.sql, with source and is_simulated) and `received_sensor` (source, sensor,
-- kind, code), tables `kind_quantity` (kind, quantity, is_reference), `rule` (per quantity) and `clock` (hour, local_hour),
-- all of rules.py; variables day, look_back, enough, drift_hours, drift_others, humidity.
CREATE TEMP TABLE sensor AS
SELECT source, sensor, min(kind) AS kind
FROM received_sensor
GROUP BY ALL;

CREATE TEMP TABLE sensor_area AS
SELECT DISTINCT source, sensor, code
FROM received_sensor
WHERE code IS NOT NULL;

CREATE TEMP TABLE seen AS
SELECT made.*, kind_quantity.is_reference, clock.local_hour
FROM hour_made AS made
JOIN sensor ON sensor.source = made.source AND sensor.sensor = made.sensor
JOIN kind_quantity ON kind_quantity.kind = sensor.kind AND kind_quantity.quantity = made.quantity
LEFT JOIN clock ON clock.hour = made.hour
WHERE
    made.hour >= (SELECT min(hour) FROM clock) - to_hours(getvariable('look_back'))
    AND made.hour <= (SELECT max(hour) FROM clock) + to_hours(1);

-- Stuck: so many hours, with no other value in them nor between them, and the oldest no further back than one may look.
-- Spike: an hour that is far from the one before and from the one after.
CREATE TEMP TABLE hour_ok AS
WITH beside AS (
    SELECT
        seen.*,
        stuck,
        jump,
        row_number() OVER track AS nr,
        lag(hour, coalesce(stuck, 1) - 1) OVER track >= hour - to_hours(getvariable('look_back')) AS near,
        lo = hi AND lo = lag(hi) OVER track AND hi = lag(lo) OVER track AS same,
        CASE WHEN lag(hour) OVER track = hour - to_hours(1) THEN lag(median) OVER track END AS earlier,
        CASE WHEN lead(hour) OVER track = hour + to_hours(1) THEN lead(median) OVER track END AS later
    FROM seen
    JOIN rule ON rule.quantity = seen.quantity
    WINDOW track AS (PARTITION BY source, sensor, seen.quantity ORDER BY hour)
),
since AS (
    SELECT
        *,
        max(CASE WHEN same THEN NULL WHEN lo = hi THEN nr ELSE nr + 1 END) OVER track AS first_nr
    FROM beside
    WINDOW track AS (PARTITION BY source, sensor, quantity ORDER BY hour)
),
judged AS (
    SELECT
        * EXCLUDE (nr, near, same, earlier, later, first_nr, stuck, jump),
        CASE
            WHEN valid = 0 THEN NULL
            WHEN near AND nr - first_nr + 1 >= stuck THEN 'stuck'
            WHEN abs(median - earlier) > jump AND abs(median - later) > jump THEN 'spike'
        END AS fault
    FROM since
)
SELECT * FROM judged WHERE local_hour IS NOT NULL;

-- Shares are made per hour of what is believed, from hours in which both parts came. Of places that are free, few is many.
INSERT INTO hour_ok BY NAME
WITH part AS (
    SELECT rule.quantity AS made, rule.low, rule.high, hour_ok.*, hour_ok.quantity = rule.share_rest AS is_rest
    FROM rule
    JOIN hour_ok ON hour_ok.quantity IN (rule.share_taken, rule.share_rest)
    JOIN sensor ON sensor.source = hour_ok.source AND sensor.sensor = hour_ok.sensor
    JOIN kind_quantity ON kind_quantity.kind = sensor.kind AND kind_quantity.quantity = rule.quantity
    WHERE valid > 0 AND fault IS NULL
),
chosen AS (
    SELECT *
    FROM part
    QUALIFY row_number() OVER (PARTITION BY source, sensor, made, hour ORDER BY is_rest) = 1
),
share AS (
    SELECT
        chosen.*,
        whole.median AS whole,
        CASE WHEN is_rest THEN whole.median - chosen.median ELSE chosen.median END / whole.median * 100 AS share,
        CASE WHEN is_rest THEN whole.median - chosen.p05 ELSE chosen.p95 END / whole.median * 100 AS high_share,
        CASE WHEN is_rest THEN whole.median - chosen.last_value ELSE chosen.last_value END
            / whole.median * 100 AS last_share
    FROM chosen
    JOIN rule ON rule.quantity = chosen.made
    JOIN hour_ok AS whole
        ON whole.source = chosen.source AND whole.sensor = chosen.sensor AND whole.hour = chosen.hour
        AND whole.quantity = rule.share_whole
    WHERE whole.valid > 0 AND whole.fault IS NULL AND whole.median > 0
)
SELECT
    source, sensor, made AS quantity, hour, local_hour, is_reference, is_simulated, n, few, last_at,
    CASE WHEN share BETWEEN low AND high THEN valid ELSE 0 END AS valid,
    CASE WHEN share BETWEEN low AND high THEN ranges ELSE n END AS ranges,
    spikes,
    CASE WHEN share BETWEEN low AND high THEN share END AS median,
    CASE WHEN share BETWEEN low AND high THEN high_share END AS p95,
    last_share AS last_value,
    CASE WHEN share BETWEEN low AND high THEN last_reason ELSE 'range' END AS last_reason
FROM share;

-- Damp air looks like dust to a cheap sensor. Its own humidity, else the middle of those of the city; where nobody knows
-- it, that is no reason.
CREATE TEMP TABLE damp AS
SELECT source, sensor, hour, median
FROM hour_ok
WHERE quantity = getvariable('humidity') AND valid > 0 AND fault IS NULL;

CREATE TEMP TABLE dry_ok AS
WITH city AS (
    SELECT hour, quantile_cont(median, 0.5) AS median
    FROM damp
    SEMI JOIN sensor_area ON sensor_area.source = damp.source AND sensor_area.sensor = damp.sensor
    GROUP BY hour
)
SELECT
    hour_ok.* EXCLUDE (fault),
    CASE
        WHEN fault IS NOT NULL OR valid = 0 THEN fault
        WHEN NOT is_reference AND coalesce(damp.median, city.median) > rule.humid THEN 'humid'
    END AS fault
FROM hour_ok
JOIN rule ON rule.quantity = hour_ok.quantity
LEFT JOIN damp ON damp.source = hour_ok.source AND damp.sensor = hour_ok.sensor AND damp.hour = hour_ok.hour
LEFT JOIN city ON city.hour = hour_ok.hour;

-- The middle of the others of an hour is found from the middle of all: only which of its neighbours in the order counts
-- depends on where the sensor itself is. drifting: beyond for most of the hours that could be compared.
CREATE TEMP TABLE drifting AS
WITH compared AS (
    SELECT dry_ok.*, drift_factor, drift_least
    FROM dry_ok
    JOIN rule ON rule.quantity = dry_ok.quantity
    WHERE drift_factor IS NOT NULL AND NOT is_reference AND valid > 0 AND fault IS NULL
),
ordered AS (
    SELECT quantity, hour, is_simulated, list_sort(list(median)) AS v
    FROM compared
    GROUP BY ALL
    HAVING count(*) > getvariable('drift_others')
),
middle AS (
    SELECT
        quantity, hour, is_simulated,
        v[len(v) // 2] AS a, v[len(v) // 2 + 1] AS b,
        v[(len(v) + 1) // 2] AS c, v[(len(v) + 1) // 2 + 1] AS d
    FROM ordered
),
others AS (
    SELECT
        compared.source, compared.sensor, compared.quantity, drift_factor, drift_least, median,
        CASE WHEN median > a THEN a ELSE b END AS below,
        CASE WHEN median > c THEN c ELSE d END AS above
    FROM compared
    JOIN middle
        ON middle.quantity = compared.quantity AND middle.hour = compared.hour
        AND middle.is_simulated = compared.is_simulated
),
apart AS (
    SELECT
        source, sensor, quantity,
        abs(median - (below + above) / 2) > drift_least
        AND (median > (below + above) / 2 * drift_factor OR median * drift_factor < (below + above) / 2) AS is_apart
    FROM others
)
SELECT source, sensor, quantity
FROM apart
GROUP BY ALL
HAVING count(*) >= getvariable('drift_hours') AND 2 * count(*) FILTER (is_apart) > count(*);

CREATE TEMP TABLE reading_hour AS
WITH believed AS (
    SELECT
        dry_ok.* EXCLUDE (fault, valid),
        rule.calibrated,
        greatest(n, coalesce(per_hour, 0)) AS due,
        CASE
            WHEN fault IS NULL AND drifting.source IS NOT NULL AND valid > 0 THEN 'drift'
            ELSE fault
        END AS fault,
        valid AS taken
    FROM dry_ok
    JOIN rule ON rule.quantity = dry_ok.quantity
    LEFT JOIN drifting
        ON drifting.source = dry_ok.source AND drifting.sensor = dry_ok.sensor
        AND drifting.quantity = dry_ok.quantity
),
counted AS (
    SELECT *, CASE WHEN fault IS NULL THEN taken ELSE 0 END AS valid
    FROM believed
),
reasoned AS (
    SELECT
        *,
        valid / due AS valid_share,
        CASE
            WHEN fault IS NOT NULL THEN fault
            WHEN valid < getvariable('enough') * due AND valid > 0 AND due - n > n - valid THEN 'incomplete'
            WHEN valid < getvariable('enough') * due AND ranges >= spikes THEN 'range'
            WHEN valid < getvariable('enough') * due THEN 'spike'
            WHEN NOT calibrated THEN 'uncalibrated'
            WHEN few > (1 - getvariable('enough')) * n THEN 'stars'
        END AS reason
    FROM counted
)
SELECT
    source,
    sensor,
    quantity,
    hour,
    getvariable('day') AS day,
    local_hour,
    CASE WHEN valid > 0 THEN median END AS median,
    CASE WHEN valid > 0 THEN p95 END AS p95,
    n,
    valid::INTEGER AS valid,
    valid_share,
    CASE WHEN valid = 0 THEN 'not_measured' WHEN reason IS NULL THEN 'ok' ELSE 'unreliable' END AS status,
    reason,
    last_at,
    last_value,
    coalesce(last_reason, fault) AS last_reason,
    is_simulated,
    is_reference
FROM reasoned;

CREATE TEMP TABLE reading_day AS
WITH length AS (SELECT count(*) AS hours FROM clock),
why AS (
    SELECT source, sensor, quantity, reason, count(*) AS often
    FROM reading_hour
    WHERE reason IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT source, sensor, reading_hour.quantity, 'incomplete', any_value(length.hours) - count(*)
    FROM reading_hour
    JOIN rule ON rule.quantity = reading_hour.quantity
    CROSS JOIN length
    WHERE NOT events
    GROUP BY ALL
),
often AS (
    SELECT source, sensor, quantity, reason, sum(often)::BIGINT AS often
    FROM why
    GROUP BY ALL
),
main AS (
    SELECT source, sensor, quantity, reason
    FROM often
    QUALIFY row_number() OVER (PARTITION BY source, sensor, quantity ORDER BY often DESC, reason) = 1
),
day AS (
    SELECT
        source,
        sensor,
        reading_hour.quantity,
        quantile_cont(median, 0.5) FILTER (status = 'ok') AS median,
        quantile_cont(median, 0.95) FILTER (status = 'ok') AS p95,
        count(*) FILTER (status = 'ok') AS hours,
        any_value(length.hours) AS due,
        bool_and(events) AS events,
        bool_or(is_simulated) AS is_simulated,
        bool_or(is_reference) AS is_reference
    FROM reading_hour
    JOIN rule ON rule.quantity = reading_hour.quantity
    CROSS JOIN length
    GROUP BY ALL
)
SELECT
    day.source,
    day.sensor,
    day.quantity,
    getvariable('day') AS day,
    median,
    p95,
    hours::INTEGER AS hours,
    hours / due AS valid_share,
    CASE
        WHEN hours = 0 THEN 'not_measured'
        WHEN events OR hours >= getvariable('enough') * due THEN 'ok'
        ELSE 'unreliable'
    END AS status,
    CASE WHEN hours > 0 AND (events OR hours >= getvariable('enough') * due) THEN NULL ELSE main.reason END AS reason,
    is_simulated,
    is_reference
FROM day
LEFT JOIN main ON main.source = day.source AND main.sensor = day.sensor AND main.quantity = day.quantity;

-- What is simulated and what is real are never in one figure; where there is something real in an area, that is shown.
CREATE TEMP TABLE area_hour AS
WITH inside AS (
    SELECT code, reading_hour.*, least
    FROM reading_hour
    JOIN rule ON rule.quantity = reading_hour.quantity
    JOIN sensor_area ON sensor_area.source = reading_hour.source AND sensor_area.sensor = reading_hour.sensor
    WHERE least IS NOT NULL AND NOT is_reference
),
area AS (
    SELECT
        code,
        quantity,
        hour,
        local_hour,
        is_simulated,
        any_value(least) AS least,
        count(*) FILTER (status = 'ok') AS sensors,
        quantile_cont(median, 0.5) FILTER (status = 'ok') AS median,
        quantile_cont(median, 0.95) FILTER (status = 'ok') AS p95
    FROM inside
    GROUP BY ALL
)
SELECT
    code,
    quantity,
    hour,
    getvariable('day') AS day,
    local_hour,
    median,
    p95,
    sensors::INTEGER AS sensors,
    CASE WHEN sensors = 0 THEN 'not_measured' WHEN sensors >= least THEN 'ok' ELSE 'unreliable' END AS status,
    is_simulated
FROM area
QUALIFY NOT is_simulated OR bool_and(is_simulated) OVER (PARTITION BY code, quantity);

CREATE TEMP TABLE area_day AS
WITH inside AS (
    SELECT code, reading_day.*, least
    FROM reading_day
    JOIN rule ON rule.quantity = reading_day.quantity
    JOIN sensor_area ON sensor_area.source = reading_day.source AND sensor_area.sensor = reading_day.sensor
    WHERE least IS NOT NULL AND NOT is_reference
),
area AS (
    SELECT
        code,
        quantity,
        is_simulated,
        any_value(least) AS least,
        count(*) AS known,
        count(*) FILTER (status = 'ok') AS sensors,
        quantile_cont(median, 0.5) FILTER (status = 'ok') AS median,
        quantile_cont(median, 0.95) FILTER (status = 'ok') AS p95
    FROM inside
    GROUP BY ALL
)
SELECT
    code,
    quantity,
    getvariable('day') AS day,
    median,
    p95,
    sensors::INTEGER AS sensors,
    sensors / known AS valid_share,
    CASE WHEN sensors = 0 THEN 'not_measured' WHEN sensors >= least THEN 'ok' ELSE 'unreliable' END AS status,
    is_simulated
FROM area
QUALIFY NOT is_simulated OR bool_and(is_simulated) OVER (PARTITION BY code, quantity);
