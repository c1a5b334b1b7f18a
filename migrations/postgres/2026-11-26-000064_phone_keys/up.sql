-- The keys of phones, each for the one user who had signed in when it was made; and what was signed under them, as it was signed.
CREATE TABLE phone_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    public_key bytea NOT NULL CONSTRAINT phone_key_known UNIQUE,
    enrolled_at timestamptz NOT NULL
);

CREATE TABLE signed_receipts (
    id uuid PRIMARY KEY,
    handoff_id uuid NOT NULL REFERENCES handoffs (id),
    key_id uuid NOT NULL REFERENCES phone_keys (id),
    said text NOT NULL,
    signature bytea NOT NULL,
    is_merged boolean NOT NULL,
    delivered_at timestamptz NOT NULL
);
CREATE INDEX signed_receipts_of ON signed_receipts (handoff_id);
CREATE TRIGGER signed_receipts_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON signed_receipts FOR EACH STATEMENT EXECUTE FUNCTION handoff_is_closed();
