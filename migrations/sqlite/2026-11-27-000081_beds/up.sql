-- How many people a site takes in on a night, as it says itself, and how many of them trips were promised. A promise above the number is refused,
-- whoever races; a site may say a lower number than it has promised, because then that is how it is, and the trips are stopped at the door.
CREATE TABLE site_nights (
    site_id BLOB NOT NULL REFERENCES organisations (id),
    night DATE NOT NULL,
    beds INTEGER NOT NULL CHECK (beds >= 0),
    confirmed_by TEXT NOT NULL,
    confirmed_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, night)
) WITHOUT ROWID;
CREATE INDEX site_nights_by_night ON site_nights (night);
CREATE TABLE bed_promises (
    trip_id BLOB NOT NULL REFERENCES trips (id),
    site_id BLOB NOT NULL REFERENCES organisations (id),
    night DATE NOT NULL,
    n_people INTEGER NOT NULL CHECK (n_people >= 1),
    promised_by TEXT NOT NULL,
    promised_at INTEGER NOT NULL,
    PRIMARY KEY (trip_id, site_id)
) WITHOUT ROWID;
CREATE INDEX bed_promises_by_night ON bed_promises (night, site_id);
CREATE TRIGGER bed_promises_fit_insert BEFORE INSERT ON bed_promises BEGIN
    SELECT RAISE(ABORT, 'beds_are_gone') WHERE EXISTS (
        SELECT 1 FROM site_nights AS said WHERE said.site_id = NEW.site_id AND said.night = NEW.night AND said.beds < NEW.n_people + (
            SELECT COALESCE(SUM(n_people), 0) FROM bed_promises WHERE site_id = NEW.site_id AND night = NEW.night));
END;
CREATE TRIGGER bed_promises_fit_update BEFORE UPDATE ON bed_promises WHEN NEW.n_people > OLD.n_people OR NEW.night <> OLD.night OR NEW.site_id <> OLD.site_id BEGIN
    SELECT RAISE(ABORT, 'beds_are_gone') WHERE EXISTS (
        SELECT 1 FROM site_nights AS said WHERE said.site_id = NEW.site_id AND said.night = NEW.night AND said.beds < NEW.n_people + (
            SELECT COALESCE(SUM(n_people), 0) FROM bed_promises WHERE site_id = NEW.site_id AND night = NEW.night AND trip_id <> NEW.trip_id));
END;
