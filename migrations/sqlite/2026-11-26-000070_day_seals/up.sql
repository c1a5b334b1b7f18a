-- The figures of days that are closed, each with all that it is known by as one document under its digest. `number` is the order in which
-- days were sealed; `flow_id` the last row of custody_flows that a sealed day counts.
CREATE TABLE day_seals (
    on_date DATE PRIMARY KEY NOT NULL,
    id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    flow_id BIGINT NOT NULL,
    sealed_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    digest BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX day_seals_by_number ON day_seals (number);
CREATE TRIGGER day_seals_no_replace BEFORE INSERT ON day_seals BEGIN
    SELECT RAISE(ABORT, 'sealed_is_sealed') WHERE EXISTS (SELECT 1 FROM day_seals WHERE on_date = NEW.on_date OR number = NEW.number);
END;
CREATE TRIGGER day_seals_no_update BEFORE UPDATE ON day_seals BEGIN SELECT RAISE(ABORT, 'sealed_is_sealed'); END;
CREATE TRIGGER day_seals_no_delete BEFORE DELETE ON day_seals BEGIN SELECT RAISE(ABORT, 'sealed_is_sealed'); END;
