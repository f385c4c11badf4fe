-- What each column of a file holds, once for all of its cells. `figure` is the same for columns that hold the same.
INSERT INTO received_column
SELECT
    asked.place, coalesce(known.figure, asked.place), asked.indicator, asked.source, asked.priority, asked.part,
    asked.scale, asked.col
FROM asked
LEFT JOIN (
    SELECT indicator, source, priority, part, min(figure) AS figure FROM received_column GROUP BY ALL
) AS known
  ON (known.indicator, known.source, known.priority, known.part)
   = (asked.indicator, asked.source, asked.priority, asked.part);
