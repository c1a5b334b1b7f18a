-- Stocks at the end of past days, so that a day opens without folding the whole ledger. Derived; `verify` rebuilds them.
-- The mark says up to which row of custody_flows they hold.
CREATE TABLE day_stocks (
    on_date DATE NOT NULL,
    province TEXT NOT NULL,
    city TEXT NOT NULL,
    policy TEXT NOT NULL,
    stock TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (on_date, province, city, policy, stock)
) WITHOUT ROWID;

CREATE TABLE day_stocks_mark (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    closed_through DATE NOT NULL,
    flow_id BIGINT NOT NULL
) WITHOUT ROWID;
