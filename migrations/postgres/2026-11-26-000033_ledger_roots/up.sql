-- The Merkle root over the entries of the ledger that were recorded on a day, each day chained to the one before it that had any.
CREATE TABLE ledger_roots (
    on_date date PRIMARY KEY,
    n_entries bigint NOT NULL CHECK (n_entries > 0),
    root bytea NOT NULL,
    previous bytea NOT NULL,
    chain bytea NOT NULL,
    sealed_at timestamptz NOT NULL
);
CREATE TRIGGER ledger_roots_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_roots FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
