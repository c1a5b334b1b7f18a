-- Who answered for whom, from when: append-only, one unbroken chain per traveller. An entry's giver is the receiver of the
-- entry before, by foreign key; two entries cannot follow the same one, by primary key.
CREATE TABLE custody_entries (
    traveller_id uuid NOT NULL,
    seq integer NOT NULL CHECK (seq >= 1),
    prev_seq integer GENERATED ALWAYS AS (nullif(seq - 1, 0)) STORED,
    kind text NOT NULL CHECK (kind IN ('landed', 'admitted', 'boarded', 'received', 'relayed', 'diverted', 'returned', 'reassigned', 'released', 'left_network')),
    from_custodian uuid,
    to_custodian uuid,
    from_stock text,
    to_stock text NOT NULL,
    province text,
    city text,
    policy text,
    happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    act_id uuid NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT custody_chain PRIMARY KEY (traveller_id, seq),
    CONSTRAINT custody_chain_receiver UNIQUE (traveller_id, seq, to_custodian),
    CONSTRAINT custody_chain_giver FOREIGN KEY (traveller_id, prev_seq, from_custodian) REFERENCES custody_entries (traveller_id, seq, to_custodian),
    CONSTRAINT custody_first CHECK ((seq = 1) = (from_custodian IS NULL)),
    CONSTRAINT custody_last CHECK ((to_stock IN ('released', 'left_network')) = (to_custodian IS NULL))
);
CREATE INDEX custody_entries_by_act ON custody_entries (act_id) WHERE seq > 1;

-- The ledger added up per transaction: how many went from which stock to which, of which destination and policy.
-- Kept beside the ledger so that a day's figures cost what the day cost, not what the season did.
CREATE TABLE custody_flows (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    is_late boolean NOT NULL,
    province text,
    city text,
    policy text,
    kind text NOT NULL,
    from_stock text,
    to_stock text,
    n integer NOT NULL CHECK (n > 0)
);
CREATE INDEX custody_flows_by_day ON custody_flows (happened_on);
CREATE INDEX custody_flows_late ON custody_flows (recorded_at, happened_on) WHERE is_late;

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'ledger_is_append_only', ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_is_append_only';
END
$$;
CREATE TRIGGER custody_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON custody_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER custody_flows_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON custody_flows FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
