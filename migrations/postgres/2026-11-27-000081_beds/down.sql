DROP TABLE bed_promises;
DROP FUNCTION bed_promises_fit;
DROP TABLE site_nights;
