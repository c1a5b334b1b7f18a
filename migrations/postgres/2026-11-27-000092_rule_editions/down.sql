DROP TABLE rule_editions;
