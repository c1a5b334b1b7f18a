-- The nodes that do the background jobs, and when each was last seen at it.
CREATE TABLE workers (
    id uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL
);
