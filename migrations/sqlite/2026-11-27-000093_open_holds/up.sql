-- What holds people now, by why: few rows of all that ever did. The days ahead are counted from them.
CREATE INDEX holds_open ON holds (kind, traveller_id) WHERE lifted_at IS NULL;
