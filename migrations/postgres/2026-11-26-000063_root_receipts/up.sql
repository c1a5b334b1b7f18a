-- That an organisation keeps a day's chain value. No key to the day: what is kept stays also if somebody takes the day away, and so is found.
CREATE TABLE root_receipts (
    on_date date NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    chain bytea NOT NULL,
    kept_by text NOT NULL,
    kept_at timestamptz NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (on_date, organisation_id)
);
CREATE TRIGGER root_receipts_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON root_receipts FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
