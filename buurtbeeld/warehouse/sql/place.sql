-- Places, such as schools, containers and stations, with the buurt that each lies in.
CREATE TABLE mart_place AS
SELECT source.source_id, received.id, received.kind, received.name, received.code, received.lon, received.lat
FROM received_point AS received
JOIN mart_source AS source ON source.id = received.source
ORDER BY source.source_id, received.kind, received.id;

CREATE VIEW place AS
SELECT place.id, source.id AS source, place.kind, place.name, place.code, place.lon, place.lat, source.is_sample,
       source.is_simulated
FROM mart_place AS place
JOIN mart_source AS source USING (source_id);
