-- A vehicle in the workshop and somebody on leave are booked like by a trip, so that nothing is given to them meanwhile; for a reason instead of a trip.
CREATE TABLE bookings_with_absences (
    id BLOB PRIMARY KEY,
    trip_id BLOB REFERENCES trips (id),
    resource_id BLOB NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    is_cancelled BOOLEAN NOT NULL DEFAULT 0,
    because TEXT,
    booked_by TEXT,
    CHECK (ends_at > starts_at),
    CHECK ((trip_id IS NULL) = (because IS NOT NULL)),
    CHECK ((because IS NULL) = (booked_by IS NULL))
) WITHOUT ROWID;
INSERT INTO bookings_with_absences (id, trip_id, resource_id, starts_at, ends_at, is_cancelled)
    SELECT id, trip_id, resource_id, starts_at, ends_at, is_cancelled FROM bookings;
DROP TABLE bookings;
ALTER TABLE bookings_with_absences RENAME TO bookings;
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
