DROP TABLE custody_flows;
DROP TABLE custody_entries;
DROP FUNCTION ledger_is_append_only();
