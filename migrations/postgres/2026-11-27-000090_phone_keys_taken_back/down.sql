DROP INDEX signed_receipts_by;
DROP INDEX phone_keys_of;
ALTER TABLE phone_keys DROP COLUMN taken_back_at;
