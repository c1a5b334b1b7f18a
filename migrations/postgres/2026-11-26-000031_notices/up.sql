-- Notices: whether an event of the log has been told of; whom notices go to; and the outbox, one row for each notice and address.
ALTER TABLE events ADD COLUMN is_told boolean NOT NULL DEFAULT false;
UPDATE events SET is_told = true;
CREATE INDEX events_untold ON events (seq) WHERE NOT is_told;

-- An address without an organisation is the coordinators'.
CREATE TABLE notice_addresses (
    id uuid PRIMARY KEY,
    organisation_id uuid REFERENCES organisations (id),
    channel text NOT NULL CHECK (channel IN ('mail', 'webhook')),
    address text NOT NULL,
    post text NOT NULL CHECK (post IN ('desk', 'duty_officer')),
    language text NOT NULL CHECK (language IN ('zh', 'en')),
    muted text NOT NULL,
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE INDEX notice_addresses_of ON notice_addresses (organisation_id) WHERE removed_at IS NULL;

CREATE TABLE notices (
    id uuid PRIMARY KEY,
    address_id uuid NOT NULL REFERENCES notice_addresses (id),
    kind text NOT NULL,
    occasion text NOT NULL,
    news jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'dead')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    last_error text,
    CONSTRAINT notice_known UNIQUE (address_id, kind, occasion),
    CHECK ((state IN ('waiting', 'sending')) = (due_at IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;
