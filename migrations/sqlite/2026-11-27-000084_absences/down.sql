CREATE TABLE bookings_of_trips (
    id BLOB PRIMARY KEY,
    trip_id BLOB NOT NULL REFERENCES trips (id),
    resource_id BLOB NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    is_cancelled BOOLEAN NOT NULL DEFAULT 0,
    CHECK (ends_at > starts_at)
) WITHOUT ROWID;
INSERT INTO bookings_of_trips SELECT id, trip_id, resource_id, starts_at, ends_at, is_cancelled FROM bookings WHERE trip_id IS NOT NULL;
DROP TABLE bookings;
ALTER TABLE bookings_of_trips RENAME TO bookings;
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
