-- Every version of every policy that anyone was ever counted under.
CREATE TABLE policies (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    version integer NOT NULL,
    digest bytea NOT NULL,
    definition jsonb NOT NULL,
    registered_at timestamptz NOT NULL,
    CONSTRAINT policy_version_known UNIQUE (name, version)
);
