-- Who answered for whom, from when: append-only, one unbroken chain per traveller. An entry's giver is the receiver of the
-- entry before, by foreign key; two entries cannot follow the same one, by primary key.
CREATE TABLE custody_entries (
    traveller_id BLOB NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    prev_seq INTEGER GENERATED ALWAYS AS (nullif(seq - 1, 0)) STORED,
    kind TEXT NOT NULL CHECK (kind IN ('landed', 'admitted', 'boarded', 'received', 'relayed', 'diverted', 'returned', 'reassigned', 'released', 'left_network')),
    from_custodian BLOB,
    to_custodian BLOB,
    from_stock TEXT,
    to_stock TEXT NOT NULL,
    province TEXT,
    city TEXT,
    policy TEXT,
    happened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act_id BLOB NOT NULL,
    prev_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT custody_chain PRIMARY KEY (traveller_id, seq),
    CONSTRAINT custody_chain_receiver UNIQUE (traveller_id, seq, to_custodian),
    CONSTRAINT custody_chain_giver FOREIGN KEY (traveller_id, prev_seq, from_custodian) REFERENCES custody_entries (traveller_id, seq, to_custodian),
    CONSTRAINT custody_first CHECK ((seq = 1) = (from_custodian IS NULL)),
    CONSTRAINT custody_last CHECK ((to_stock IN ('released', 'left_network')) = (to_custodian IS NULL))
) WITHOUT ROWID;
CREATE INDEX custody_entries_by_act ON custody_entries (act_id) WHERE seq > 1;

-- The ledger added up per transaction: how many went from which stock to which, of which destination and policy.
-- Kept beside the ledger so that a day's figures cost what the day cost, not what the season did.
CREATE TABLE custody_flows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    happened_on DATE NOT NULL,
    recorded_at INTEGER NOT NULL,
    is_late BOOLEAN NOT NULL,
    province TEXT,
    city TEXT,
    policy TEXT,
    kind TEXT NOT NULL,
    from_stock TEXT,
    to_stock TEXT,
    n INTEGER NOT NULL CHECK (n > 0)
);
CREATE INDEX custody_flows_by_day ON custody_flows (happened_on);
CREATE INDEX custody_flows_late ON custody_flows (recorded_at, happened_on) WHERE is_late;

CREATE TRIGGER custody_entries_chain BEFORE INSERT ON custody_entries BEGIN
    SELECT RAISE(ABORT, 'custody_chain') WHERE EXISTS (SELECT 1 FROM custody_entries WHERE traveller_id = NEW.traveller_id AND seq = NEW.seq);
    SELECT RAISE(ABORT, 'custody_chain') WHERE NEW.seq > 1 AND NOT EXISTS (
        SELECT 1 FROM custody_entries WHERE traveller_id = NEW.traveller_id AND seq = NEW.seq - 1 AND to_custodian = NEW.from_custodian);
END;
CREATE TRIGGER custody_entries_no_update BEFORE UPDATE ON custody_entries BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
CREATE TRIGGER custody_entries_no_delete BEFORE DELETE ON custody_entries BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
CREATE TRIGGER custody_flows_no_update BEFORE UPDATE ON custody_flows BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
CREATE TRIGGER custody_flows_no_delete BEFORE DELETE ON custody_flows BEGIN SELECT RAISE(ABORT, 'ledger_is_append_only'); END;
