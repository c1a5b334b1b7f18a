DELETE FROM trip_changes WHERE what = 'stops';
ALTER TABLE trip_changes DROP CONSTRAINT trip_changes_what_check;
ALTER TABLE trip_changes ADD CONSTRAINT trip_changes_what_check CHECK (what IN ('vehicle', 'crew', 'times', 'seats', 'cancelled'));
