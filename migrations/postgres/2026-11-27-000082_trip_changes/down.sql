DROP TABLE trip_changes;
