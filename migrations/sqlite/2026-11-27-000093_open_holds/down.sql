DROP INDEX holds_open;
