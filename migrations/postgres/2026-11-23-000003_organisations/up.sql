-- Who can answer for people: desks, groups, hubs, sites, hospitals.
CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    code text NOT NULL CONSTRAINT organisation_known UNIQUE,
    kind text NOT NULL CHECK (kind IN ('airport_desk', 'district_group', 'provincial_group', 'city_squad', 'hub', 'site', 'hospital')),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    place text NOT NULL,
    parent text,
    active boolean NOT NULL DEFAULT true
);
