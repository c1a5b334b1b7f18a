-- What a day's people cost to judge is in indexes: their parties' others, and the latest of their results.
DROP INDEX travellers_by_flight;
CREATE INDEX travellers_by_flight ON travellers (flight_id, party_id, transfer_on);
DROP INDEX test_results_by_traveller;
CREATE INDEX test_results_by_traveller ON test_results (traveller_id, kind, sampled_at, result) WHERE traveller_id IS NOT NULL;
