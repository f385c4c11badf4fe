-- Places, such as schools, containers and stations, with the buurt that each lies in. What two sources have is there once,
-- from the source that the other names: Samen Meten has the sensors of Sensor.Community, and calibrates them.
CREATE TABLE mart_place AS
SELECT source.source_id, received.id, received.kind, received.name, received.code, received.lon, received.lat
FROM received_point AS received
JOIN mart_source AS source ON source.id = received.source
WHERE NOT EXISTS (
    FROM received_point AS other WHERE other.id = received.same_as AND other.source <> received.source
)
ORDER BY source.source_id, received.kind, received.id;

CREATE VIEW place AS
SELECT place.id, source.id AS source, place.kind, place.name, place.code, place.lon, place.lat, source.is_sample,
       source.is_simulated
FROM mart_place AS place
JOIN mart_source AS source USING (source_id);
