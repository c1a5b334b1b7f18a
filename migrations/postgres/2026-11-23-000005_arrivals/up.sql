-- Who landed: flights, the rosters that named them, the people, what was found out about them, what holds them.
CREATE TABLE flights (
    id uuid PRIMARY KEY,
    flight_no text NOT NULL,
    port text NOT NULL,
    landed_on date NOT NULL,
    landed_at timestamptz NOT NULL,
    CONSTRAINT flight_known UNIQUE (flight_no, port, landed_on)
);
CREATE INDEX flights_by_day ON flights (landed_on);

CREATE TABLE rosters (
    id uuid PRIMARY KEY,
    digest bytea NOT NULL,
    kind text NOT NULL CHECK (kind IN ('csv', 'xlsx', 'paxlst', 'results')),
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    imported_by text NOT NULL,
    n_rows integer NOT NULL DEFAULT 0,
    n_new integer NOT NULL DEFAULT 0,
    n_same integer NOT NULL DEFAULT 0,
    n_changed integer NOT NULL DEFAULT 0,
    n_rejected integer NOT NULL DEFAULT 0
);
CREATE INDEX rosters_by_digest ON rosters (digest);

CREATE TABLE roster_notes (
    roster_id uuid NOT NULL REFERENCES rosters (id),
    seq integer NOT NULL,
    line integer NOT NULL,
    is_problem boolean NOT NULL,
    column_name text,
    code text NOT NULL,
    message_zh text NOT NULL,
    message_en text NOT NULL,
    PRIMARY KEY (roster_id, seq)
);

-- The identity (name, document, phone, address, health, notes) is sealed in one piece under the traveller's own key.
-- What is in the clear is what the counting and the moving need. The custody columns cache the fold of the ledger.
CREATE TABLE travellers (
    id uuid PRIMARY KEY,
    flight_id uuid NOT NULL,
    party_id uuid NOT NULL,
    document_hash bytea NOT NULL,
    nationality text NOT NULL,
    journey integer NOT NULL CHECK (journey >= 1),
    name_hash bytea NOT NULL,
    identity_key bytea,
    identity bytea,
    seat text,
    destination text,
    city text,
    province text,
    transfer_to text,
    policy text,
    policy_version integer,
    landed_at timestamptz NOT NULL,
    border_at timestamptz,
    checked_in_at timestamptz,
    exposed_on date,
    home_approved boolean NOT NULL DEFAULT false,
    transfer_on date,
    release_on date,
    roster_id uuid,
    roster_line integer,
    stock text NOT NULL CHECK (stock IN ('at_port', 'in_shanghai', 'on_road', 'at_destination', 'medical', 'released', 'left_network')),
    custodian_id uuid,
    custody_seq integer NOT NULL CHECK (custody_seq >= 1),
    custody_hash bytea NOT NULL,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    CHECK ((stock IN ('released', 'left_network')) = (custodian_id IS NULL)),
    CONSTRAINT traveller_known UNIQUE (document_hash, nationality, journey)
);
CREATE INDEX travellers_by_name ON travellers (name_hash);
CREATE INDEX travellers_by_flight ON travellers (flight_id);
CREATE INDEX travellers_by_transfer ON travellers (transfer_on, city);
CREATE INDEX travellers_by_custodian ON travellers (custodian_id) WHERE custodian_id IS NOT NULL;
CREATE INDEX travellers_by_release ON travellers (release_on) WHERE custodian_id IS NOT NULL;

-- Before and after of what a later roster or a person changed; sealed, because it is identity.
CREATE TABLE traveller_changes (
    traveller_id uuid NOT NULL REFERENCES travellers (id),
    version integer NOT NULL,
    at timestamptz NOT NULL,
    changed_by text NOT NULL,
    roster_id uuid,
    roster_line integer,
    fields text NOT NULL,
    sealed bytea,
    PRIMARY KEY (traveller_id, version)
);

-- A result for nobody known waits here, without a traveller, until its person is known.
CREATE TABLE test_results (
    id uuid PRIMARY KEY,
    traveller_id uuid REFERENCES travellers (id),
    document_hash bytea NOT NULL,
    kind text NOT NULL CHECK (kind IN ('nucleic_acid', 'antibody')),
    result text NOT NULL CHECK (result IN ('negative', 'positive', 'indeterminate')),
    sampled_at timestamptz NOT NULL,
    lab text,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    CONSTRAINT result_known UNIQUE (document_hash, kind, sampled_at, result)
);
CREATE INDEX test_results_by_traveller ON test_results (traveller_id) WHERE traveller_id IS NOT NULL;

CREATE TABLE holds (
    id uuid PRIMARY KEY,
    traveller_id uuid NOT NULL REFERENCES travellers (id),
    party_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('medical', 'positive', 'exposure', 'administrative')),
    reason text NOT NULL,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    lifted_at timestamptz,
    lifted_by text,
    lifted_because text,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CREATE INDEX holds_by_traveller ON holds (traveller_id);
CREATE INDEX holds_open_by_party ON holds (party_id) WHERE lifted_at IS NULL;
