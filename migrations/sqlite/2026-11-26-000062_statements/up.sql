-- Statements as they were when first signed, and what each side said of them. Neither is ever changed: a difference found later is another
-- statement.
CREATE TABLE statements (
    id BLOB PRIMARY KEY,
    one_id BLOB NOT NULL REFERENCES organisations (id),
    other_id BLOB NOT NULL REFERENCES organisations (id),
    from_date DATE NOT NULL,
    to_date DATE NOT NULL,
    body TEXT NOT NULL,
    digest BLOB NOT NULL CONSTRAINT statement_known UNIQUE,
    frozen_at INTEGER NOT NULL,
    CHECK (from_date <= to_date),
    CHECK (one_id <> other_id)
) WITHOUT ROWID;
CREATE INDEX statements_between ON statements (one_id, other_id, from_date, to_date);

-- Numbered as they were given, because what a side said last counts.
CREATE TABLE statement_signatures (
    statement_id BLOB NOT NULL REFERENCES statements (id),
    n INTEGER NOT NULL,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    signed_by TEXT NOT NULL,
    signed_by_user BLOB,
    signed_at INTEGER NOT NULL,
    refused_because TEXT,
    signature BLOB NOT NULL,
    PRIMARY KEY (statement_id, n)
) WITHOUT ROWID;
CREATE UNIQUE INDEX statement_signed ON statement_signatures (statement_id, organisation_id) WHERE refused_because IS NULL;

CREATE TRIGGER statements_no_replace BEFORE INSERT ON statements BEGIN
    SELECT RAISE(ABORT, 'statement_is_kept') WHERE EXISTS (SELECT 1 FROM statements WHERE id = NEW.id);
END;
CREATE TRIGGER statements_no_update BEFORE UPDATE ON statements BEGIN SELECT RAISE(ABORT, 'statement_is_kept'); END;
CREATE TRIGGER statements_no_delete BEFORE DELETE ON statements BEGIN SELECT RAISE(ABORT, 'statement_is_kept'); END;
CREATE TRIGGER statement_signatures_no_replace BEFORE INSERT ON statement_signatures BEGIN
    SELECT RAISE(ABORT, 'statement_is_kept') WHERE EXISTS (SELECT 1 FROM statement_signatures WHERE statement_id = NEW.statement_id AND n = NEW.n);
END;
CREATE TRIGGER statement_signatures_no_update BEFORE UPDATE ON statement_signatures BEGIN SELECT RAISE(ABORT, 'statement_is_kept'); END;
CREATE TRIGGER statement_signatures_no_delete BEFORE DELETE ON statement_signatures BEGIN SELECT RAISE(ABORT, 'statement_is_kept'); END;
