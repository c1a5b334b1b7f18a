-- Rosters on their way in: uploaded and checked, perhaps corrected, not yet imported. The content is sealed under a key of its own.
CREATE TABLE roster_drafts (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL,
    file_name TEXT NOT NULL,
    content_key BLOB NOT NULL,
    content BLOB NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX roster_drafts_by_age ON roster_drafts (changed_at);
