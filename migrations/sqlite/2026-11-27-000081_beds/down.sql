DROP TABLE bed_promises;
DROP TABLE site_nights;
