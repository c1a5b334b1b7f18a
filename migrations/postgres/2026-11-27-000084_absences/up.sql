-- A vehicle in the workshop and somebody on leave are booked like by a trip, so that nothing is given to them meanwhile; for a reason instead of a trip.
ALTER TABLE bookings ALTER COLUMN trip_id DROP NOT NULL;
ALTER TABLE bookings ADD COLUMN because text;
ALTER TABLE bookings ADD COLUMN booked_by text;
ALTER TABLE bookings ADD CHECK ((trip_id IS NULL) = (because IS NOT NULL));
ALTER TABLE bookings ADD CHECK ((because IS NULL) = (booked_by IS NULL));
