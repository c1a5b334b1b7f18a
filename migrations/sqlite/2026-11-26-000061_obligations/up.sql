-- What is owed to a traveller: care, medicines, notes. It belongs to the person and so to whoever answers for them; the words are sealed under
-- the person's own key. That it was done is a deed of its own, and neither is ever changed.
CREATE TABLE obligations (
    id BLOB PRIMARY KEY,
    traveller_id BLOB NOT NULL REFERENCES travellers (id),
    kind TEXT NOT NULL CHECK (kind IN ('care', 'medicine', 'note')),
    words BLOB NOT NULL,
    due_at INTEGER,
    added_by TEXT NOT NULL,
    added_for BLOB NOT NULL REFERENCES organisations (id),
    added_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX obligations_of ON obligations (traveller_id);

CREATE TABLE obligation_deeds (
    obligation_id BLOB PRIMARY KEY REFERENCES obligations (id),
    done_by TEXT NOT NULL,
    done_for BLOB NOT NULL REFERENCES organisations (id),
    done_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER obligations_no_replace BEFORE INSERT ON obligations BEGIN
    SELECT RAISE(ABORT, 'obligation_is_kept') WHERE EXISTS (SELECT 1 FROM obligations WHERE id = NEW.id);
END;
CREATE TRIGGER obligations_no_update BEFORE UPDATE ON obligations BEGIN SELECT RAISE(ABORT, 'obligation_is_kept'); END;
CREATE TRIGGER obligations_no_delete BEFORE DELETE ON obligations BEGIN SELECT RAISE(ABORT, 'obligation_is_kept'); END;
CREATE TRIGGER obligation_deeds_no_replace BEFORE INSERT ON obligation_deeds BEGIN
    SELECT RAISE(ABORT, 'obligation_done') WHERE EXISTS (SELECT 1 FROM obligation_deeds WHERE obligation_id = NEW.obligation_id);
END;
CREATE TRIGGER obligation_deeds_no_update BEFORE UPDATE ON obligation_deeds BEGIN SELECT RAISE(ABORT, 'obligation_is_kept'); END;
CREATE TRIGGER obligation_deeds_no_delete BEFORE DELETE ON obligation_deeds BEGIN SELECT RAISE(ABORT, 'obligation_is_kept'); END;
