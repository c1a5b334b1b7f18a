DROP INDEX travellers_by_latin_key;
DROP INDEX travellers_by_name_key;
ALTER TABLE travellers DROP COLUMN latin_key;
ALTER TABLE travellers DROP COLUMN name_key;
