DROP TABLE statement_signatures;
DROP TABLE statements;
DROP FUNCTION statement_is_kept();
