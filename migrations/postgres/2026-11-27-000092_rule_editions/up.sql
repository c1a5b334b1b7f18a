-- What administrators have loaded in place of the files that a rulebook is read from. Of each part the highest number is in force; two who load
-- at once make one edition, because its number is taken.
CREATE TABLE rule_editions (
    id uuid PRIMARY KEY,
    part text NOT NULL CHECK (part IN ('places', 'organisations', 'routes', 'policies')),
    number integer NOT NULL CHECK (number > 0),
    text text NOT NULL,
    reason text NOT NULL,
    loaded_by text NOT NULL,
    loaded_at timestamptz NOT NULL,
    CONSTRAINT edition_known UNIQUE (part, number)
);
CREATE TRIGGER rule_editions_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_editions FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
