-- Custody offered by one organisation to another, and what the other answered. A person is in one open handoff at the most, and
-- what has been answered is never changed: another act answers it.
CREATE TABLE handoffs (
    id BLOB PRIMARY KEY,
    trip_id BLOB REFERENCES trips (id),
    from_organisation BLOB NOT NULL REFERENCES organisations (id),
    to_organisation BLOB NOT NULL REFERENCES organisations (id),
    state TEXT NOT NULL CHECK (state IN ('offered', 'lapsed', 'accepted', 'accepted_with_exceptions', 'refused', 'withdrawn')),
    list_digest BLOB NOT NULL,
    n_people INTEGER NOT NULL CHECK (n_people >= 1),
    offered_by TEXT NOT NULL,
    offered_by_user BLOB,
    offered_at INTEGER NOT NULL,
    answer_by INTEGER,
    first_count INTEGER CHECK (first_count >= 0),
    lapsed_at INTEGER,
    answered_by TEXT,
    answered_by_user BLOB,
    answered_at INTEGER,
    is_on_behalf BOOLEAN NOT NULL DEFAULT 0,
    counted INTEGER CHECK (counted >= 0),
    happened_at INTEGER,
    reason TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    CHECK (from_organisation <> to_organisation),
    CHECK ((state IN ('offered', 'lapsed')) = (answered_at IS NULL)),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
    CHECK (state <> 'lapsed' OR lapsed_at IS NOT NULL),
    CHECK ((state IN ('accepted', 'accepted_with_exceptions')) = (counted IS NOT NULL)),
    CHECK ((counted IS NULL) = (happened_at IS NULL)),
    CHECK (state NOT IN ('refused', 'withdrawn') OR reason IS NOT NULL)
) WITHOUT ROWID;
CREATE INDEX handoffs_to ON handoffs (to_organisation, id);
CREATE INDEX handoffs_from ON handoffs (from_organisation, id);
CREATE INDEX handoffs_waiting ON handoffs (answer_by) WHERE answered_at IS NULL;

CREATE TABLE handoff_people (
    handoff_id BLOB NOT NULL REFERENCES handoffs (id),
    traveller_id BLOB NOT NULL REFERENCES travellers (id),
    is_open BOOLEAN NOT NULL,
    outcome TEXT CHECK (outcome IN ('received', 'missing', 'refused', 'extra', 'wrong_vehicle')),
    reason TEXT,
    PRIMARY KEY (handoff_id, traveller_id),
    CHECK (NOT is_open OR outcome IS NULL),
    CHECK ((reason IS NULL) = (outcome IS NULL OR outcome = 'received'))
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_open_handoff ON handoff_people (traveller_id) WHERE is_open;

CREATE TRIGGER handoffs_closed BEFORE UPDATE ON handoffs WHEN OLD.answered_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'handoff_is_closed'); END;
CREATE TRIGGER handoffs_kept BEFORE DELETE ON handoffs BEGIN SELECT RAISE(ABORT, 'handoff_is_closed'); END;
CREATE TRIGGER handoff_people_closed BEFORE UPDATE ON handoff_people WHEN NOT OLD.is_open BEGIN SELECT RAISE(ABORT, 'handoff_is_closed'); END;
CREATE TRIGGER handoff_people_kept BEFORE DELETE ON handoff_people BEGIN SELECT RAISE(ABORT, 'handoff_is_closed'); END;
