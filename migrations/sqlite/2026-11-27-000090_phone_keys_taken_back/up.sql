-- When the key of a phone was taken back, after which nothing signed under it counts; and what was signed under a key, for when it was last used.
ALTER TABLE phone_keys ADD COLUMN taken_back_at INTEGER;
CREATE INDEX phone_keys_of ON phone_keys (user_id, id);
CREATE INDEX signed_receipts_by ON signed_receipts (key_id, delivered_at);
