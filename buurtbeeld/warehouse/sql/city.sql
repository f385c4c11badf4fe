-- From the city's own plain files: goals the council set, and what was done. Empty until the city fills them.
CREATE TABLE target AS
SELECT indicator, code, year, value, document, link FROM received_targets ORDER BY indicator, code, year;

CREATE TABLE measure AS
SELECT code, "from", "to", title, link FROM received_measures ORDER BY "from", code, title;

INSERT INTO mart_input SELECT path, sha256 FROM received_city;
