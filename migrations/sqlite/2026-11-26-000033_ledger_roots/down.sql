DROP TABLE ledger_roots;
