-- That identities were destroyed: how many, whose (a digest over their ids), by whom, under the installation's signature.
CREATE TABLE destructions (
    id BLOB PRIMARY KEY,
    ended_before DATE NOT NULL,
    destroyed_at INTEGER NOT NULL,
    destroyed_by TEXT NOT NULL,
    n INTEGER NOT NULL CHECK (n > 0),
    digest BLOB NOT NULL,
    signature BLOB NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER destructions_no_replace BEFORE INSERT ON destructions BEGIN
    SELECT RAISE(ABORT, 'ledger_is_append_only') WHERE EXISTS (SELECT 1 FROM destructions WHERE id = NEW.id);
END;
CREATE TRIGGER destructions_no_update BEFORE UPDATE ON destructions BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
CREATE TRIGGER destructions_no_delete BEFORE DELETE ON destructions BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
