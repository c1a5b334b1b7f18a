-- Stocks at the end of past days, so that a day opens without folding the whole ledger. Derived; `verify` rebuilds them.
-- The mark says up to which row of custody_flows they hold.
CREATE TABLE day_stocks (
    on_date date NOT NULL,
    province text NOT NULL,
    city text NOT NULL,
    policy text NOT NULL,
    stock text NOT NULL,
    n integer NOT NULL,
    PRIMARY KEY (on_date, province, city, policy, stock)
);

CREATE TABLE day_stocks_mark (
    id integer PRIMARY KEY CHECK (id = 1),
    closed_through date NOT NULL,
    flow_id BIGINT NOT NULL
);
