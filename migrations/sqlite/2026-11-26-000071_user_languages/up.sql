-- The language that somebody chose for their pages; none until they do.
ALTER TABLE users ADD COLUMN language TEXT CHECK (language IN ('zh', 'en'));
