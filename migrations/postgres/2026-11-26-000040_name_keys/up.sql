-- Keyed hashes of each name alone, by which somebody is found who says their name. `name_hash` is of name and date of birth together.
ALTER TABLE travellers ADD COLUMN name_key bytea;
ALTER TABLE travellers ADD COLUMN latin_key bytea;
CREATE INDEX travellers_by_name_key ON travellers (name_key) WHERE name_key IS NOT NULL;
CREATE INDEX travellers_by_latin_key ON travellers (latin_key) WHERE latin_key IS NOT NULL;
