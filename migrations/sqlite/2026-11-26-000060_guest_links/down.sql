ALTER TABLE handoffs DROP COLUMN answered_link;
DROP TABLE guest_links;
