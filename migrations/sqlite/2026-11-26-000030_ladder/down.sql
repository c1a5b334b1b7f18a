DROP INDEX handoffs_waiting;
CREATE INDEX handoffs_waiting ON handoffs (answer_by) WHERE answered_at IS NULL;
ALTER TABLE handoffs DROP COLUMN next_rung_at;
ALTER TABLE handoffs DROP COLUMN next_rung;
