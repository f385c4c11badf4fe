-- By what else the areas of one file are known, such as the postcode that most of their addresses have.
INSERT INTO received_name
WITH received AS (SELECT trim(area_code::VARCHAR) AS area_code, trim(name::VARCHAR) AS name FROM file)
SELECT area_code, $kind, name FROM received WHERE regexp_full_match(name, $pattern);
