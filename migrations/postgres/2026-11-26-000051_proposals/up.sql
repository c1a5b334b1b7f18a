-- A day's trips as proposed and not yet announced: what was planned from, the best plan so far, and who has changed it. The scope is that of
-- whoever asked: whose people, vehicles and staff it is made of.
CREATE TABLE proposals (
    id uuid PRIMARY KEY,
    on_date date NOT NULL,
    scope text NOT NULL,
    state text NOT NULL CHECK (state IN ('searching', 'ready', 'announced', 'replaced')),
    seconds integer NOT NULL CHECK (seconds >= 1),
    progress integer NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    is_stop_wanted boolean NOT NULL DEFAULT false,
    searcher_id uuid,
    seen_at timestamptz NOT NULL,
    day jsonb NOT NULL,
    plan jsonb,
    trips jsonb,
    started_by text NOT NULL,
    started_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX proposals_by_day ON proposals (on_date);
CREATE UNIQUE INDEX one_open_proposal ON proposals (on_date, scope) WHERE state IN ('searching', 'ready');
