DROP TABLE ride_needs;
