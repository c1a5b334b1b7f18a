ALTER TABLE staff DROP COLUMN depot_id;
ALTER TABLE vehicles DROP COLUMN depot_id;
ALTER TABLE vehicles DROP COLUMN luggage;
ALTER TABLE vehicles DROP COLUMN infants;
ALTER TABLE vehicles DROP COLUMN contact_cap;
