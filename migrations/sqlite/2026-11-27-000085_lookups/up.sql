-- What was found by walking through the whole table: the trips that somebody had a seat on, the links of a handoff, the notices that nobody got.
CREATE INDEX trip_seats_by_traveller ON trip_seats (traveller_id);
CREATE INDEX guest_links_of ON guest_links (handoff_id);
CREATE INDEX notices_by_state ON notices (state, id);
