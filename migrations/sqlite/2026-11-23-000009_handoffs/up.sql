-- Custody offered by one organisation to another, and what the other answered. A person is in one open handoff at the most.
CREATE TABLE handoffs (
    id BLOB PRIMARY KEY,
    trip_id BLOB REFERENCES trips (id),
    from_organisation BLOB NOT NULL REFERENCES organisations (id),
    to_organisation BLOB NOT NULL REFERENCES organisations (id),
    state TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'accepted_with_exceptions', 'refused', 'withdrawn', 'lapsed')),
    list_digest BLOB NOT NULL,
    n_people INTEGER NOT NULL CHECK (n_people >= 1),
    offered_by TEXT NOT NULL,
    offered_at INTEGER NOT NULL,
    answer_by INTEGER,
    counted INTEGER,
    answered_by TEXT,
    answered_at INTEGER,
    happened_at INTEGER,
    reason TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    CHECK (from_organisation <> to_organisation),
    CHECK ((state = 'offered') = (answered_at IS NULL)),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL))
) WITHOUT ROWID;
CREATE INDEX handoffs_to ON handoffs (to_organisation, offered_at);
CREATE INDEX handoffs_from ON handoffs (from_organisation, offered_at);

CREATE TABLE handoff_people (
    handoff_id BLOB NOT NULL REFERENCES handoffs (id),
    traveller_id BLOB NOT NULL REFERENCES travellers (id),
    is_open BOOLEAN NOT NULL,
    outcome TEXT CHECK (outcome IN ('received', 'missing', 'refused', 'extra', 'wrong_vehicle')),
    reason TEXT,
    PRIMARY KEY (handoff_id, traveller_id),
    CHECK (NOT is_open OR outcome IS NULL)
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_open_handoff ON handoff_people (traveller_id) WHERE is_open;
