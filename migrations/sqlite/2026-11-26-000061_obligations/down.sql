DROP TABLE obligation_deeds;
DROP TABLE obligations;
