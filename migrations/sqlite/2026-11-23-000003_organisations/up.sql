-- Who can answer for people: desks, groups, hubs, sites, hospitals.
CREATE TABLE organisations (
    id BLOB PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT organisation_known UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('airport_desk', 'district_group', 'provincial_group', 'city_squad', 'hub', 'site', 'hospital')),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    place TEXT NOT NULL,
    parent TEXT,
    active BOOLEAN NOT NULL DEFAULT 1
) WITHOUT ROWID;
