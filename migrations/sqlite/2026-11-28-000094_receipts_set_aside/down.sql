ALTER TABLE signed_receipts DROP COLUMN because;
