-- Who drives which piece of the way, and when, of a trip that was planned so; a trip made by hand has none.
CREATE TABLE trip_drives (
    trip_id uuid NOT NULL REFERENCES trips (id),
    n integer NOT NULL CHECK (n >= 1),
    staff_id uuid NOT NULL REFERENCES staff (id),
    from_organisation uuid NOT NULL REFERENCES organisations (id),
    to_organisation uuid NOT NULL REFERENCES organisations (id),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (trip_id, n),
    CHECK (ends_at > starts_at)
);
