-- What hours.sql fills.
CREATE TEMP TABLE made (
    sensor VARCHAR,
    quantity VARCHAR,
    hour TIMESTAMP,
    n INTEGER,              -- readings that came
    valid INTEGER,          -- and those that are inside their range and no spike
    p05 DOUBLE,             -- of those
    median DOUBLE,
    p95 DOUBLE,
    lo DOUBLE,              -- of all, as they count: just above full is full
    hi DOUBLE,
    ranges INTEGER,         -- not believed for being out of range
    spikes INTEGER,         -- and for being a spike
    few INTEGER,            -- with few stars of the publisher
    first_at TIMESTAMP,     -- of all
    last_at TIMESTAMP,
    last_value DOUBLE,      -- as it counts too
    last_reason VARCHAR     -- why the last reading is not believed
);
CREATE TEMP TABLE rejected (sensor VARCHAR, quantity VARCHAR, time TIMESTAMP, value DOUBLE, reason VARCHAR);
