-- Who may sign in, the tokens that stand for them, and what they did. Of a token only its SHA-256 is kept.
CREATE TABLE users (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT user_known UNIQUE,
    display_name text NOT NULL,
    role text NOT NULL CHECK (role IN ('airport_desk', 'site', 'dispatcher', 'provincial_group', 'city_squad', 'coordinator', 'auditor', 'administrator', 'machine')),
    scope text NOT NULL,
    organisation text,
    password_hash text,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);

CREATE TABLE tokens (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    kind text NOT NULL CHECK (kind IN ('session', 'api')),
    digest bytea NOT NULL CONSTRAINT token_known UNIQUE,
    label text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX tokens_by_user ON tokens (user_id);

-- Append-only. The subject of a failed sign-in is a digest of the name that was tried, whether there is such a user or not.
CREATE TABLE audit (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    user_id uuid,
    actor text NOT NULL,
    deed text NOT NULL,
    subject text NOT NULL,
    subject_id uuid NOT NULL,
    reason text
);
CREATE INDEX audit_by_subject ON audit (subject_id, seq);
CREATE INDEX audit_by_user ON audit (user_id, seq);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'audit_is_append_only', ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_is_append_only';
END
$$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
