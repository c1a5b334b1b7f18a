DROP TABLE root_receipts;
