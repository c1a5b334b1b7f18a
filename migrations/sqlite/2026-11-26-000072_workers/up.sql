-- The nodes that do the background jobs, and when each was last seen at it.
CREATE TABLE workers (
    id BLOB PRIMARY KEY NOT NULL,
    seen_at INTEGER NOT NULL
) WITHOUT ROWID;
