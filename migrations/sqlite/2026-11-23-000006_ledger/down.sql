DROP TABLE custody_flows;
DROP TABLE custody_entries;
