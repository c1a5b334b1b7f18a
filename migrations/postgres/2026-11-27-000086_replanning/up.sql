-- A day planned anew: why something that had been announced changes, as the planner knows it; and a trip may leave at another time.
ALTER TABLE proposals ADD COLUMN causes JSONB;
ALTER TABLE trip_changes ADD COLUMN causes TEXT NOT NULL DEFAULT '';
ALTER TABLE trip_changes DROP CONSTRAINT trip_changes_what_check;
ALTER TABLE trip_changes ADD CONSTRAINT trip_changes_what_check CHECK (what IN ('vehicle', 'crew', 'times', 'seats', 'cancelled'));
