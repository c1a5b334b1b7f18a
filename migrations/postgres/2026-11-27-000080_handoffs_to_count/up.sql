-- What an organisation has been offered and not yet counted: until then it sees nowhere how many there are.
CREATE INDEX handoffs_to_count ON handoffs (to_organisation) WHERE answered_at IS NULL AND first_count IS NULL;
