-- The keys of phones, each for the one user who had signed in when it was made; and what was signed under them, as it was signed.
CREATE TABLE phone_keys (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    public_key BLOB NOT NULL CONSTRAINT phone_key_known UNIQUE,
    enrolled_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE signed_receipts (
    id BLOB PRIMARY KEY,
    handoff_id BLOB NOT NULL REFERENCES handoffs (id),
    key_id BLOB NOT NULL REFERENCES phone_keys (id),
    said TEXT NOT NULL,
    signature BLOB NOT NULL,
    is_merged BOOLEAN NOT NULL,
    delivered_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX signed_receipts_of ON signed_receipts (handoff_id);
CREATE TRIGGER signed_receipts_no_replace BEFORE INSERT ON signed_receipts BEGIN
    SELECT RAISE(ABORT, 'handoff_is_closed') WHERE EXISTS (SELECT 1 FROM signed_receipts WHERE id = NEW.id);
END;
CREATE TRIGGER signed_receipts_no_update BEFORE UPDATE ON signed_receipts BEGIN SELECT RAISE(ABORT, 'handoff_is_closed'); END;
CREATE TRIGGER signed_receipts_no_delete BEFORE DELETE ON signed_receipts BEGIN SELECT RAISE(ABORT, 'handoff_is_closed'); END;
