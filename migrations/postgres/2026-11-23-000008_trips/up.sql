-- Trips, their legs, seats and crews, and the time that a vehicle or a person is taken.
CREATE TABLE trips (
    id uuid PRIMARY KEY,
    number text NOT NULL CONSTRAINT trip_known UNIQUE,
    on_date date NOT NULL,
    state text NOT NULL CHECK (state IN ('planned', 'announced', 'boarding', 'departed', 'arrived', 'closed', 'cancelled')),
    vehicle_id uuid NOT NULL REFERENCES vehicles (id),
    province text NOT NULL,
    departs_at timestamptz NOT NULL,
    arrives_at timestamptz NOT NULL,
    load_cap integer NOT NULL CHECK (load_cap >= 1),
    disinfection_min integer NOT NULL CHECK (disinfection_min >= 0),
    departed_at timestamptz,
    arrived_at timestamptz,
    cancelled_because text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CHECK (arrives_at > departs_at)
);
CREATE INDEX trips_by_day ON trips (on_date);
CREATE INDEX trips_by_vehicle ON trips (vehicle_id, departs_at);

-- The last number given to a trip of a day.
CREATE TABLE trip_numbers (
    on_date date PRIMARY KEY,
    last integer NOT NULL CHECK (last >= 1)
);

CREATE TABLE trip_legs (
    trip_id uuid NOT NULL REFERENCES trips (id),
    n integer NOT NULL CHECK (n >= 1),
    from_organisation uuid NOT NULL REFERENCES organisations (id),
    to_organisation uuid NOT NULL REFERENCES organisations (id),
    departs_at timestamptz NOT NULL,
    arrives_at timestamptz NOT NULL,
    PRIMARY KEY (trip_id, n),
    CHECK (arrives_at > departs_at)
);

CREATE TABLE trip_crew (
    trip_id uuid NOT NULL REFERENCES trips (id),
    staff_id uuid NOT NULL REFERENCES staff (id),
    PRIMARY KEY (trip_id, staff_id)
);

CREATE TABLE trip_seats (
    trip_id uuid NOT NULL REFERENCES trips (id),
    traveller_id uuid NOT NULL REFERENCES travellers (id),
    seat_no integer NOT NULL CHECK (seat_no >= 1),
    is_taken boolean NOT NULL DEFAULT true,
    waived_by text,
    waived_because text,
    given_by text NOT NULL,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (trip_id, traveller_id),
    CHECK ((waived_by IS NULL) = (waived_because IS NULL))
);
CREATE UNIQUE INDEX seat_taken ON trip_seats (trip_id, seat_no) WHERE is_taken;
CREATE UNIQUE INDEX one_seat ON trip_seats (traveller_id) WHERE is_taken;

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- One row for each time that a vehicle or a staff member is taken; for a vehicle the time includes its disinfection.
CREATE TABLE bookings (
    id uuid PRIMARY KEY,
    trip_id uuid NOT NULL REFERENCES trips (id),
    resource_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    is_cancelled boolean NOT NULL DEFAULT false,
    CHECK (ends_at > starts_at),
    CONSTRAINT no_double_booking EXCLUDE USING gist (resource_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (NOT is_cancelled)
);
CREATE INDEX bookings_by_trip ON bookings (trip_id);
