-- People who came to somebody without being on the list: whoever answers for them is asked to offer them, until an offer does.
CREATE TABLE counter_handoffs (
    handoff_id BLOB NOT NULL REFERENCES handoffs (id),
    traveller_id BLOB NOT NULL REFERENCES travellers (id),
    custodian_id BLOB NOT NULL REFERENCES organisations (id),
    receiver_id BLOB NOT NULL REFERENCES organisations (id),
    asked_at INTEGER NOT NULL,
    offered_in BLOB REFERENCES handoffs (id),
    PRIMARY KEY (handoff_id, traveller_id)
) WITHOUT ROWID;
CREATE INDEX counter_handoffs_open ON counter_handoffs (custodian_id) WHERE offered_in IS NULL;
CREATE INDEX counter_handoffs_offered ON counter_handoffs (offered_in) WHERE offered_in IS NOT NULL;
