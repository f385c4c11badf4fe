-- Local days: what their sensors measured per hour and as a whole, and the areas that they stand in, from the hours of
-- all sources on the days of UTC around them. What needs the hours before and after, other sensors or the whole day is
-- decided here. Nothing depends on which days are made together; several at once are quicker.
--
-- Before it: views `hour_made` (those of hours.sql, with source and is_simulated) and `received_sensor` (source,
-- sensor, kind, code), tables `kind_quantity` (kind, quantity, is_reference), `rule` (per quantity) and `clock` (hour,
-- day, local_hour, due: the hours of that day), all of rules.py; variables as in rules.py.
--
-- A series is what one sensor says of one quantity; it goes by a number, which is quicker than three names.
--
-- Some sources name what they count and not where it is: a row without a sensor tells the kind of all others of a source.
CREATE TEMP TABLE sensor AS
WITH listed AS (
    SELECT source, sensor, min(kind) AS kind
    FROM received_sensor
    GROUP BY ALL
)
FROM listed WHERE sensor <> ''
UNION ALL
SELECT DISTINCT hour_made.source, hour_made.sensor, usual.kind
FROM hour_made
JOIN listed AS usual ON usual.source = hour_made.source AND usual.sensor = ''
ANTI JOIN listed AS placed ON placed.source = hour_made.source AND placed.sensor = hour_made.sensor;

CREATE TEMP TABLE near AS
SELECT *
FROM hour_made
WHERE
    hour >= (SELECT min(hour) FROM clock) - to_hours(getvariable('look_back'))
    AND hour <= (SELECT max(hour) FROM clock) + to_hours(1);

CREATE TEMP TABLE series AS
WITH known AS (
    SELECT DISTINCT source, sensor, quantity, is_simulated
    FROM near
),
made AS (
    SELECT DISTINCT source, sensor, rule.quantity, is_simulated
    FROM known
    JOIN rule ON known.quantity IN (rule.share_taken, rule.share_rest)
)
SELECT
    (row_number() OVER (ORDER BY every.source, every.sensor, every.quantity, every.is_simulated))::INTEGER AS id,
    every.*,
    kind_quantity.is_reference,
    rule.* EXCLUDE (quantity)
FROM (SELECT * FROM known UNION ALL SELECT * FROM made) AS every
JOIN sensor ON sensor.source = every.source AND sensor.sensor = every.sensor
JOIN kind_quantity ON kind_quantity.kind = sensor.kind AND kind_quantity.quantity = every.quantity
JOIN rule ON rule.quantity = every.quantity;

CREATE TEMP TABLE seen AS
SELECT series.id, near.* EXCLUDE (source, sensor, quantity, is_simulated)
FROM near
JOIN series
    ON series.source = near.source AND series.sensor = near.sensor AND series.quantity = near.quantity
    AND series.is_simulated = near.is_simulated
WHERE series.share_whole IS NULL;

-- Stuck: so many hours, with no other value in them nor between them, and the oldest no further back than one may look.
-- Spike: an hour that is far from the one before and from the one after. Most series can't have either, which is quick
-- to see; only the others are put in the order of time.
CREATE TEMP TABLE fault AS
WITH suspect AS (
    SELECT seen.id
    FROM seen
    JOIN series ON series.id = seen.id
    WHERE jump IS NOT NULL
    GROUP BY seen.id
    HAVING max(median) - min(median) > any_value(jump)
    UNION
    SELECT seen.id
    FROM seen
    JOIN series ON series.id = seen.id
    WHERE stuck IS NOT NULL AND lo = hi
    GROUP BY seen.id, lo
    HAVING count(*) >= any_value(stuck)
),
beside AS (
    SELECT
        seen.id,
        hour,
        median,
        lo,
        hi,
        stuck,
        jump,
        row_number() OVER track AS nr,
        lag(hour, coalesce(stuck, 1) - 1) OVER track >= hour - to_hours(getvariable('look_back')) AS is_near,
        lo = hi AND lo = lag(hi) OVER track AND hi = lag(lo) OVER track AS is_same,
        CASE WHEN lag(hour) OVER track = hour - to_hours(1) THEN lag(median) OVER track END AS earlier,
        CASE WHEN lead(hour) OVER track = hour + to_hours(1) THEN lead(median) OVER track END AS later
    FROM seen
    SEMI JOIN suspect ON suspect.id = seen.id
    JOIN series ON series.id = seen.id
    WINDOW track AS (PARTITION BY seen.id ORDER BY hour)
),
since AS (
    SELECT *, max(CASE WHEN is_same THEN NULL WHEN lo = hi THEN nr ELSE nr + 1 END) OVER track AS first_nr
    FROM beside
    WINDOW track AS (PARTITION BY id ORDER BY hour)
)
SELECT
    id,
    hour,
    CASE
        WHEN is_near AND nr - first_nr + 1 >= stuck THEN 'stuck'
        WHEN abs(median - earlier) > jump AND abs(median - later) > jump THEN 'spike'
    END AS fault
FROM since;

CREATE TEMP TABLE hour_ok AS
SELECT
    seen.id,
    clock.day,
    seen.hour,
    n,
    valid,
    p05,
    median,
    p95,
    ranges,
    spikes,
    few,
    first_at,
    last_at,
    last_value,
    last_reason,
    CASE WHEN valid > 0 THEN fault END AS fault
FROM seen
JOIN clock ON clock.hour = seen.hour
LEFT JOIN fault ON fault.id = seen.id AND fault.hour = seen.hour;

-- Shares are made per hour of what is believed, from hours in which both parts came. Few free is many taken.
INSERT INTO hour_ok BY NAME
WITH part AS (
    SELECT
        made.id AS made, made.low, made.high, whole.id AS whole, series.quantity = made.share_rest AS is_rest,
        hour_ok.*
    FROM series AS made
    JOIN series
        ON series.source = made.source AND series.sensor = made.sensor AND series.is_simulated = made.is_simulated
        AND series.quantity IN (made.share_taken, made.share_rest)
    JOIN series AS whole
        ON whole.source = made.source AND whole.sensor = made.sensor AND whole.is_simulated = made.is_simulated
        AND whole.quantity = made.share_whole
    JOIN hour_ok ON hour_ok.id = series.id
    WHERE valid > 0 AND fault IS NULL
    QUALIFY row_number() OVER (PARTITION BY made.id, hour ORDER BY is_rest) = 1
),
share AS (
    SELECT
        part.*,
        CASE WHEN is_rest THEN whole.median - part.median ELSE part.median END / whole.median * 100 AS share,
        CASE WHEN is_rest THEN whole.median - part.p05 ELSE part.p95 END / whole.median * 100 AS high_share,
        CASE WHEN is_rest THEN whole.median - part.last_value ELSE part.last_value END
            / whole.median * 100 AS last_share
    FROM part
    JOIN hour_ok AS whole ON whole.id = part.whole AND whole.hour = part.hour
    WHERE whole.valid > 0 AND whole.fault IS NULL AND whole.median > 0
)
SELECT
    made AS id,
    day,
    hour,
    n,
    CASE WHEN share BETWEEN low AND high THEN valid ELSE 0 END AS valid,
    CASE WHEN share BETWEEN low AND high THEN share END AS median,
    CASE WHEN share BETWEEN low AND high THEN high_share END AS p95,
    CASE WHEN share BETWEEN low AND high THEN ranges ELSE n END AS ranges,
    spikes,
    few,
    first_at,
    last_at,
    last_share AS last_value,
    CASE WHEN share BETWEEN low AND high THEN last_reason ELSE 'range' END AS last_reason
FROM share;

-- Damp air looks like dust to a cheap sensor. Its own humidity, else the middle of those of the city; where nobody
-- knows it, that is no reason. What is simulated says nothing of what is real.
CREATE TEMP TABLE damp AS
SELECT source, sensor, is_simulated, hour, median
FROM hour_ok
JOIN series ON series.id = hour_ok.id
WHERE quantity = getvariable('humidity') AND valid > 0 AND fault IS NULL;

CREATE TEMP TABLE city_damp AS
SELECT is_simulated, hour, quantile_cont(median, 0.5) AS median
FROM damp
SEMI JOIN (SELECT source, sensor FROM received_sensor WHERE code IS NOT NULL) AS inside
    ON inside.source = damp.source AND inside.sensor = damp.sensor
GROUP BY is_simulated, hour;

CREATE TEMP TABLE humid AS
SELECT hour_ok.id, hour_ok.hour
FROM hour_ok
JOIN series ON series.id = hour_ok.id
LEFT JOIN damp
    ON damp.source = series.source AND damp.sensor = series.sensor AND damp.is_simulated = series.is_simulated
    AND damp.hour = hour_ok.hour
LEFT JOIN city_damp ON city_damp.is_simulated = series.is_simulated AND city_damp.hour = hour_ok.hour
WHERE valid > 0 AND fault IS NULL AND NOT is_reference AND coalesce(damp.median, city_damp.median) > humid;

-- The middle of the others of an hour is found from the middle of all: only which of its neighbours in the order counts
-- depends on where the sensor itself is. drifting: beyond for most of the hours that could be compared.
CREATE TEMP TABLE drifting AS
WITH compared AS (
    SELECT
        hour_ok.id, hour_ok.day, hour_ok.hour, median, quantity, is_simulated,
        drift_factor AS factor, drift_least AS least
    FROM hour_ok
    JOIN series ON series.id = hour_ok.id
    ANTI JOIN humid ON humid.id = hour_ok.id AND humid.hour = hour_ok.hour
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
        id, day, median, factor, least,
        (CASE WHEN median > a THEN a ELSE b END + CASE WHEN median > c THEN c ELSE d END) / 2 AS theirs
    FROM compared
    JOIN middle
        ON middle.quantity = compared.quantity AND middle.hour = compared.hour
        AND middle.is_simulated = compared.is_simulated
)
SELECT id, day
FROM others
GROUP BY id, day
HAVING
    count(*) >= getvariable('drift_hours')
    AND 2 * count(*) FILTER (
        abs(median - theirs) > least AND (median > theirs * factor OR median * factor < theirs)
    ) > count(*);

CREATE TEMP TABLE hour_out AS
WITH believed AS (
    SELECT
        hour_ok.* EXCLUDE (fault, valid),
        clock.local_hour,
        clock.due AS hours_due,
        calibrated,
        greatest(n, coalesce(per_hour, 0)) AS due,
        CASE
            WHEN fault IS NOT NULL OR valid = 0 THEN fault
            WHEN humid.id IS NOT NULL THEN 'humid'
            WHEN drifting.id IS NOT NULL THEN 'drift'
        END AS fault,
        CASE WHEN fault IS NULL AND humid.id IS NULL AND drifting.id IS NULL THEN valid ELSE 0 END AS valid
    FROM hour_ok
    JOIN clock ON clock.hour = hour_ok.hour
    JOIN series ON series.id = hour_ok.id
    LEFT JOIN humid ON humid.id = hour_ok.id AND humid.hour = hour_ok.hour
    LEFT JOIN drifting ON drifting.id = hour_ok.id AND drifting.day = hour_ok.day
)
SELECT
    id,
    day,
    hours_due,
    hour,
    local_hour,
    CASE WHEN valid > 0 THEN median END AS median,
    CASE WHEN valid > 0 THEN p95 END AS p95,
    n,
    valid::INTEGER AS valid,
    valid / due AS valid_share,
    CASE
        WHEN fault IS NOT NULL THEN fault
        WHEN valid < getvariable('enough') * due AND valid > 0 AND due - n > n - valid THEN 'incomplete'
        WHEN valid < getvariable('enough') * due AND ranges >= spikes THEN 'range'
        WHEN valid < getvariable('enough') * due THEN 'spike'
        WHEN NOT calibrated THEN 'uncalibrated'
        WHEN few > (1 - getvariable('enough')) * n THEN 'stars'
    END AS reason,
    first_at,
    last_at,
    last_value,
    coalesce(last_reason, fault) AS last_reason
FROM believed;

CREATE TEMP VIEW reading_hour AS
SELECT
    source,
    sensor,
    quantity,
    hour,
    day,
    local_hour,
    median,
    p95,
    n,
    valid,
    valid_share,
    CASE WHEN valid = 0 THEN 'not_measured' WHEN reason IS NULL THEN 'ok' ELSE 'unreliable' END AS status,
    reason,
    first_at,
    last_at,
    last_value,
    last_reason,
    is_simulated
FROM hour_out
JOIN series ON series.id = hour_out.id
ORDER BY hour_out.id, hour;

-- Of several reasons that one which took most hours, hours without a reading among them; of as many, the first here.
CREATE TEMP TABLE day_out AS
WITH counted AS (
    SELECT
        hour_out.id,
        day,
        quantile_cont(median, 0.5) FILTER (reason IS NULL) AS median,
        quantile_cont(median, 0.95) FILTER (reason IS NULL) AS p95,
        count(*) FILTER (reason IS NULL) AS hours,
        any_value(hours_due) AS due,
        [
            count(*) FILTER (reason = 'stuck'),
            count(*) FILTER (reason = 'drift'),
            count(*) FILTER (reason = 'humid'),
            count(*) FILTER (reason = 'range'),
            count(*) FILTER (reason = 'spike'),
            count(*) FILTER (reason = 'uncalibrated'),
            count(*) FILTER (reason = 'stars'),
            count(*) FILTER (reason = 'incomplete')
                + CASE WHEN any_value(events) THEN 0 ELSE any_value(hours_due) - count(*) END
        ] AS reasons
    FROM hour_out
    JOIN series ON series.id = hour_out.id
    GROUP BY hour_out.id, day
)
SELECT
    counted.id,
    day,
    median,
    p95,
    hours,
    due,
    CASE
        WHEN hours = 0 THEN 'not_measured'
        WHEN events OR hours >= getvariable('enough') * due THEN 'ok'
        ELSE 'unreliable'
    END AS status,
    ['stuck', 'drift', 'humid', 'range', 'spike', 'uncalibrated', 'stars', 'incomplete'][
        list_position(reasons, list_max(reasons))
    ] AS reason
FROM counted
JOIN series ON series.id = counted.id;

CREATE TEMP VIEW reading_day AS
SELECT
    source,
    sensor,
    quantity,
    day,
    median,
    p95,
    hours::INTEGER AS hours,
    hours / due AS valid_share,
    status,
    CASE WHEN status <> 'ok' THEN reason END AS reason,
    is_simulated
FROM day_out
JOIN series ON series.id = day_out.id
ORDER BY day_out.id, day;

-- What is told when it changes stands until it is told again, for as long as one may look back. Without that an area
-- would be those that changed just now: of containers the full ones at night, and the emptied ones by day.
CREATE TEMP TABLE hour_known AS
WITH told AS (
    SELECT seen.id, seen.hour, CASE WHEN last_reason IS NULL THEN last_value ELSE median END AS stands
    FROM seen
    JOIN series ON series.id = seen.id
    LEFT JOIN fault ON fault.id = seen.id AND fault.hour = seen.hour
    WHERE
        events AND calibrated AND fault IS NULL
        AND valid > 0 AND valid >= getvariable('enough') * n AND few <= (1 - getvariable('enough')) * n
),
held AS (
    SELECT teller.id, clock.day, clock.hour, clock.local_hour, told.stands AS median
    FROM (SELECT id FROM series WHERE events) AS teller
    CROSS JOIN clock
    ASOF JOIN told ON told.id = teller.id AND told.hour <= clock.hour
    WHERE told.hour >= clock.hour - to_hours(getvariable('look_back'))
)
SELECT id, day, hour, local_hour, median, reason FROM hour_out
UNION ALL
SELECT held.*, NULL FROM held ANTI JOIN hour_out ON hour_out.id = held.id AND hour_out.hour = held.hour;

-- What is simulated and what is real are never in one figure; where there is something real in an area, that is shown.
-- Where none of its sensors is ok, those that are unreliable tell something still; so is what comes of it.
CREATE TEMP TABLE series_area AS
WITH inside AS (
    SELECT DISTINCT code, series.id, day, quantity, is_simulated, least
    FROM series
    JOIN received_sensor AS place ON place.source = series.source AND place.sensor = series.sensor
    JOIN (SELECT DISTINCT id, day FROM hour_known) AS those ON those.id = series.id
    WHERE code IS NOT NULL AND least IS NOT NULL AND NOT is_reference
)
SELECT *
FROM inside
QUALIFY NOT is_simulated OR bool_and(is_simulated) OVER (PARTITION BY code, quantity, day);

CREATE TEMP VIEW area_hour AS
WITH area AS (
    SELECT
        code,
        quantity,
        hour,
        series_area.day,
        local_hour,
        is_simulated,
        any_value(least) AS least,
        count(*) FILTER (reason IS NULL) AS good,
        count(median) FILTER (reason IS NOT NULL) AS doubtful,
        quantile_cont(median, [0.5, 0.95]) FILTER (reason IS NULL) AS of_good,
        quantile_cont(median, [0.5, 0.95]) FILTER (reason IS NOT NULL) AS of_doubtful
    FROM series_area
    JOIN hour_known ON hour_known.id = series_area.id AND hour_known.day = series_area.day
    GROUP BY ALL
)
SELECT
    code,
    quantity,
    hour,
    day,
    local_hour,
    CASE WHEN good > 0 THEN of_good[1] ELSE of_doubtful[1] END AS median,
    CASE WHEN good > 0 THEN of_good[2] ELSE of_doubtful[2] END AS p95,
    CASE WHEN good > 0 THEN good ELSE doubtful END::INTEGER AS sensors,
    CASE WHEN good >= least THEN 'ok' WHEN good + doubtful > 0 THEN 'unreliable' ELSE 'not_measured' END AS status,
    is_simulated
FROM area
ORDER BY code, quantity, hour;

CREATE TEMP VIEW area_day AS
WITH area AS (
    SELECT
        code,
        quantity,
        series_area.day,
        is_simulated,
        any_value(least) AS least,
        count(*) AS known,
        count(*) FILTER (status = 'ok') AS good,
        count(*) FILTER (status = 'unreliable') AS doubtful,
        quantile_cont(median, [0.5, 0.95]) FILTER (status = 'ok') AS of_good,
        quantile_cont(median, [0.5, 0.95]) FILTER (status = 'unreliable') AS of_doubtful
    FROM series_area
    JOIN day_out ON day_out.id = series_area.id AND day_out.day = series_area.day
    GROUP BY ALL
)
SELECT
    code,
    quantity,
    day,
    CASE WHEN good > 0 THEN of_good[1] ELSE of_doubtful[1] END AS median,
    CASE WHEN good > 0 THEN of_good[2] ELSE of_doubtful[2] END AS p95,
    CASE WHEN good > 0 THEN good ELSE doubtful END::INTEGER AS sensors,
    good / known AS valid_share,
    CASE WHEN good >= least THEN 'ok' WHEN good + doubtful > 0 THEN 'unreliable' ELSE 'not_measured' END AS status,
    is_simulated
FROM area
ORDER BY code, quantity, day;
