DROP TABLE statement_signatures;
DROP TABLE statements;
