DROP TABLE keyring;
