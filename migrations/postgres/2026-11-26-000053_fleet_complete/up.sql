-- What else a vehicle takes (close contacts ride with more room, child seats, pieces of luggage), and where vehicles and staff stand; without a
-- depot they stand at the hub of their province.
ALTER TABLE vehicles ADD COLUMN contact_cap integer NOT NULL DEFAULT 1 CHECK (contact_cap >= 1);
ALTER TABLE vehicles ADD COLUMN infants integer NOT NULL DEFAULT 0 CHECK (infants >= 0);
ALTER TABLE vehicles ADD COLUMN luggage integer NOT NULL DEFAULT 0 CHECK (luggage >= 0);
ALTER TABLE vehicles ADD COLUMN depot_id uuid REFERENCES organisations (id);
ALTER TABLE staff ADD COLUMN depot_id uuid REFERENCES organisations (id);
UPDATE vehicles SET contact_cap = CASE WHEN load_cap > 1 THEN load_cap / 2 ELSE 1 END, luggage = 2 * load_cap;
