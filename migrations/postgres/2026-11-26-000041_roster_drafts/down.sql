DROP TABLE roster_drafts;
