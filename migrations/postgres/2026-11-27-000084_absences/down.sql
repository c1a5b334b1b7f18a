DELETE FROM bookings WHERE trip_id IS NULL;
ALTER TABLE bookings DROP COLUMN because;
ALTER TABLE bookings DROP COLUMN booked_by;
ALTER TABLE bookings ALTER COLUMN trip_id SET NOT NULL;
