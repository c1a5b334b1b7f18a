-- Who may sign in, the tokens that stand for them, and what they did. Of a token only its SHA-256 is kept.
CREATE TABLE users (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL CONSTRAINT user_known UNIQUE,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('airport_desk', 'site', 'dispatcher', 'provincial_group', 'city_squad', 'coordinator', 'auditor', 'administrator', 'machine')),
    scope TEXT NOT NULL,
    organisation TEXT,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) WITHOUT ROWID;

CREATE TABLE tokens (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL CHECK (kind IN ('session', 'api')),
    digest BLOB NOT NULL CONSTRAINT token_known UNIQUE,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) WITHOUT ROWID;
CREATE INDEX tokens_by_user ON tokens (user_id);

-- Append-only. The subject of a failed sign-in is a digest of the name that was tried, whether there is such a user or not.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    user_id BLOB,
    actor TEXT NOT NULL,
    deed TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    reason TEXT
);
CREATE INDEX audit_by_subject ON audit (subject_id, seq);
CREATE INDEX audit_by_user ON audit (user_id, seq);

CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit BEGIN
    SELECT RAISE(ABORT, 'audit_is_append_only') WHERE EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq);
END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit_is_append_only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit_is_append_only'); END;
