-- A whole copy of a day has each reading once. Before it: view `part`, as `numbered`.
CREATE OR REPLACE TEMP VIEW reading AS SELECT sensor, quantity, time, value, doubted FROM part;
