DROP TABLE holds;
DROP TABLE test_results;
DROP TABLE traveller_changes;
DROP TABLE travellers;
DROP TABLE roster_notes;
DROP TABLE rosters;
DROP TABLE flights;
