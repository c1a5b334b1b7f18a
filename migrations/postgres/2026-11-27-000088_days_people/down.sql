DROP INDEX travellers_by_flight;
CREATE INDEX travellers_by_flight ON travellers (flight_id);
DROP INDEX test_results_by_traveller;
CREATE INDEX test_results_by_traveller ON test_results (traveller_id) WHERE traveller_id IS NOT NULL;
