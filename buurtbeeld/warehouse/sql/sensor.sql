-- What measures, and what came of it: hours and days per sensor and per area, and thresholds that were passed. Times are
-- UTC, an hour by its beginning; `day` and `local_hour` (0 to 23) are those of the clock in the Netherlands. Filled from
-- the rollups (sensors.py); empty where nothing is measured.
CREATE TABLE sensor (
    id VARCHAR,
    source VARCHAR,
    kind VARCHAR,
    name VARCHAR,
    code VARCHAR,           -- the buurt it stands in; NULL outside the gemeente
    lon DOUBLE,
    lat DOUBLE,
    is_reference BOOLEAN,   -- officially validated; never mixed with others
    last_at TIMESTAMP,      -- of its newest message, whatever it said; NULL when there was none
    is_sample BOOLEAN,
    is_simulated BOOLEAN
);
CREATE TABLE reading_hour (
    source VARCHAR,
    sensor VARCHAR,
    quantity VARCHAR,
    hour TIMESTAMP,
    day DATE,
    local_hour UTINYINT,
    median DOUBLE,          -- of the readings that are believed
    p95 DOUBLE,
    n INTEGER,              -- readings that came
    valid INTEGER,          -- and those that are believed
    valid_share DOUBLE,     -- valid of those that came, or should have come
    status status,          -- ok, unreliable or not_measured
    reason VARCHAR,         -- why not ok
    first_at TIMESTAMP,     -- of the first reading of the hour, believed or not
    last_at TIMESTAMP,      -- and of the newest
    last_value DOUBLE,
    last_reason VARCHAR,    -- why that is not believed; NULL when it is
    is_simulated BOOLEAN
);
CREATE TABLE reading_day (
    source VARCHAR,
    sensor VARCHAR,
    quantity VARCHAR,
    day DATE,
    median DOUBLE,          -- of the hours that are ok, each counting once
    p95 DOUBLE,
    hours INTEGER,          -- that are ok
    valid_share DOUBLE,     -- of the hours that the day has
    status status,
    reason VARCHAR,
    is_simulated BOOLEAN
);
CREATE TABLE area_hour (
    code VARCHAR,
    quantity VARCHAR,
    hour TIMESTAMP,
    day DATE,
    local_hour UTINYINT,
    median DOUBLE,          -- of its sensors that are ok, else of those that are unreliable; never of reference stations
    p95 DOUBLE,
    sensors INTEGER,        -- of which it is the median
    status status,
    is_simulated BOOLEAN
);
CREATE TABLE area_day (
    code VARCHAR,
    quantity VARCHAR,
    day DATE,
    median DOUBLE,
    p95 DOUBLE,
    sensors INTEGER,
    valid_share DOUBLE,     -- of its sensors, those that are ok
    status status,
    is_simulated BOOLEAN
);
CREATE TABLE alert (
    id VARCHAR,             -- the same at every build
    rule VARCHAR,
    source VARCHAR,
    sensor VARCHAR,
    code VARCHAR,
    quantity VARCHAR,
    threshold DOUBLE,
    value DOUBLE,           -- that opened it
    opened_at TIMESTAMP,
    closed_at TIMESTAMP,    -- NULL while it is open
    is_sample BOOLEAN,
    is_simulated BOOLEAN
);
