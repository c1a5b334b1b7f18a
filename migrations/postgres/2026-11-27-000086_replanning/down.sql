DELETE FROM trip_changes WHERE what = 'times';
ALTER TABLE trip_changes DROP CONSTRAINT trip_changes_what_check;
ALTER TABLE trip_changes ADD CONSTRAINT trip_changes_what_check CHECK (what IN ('vehicle', 'crew', 'seats', 'cancelled'));
ALTER TABLE trip_changes DROP COLUMN causes;
ALTER TABLE proposals DROP COLUMN causes;
