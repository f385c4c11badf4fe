-- The postcode that most addresses of an area have, where a file gives one.
INSERT INTO received_postcode
WITH received AS (SELECT trim(area_code::VARCHAR) AS area_code, trim(postcode::VARCHAR) AS postcode FROM file)
SELECT area_code, postcode FROM received WHERE regexp_full_match(postcode, '[1-9][0-9]{3}');
