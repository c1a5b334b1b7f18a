-- What changed on a trip after people had been told of it, and why: for whoever has planned by what they were told.
CREATE TABLE trip_changes (
    id BLOB PRIMARY KEY,
    trip_id BLOB NOT NULL REFERENCES trips (id),
    at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('vehicle', 'crew', 'seats', 'cancelled')),
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    because TEXT
) WITHOUT ROWID;
CREATE INDEX trip_changes_of ON trip_changes (trip_id);
