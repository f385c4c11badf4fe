-- Who made this mart, when and from what. Its one row is written last: a mart without it was never finished.
CREATE TABLE mart_build (
    id          VARCHAR NOT NULL,
    built_at    TIMESTAMP NOT NULL,  -- UTC
    gemeente    VARCHAR NOT NULL,
    app_version VARCHAR NOT NULL,
    is_sample   BOOLEAN NOT NULL,
    complete    BOOLEAN NOT NULL,    -- every source of the catalogue has given figures
    catalogue   VARCHAR NOT NULL     -- fingerprint of what every figure meant at that time
);
CREATE VIEW build AS SELECT id, built_at, gemeente, app_version, is_sample, complete FROM mart_build;
