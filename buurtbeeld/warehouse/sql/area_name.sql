-- By what else an area is known: names it had, and what names.toml tells of, such as a postcode.
CREATE TABLE area_name AS
WITH received AS (SELECT code, unnest(string_split(old_names, ';')) AS name FROM received_area)
SELECT DISTINCT code, 'old_name' AS kind, trim(name) AS name FROM received WHERE trim(name) <> ''
UNION ALL
SELECT DISTINCT area_code, kind, name FROM received_name
ORDER BY ALL;
