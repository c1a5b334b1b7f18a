-- Links by which a county without accounts answers one handoff. Neither the link nor its check code is kept, only a digest of each.
CREATE TABLE guest_links (
    id BLOB PRIMARY KEY,
    handoff_id BLOB NOT NULL REFERENCES handoffs (id),
    token_digest BLOB NOT NULL CONSTRAINT guest_link_known UNIQUE,
    code_digest BLOB NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failed_at INTEGER,
    ended TEXT CHECK (ended IN ('used', 'revoked')),
    ended_by TEXT,
    ended_at INTEGER,
    CHECK ((ended IS NULL) = (ended_at IS NULL)),
    CHECK ((ended IS NULL) = (ended_by IS NULL))
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_guest_link ON guest_links (handoff_id) WHERE ended IS NULL;
-- The link by which the answer came, if it was a guest's.
ALTER TABLE handoffs ADD COLUMN answered_link BLOB REFERENCES guest_links (id);
