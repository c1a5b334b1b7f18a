-- Who landed: flights, the rosters that named them, the people, what was found out about them, what holds them.
CREATE TABLE flights (
    id BLOB PRIMARY KEY,
    flight_no TEXT NOT NULL,
    port TEXT NOT NULL,
    landed_on DATE NOT NULL,
    landed_at INTEGER NOT NULL,
    CONSTRAINT flight_known UNIQUE (flight_no, port, landed_on)
) WITHOUT ROWID;
CREATE INDEX flights_by_day ON flights (landed_on);

CREATE TABLE rosters (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('csv', 'xlsx', 'paxlst', 'results')),
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    imported_by TEXT NOT NULL,
    n_rows INTEGER NOT NULL DEFAULT 0,
    n_new INTEGER NOT NULL DEFAULT 0,
    n_same INTEGER NOT NULL DEFAULT 0,
    n_changed INTEGER NOT NULL DEFAULT 0,
    n_rejected INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX rosters_by_digest ON rosters (digest);

CREATE TABLE roster_notes (
    roster_id BLOB NOT NULL REFERENCES rosters (id),
    seq INTEGER NOT NULL,
    line INTEGER NOT NULL,
    is_problem BOOLEAN NOT NULL,
    column_name TEXT,
    code TEXT NOT NULL,
    message_zh TEXT NOT NULL,
    message_en TEXT NOT NULL,
    PRIMARY KEY (roster_id, seq)
) WITHOUT ROWID;

-- The identity (name, document, phone, address, health, notes) is sealed in one piece under the traveller's own key.
-- What is in the clear is what the counting and the moving need. The custody columns cache the fold of the ledger.
CREATE TABLE travellers (
    id BLOB PRIMARY KEY,
    flight_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    document_hash BLOB NOT NULL,
    nationality TEXT NOT NULL,
    journey INTEGER NOT NULL CHECK (journey >= 1),
    name_hash BLOB NOT NULL,
    identity_key BLOB,
    identity BLOB,
    seat TEXT,
    destination TEXT,
    city TEXT,
    province TEXT,
    transfer_to TEXT,
    policy TEXT,
    policy_version INTEGER,
    landed_at INTEGER NOT NULL,
    border_at INTEGER,
    checked_in_at INTEGER,
    exposed_on DATE,
    home_approved BOOLEAN NOT NULL DEFAULT 0,
    transfer_on DATE,
    release_on DATE,
    roster_id BLOB,
    roster_line INTEGER,
    stock TEXT NOT NULL CHECK (stock IN ('at_port', 'in_shanghai', 'on_road', 'at_destination', 'medical', 'released', 'left_network')),
    custodian_id BLOB,
    custody_seq INTEGER NOT NULL CHECK (custody_seq >= 1),
    custody_hash BLOB NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    updated_at INTEGER NOT NULL,
    CHECK ((stock IN ('released', 'left_network')) = (custodian_id IS NULL)),
    CONSTRAINT traveller_known UNIQUE (document_hash, nationality, journey)
) WITHOUT ROWID;
CREATE INDEX travellers_by_name ON travellers (name_hash);
CREATE INDEX travellers_by_flight ON travellers (flight_id);
CREATE INDEX travellers_by_transfer ON travellers (transfer_on, city);
CREATE INDEX travellers_by_custodian ON travellers (custodian_id) WHERE custodian_id IS NOT NULL;
CREATE INDEX travellers_by_release ON travellers (release_on) WHERE custodian_id IS NOT NULL;

-- Before and after of what a later roster or a person changed; sealed, because it is identity.
CREATE TABLE traveller_changes (
    traveller_id BLOB NOT NULL REFERENCES travellers (id),
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    roster_id BLOB,
    roster_line INTEGER,
    fields TEXT NOT NULL,
    sealed BLOB,
    PRIMARY KEY (traveller_id, version)
) WITHOUT ROWID;

-- A result for nobody known waits here, without a traveller, until its person is known.
CREATE TABLE test_results (
    id BLOB PRIMARY KEY,
    traveller_id BLOB REFERENCES travellers (id),
    document_hash BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('nucleic_acid', 'antibody')),
    result TEXT NOT NULL CHECK (result IN ('negative', 'positive', 'indeterminate')),
    sampled_at INTEGER NOT NULL,
    lab TEXT,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    CONSTRAINT result_known UNIQUE (document_hash, kind, sampled_at, result)
) WITHOUT ROWID;
CREATE INDEX test_results_by_traveller ON test_results (traveller_id) WHERE traveller_id IS NOT NULL;

CREATE TABLE holds (
    id BLOB PRIMARY KEY,
    traveller_id BLOB NOT NULL REFERENCES travellers (id),
    party_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('medical', 'positive', 'exposure', 'administrative')),
    reason TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    lifted_at INTEGER,
    lifted_by TEXT,
    lifted_because TEXT,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
) WITHOUT ROWID;
CREATE INDEX holds_by_traveller ON holds (traveller_id);
CREATE INDEX holds_open_by_party ON holds (party_id) WHERE lifted_at IS NULL;
