-- Trips, their legs, seats and crews, and the time that a vehicle or a person is taken.
CREATE TABLE trips (
    id BLOB PRIMARY KEY,
    number TEXT NOT NULL CONSTRAINT trip_known UNIQUE,
    on_date DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'announced', 'boarding', 'departed', 'arrived', 'closed', 'cancelled')),
    vehicle_id BLOB NOT NULL REFERENCES vehicles (id),
    province TEXT NOT NULL,
    departs_at INTEGER NOT NULL,
    arrives_at INTEGER NOT NULL,
    load_cap INTEGER NOT NULL CHECK (load_cap >= 1),
    disinfection_min INTEGER NOT NULL CHECK (disinfection_min >= 0),
    departed_at INTEGER,
    arrived_at INTEGER,
    cancelled_because TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    CHECK (arrives_at > departs_at)
) WITHOUT ROWID;
CREATE INDEX trips_by_day ON trips (on_date);
CREATE INDEX trips_by_vehicle ON trips (vehicle_id, departs_at);

-- The last number given to a trip of a day.
CREATE TABLE trip_numbers (
    on_date DATE PRIMARY KEY NOT NULL,
    last INTEGER NOT NULL CHECK (last >= 1)
) WITHOUT ROWID;

CREATE TABLE trip_legs (
    trip_id BLOB NOT NULL REFERENCES trips (id),
    n INTEGER NOT NULL CHECK (n >= 1),
    from_organisation BLOB NOT NULL REFERENCES organisations (id),
    to_organisation BLOB NOT NULL REFERENCES organisations (id),
    departs_at INTEGER NOT NULL,
    arrives_at INTEGER NOT NULL,
    PRIMARY KEY (trip_id, n),
    CHECK (arrives_at > departs_at)
) WITHOUT ROWID;

CREATE TABLE trip_crew (
    trip_id BLOB NOT NULL REFERENCES trips (id),
    staff_id BLOB NOT NULL REFERENCES staff (id),
    PRIMARY KEY (trip_id, staff_id)
) WITHOUT ROWID;

CREATE TABLE trip_seats (
    trip_id BLOB NOT NULL REFERENCES trips (id),
    traveller_id BLOB NOT NULL REFERENCES travellers (id),
    seat_no INTEGER NOT NULL CHECK (seat_no >= 1),
    is_taken BOOLEAN NOT NULL DEFAULT 1,
    waived_by TEXT,
    waived_because TEXT,
    given_by TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (trip_id, traveller_id),
    CHECK ((waived_by IS NULL) = (waived_because IS NULL))
) WITHOUT ROWID;
CREATE UNIQUE INDEX seat_taken ON trip_seats (trip_id, seat_no) WHERE is_taken;
CREATE UNIQUE INDEX one_seat ON trip_seats (traveller_id) WHERE is_taken;

-- One row for each time that a vehicle or a staff member is taken; for a vehicle the time includes its disinfection.
CREATE TABLE bookings (
    id BLOB PRIMARY KEY,
    trip_id BLOB NOT NULL REFERENCES trips (id),
    resource_id BLOB NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    is_cancelled BOOLEAN NOT NULL DEFAULT 0,
    CHECK (ends_at > starts_at)
) WITHOUT ROWID;
CREATE INDEX bookings_by_trip ON bookings (trip_id);
CREATE INDEX bookings_by_resource ON bookings (resource_id, ends_at) WHERE NOT is_cancelled;
CREATE TRIGGER bookings_no_overlap_insert BEFORE INSERT ON bookings WHEN NOT NEW.is_cancelled BEGIN
    SELECT RAISE(ABORT, 'no_double_booking') WHERE EXISTS (
        SELECT 1 FROM bookings WHERE resource_id = NEW.resource_id AND NOT is_cancelled AND ends_at > NEW.starts_at AND starts_at < NEW.ends_at);
END;
CREATE TRIGGER bookings_no_overlap_update BEFORE UPDATE ON bookings WHEN NOT NEW.is_cancelled BEGIN
    SELECT RAISE(ABORT, 'no_double_booking') WHERE EXISTS (
        SELECT 1 FROM bookings WHERE resource_id = NEW.resource_id AND id <> NEW.id AND NOT is_cancelled AND ends_at > NEW.starts_at AND starts_at < NEW.ends_at);
END;
