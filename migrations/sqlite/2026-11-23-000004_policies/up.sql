-- Every version of every policy that anyone was ever counted under.
CREATE TABLE policies (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest BLOB NOT NULL,
    definition TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    CONSTRAINT policy_version_known UNIQUE (name, version)
) WITHOUT ROWID;
