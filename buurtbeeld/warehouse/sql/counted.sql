-- How many places of certain kinds lie in each area of now, in the year in which they were received. Their source is of the
-- whole gemeente, so where none lies there are 0. Of kinds that are nowhere nothing is said: they may be called otherwise
-- now.
INSERT INTO observation BY NAME
WITH RECURSIVE newest AS (SELECT * FROM mart_area WHERE edition = (SELECT max(edition) FROM mart_area)),
-- A buurt is in itself, in its wijk and in the gemeente.
whole AS (
    SELECT code AS buurt, code, parent_code, edition FROM newest WHERE level = 'buurt'
    UNION ALL
    SELECT whole.buurt, newest.code, newest.parent_code, newest.edition
    FROM whole JOIN newest ON newest.code = whole.parent_code
),
place AS (
    SELECT declared.indicator, received.source, received.year, received.code AS buurt
    FROM received_point AS received JOIN declared_count AS declared USING (source, kind)
    WHERE received.code IS NOT NULL
),
received AS (SELECT indicator, source, max(year) AS year FROM place GROUP BY indicator, source)
SELECT
    received.indicator,
    whole.code                      AS area_code,
    make_date(received.year, 1, 1)  AS period,
    whole.edition,
    received.source,
    'ok'::status                    AS status,
    count(place.buurt)::DOUBLE      AS value,
    FALSE                           AS provisional,
    [received.source]               AS sources,
    FALSE                           AS converted,
    FALSE                           AS beside
FROM received
CROSS JOIN whole
LEFT JOIN place ON place.indicator = received.indicator AND place.buurt = whole.buurt
GROUP BY received.indicator, received.source, received.year, whole.code, whole.edition
ORDER BY received.indicator, whole.code;
