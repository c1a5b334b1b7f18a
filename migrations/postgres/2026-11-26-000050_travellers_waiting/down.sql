DROP INDEX travellers_waiting;
