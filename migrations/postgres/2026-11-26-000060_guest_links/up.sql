-- Links by which a county without accounts answers one handoff. Neither the link nor its check code is kept, only a digest of each.
CREATE TABLE guest_links (
    id uuid PRIMARY KEY,
    handoff_id uuid NOT NULL REFERENCES handoffs (id),
    token_digest bytea NOT NULL CONSTRAINT guest_link_known UNIQUE,
    code_digest bytea NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failed_at timestamptz,
    ended text CHECK (ended IN ('used', 'revoked')),
    ended_by text,
    ended_at timestamptz,
    CHECK ((ended IS NULL) = (ended_at IS NULL)),
    CHECK ((ended IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX one_guest_link ON guest_links (handoff_id) WHERE ended IS NULL;
-- The link by which the answer came, if it was a guest's.
ALTER TABLE handoffs ADD COLUMN answered_link uuid REFERENCES guest_links (id);
