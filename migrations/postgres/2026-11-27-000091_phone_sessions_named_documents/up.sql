-- The session in which a phone's key was last enrolled, which is closed when the key is taken back.
ALTER TABLE phone_keys ADD COLUMN session_id uuid REFERENCES tokens (id);

-- Documents that a guest named at a handoff without their being on its list, each sealed under a key of its own, and whom of those that the chain
-- knows it belongs to. Nothing of it changes but that key and text are destroyed.
CREATE TABLE named_documents (
    id uuid PRIMARY KEY,
    handoff_id uuid NOT NULL REFERENCES handoffs (id),
    traveller_id uuid REFERENCES travellers (id),
    document_key bytea,
    document bytea,
    named_at timestamptz NOT NULL,
    CHECK ((document IS NULL) = (document_key IS NULL))
);
CREATE INDEX named_documents_of ON named_documents (handoff_id);
CREATE INDEX named_documents_known ON named_documents (named_at) WHERE document IS NOT NULL;
CREATE TRIGGER named_documents_no_update BEFORE UPDATE ON named_documents FOR EACH ROW
    WHEN (NEW.document IS NOT NULL OR (NEW.id, NEW.handoff_id, NEW.traveller_id, NEW.named_at) IS DISTINCT FROM (OLD.id, OLD.handoff_id, OLD.traveller_id, OLD.named_at))
    EXECUTE FUNCTION handoff_is_closed();
CREATE TRIGGER named_documents_no_delete BEFORE DELETE OR TRUNCATE ON named_documents FOR EACH STATEMENT EXECUTE FUNCTION handoff_is_closed();
