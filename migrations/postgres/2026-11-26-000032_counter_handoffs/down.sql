DROP TABLE counter_handoffs;
