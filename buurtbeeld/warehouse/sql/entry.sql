-- Entries of lists that others keep: registers, datasets. Only what they are called, and where they stand.
CREATE TABLE mart_entry AS
SELECT source.source_id, received.id, received.title, received.link, received.date, received.licence
FROM received_entry AS received
JOIN mart_source AS source ON source.id = received.source
ORDER BY source.source_id, received.title, received.id;

CREATE VIEW entry AS
SELECT entry.id, source.id AS source, entry.title, entry.link, entry.date, entry.licence
FROM mart_entry AS entry
JOIN mart_source AS source USING (source_id);
