-- From the city's own plain files: goals the council set, and what was done. Empty until the city fills them.
CREATE TABLE target (indicator VARCHAR, code VARCHAR, year SMALLINT, value DOUBLE, document VARCHAR, link VARCHAR);
CREATE TABLE measure (code VARCHAR, "from" DATE, "to" DATE, title VARCHAR, link VARCHAR);
