-- Places that measure, and what came of it. Empty until a source of sensors is loaded.
CREATE TABLE sensor (
    id VARCHAR, source VARCHAR, kind VARCHAR, name VARCHAR, code VARCHAR, lon DOUBLE, lat DOUBLE, is_reference BOOLEAN,
    is_sample BOOLEAN, is_simulated BOOLEAN
);
CREATE TABLE reading_hour (
    sensor VARCHAR, quantity VARCHAR, hour TIMESTAMP, median DOUBLE, n INTEGER, valid_share DOUBLE, status status
);
CREATE TABLE area_hour (code VARCHAR, quantity VARCHAR, hour TIMESTAMP, median DOUBLE, sensors INTEGER, status status);
CREATE TABLE alert (
    id VARCHAR, sensor VARCHAR, code VARCHAR, quantity VARCHAR, threshold DOUBLE, value DOUBLE, opened_at TIMESTAMP,
    closed_at TIMESTAMP, is_sample BOOLEAN, is_simulated BOOLEAN
);
