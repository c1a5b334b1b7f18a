-- What somebody takes up on a ride besides a seat. Only of those who were asked and need something; the others have no row.
CREATE TABLE ride_needs (
    traveller_id BLOB PRIMARY KEY REFERENCES travellers (id),
    wheelchair BOOLEAN NOT NULL,
    child_seat BOOLEAN NOT NULL,
    luggage INTEGER NOT NULL CHECK (luggage BETWEEN 0 AND 50),
    said_by TEXT NOT NULL,
    said_at INTEGER NOT NULL
) WITHOUT ROWID;
