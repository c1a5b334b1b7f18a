-- What somebody takes up on a ride besides a seat. Only of those who were asked and need something; the others have no row.
CREATE TABLE ride_needs (
    traveller_id uuid PRIMARY KEY REFERENCES travellers (id),
    wheelchair boolean NOT NULL,
    child_seat boolean NOT NULL,
    luggage integer NOT NULL CHECK (luggage BETWEEN 0 AND 50),
    said_by text NOT NULL,
    said_at timestamptz NOT NULL
);
