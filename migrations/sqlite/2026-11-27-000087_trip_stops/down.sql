CREATE TABLE trip_changes_new (
    id BLOB PRIMARY KEY,
    trip_id BLOB NOT NULL REFERENCES trips (id),
    at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('vehicle', 'crew', 'times', 'seats', 'cancelled')),
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    because TEXT,
    causes TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
INSERT INTO trip_changes_new (id, trip_id, at, changed_by, what, before, after, because, causes) SELECT id, trip_id, at, changed_by, what, before, after, because, causes FROM trip_changes WHERE what <> 'stops';
DROP TABLE trip_changes;
ALTER TABLE trip_changes_new RENAME TO trip_changes;
CREATE INDEX trip_changes_of ON trip_changes (trip_id);
