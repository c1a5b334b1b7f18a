-- What moves people, and who drives and escorts. A staff member's name is an identity and sealed. The seats behind the front
-- ones are the observation area.
CREATE TABLE vehicles (
    id uuid PRIMARY KEY,
    plate text NOT NULL CONSTRAINT plate_known UNIQUE,
    kind text NOT NULL CHECK (kind IN ('coach', 'minibus', 'car', 'ambulance')),
    seats integer NOT NULL CHECK (seats BETWEEN 1 AND 80),
    front_seats integer NOT NULL CHECK (front_seats BETWEEN 1 AND seats),
    load_cap integer NOT NULL CHECK (load_cap BETWEEN 1 AND front_seats),
    wheelchairs integer NOT NULL DEFAULT 0 CHECK (wheelchairs >= 0),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    permit_no text,
    permit_expires_on date,
    in_service boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1
);

CREATE TABLE staff (
    id uuid PRIMARY KEY,
    badge text NOT NULL CONSTRAINT badge_known UNIQUE,
    identity_key bytea,
    identity bytea,
    role text NOT NULL CHECK (role IN ('driver', 'escort', 'medic')),
    licence text,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    in_service boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1
);
