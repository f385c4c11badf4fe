-- Hours of the sensors of one source on one day of UTC, from its readings: what can be decided on the readings of an
-- hour alone. Run for one part of the sensors after another, so that memory doesn't grow with the day.
--
-- Before it: `reading` (sensor, quantity, time, value, doubted) with nothing but what ends on the day, table `rule`
-- (name, quantity, scale, lowest, low, high, highest, jump), tables `made` and `rejected`; variables begin (TIMESTAMP),
-- quantiles (0.5, 0.95 and, where a share is made of what is left, 0.05), spike_of.
--
-- What lies between lowest and highest counts as the nearest of low and high, whoever sent it: this is the one place
-- that all readings pass.
--
-- Grouping by hash, without any order, is what makes it quick. Most hours have nothing that is odd, and their extremes
-- tell; only the readings of the others are looked at one by one.
CREATE OR REPLACE TEMP TABLE plain AS
SELECT
    sensor,
    quantity AS name,
    ((epoch_us(time) - epoch_us(getvariable('begin')) - 1) // 3600000000)::UTINYINT AS place,
    count(*) AS n,
    min(value) AS lo,
    max(value) AS hi,
    quantile_cont(value, getvariable('quantiles')) AS q,
    count(doubted) AS few,
    max(time) FILTER (doubted) AS doubted_at,
    min(time) AS first_at,
    max(time) AS last_at,
    arg_max(value, time) AS last_value
FROM reading
GROUP BY ALL;

-- NaN is more than anything else, so it is outside too.
CREATE OR REPLACE TEMP TABLE odd AS
SELECT plain.sensor, plain.name, plain.place, rule.* EXCLUDE (name, quantity)
FROM plain
JOIN rule ON rule.name = plain.name
WHERE
    lo * scale < low OR hi * scale > high
    OR n >= getvariable('spike_of') AND greatest(hi * scale - q[1] * scale, q[1] * scale - lo * scale) > jump;

CREATE OR REPLACE TEMP TABLE closer AS
WITH looked_at AS (
    SELECT
        odd.*,
        reading.time,
        reading.value * scale AS sent,
        sent BETWEEN lowest AND highest AS inside,
        CASE WHEN inside THEN greatest(low, least(high, sent)) ELSE sent END AS counts_as
    FROM reading
    JOIN odd
        ON odd.sensor = reading.sensor
        AND odd.name = reading.quantity
        AND odd.place = ((epoch_us(time) - epoch_us(getvariable('begin')) - 1) // 3600000000)
),
middle AS (
    SELECT sensor, name, place, quantile_cont(counts_as, 0.5) AS median
    FROM looked_at
    WHERE inside
    GROUP BY ALL
    HAVING count(*) >= getvariable('spike_of')
)
SELECT
    looked_at.sensor,
    looked_at.name,
    looked_at.place,
    time,
    sent,
    counts_as,
    CASE WHEN NOT inside THEN 'range' WHEN abs(counts_as - median) > jump THEN 'spike' END AS reason
FROM looked_at
LEFT JOIN middle USING (sensor, name, place);

INSERT INTO rejected
SELECT closer.sensor, rule.quantity, time, sent AS value, reason
FROM closer
JOIN rule ON rule.name = closer.name
WHERE reason IS NOT NULL;

WITH again AS (
    SELECT
        sensor,
        name,
        place,
        count(*) FILTER (reason IS NULL) AS valid,
        count(*) FILTER (reason = 'range') AS ranges,
        count(*) FILTER (reason = 'spike') AS spikes,
        1.0 AS scale, -- these are in our unit already
        min(counts_as) AS lo,
        max(counts_as) AS hi,
        quantile_cont(counts_as, getvariable('quantiles')) FILTER (reason IS NULL) AS q,
        arg_max(counts_as, time) AS last_value,
        arg_max(coalesce(reason, ''), time) AS last_reason
    FROM closer
    GROUP BY ALL
),
judged AS (
    SELECT
        plain.* EXCLUDE (lo, hi, q, last_value),
        rule.quantity,
        coalesce(again.scale, rule.scale) AS scale,
        coalesce(again.lo, plain.lo) AS lo,
        coalesce(again.hi, plain.hi) AS hi,
        coalesce(again.last_value, plain.last_value) AS last_value,
        CASE WHEN again.sensor IS NULL THEN plain.q ELSE again.q END AS q,
        coalesce(again.valid, n) AS valid,
        coalesce(again.ranges, 0) AS ranges,
        coalesce(again.spikes, 0) AS spikes,
        coalesce(nullif(again.last_reason, ''), CASE WHEN doubted_at = last_at THEN 'stars' END) AS last_reason
    FROM plain
    JOIN rule ON rule.name = plain.name
    LEFT JOIN again ON again.sensor = plain.sensor AND again.name = plain.name AND again.place = plain.place
)
INSERT INTO made BY NAME
SELECT
    sensor,
    quantity,
    getvariable('begin') + to_hours(place::INTEGER) AS hour,
    n::INTEGER AS n,
    valid::INTEGER AS valid,
    q[1] * scale AS median,
    q[2] * scale AS p95,
    q[3] * scale AS p05,
    lo * scale AS lo,
    hi * scale AS hi,
    ranges::INTEGER AS ranges,
    spikes::INTEGER AS spikes,
    few::INTEGER AS few,
    first_at,
    last_at,
    last_value * scale AS last_value,
    last_reason
FROM judged;
