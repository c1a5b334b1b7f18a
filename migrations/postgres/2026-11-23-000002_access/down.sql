DROP TABLE audit;
DROP FUNCTION audit_is_append_only();
DROP TABLE tokens;
DROP TABLE users;
