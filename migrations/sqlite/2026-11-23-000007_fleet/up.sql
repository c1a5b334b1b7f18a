-- What moves people, and who drives and escorts. A staff member's name is an identity and sealed. The seats behind the front
-- ones are the observation area.
CREATE TABLE vehicles (
    id BLOB PRIMARY KEY,
    plate TEXT NOT NULL CONSTRAINT plate_known UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('coach', 'minibus', 'car', 'ambulance')),
    seats INTEGER NOT NULL CHECK (seats BETWEEN 1 AND 80),
    front_seats INTEGER NOT NULL CHECK (front_seats BETWEEN 1 AND seats),
    load_cap INTEGER NOT NULL CHECK (load_cap BETWEEN 1 AND front_seats),
    wheelchairs INTEGER NOT NULL DEFAULT 0 CHECK (wheelchairs >= 0),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    permit_no TEXT,
    permit_expires_on DATE,
    in_service BOOLEAN NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;

CREATE TABLE staff (
    id BLOB PRIMARY KEY,
    badge TEXT NOT NULL CONSTRAINT badge_known UNIQUE,
    identity_key BLOB,
    identity BLOB,
    role TEXT NOT NULL CHECK (role IN ('driver', 'escort', 'medic')),
    licence TEXT,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    in_service BOOLEAN NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
