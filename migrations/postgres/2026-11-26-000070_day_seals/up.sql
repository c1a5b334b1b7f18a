-- The figures of days that are closed, each with all that it is known by as one document under its digest. `number` is the order in which
-- days were sealed; `flow_id` the last row of custody_flows that a sealed day counts.
CREATE TABLE day_seals (
    on_date date PRIMARY KEY,
    id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    flow_id bigint NOT NULL,
    sealed_at timestamptz NOT NULL,
    document text NOT NULL,
    digest bytea NOT NULL
);
CREATE UNIQUE INDEX day_seals_by_number ON day_seals (number);
CREATE FUNCTION sealed_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'sealed_is_sealed', ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'sealed_is_sealed';
END
$$;
CREATE TRIGGER day_seals_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON day_seals FOR EACH STATEMENT EXECUTE FUNCTION sealed_is_sealed();
