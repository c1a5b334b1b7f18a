-- Which keys this database's identities are sealed and searched with, so that nobody starts it with others.
CREATE TABLE keyring (
    id integer PRIMARY KEY CHECK (id = 1),
    fingerprint bytea NOT NULL
);
