DROP TABLE day_stocks_mark;
DROP TABLE day_stocks;
