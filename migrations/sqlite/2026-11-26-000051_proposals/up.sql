-- A day's trips as proposed and not yet announced: what was planned from, the best plan so far, and who has changed it. The scope is that of
-- whoever asked: whose people, vehicles and staff it is made of.
CREATE TABLE proposals (
    id BLOB PRIMARY KEY,
    on_date DATE NOT NULL,
    scope TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('searching', 'ready', 'announced', 'replaced')),
    seconds INTEGER NOT NULL CHECK (seconds >= 1),
    progress INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    is_stop_wanted BOOLEAN NOT NULL DEFAULT 0,
    searcher_id BLOB,
    seen_at INTEGER NOT NULL,
    day TEXT NOT NULL,
    plan TEXT,
    trips TEXT,
    started_by TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
CREATE INDEX proposals_by_day ON proposals (on_date);
CREATE UNIQUE INDEX one_open_proposal ON proposals (on_date, scope) WHERE state IN ('searching', 'ready');
