-- Why what was signed on a phone does not count: the code of the reason.
ALTER TABLE signed_receipts ADD COLUMN because TEXT;
