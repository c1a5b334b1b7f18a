-- What administrators have loaded in place of the files that a rulebook is read from. Of each part the highest number is in force; two who load
-- at once make one edition, because its number is taken.
CREATE TABLE rule_editions (
    id BLOB PRIMARY KEY,
    part TEXT NOT NULL CHECK (part IN ('places', 'organisations', 'routes', 'policies')),
    number INTEGER NOT NULL CHECK (number > 0),
    text TEXT NOT NULL,
    reason TEXT NOT NULL,
    loaded_by TEXT NOT NULL,
    loaded_at INTEGER NOT NULL,
    CONSTRAINT edition_known UNIQUE (part, number)
);
CREATE TRIGGER rule_editions_no_replace BEFORE INSERT ON rule_editions BEGIN
    SELECT RAISE(ABORT, 'ledger_is_append_only') WHERE EXISTS (SELECT 1 FROM rule_editions WHERE id = NEW.id);
END;
CREATE TRIGGER rule_editions_no_update BEFORE UPDATE ON rule_editions BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
CREATE TRIGGER rule_editions_no_delete BEFORE DELETE ON rule_editions BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
