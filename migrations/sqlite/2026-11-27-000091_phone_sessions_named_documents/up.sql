-- The session in which a phone's key was last enrolled, which is closed when the key is taken back.
ALTER TABLE phone_keys ADD COLUMN session_id BLOB REFERENCES tokens (id);

-- Documents that a guest named at a handoff without their being on its list, each sealed under a key of its own, and whom of those that the chain
-- knows it belongs to. Nothing of it changes but that key and text are destroyed.
CREATE TABLE named_documents (
    id BLOB PRIMARY KEY,
    handoff_id BLOB NOT NULL REFERENCES handoffs (id),
    traveller_id BLOB REFERENCES travellers (id),
    document_key BLOB,
    document BLOB,
    named_at INTEGER NOT NULL,
    CHECK ((document IS NULL) = (document_key IS NULL))
) WITHOUT ROWID;
CREATE INDEX named_documents_of ON named_documents (handoff_id);
CREATE INDEX named_documents_known ON named_documents (named_at) WHERE document IS NOT NULL;
CREATE TRIGGER named_documents_no_replace BEFORE INSERT ON named_documents BEGIN
    SELECT RAISE(ABORT, 'handoff_is_closed') WHERE EXISTS (SELECT 1 FROM named_documents WHERE id = NEW.id);
END;
CREATE TRIGGER named_documents_no_update BEFORE UPDATE ON named_documents
    WHEN NEW.document IS NOT NULL OR NEW.id <> OLD.id OR NEW.handoff_id <> OLD.handoff_id OR NEW.traveller_id IS NOT OLD.traveller_id OR NEW.named_at <> OLD.named_at
BEGIN SELECT RAISE(ABORT, 'handoff_is_closed'); END;
CREATE TRIGGER named_documents_no_delete BEFORE DELETE ON named_documents BEGIN SELECT RAISE(ABORT, 'handoff_is_closed'); END;
