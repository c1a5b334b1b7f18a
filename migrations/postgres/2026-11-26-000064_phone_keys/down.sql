DROP TABLE signed_receipts;
DROP TABLE phone_keys;
