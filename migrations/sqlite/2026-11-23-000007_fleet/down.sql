DROP TABLE staff;
DROP TABLE vehicles;
