-- The readings that end on the day, each with a number that is higher the later it came. Before it: view `received`
-- (sensor, quantity, time, value, doubted, filename, file_row_number), variables begin and until (TIMESTAMP) and files:
-- their names, the last one last.
CREATE TEMP VIEW numbered AS
SELECT
    sensor,
    quantity,
    time,
    value,
    doubted,
    (list_position(getvariable('files'), parse_filename(filename))::BIGINT << 40) + file_row_number AS nr
FROM received
WHERE value IS NOT NULL AND time > getvariable('begin') AND time <= getvariable('until');
