-- Custody offered by one organisation to another, and what the other answered. A person is in one open handoff at the most, and
-- what has been answered is never changed: another act answers it.
CREATE TABLE handoffs (
    id uuid PRIMARY KEY,
    trip_id uuid REFERENCES trips (id),
    from_organisation uuid NOT NULL REFERENCES organisations (id),
    to_organisation uuid NOT NULL REFERENCES organisations (id),
    state text NOT NULL CHECK (state IN ('offered', 'lapsed', 'accepted', 'accepted_with_exceptions', 'refused', 'withdrawn')),
    list_digest bytea NOT NULL,
    n_people integer NOT NULL CHECK (n_people >= 1),
    offered_by text NOT NULL,
    offered_by_user uuid,
    offered_at timestamptz NOT NULL,
    answer_by timestamptz,
    first_count integer CHECK (first_count >= 0),
    lapsed_at timestamptz,
    answered_by text,
    answered_by_user uuid,
    answered_at timestamptz,
    is_on_behalf boolean NOT NULL DEFAULT false,
    counted integer CHECK (counted >= 0),
    happened_at timestamptz,
    reason text,
    version integer NOT NULL DEFAULT 1,
    CHECK (from_organisation <> to_organisation),
    CHECK ((state IN ('offered', 'lapsed')) = (answered_at IS NULL)),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
    CHECK (state <> 'lapsed' OR lapsed_at IS NOT NULL),
    CHECK ((state IN ('accepted', 'accepted_with_exceptions')) = (counted IS NOT NULL)),
    CHECK ((counted IS NULL) = (happened_at IS NULL)),
    CHECK (state NOT IN ('refused', 'withdrawn') OR reason IS NOT NULL)
);
CREATE INDEX handoffs_to ON handoffs (to_organisation, id);
CREATE INDEX handoffs_from ON handoffs (from_organisation, id);
CREATE INDEX handoffs_waiting ON handoffs (answer_by) WHERE answered_at IS NULL;

CREATE TABLE handoff_people (
    handoff_id uuid NOT NULL REFERENCES handoffs (id),
    traveller_id uuid NOT NULL REFERENCES travellers (id),
    is_open boolean NOT NULL,
    outcome text CHECK (outcome IN ('received', 'missing', 'refused', 'extra', 'wrong_vehicle')),
    reason text,
    PRIMARY KEY (handoff_id, traveller_id),
    CHECK (NOT is_open OR outcome IS NULL),
    CHECK ((reason IS NULL) = (outcome IS NULL OR outcome = 'received'))
);
CREATE UNIQUE INDEX one_open_handoff ON handoff_people (traveller_id) WHERE is_open;

CREATE FUNCTION handoff_is_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'handoff_is_closed', ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'handoff_is_closed';
END
$$;
CREATE TRIGGER handoffs_closed BEFORE UPDATE ON handoffs FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION handoff_is_closed();
CREATE TRIGGER handoffs_kept BEFORE DELETE OR TRUNCATE ON handoffs FOR EACH STATEMENT EXECUTE FUNCTION handoff_is_closed();
CREATE TRIGGER handoff_people_closed BEFORE UPDATE ON handoff_people FOR EACH ROW WHEN (NOT OLD.is_open) EXECUTE FUNCTION handoff_is_closed();
CREATE TRIGGER handoff_people_kept BEFORE DELETE OR TRUNCATE ON handoff_people FOR EACH STATEMENT EXECUTE FUNCTION handoff_is_closed();
