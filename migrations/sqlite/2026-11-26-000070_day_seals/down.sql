DROP TABLE day_seals;
