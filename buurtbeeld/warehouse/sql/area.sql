-- Areas of every edition that was loaded; the key is (code, edition).
CREATE TABLE mart_area AS
WITH received AS (SELECT * FROM received_area)
SELECT
    (row_number() OVER (ORDER BY received.edition, level.rank, received.code))::INTEGER AS area_id,
    received.code,
    received.level,
    received.name,
    received.parent_code,
    received.edition::SMALLINT AS edition,
    received.lon,
    received.lat,
    received.area_ha,
    received.changed,
    received.geometry
FROM received
JOIN declared_level AS level ON level.id = received.level
ORDER BY area_id;

CREATE VIEW area AS
SELECT code, level, name, parent_code, edition, lon, lat, area_ha, changed, geometry FROM mart_area;

CREATE VIEW area_now AS
SELECT * FROM area WHERE edition = (SELECT max(edition) FROM mart_area);
