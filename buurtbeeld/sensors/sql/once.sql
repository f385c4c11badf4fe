-- Of the same reading in several files of a day, or twice in one, the last counts. Variables as
-- in hours.sql, and files: their names, the last one last.
CREATE OR REPLACE TEMP TABLE reading AS
WITH numbered AS (
    SELECT *, (list_position(getvariable('files'), parse_filename(filename))::BIGINT << 40) + file_row_number AS nr
    FROM received
    WHERE
        value IS NOT NULL
        AND time > getvariable('begin') AND time <= getvariable('until')
        AND (getvariable('parts') = 1 OR hash(sensor) % getvariable('parts') = getvariable('part'))
),
last AS (
    SELECT sensor, quantity, time, arg_max({value: value, doubted: doubted}, nr) AS said
    FROM numbered
    GROUP BY ALL
)
SELECT sensor, quantity, time, said.value AS value, said.doubted AS doubted
FROM last;
