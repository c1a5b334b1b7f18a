-- What is owed to a traveller: care, medicines, notes. It belongs to the person and so to whoever answers for them; the words are sealed under
-- the person's own key. That it was done is a deed of its own, and neither is ever changed.
CREATE TABLE obligations (
    id uuid PRIMARY KEY,
    traveller_id uuid NOT NULL REFERENCES travellers (id),
    kind text NOT NULL CHECK (kind IN ('care', 'medicine', 'note')),
    words bytea NOT NULL,
    due_at timestamptz,
    added_by text NOT NULL,
    added_for uuid NOT NULL REFERENCES organisations (id),
    added_at timestamptz NOT NULL
);
CREATE INDEX obligations_of ON obligations (traveller_id);

CREATE TABLE obligation_deeds (
    obligation_id uuid CONSTRAINT obligation_done PRIMARY KEY REFERENCES obligations (id),
    done_by text NOT NULL,
    done_for uuid NOT NULL REFERENCES organisations (id),
    done_at timestamptz NOT NULL
);

CREATE FUNCTION obligation_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'obligation_is_kept', ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'obligation_is_kept';
END
$$;
CREATE TRIGGER obligations_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON obligations FOR EACH STATEMENT EXECUTE FUNCTION obligation_is_kept();
CREATE TRIGGER obligation_deeds_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON obligation_deeds FOR EACH STATEMENT EXECUTE FUNCTION obligation_is_kept();
