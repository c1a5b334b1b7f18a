-- Who drives which piece of the way, and when, of a trip that was planned so; a trip made by hand has none.
CREATE TABLE trip_drives (
    trip_id BLOB NOT NULL REFERENCES trips (id),
    n INTEGER NOT NULL CHECK (n >= 1),
    staff_id BLOB NOT NULL REFERENCES staff (id),
    from_organisation BLOB NOT NULL REFERENCES organisations (id),
    to_organisation BLOB NOT NULL REFERENCES organisations (id),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (trip_id, n),
    CHECK (ends_at > starts_at)
) WITHOUT ROWID;
