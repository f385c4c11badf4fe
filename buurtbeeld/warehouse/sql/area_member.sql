-- For areas that cut across others: the buurten of the subwijken that the city wrote down, each of them whole.
CREATE TABLE area_member AS
SELECT buurt AS part_code, code AS whole_code, 1.0::DOUBLE AS weight
FROM received_subwijken
WHERE buurt IS NOT NULL AND code IS NOT NULL
ORDER BY whole_code, part_code;
