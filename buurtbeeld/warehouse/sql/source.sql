-- One row per source that was read; of a source of several files the newest edition speaks, and the strictest openness.
-- Two files of the sample may be of one source and edition: they say the same.
CREATE TABLE mart_source AS
WITH received AS (SELECT * FROM received_input)
SELECT
    (row_number() OVER (ORDER BY id))::UTINYINT             AS source_id,
    id,
    arg_max(publisher, edition)                             AS publisher,
    arg_max(title, edition)                                 AS title,
    arg_max(licence, edition)                               AS licence,
    -- of several editions the first and the last; mart_edition names each as it wants to be named
    CASE WHEN count(DISTINCT edition) = 1 THEN any_value(cited)
         ELSE arg_max(attribution, edition) || ' (' || min(edition) || '–' || max(edition) || ')' END AS attribution,
    CASE WHEN bool_or(openness = 'none') THEN 'none'
         WHEN bool_or(openness = 'aggregate') THEN 'aggregate'
         ELSE 'rows' END                                    AS openness,
    arg_max(url, edition)                                   AS url,
    string_agg(DISTINCT edition, ', ' ORDER BY edition)     AS edition,
    max(retrieved_at)                                       AS retrieved_at,
    sum(rows)::INTEGER                                      AS rows,
    -- several files: the hash of their hashes, in order of edition. Of rows that not everybody may see there is none:
    -- who knows nearly all of a file can try what the rest must be until the hash is right.
    CASE WHEN bool_or(openness <> 'rows') THEN ''
         WHEN count(*) = 1 THEN any_value(sha256)
         ELSE sha256(string_agg(sha256, '' ORDER BY edition, sha256)) END AS sha256,
    bool_or(is_sample)                                      AS is_sample,
    bool_or(is_simulated)                                   AS is_simulated
FROM received
GROUP BY id
ORDER BY source_id;

CREATE VIEW source AS
SELECT id, publisher, title, licence, attribution, openness, url, edition, retrieved_at, rows, sha256, is_sample,
       is_simulated
FROM mart_source;

-- The files behind this mart, within data/, so that they are kept as long as it is.
CREATE TABLE mart_input AS SELECT path, if(openness = 'rows', sha256, '') AS sha256 FROM received_input ORDER BY path;

-- How each edition wants to be named: who shows a figure names the one it is from.
CREATE TABLE mart_edition AS
SELECT DISTINCT source_id, received_input.edition, cited AS attribution
FROM received_input JOIN mart_source USING (id)
ORDER BY source_id, received_input.edition;
