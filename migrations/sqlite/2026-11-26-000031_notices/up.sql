-- Notices: whether an event of the log has been told of; whom notices go to; and the outbox, one row for each notice and address.
ALTER TABLE events ADD COLUMN is_told BOOLEAN NOT NULL DEFAULT 0;
UPDATE events SET is_told = 1;
CREATE INDEX events_untold ON events (seq) WHERE NOT is_told;

-- An address without an organisation is the coordinators'.
CREATE TABLE notice_addresses (
    id BLOB PRIMARY KEY,
    organisation_id BLOB REFERENCES organisations (id),
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'webhook')),
    address TEXT NOT NULL,
    post TEXT NOT NULL CHECK (post IN ('desk', 'duty_officer')),
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    muted TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    removed_at INTEGER
) WITHOUT ROWID;
CREATE INDEX notice_addresses_of ON notice_addresses (organisation_id) WHERE removed_at IS NULL;

CREATE TABLE notices (
    id BLOB PRIMARY KEY,
    address_id BLOB NOT NULL REFERENCES notice_addresses (id),
    kind TEXT NOT NULL,
    occasion TEXT NOT NULL,
    news TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at INTEGER,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    last_error TEXT,
    CONSTRAINT notice_known UNIQUE (address_id, kind, occasion),
    CHECK ((state IN ('waiting', 'sending')) = (due_at IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;
