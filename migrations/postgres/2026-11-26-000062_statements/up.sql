-- Statements as they were when first signed, and what each side said of them. Neither is ever changed: a difference found later is another
-- statement.
CREATE TABLE statements (
    id uuid PRIMARY KEY,
    one_id uuid NOT NULL REFERENCES organisations (id),
    other_id uuid NOT NULL REFERENCES organisations (id),
    from_date date NOT NULL,
    to_date date NOT NULL,
    body text NOT NULL,
    digest bytea NOT NULL CONSTRAINT statement_known UNIQUE,
    frozen_at timestamptz NOT NULL,
    CHECK (from_date <= to_date),
    CHECK (one_id <> other_id)
);
CREATE INDEX statements_between ON statements (one_id, other_id, from_date, to_date);

-- Numbered as they were given, because what a side said last counts.
CREATE TABLE statement_signatures (
    statement_id uuid NOT NULL REFERENCES statements (id),
    n integer NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    signed_by text NOT NULL,
    signed_by_user uuid,
    signed_at timestamptz NOT NULL,
    refused_because text,
    signature bytea NOT NULL,
    PRIMARY KEY (statement_id, n)
);
CREATE UNIQUE INDEX statement_signed ON statement_signatures (statement_id, organisation_id) WHERE refused_because IS NULL;

CREATE FUNCTION statement_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'statement_is_kept', ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'statement_is_kept';
END
$$;
CREATE TRIGGER statements_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON statements FOR EACH STATEMENT EXECUTE FUNCTION statement_is_kept();
CREATE TRIGGER statement_signatures_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_signatures
    FOR EACH STATEMENT EXECUTE FUNCTION statement_is_kept();
