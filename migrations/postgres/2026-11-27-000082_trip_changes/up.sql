-- What changed on a trip after people had been told of it, and why: for whoever has planned by what they were told.
CREATE TABLE trip_changes (
    id uuid PRIMARY KEY,
    trip_id uuid NOT NULL REFERENCES trips (id),
    at timestamptz NOT NULL,
    changed_by text NOT NULL,
    what text NOT NULL CHECK (what IN ('vehicle', 'crew', 'seats', 'cancelled')),
    before text NOT NULL,
    after text NOT NULL,
    because text
);
CREATE INDEX trip_changes_of ON trip_changes (trip_id);
