-- Rosters on their way in: uploaded and checked, perhaps corrected, not yet imported. The content is sealed under a key of its own.
CREATE TABLE roster_drafts (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    file_name text NOT NULL,
    content_key bytea NOT NULL,
    content bytea NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX roster_drafts_by_age ON roster_drafts (changed_at);
