DROP TABLE trip_drives;
