-- That identities were destroyed: how many, whose (a digest over their ids), by whom, under the installation's signature.
CREATE TABLE destructions (
    id uuid PRIMARY KEY,
    ended_before date NOT NULL,
    destroyed_at timestamptz NOT NULL,
    destroyed_by text NOT NULL,
    n integer NOT NULL CHECK (n > 0),
    digest bytea NOT NULL,
    signature bytea NOT NULL
);
CREATE TRIGGER destructions_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON destructions FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
