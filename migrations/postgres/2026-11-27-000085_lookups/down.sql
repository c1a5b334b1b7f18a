DROP INDEX trip_seats_by_traveller;
DROP INDEX guest_links_of;
DROP INDEX notices_by_state;
