DROP TABLE handoff_people;
DROP TABLE handoffs;
DROP FUNCTION handoff_is_closed();
