-- What the warehouse would have received of a whole country: as many areas, indicators and years as it is told.
CREATE TEMP TABLE declared_level AS SELECT * FROM (VALUES ('gemeente', 1), ('wijk', 2), ('buurt', 4)) AS level(id, rank);

CREATE TEMP TABLE received_area AS
WITH size AS (SELECT $gemeenten AS gemeenten, $wijken AS wijken, $buurten AS buurten),
place AS (
    SELECT 'gemeente' AS level, printf('GM%04d', n + 1) AS code, NULL AS parent_code, n
    FROM size, range(gemeenten) AS each(n)
    UNION ALL
    SELECT 'wijk', printf('WK%04d%02d', n % gemeenten + 1, n // gemeenten), printf('GM%04d', n % gemeenten + 1), n
    FROM size, range(wijken) AS each(n)
    UNION ALL
    SELECT 'buurt', printf('BU%04d%02d%02d', n % wijken % gemeenten + 1, n % wijken // gemeenten, n // wijken),
           printf('WK%04d%02d', n % wijken % gemeenten + 1, n % wijken // gemeenten), n
    FROM size, range(buurten) AS each(n)
)
SELECT code, level, upper(level[1]) || level[2:] || ' ' || n AS name, NULL::VARCHAR AS old_names, parent_code,
       2024 AS edition, 5.0::DOUBLE AS lon, 52.0::DOUBLE AS lat, 100.0::DOUBLE AS area_ha, NULL::INTEGER AS changed,
       NULL::BLOB AS geometry
FROM place;

CREATE TEMP TABLE received_input AS
SELECT 'made_up' AS id, 'Nobody' AS publisher, 'Made up' AS title, 'cc0' AS licence, 'Made up' AS attribution, 'Made up' AS cited,
       'rows' AS openness, 'https://example.org' AS url, '2024' AS edition, TIMESTAMP '2024-01-01' AS retrieved_at,
       0 AS rows, '' AS sha256, false AS is_sample, true AS is_simulated, 'raw/made_up/2024' AS path;

CREATE TEMP TABLE declared_indicator AS
SELECT printf('figure_%03d', n) AS id, 'made_up' AS theme, 'mean' AS kind, 'people' AS unit, 1 AS decimals,
       'neither' AS direction, 'year' AS grain, 'register' AS method, 'made_up' AS source, n AS position,
       'Cijfer ' || n AS title_nl, 'Figure ' || n AS title_en, 'Verzonnen.' AS description_nl, 'Made up.' AS description_en
FROM (SELECT $indicators AS indicators) AS size, range(indicators) AS each(n);

-- One value for each indicator and level, so that the indicators are taken up.
CREATE TEMP TABLE observation AS
SELECT declared.id AS indicator, min(area.code) AS area_code, DATE '2024-01-01' AS period, 2024 AS edition,
       'made_up' AS source, 'ok'::status AS status, 1.0::DOUBLE AS value,
       NULL::DOUBLE AS low, NULL::DOUBLE AS high, NULL::INTEGER AS n, false AS provisional, ['made_up'] AS sources,
       false AS converted, false AS beside
FROM declared_indicator AS declared, received_area AS area
GROUP BY declared.id, area.level;
