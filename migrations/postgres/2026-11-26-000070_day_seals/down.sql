DROP TABLE day_seals;
DROP FUNCTION sealed_is_sealed();
