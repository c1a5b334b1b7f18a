DROP TABLE obligation_deeds;
DROP TABLE obligations;
DROP FUNCTION obligation_is_kept();
