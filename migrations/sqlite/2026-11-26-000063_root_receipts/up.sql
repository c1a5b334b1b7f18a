-- That an organisation keeps a day's chain value. No key to the day: what is kept stays also if somebody takes the day away, and so is found.
CREATE TABLE root_receipts (
    on_date DATE NOT NULL,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    chain BLOB NOT NULL,
    kept_by TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (on_date, organisation_id)
) WITHOUT ROWID;
CREATE TRIGGER root_receipts_no_replace BEFORE INSERT ON root_receipts BEGIN
    SELECT RAISE(ABORT, 'ledger_is_append_only')
    WHERE EXISTS (SELECT 1 FROM root_receipts WHERE on_date = NEW.on_date AND organisation_id = NEW.organisation_id);
END;
CREATE TRIGGER root_receipts_no_update BEFORE UPDATE ON root_receipts BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
CREATE TRIGGER root_receipts_no_delete BEFORE DELETE ON root_receipts BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
