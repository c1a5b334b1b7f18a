-- Custody offered by one organisation to another, and what the other answered. A person is in one open handoff at the most.
CREATE TABLE handoffs (
    id uuid PRIMARY KEY,
    trip_id uuid REFERENCES trips (id),
    from_organisation uuid NOT NULL REFERENCES organisations (id),
    to_organisation uuid NOT NULL REFERENCES organisations (id),
    state text NOT NULL CHECK (state IN ('offered', 'accepted', 'accepted_with_exceptions', 'refused', 'withdrawn', 'lapsed')),
    list_digest bytea NOT NULL,
    n_people integer NOT NULL CHECK (n_people >= 1),
    offered_by text NOT NULL,
    offered_at timestamptz NOT NULL,
    answer_by timestamptz,
    counted integer,
    answered_by text,
    answered_at timestamptz,
    happened_at timestamptz,
    reason text,
    version integer NOT NULL DEFAULT 1,
    CHECK (from_organisation <> to_organisation),
    CHECK ((state = 'offered') = (answered_at IS NULL)),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL))
);
CREATE INDEX handoffs_to ON handoffs (to_organisation, offered_at);
CREATE INDEX handoffs_from ON handoffs (from_organisation, offered_at);

CREATE TABLE handoff_people (
    handoff_id uuid NOT NULL REFERENCES handoffs (id),
    traveller_id uuid NOT NULL REFERENCES travellers (id),
    is_open boolean NOT NULL,
    outcome text CHECK (outcome IN ('received', 'missing', 'refused', 'extra', 'wrong_vehicle')),
    reason text,
    PRIMARY KEY (handoff_id, traveller_id),
    CHECK (NOT is_open OR outcome IS NULL)
);
CREATE UNIQUE INDEX one_open_handoff ON handoff_people (traveller_id) WHERE is_open;
