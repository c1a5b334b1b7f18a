-- How many people a site takes in on a night, as it says itself, and how many of them trips were promised. A promise above the number is refused,
-- whoever races; a site may say a lower number than it has promised, because then that is how it is, and the trips are stopped at the door.
CREATE TABLE site_nights (
    site_id uuid NOT NULL REFERENCES organisations (id),
    night date NOT NULL,
    beds integer NOT NULL CHECK (beds >= 0),
    confirmed_by text NOT NULL,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, night)
);
CREATE INDEX site_nights_by_night ON site_nights (night);
CREATE TABLE bed_promises (
    trip_id uuid NOT NULL REFERENCES trips (id),
    site_id uuid NOT NULL REFERENCES organisations (id),
    night date NOT NULL,
    n_people integer NOT NULL CHECK (n_people >= 1),
    promised_by text NOT NULL,
    promised_at timestamptz NOT NULL,
    PRIMARY KEY (trip_id, site_id)
);
CREATE INDEX bed_promises_by_night ON bed_promises (night, site_id);
-- The site's night is locked first, so that of two who promise at once the second counts what the first has promised.
CREATE FUNCTION bed_promises_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said integer;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.n_people <= OLD.n_people AND NEW.night = OLD.night AND NEW.site_id = OLD.site_id THEN
        RETURN NEW;
    END IF;
    SELECT beds INTO said FROM site_nights WHERE site_id = NEW.site_id AND night = NEW.night FOR UPDATE;
    IF said < NEW.n_people + (
        SELECT COALESCE(SUM(n_people), 0) FROM bed_promises WHERE site_id = NEW.site_id AND night = NEW.night AND trip_id <> NEW.trip_id) THEN
        RAISE EXCEPTION USING MESSAGE = 'beds_are_gone', ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'beds_are_gone';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER bed_promises_fit BEFORE INSERT OR UPDATE ON bed_promises FOR EACH ROW EXECUTE FUNCTION bed_promises_fit();
