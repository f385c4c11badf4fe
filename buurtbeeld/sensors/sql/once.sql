-- Of the same reading in several files of a day, or twice in one, the last counts. Before it: view `part`, as `numbered`.
CREATE OR REPLACE TEMP TABLE reading AS
WITH last AS (
    SELECT sensor, quantity, time, arg_max({value: value, doubted: doubted}, nr) AS said
    FROM part
    GROUP BY ALL
)
SELECT sensor, quantity, time, said.value AS value, said.doubted AS doubted
FROM last;
