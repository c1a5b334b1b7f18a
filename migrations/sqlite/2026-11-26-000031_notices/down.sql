DROP TABLE notices;
DROP TABLE notice_addresses;
DROP INDEX events_untold;
ALTER TABLE events DROP COLUMN is_told;
