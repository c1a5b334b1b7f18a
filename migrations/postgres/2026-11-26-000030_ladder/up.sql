-- Which rung of its route's ladder a waiting handoff reaches next, and when. What waits already goes straight to its deadline.
ALTER TABLE handoffs ADD COLUMN next_rung text CHECK (next_rung IN ('remind', 'duty_officer', 'coordinator', 'lapse'));
ALTER TABLE handoffs ADD COLUMN next_rung_at timestamptz;
UPDATE handoffs SET next_rung = 'lapse', next_rung_at = answer_by WHERE state = 'offered' AND answer_by IS NOT NULL;
DROP INDEX handoffs_waiting;
CREATE INDEX handoffs_waiting ON handoffs (next_rung_at) WHERE answered_at IS NULL;
