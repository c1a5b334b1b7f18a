-- The Merkle root over the entries of the ledger that were recorded on a day, each day chained to the one before it that had any.
CREATE TABLE ledger_roots (
    on_date DATE PRIMARY KEY NOT NULL,
    n_entries BIGINT NOT NULL CHECK (n_entries > 0),
    root BLOB NOT NULL,
    previous BLOB NOT NULL,
    chain BLOB NOT NULL,
    sealed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER ledger_roots_no_replace BEFORE INSERT ON ledger_roots BEGIN
    SELECT RAISE(ABORT, 'ledger_is_append_only') WHERE EXISTS (SELECT 1 FROM ledger_roots WHERE on_date = NEW.on_date);
END;
CREATE TRIGGER ledger_roots_no_update BEFORE UPDATE ON ledger_roots BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
CREATE TRIGGER ledger_roots_no_delete BEFORE DELETE ON ledger_roots BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
