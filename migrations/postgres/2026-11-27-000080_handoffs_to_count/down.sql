DROP INDEX handoffs_to_count;
