-- Who still waits for the first move, whatever the day it was due: a plan also takes those who should have gone before.
CREATE INDEX travellers_waiting ON travellers (transfer_on) WHERE stock IN ('at_port', 'in_shanghai');
