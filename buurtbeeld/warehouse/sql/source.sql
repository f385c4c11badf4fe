-- One row per source that was read; a source of several files has one row.
CREATE TABLE mart_source AS
WITH received AS (SELECT * FROM received_input)
SELECT
    (row_number() OVER (ORDER BY id))::UTINYINT             AS source_id,
    id,
    any_value(publisher)                                    AS publisher,
    any_value(title)                                        AS title,
    any_value(licence)                                      AS licence,
    any_value(attribution)                                  AS attribution,
    any_value(openness)                                     AS openness,
    any_value(url)                                          AS url,
    string_agg(edition, ', ' ORDER BY edition)              AS edition,
    max(retrieved_at)                                       AS retrieved_at,
    sum(rows)::INTEGER                                      AS rows,
    -- several files: the hash of their hashes, in order of edition
    CASE count(*) WHEN 1 THEN any_value(sha256)
         ELSE sha256(string_agg(sha256, '' ORDER BY edition)) END AS sha256,
    bool_or(is_sample)                                      AS is_sample,
    bool_or(is_simulated)                                   AS is_simulated
FROM received
GROUP BY id
ORDER BY source_id;

CREATE VIEW source AS
SELECT id, publisher, title, licence, attribution, openness, url, edition, retrieved_at, rows, sha256, is_sample,
       is_simulated
FROM mart_source;

-- The files behind this mart, so that they are kept as long as it is.
CREATE TABLE mart_input AS SELECT path, sha256 FROM received_input ORDER BY path;
