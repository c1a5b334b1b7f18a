DROP TABLE handoff_people;
DROP TABLE handoffs;
