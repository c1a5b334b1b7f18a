DROP TABLE bookings;
DROP TABLE trip_seats;
DROP TABLE trip_crew;
DROP TABLE trip_legs;
DROP TABLE trip_numbers;
DROP TABLE trips;
