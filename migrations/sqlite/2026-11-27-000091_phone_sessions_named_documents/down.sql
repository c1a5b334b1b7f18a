DROP TABLE named_documents;
ALTER TABLE phone_keys DROP COLUMN session_id;
